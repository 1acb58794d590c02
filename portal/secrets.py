"""Secrets: from the environment, or made once and kept in the data folder for the embedded default.

A process of one role reads only the secrets that its role needs, so that a hole in it opens no more than those.
"""

import base64
import json
import os
import secrets
import textwrap
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ImproperlyConfigured


def _make_signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
    return base64.b64encode(der).decode()


MAKERS = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "FIELD_ENCRYPTION_KEYS": lambda: Fernet.generate_key().decode(),
    "STRIPE_WEBHOOK_SECRET": lambda: f"whsec_{secrets.token_urlsafe(24)}",
    "OIDC_KEYS": _make_signing_key,
}
OPTIONAL = {"OIDC_KEYS"}  # of those, what a site outside the embedded default may do without: nobody signs in elsewhere
WITHOUT = ("STRIPE_SECRET_KEY", "EMAIL_HOST_PASSWORD")  # the site works without these; "" where they are not given
# Secrets that not every role needs. Checkout begins the payment of what it books; workers send refunds and mails, and
# the CMS tells moderators by mail.
ROLES_OF = {
    "STRIPE_SECRET_KEY": ("booking", "payment", "worker"),
    "STRIPE_WEBHOOK_SECRET": ("payment",),
    "EMAIL_HOST_PASSWORD": ("web", "worker"),
    "OIDC_KEYS": ("web",),
}


def pem_of(key: str) -> str:
    """A private key of OIDC_KEYS (PKCS#8, DER, base64) as PEM."""
    return f"-----BEGIN PRIVATE KEY-----\n{textwrap.fill(key, 64)}\n-----END PRIVATE KEY-----\n"


def may_have(name: str, *, role: str) -> bool:
    """Whether processes of `role` get the secret `name`."""
    return role == "all" or role in ROLES_OF.get(name, (role,))


def read_secrets(data_dir: Path, *, embedded: bool, role: str = "all") -> dict[str, str]:
    """Every secret by name, "" where `role` does without. Outside the embedded default the environment must hold them."""
    own = [name for name in (*MAKERS, *WITHOUT) if may_have(name, role=role)]
    given = {name: os.environ[name] for name in own if os.environ.get(name)}
    missing = MAKERS.keys() & set(own) - given.keys()
    if not embedded:
        if required := missing - OPTIONAL:
            raise ImproperlyConfigured(f"Set {', '.join(sorted(required))} in the environment (see .env.example).")
        missing = set()
    kept = _kept(data_dir / "secrets.json") if missing else {}
    return dict.fromkeys((*MAKERS, *WITHOUT), "") | {name: kept[name] for name in missing} | given


def _kept(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return _keep(path)
    if MAKERS.keys() <= kept.keys():
        return kept
    return _keep_more(path, kept)


def _keep_more(path: Path, kept: dict[str, str]) -> dict[str, str]:
    """Add what an older version did not have. The last of several processes wins, and the next start agrees."""
    made = {**{name: make() for name, make in MAKERS.items() if name not in kept}, **kept}
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(made, indent=1))
    draft.replace(path)
    return made


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
