"""How often somebody may try to log in, counted in the database: by account, and by address.

An attempt counts before the password is looked at, so that a hundred at once get no more guesses than ten in a row.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.accounts.models import AttemptCount
from portal.errors import Rejected

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 100
GUESSES = 20  # at the codes that devices show, by one person
REGISTRATIONS = 20  # of one address; the site's form has the same in ACCOUNT_RATE_LIMITS


def count_attempt(*, email: str, address: str) -> None:
    """Count one attempt. Raises Rejected("too-many-requests", status=429, retry_after=seconds)."""
    over = [
        until
        for key, limit in ((_key("account", email), PER_ACCOUNT), (_key("address", address), PER_ADDRESS))
        if (until := _over(key, limit)) is not None
    ]
    if over:
        seconds = max(1, math.ceil((max(over) - timezone.now()).total_seconds()))
        message = _("Too many failed attempts. Wait a while, or reset the password.")
        raise Rejected("too-many-requests", message, status=429, retry_after=seconds)


def count_registration(*, address: str) -> None:
    """Count one new account. Raises Rejected("too-many-requests", status=429, retry_after=seconds)."""
    if until := _over(_key("registration", address), REGISTRATIONS):
        seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        message = _("Many accounts were made from here. Wait a while, and try again.")
        raise Rejected("too-many-requests", message, status=429, retry_after=seconds)


def count_guess(*, name: str) -> None:
    """Count one try at a code, right or wrong. Raises Rejected("too-many-requests", status=429, retry_after=seconds)."""
    if until := _over(_key("guess", name), GUESSES):
        seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        raise Rejected("too-many-requests", _("Too many codes. Wait a while."), status=429, retry_after=seconds)


def forgive(*, email: str, address: str) -> None:
    """The attempt was good: forget the account's failures, and do not hold this one against the address."""
    AttemptCount.objects.filter(key=_key("account", email)).delete()
    AttemptCount.objects.filter(key=_key("address", address), attempts__gt=0).update(attempts=F("attempts") - 1)


def forget_old_attempts() -> None:
    """Delete counts that have run out. A daily job."""
    AttemptCount.objects.filter(until__lt=timezone.now()).delete()


def _key(kind: str, name: str) -> str:
    return salted_hmac(f"portal.accounts.limiter.{kind}", name.lower(), algorithm="sha256").hexdigest()


def _over(key: str, limit: int) -> datetime | None:
    """Count one more under `key`; until when it is over `limit`, or None where it is not."""
    _increment(key)
    row = AttemptCount.objects.filter(key=key).first()
    return row.until if row is not None and row.attempts > limit else None


def _increment(key: str) -> None:
    now = timezone.now()
    if AttemptCount.objects.filter(key=key, until__gt=now).update(attempts=F("attempts") + 1):
        return
    if AttemptCount.objects.filter(key=key, until__lte=now).update(attempts=1, until=now + WINDOW):
        return
    try:
        with transaction.atomic():
            AttemptCount.objects.create(key=key, attempts=1, until=now + WINDOW)
    except IntegrityError:  # another attempt was first
        AttemptCount.objects.filter(key=key).update(attempts=F("attempts") + 1)
