"""Secrets: from the environment, or made once and kept in the data folder for the embedded default."""

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


def read_secrets(data_dir: Path, *, embedded: bool) -> dict[str, str]:
    """Every secret by name. Outside the embedded default each must stand in the environment."""
    given = {name: os.environ[name] for name in MAKERS if os.environ.get(name)}
    missing = MAKERS.keys() - given.keys()
    if not missing:
        return given
    if not embedded:
        raise ImproperlyConfigured(f"Set {', '.join(sorted(missing))} in the environment (see .env.example).")
    return {**_kept(data_dir / "secrets.json"), **given}


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
