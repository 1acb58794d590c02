"""GET /notifications."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import translation

from portal import extensions
from portal.api.views import ListView
from portal.notifications.email import words_of
from portal.notifications.models import Notification


class NotificationsView(ListView):
    """What the caller was told, newest first: kept for 90 days, in the caller's language."""

    scopes: ClassVar[dict[str, str | None]] = {"GET": "tickets:read"}  # they carry links to tickets
    ordering = ("-created_at",)

    def rows(self, params: dict[str, Any]) -> QuerySet[Notification]:
        known = [entry.key for entry in extensions.notices.entries]  # not those of a plugin that was taken out
        return Notification.objects.filter(user=self.actor, kind__in=known)

    def represent_all(self, rows: list[Notification]) -> list[dict[str, Any]]:
        with translation.override(self.actor.language):
            return super().represent_all(rows)

    def represent(self, row: Notification) -> dict[str, Any]:
        row.user = self.actor
        subject, text = words_of(row)
        return {
            "id": str(row.pk),
            "kind": row.kind,
            "title": str(extensions.notices[row.kind].title),
            "subject": subject,
            "text": text,
            "created_at": row.created_at.isoformat(),
        }
