"""The keys that sign tickets: made on first use, replaced by rotation, and published to gates."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from marketplace.models import SigningKey
from portal.prepared import Prepared

CURRENT = Prepared(lambda: SigningKey.objects.filter(current=True).defer("private"))


def current_key() -> SigningKey:
    """The key that signs; made if there is none yet. Of several processes at once, one makes it and all get it."""
    return CURRENT.first() or _first_key()


def rotate_key() -> SigningKey:
    """Sign with a new key from now on. What the old one signed stays good."""
    with transaction.atomic():
        SigningKey.objects.filter(current=True).update(current=None, retired_at=timezone.now())
        return _make_key()


def revoke_key(key_id: int) -> bool:
    """Refuse all that key `key_id` has signed, because its private half may be known. Returns False if it was done before.

    Tickets get a new code, signed by the new key, the next time one is shown.
    """
    with transaction.atomic():
        now = timezone.now()
        revoked = SigningKey.objects.filter(pk=key_id, revoked_at=None).update(
            current=None, retired_at=Coalesce("retired_at", now), revoked_at=now
        )
        return bool(revoked)


def public_keys() -> list[dict[str, Any]]:
    """The keys that gates verify with, as JSON Web Keys (RFC 8037): also that of tickets which nobody has opened yet."""
    current_key()
    keys = SigningKey.objects.filter(revoked_at=None).order_by("pk")
    return [{"kid": str(key.pk), "kty": "OKP", "crv": "Ed25519", "use": "sig", "x": key.public} for key in keys]


def signer(key: SigningKey) -> Ed25519PrivateKey:
    """The private half of `key`."""
    return _signer(key.public)


@lru_cache(maxsize=4)
def _signer(public: str) -> Ed25519PrivateKey:
    """Decrypted once by each process. A public key has one private half, so this can't be out of date."""
    private = SigningKey.objects.values_list("private", flat=True).get(public=public)
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private))


def public_bytes(key: SigningKey) -> bytes:
    return base64.urlsafe_b64decode(key.public + "=" * (-len(key.public) % 4))


def _first_key() -> SigningKey:
    try:
        with transaction.atomic():
            return _make_key()
    except IntegrityError:  # another process was first
        return SigningKey.objects.get(current=True)


def _make_key() -> SigningKey:
    pair = Ed25519PrivateKey.generate()
    private = pair.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = pair.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SigningKey.objects.create(
        public=base64.urlsafe_b64encode(public).decode().rstrip("="),
        private=base64.urlsafe_b64encode(private).decode(),
    )
