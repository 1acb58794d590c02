"""Sign in on a device without a keyboard (RFC 8628): a code shown there is typed in here, by who is signed in.

The device's own code is stored as a hash; the short one that people type lives for ten minutes.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from oauth2_provider.models import Application, DeviceGrant
from oauthlib.common import generate_token
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, OAuth2Error
from oauthlib.oauth2.rfc8628.errors import AccessDenied, AuthorizationPendingError, ExpiredTokenError, SlowDownError

from portal.accounts.limiter import count_guess
from portal.accounts.partners import may_authorize, remember_consent
from portal.errors import Rejected

if TYPE_CHECKING:
    from portal.accounts.models import User

LIFETIME = timedelta(minutes=10)
INTERVAL = 5  # seconds between two questions, and what each one that comes too early adds to them
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; nothing that looks like another
LENGTH = 8


def start_device(application: Application, *, scope: str) -> dict[str, Any]:
    """Codes for a device of `application`: the answer of RFC 8628, 3.2."""
    raw, typed = generate_token(48), "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
    DeviceGrant.objects.create(
        client_id=application.client_id,
        device_code=_checksum(raw),
        user_code=typed,
        scope=scope,
        interval=INTERVAL,
        expires=timezone.now() + LIFETIME,
    )
    page = settings.BASE_URL + reverse("account_device")
    return {
        "device_code": raw,
        "user_code": spoken(typed),
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={spoken(typed)}",
        "expires_in": int(LIFETIME.total_seconds()),
        "interval": INTERVAL,
    }


def spoken(code: str) -> str:
    """A code as people read it: BCDF-GHJK."""
    return f"{code[:4]}-{code[4:]}"


def find_device(typed: str, *, user: User) -> tuple[DeviceGrant, Application]:
    """The device that shows the code `typed`, and its application.

    Raises Rejected: "unknown-code" (422), "app-in-test-mode" (403), or "too-many-requests" (429) for who guesses.
    """
    count_guess(name=f"device {user.pk}")
    code = "".join(letter for letter in typed.upper() if letter in LETTERS)
    waiting = {"status": DeviceGrant.AUTHORIZATION_PENDING, "expires__gt": timezone.now()}
    device = DeviceGrant.objects.filter(user_code=code, **waiting).first() if len(code) == LENGTH else None
    application = device and Application.objects.filter(client_id=device.client_id).first()
    if device is None or application is None:
        message = _("No device shows this code. Codes last for ten minutes; have the device show a new one.")
        raise Rejected("unknown-code", message, status=422)
    if not may_authorize(application, user):
        raise Rejected("app-in-test-mode", _("This app is being tested: only its developer can use it."), status=403)
    return device, application


@transaction.atomic
def decide(device: DeviceGrant, *, application: Application, user: User, allow: bool) -> None:
    """Let `user` answer a device. Raises Rejected("unknown-code", status=422) where it has been answered meanwhile."""
    status = DeviceGrant.AUTHORIZED if allow else DeviceGrant.DENIED
    waiting = DeviceGrant.objects.filter(pk=device.pk, status=DeviceGrant.AUTHORIZATION_PENDING)
    if not waiting.update(status=status, user=user):
        raise Rejected("unknown-code", _("This device was answered already."), status=422)
    if allow:
        remember_consent(user, application=application, scope=device.scope)


def poll(raw: str, *, client_id: str) -> None:
    """Return where the device may have its tokens now. Raises the errors of RFC 8628, 3.5."""
    device = DeviceGrant.objects.filter(device_code=_checksum(raw), client_id=client_id).first()
    if device is None:
        raise InvalidGrantError
    if refusal := _refusal(device):
        raise refusal


def _refusal(device: DeviceGrant) -> OAuth2Error | None:
    now = timezone.now()
    if device.expires <= now:
        return ExpiredTokenError()
    if device.status == DeviceGrant.DENIED:
        return AccessDenied()
    if device.status == DeviceGrant.AUTHORIZED:
        return None
    waited = DeviceGrant.objects.filter(pk=device.pk, last_checked__lte=now - timedelta(seconds=device.interval))
    if waited.update(last_checked=now):
        return AuthorizationPendingError()
    DeviceGrant.objects.filter(pk=device.pk).update(interval=F("interval") + INTERVAL, last_checked=now)
    return SlowDownError()


def waiting_device(raw: str, *, client_id: str) -> DeviceGrant | None:
    """The device of this client that a person has let in and that has no tokens yet."""
    found = DeviceGrant.objects.select_related("user").filter(status=DeviceGrant.AUTHORIZED, expires__gt=timezone.now())
    return found.filter(device_code=_checksum(raw), client_id=client_id).first()


def spend_device(raw: str) -> bool:
    """Whether the code is good for tokens, which it is once. Called in the transaction that makes those."""
    return bool(DeviceGrant.objects.filter(device_code=_checksum(raw), status=DeviceGrant.AUTHORIZED).delete()[0])


def _checksum(raw: str) -> str:
    return hashlib.sha256(raw.encode("utf-8", "surrogateescape")).hexdigest()
