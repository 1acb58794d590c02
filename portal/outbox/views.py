"""Staff's page of what could not be delivered."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from portal.notifications import services as notifications
from portal.outbox import queries, services

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def failed_deliveries(request: HttpRequest) -> HttpResponse:
    """Lists failed deliveries of messages and of notifications, for superusers; POST makes them due again."""
    if not request.user.is_superuser:
        raise PermissionDenied
    if request.method == "POST":
        return _try_again(request)
    context = {
        "header_title": _("Failed deliveries"),
        "header_icon": "warning",
        "messages_page": Paginator(queries.failed(), PER_PAGE).get_page(request.GET.get("p")),
        "notices_page": Paginator(notifications.failed(), PER_PAGE).get_page(request.GET.get("n")),
    }
    return render(request, "portal/admin/failed_deliveries.html", context)


def _try_again(request: HttpRequest) -> HttpResponse:
    count = services.reset(_chosen(queries.failed(), request.POST.get("delivery")))
    count += notifications.reset(_chosen(notifications.failed(), request.POST.get("notice")))
    text = ngettext("%(count)s delivery is tried again now.", "%(count)s deliveries are tried again now.", count)
    messages.success(request, text % {"count": count})
    return redirect("portal_failed_deliveries")


def _chosen(rows: Any, choice: str | None) -> Any:
    """The rows that a button stands for: all, one by its id, or none."""
    if choice == "all":
        return rows
    return rows.filter(pk=int(choice)) if choice and choice.isdecimal() and len(choice) < 19 else rows.none()
