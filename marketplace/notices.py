"""The kinds of notification that marketplace sends."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portal import extensions
from portal.extensions import Notice


def register() -> None:
    """Called by the app's ``register()``."""
    extensions.notices.add("order_confirmed", Notice(_("Your tickets"), "order_confirmed"))
    extensions.notices.add("payment_refused", Notice(_("Your money goes back"), "payment_refused"))
    extensions.notices.add("refund_failed", Notice(_("A refund failed"), "refund_failed"))
    extensions.notices.add("refund_created", Notice(_("Your refund"), "refund_created"))
    extensions.notices.add("tickets_canceled", Notice(_("Tickets canceled"), "tickets_canceled"))
    extensions.notices.add("ticket_given", Notice(_("A ticket that you gave away"), "ticket_given"))
    extensions.notices.add("ticket_received", Notice(_("A ticket for you"), "ticket_received"))
    extensions.notices.add("given_ticket_ended", Notice(_("A ticket is no longer good"), "given_ticket_ended"))
    extensions.notices.add("event_canceled", Notice(_("An event was canceled"), "event_canceled"))
