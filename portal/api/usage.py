"""What apps of partners do: calls a day, and the last calls of each.

Requests only note their call in the process's memory. A thread writes what has come together every few seconds, so a
process that is killed loses those seconds, and none that ends in order loses any.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, defaultdict, deque
from datetime import UTC, date, datetime, timedelta
from multiprocessing.util import Finalize
from typing import Any

from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from oauth2_provider.models import Application

from portal.api.models import AppCall, AppUsage
from portal.api.problems import request_id
from portal.api.throttling import is_partners
from portal.logs import safe_path

logger = logging.getLogger("portal.api")
PAUSE = 3.0  # seconds
KEPT_CALLS = 100  # of one app
KEPT_DAYS = 90


class Notes:
    """Calls that are not in the database yet. Of each app only as many are kept as are shown."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: Counter[tuple[int, date]] = Counter()
        self._errors: Counter[tuple[int, date]] = Counter()
        self._calls: dict[int, deque[AppCall]] = defaultdict(lambda: deque(maxlen=KEPT_CALLS))

    def add(self, call: AppCall) -> bool:
        """Note `call`. Whether it is the first since notes were taken out."""
        key = (call.application_id, call.at.date())
        with self._lock:
            first = not self._days
            self._days[key] += 1
            self._errors[key] += call.status >= 400
            self._calls[call.application_id].append(call)
            return first

    @property
    def pending(self) -> bool:
        return bool(self._days)

    def take(self) -> tuple[Counter[tuple[int, date]], Counter[tuple[int, date]], dict[int, deque[AppCall]]]:
        with self._lock:
            taken = self._days, self._errors, self._calls
            self._days, self._errors = Counter(), Counter()
            self._calls = defaultdict(lambda: deque(maxlen=KEPT_CALLS))
            return taken


_notes = Notes()


def note(request: HttpRequest, response: HttpResponse, *, token: Any) -> None:
    """Note a call with the token of a partner's app; others are nobody's to look at."""
    if not is_partners(token):
        return
    call = AppCall(
        application_id=token.application_id,
        at=datetime.now(UTC),
        method=str(request.method)[:10],
        path=safe_path(request),
        status=response.status_code,
        request_id=request_id(request),
    )
    if _notes.add(call):
        _later()


def _later() -> None:
    timer = threading.Timer(PAUSE, _write_apart)
    timer.daemon = True
    timer.start()


def _write_apart() -> None:
    try:
        write()
    except DatabaseError as error:
        logger.warning("Calls of apps were not noted: %s", error)
    finally:
        connections.close_all()


def _write_the_rest() -> None:
    if _notes.pending:
        _write_apart()


Finalize(None, _write_the_rest, exitpriority=1)  # unlike atexit's, it runs in the server's worker processes too


def write() -> None:
    """Write down what has been noted."""
    days, errors, calls = _notes.take()
    known = set(Application.objects.filter(pk__in=calls).values_list("pk", flat=True))
    for application, day in sorted(days):  # in one order, so that two processes do not wait for each other
        if application in known:
            _count(application, day, calls=days[application, day], errors=errors[application, day])
    for application in sorted(known):
        AppCall.objects.bulk_create(calls[application])
        _forget_but_last(application)


def _count(application: int, day: date, *, calls: int, errors: int) -> None:
    rows = AppUsage.objects.filter(application_id=application, day=day)
    more = {"calls": F("calls") + calls, "errors": F("errors") + errors}
    if rows.update(**more):
        return
    try:
        with transaction.atomic():
            AppUsage.objects.create(application_id=application, day=day, calls=calls, errors=errors)
    except IntegrityError:  # another process was first, or the app is gone
        rows.update(**more)


def _forget_but_last(application: int) -> None:
    rows = AppCall.objects.filter(application_id=application)
    oldest = rows.order_by("-pk").values_list("pk", flat=True)[KEPT_CALLS - 1 : KEPT_CALLS].first()
    if oldest is not None:
        rows.filter(pk__lt=oldest).delete()


def forget_old_usage() -> None:
    """Delete counts of days long past. A daily job."""
    AppUsage.objects.filter(day__lt=datetime.now(UTC).date() - timedelta(days=KEPT_DAYS)).delete()
