"""Secrets: from the environment, or made once and kept in the data folder for the embedded default.

A process of one role reads only the secrets that its role needs, so that a hole in it opens no more than those.
"""

import json
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

MAKERS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "FIELD_ENCRYPTION_KEYS": lambda: Fernet.generate_key().decode(),
    "STRIPE_WEBHOOK_SECRET": lambda: f"whsec_{secrets.token_urlsafe(24)}",
}
WITHOUT = ("STRIPE_SECRET_KEY", "EMAIL_HOST_PASSWORD")  # the site works without these; "" where they are not given
# Secrets that not every role needs. Checkout begins the payment of what it books; workers send refunds and mails, and
# the CMS tells moderators by mail.
ROLES_OF = {
    "STRIPE_SECRET_KEY": ("booking", "payment", "worker"),
    "STRIPE_WEBHOOK_SECRET": ("payment",),
    "EMAIL_HOST_PASSWORD": ("web", "worker"),
}


def may_have(name: str, *, role: str) -> bool:
    """Whether processes of `role` get the secret `name`."""
    return role == "all" or role in ROLES_OF.get(name, (role,))


def read_secrets(data_dir: Path, *, embedded: bool, role: str = "all") -> dict[str, str]:
    """Every secret by name, "" where `role` does without. Outside the embedded default the environment must hold them."""
    own = [name for name in (*MAKERS, *WITHOUT) if may_have(name, role=role)]
    given = {name: os.environ[name] for name in own if os.environ.get(name)}
    missing = MAKERS.keys() & set(own) - given.keys()
    if missing and not embedded:
        raise ImproperlyConfigured(f"Set {', '.join(sorted(missing))} in the environment (see .env.example).")
    kept = _kept(data_dir / "secrets.json") if missing else {}
    return dict.fromkeys((*MAKERS, *WITHOUT), "") | {name: kept[name] for name in missing} | given


def _kept(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return _keep(path)


def _keep(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {name: make() for name, make in MAKERS.items()}
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(made, indent=1))
    try:
        os.link(draft, path)  # fails if another process was first, and then its secrets hold
    except FileExistsError:
        made = json.loads(path.read_text())
    finally:
        draft.unlink()
    return made
