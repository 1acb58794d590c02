"""Refusals about places, with the numbers a buyer needs to choose again."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Sum
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.models import Hold, Quota
from marketplace.services.selection import Line, Selection
from portal.errors import Rejected


def gone() -> Rejected:
    return Rejected("hold-expired", _("Your places are no longer held. Please choose again."), status=410)


def refuse_early(selection: Selection) -> None:
    """Raise the refusal before anything is written, where the counts just read leave no doubt.

    When an event has sold out, most of its visitors are turned away here and never touch the quota's row.
    """
    needs = selection.needs
    short = {
        quota_id
        for line in selection.lines
        for quota_id, figures in zip(line.quota_ids, line.figures, strict=True)
        if figures.left < needs[quota_id]
    }
    if short and not Hold.objects.filter(quota__in=short, expires_at__lte=now()).exists():
        raise sold_out(selection)


def sold_out(selection: Selection) -> Rejected:
    """The refusal with what is left of each type, and why it is no more.

    `reason`: "in_carts" and "pending" may come back, "sold" is gone.
    """
    quotas = _quotas({quota_id for line in selection.lines for quota_id in line.quota_ids})
    left = {str(line.ticket_type.pk): _left(line, quotas) for line in selection.lines}
    return Rejected("sold-out", _message(selection, left), left=left)


def _quotas(ids: set[int]) -> dict[int, Any]:
    live = Q(holds__expires_at__gt=now())
    return Quota.objects.annotate(
        in_carts=Sum("holds__quantity", filter=live & Q(holds__cart__isnull=False), default=0),
        pending=Sum("holds__quantity", filter=live & Q(holds__order__isnull=False), default=0),
    ).in_bulk(ids)


def _left(line: Line, quotas: dict[int, Any]) -> dict[str, Any]:
    tightest = min((quotas[quota_id] for quota_id in line.quota_ids), key=_free)
    may_return = "in_carts" if tightest.in_carts else "pending"
    reason = may_return if tightest.in_carts or tightest.pending else "sold"
    return {"remaining": max(_free(tightest), 0), "reason": reason}


def _free(quota: Any) -> int:
    return quota.capacity - quota.sold - quota.in_carts - quota.pending


def _message(selection: Selection, left: dict[str, dict[str, Any]]) -> str:
    for line in selection.lines:
        told = left[str(line.ticket_type.pk)]
        if told["remaining"] < line.quantity:
            return _sentence(line.ticket_type.name, told)
    return _("There are not enough places left for all of these together.")


def _sentence(name: str, told: dict[str, Any]) -> str:
    if remaining := told["remaining"]:
        text = ngettext(
            "Only %(number)s ticket is left of %(name)s.", "Only %(number)s tickets are left of %(name)s.", remaining
        )
        return text % {"number": remaining, "name": name}
    if told["reason"] == "sold":
        return _("%(name)s is sold out.") % {"name": name}
    return _("All tickets of %(name)s are taken at the moment; some may come back.") % {"name": name}
