"""The door: scan or type a code, and see in one word whether its holder may come in."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from marketplace.forms import ScanForm
from marketplace.services.admit import CheckInResult, check_in
from marketplace.tickets import door_event, door_events, last_scans, tally
from venues.models import EventPage

# How each result looks: the class of its colour, its icon (its shape), and its word in the template.
LOOKS = {
    "valid": ("good", "check"),
    "unpaid": ("warning", "cash"),
    "too_early": ("warning", "clock"),
    "used": ("bad", "close"),
    "canceled": ("bad", "close"),
    "refunded": ("bad", "close"),
    "wrong_event": ("bad", "close"),
    "unknown": ("bad", "close"),
}


@never_cache
@login_required
@require_safe
def doors(request: HttpRequest) -> HttpResponse:
    """The vendor's events of today and soon."""
    return render(request, "marketplace/door/doors.html", {"events": door_events(request.user)[:50]})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event's door. A code that was sent is judged, and the page is ready for the next one."""
    event = door_event(request.user, event_id)
    if request.method != "POST":
        return _page(request, event, {"gate": request.GET.get("gate", "")[:60]})
    form = ScanForm(request.POST)
    if not form.is_valid():
        return _page(request, event, {"gate": form.data.get("gate", "")[:60], "form": form}, status=422)
    data = form.cleaned_data
    result = check_in(event, user=request.user, **data)
    return _page(request, event, {"gate": data["gate"], "scanned": data["code"], **_look(result)})


def _look(result: CheckInResult) -> dict[str, Any]:
    tone, icon = LOOKS[result.result]
    return {"result": result, "tone": tone, "icon_name": icon}


def _page(request: HttpRequest, event: EventPage, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The whole page; for the page's own script only the part that changes."""
    context = {"event": event, "tally": tally(event), "scans": last_scans(event), "nonce": uuid.uuid4().hex, **context}
    part = request.headers.get("X-Requested-With") == "door"
    template = "marketplace/door/_answer.html" if part else "marketplace/door/door.html"
    return render(request, template, context, status=status)
