"""How the secrets of apps are hashed: once. They are long and random, so that guessing is no way to them, and an app
that renews a token should not cost what a person's sign-in does."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare

SECRET_HASHER = "sha256_secret"  # noqa: S105 - its name


class SecretHasher(BasePasswordHasher):
    algorithm = SECRET_HASHER

    def encode(self, password: str, salt: str) -> str:
        return f"{self.algorithm}${salt}${hashlib.sha256(f'{salt}{password}'.encode()).hexdigest()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, hashed = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": hashed}

    def verify(self, password: str, encoded: str) -> bool:
        return constant_time_compare(encoded, self.encode(password, self.decode(encoded)["salt"]))

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        return {"algorithm": self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        return None
