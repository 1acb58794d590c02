from __future__ import annotations

from marketplace import notices
from marketplace.extensions import payment_providers
from marketplace.payments.cash import Cash
from marketplace.payments.free import Free
from marketplace.payments.stripe import Stripe
from portal.extensions import (
    ApiRoute,
    Job,
    PanelItem,
    SlotItem,
    Subscriber,
    UrlPatterns,
    api,
    jobs,
    panels,
    seeders,
    slots,
    subscribers,
    urls,
)
from portal.plugins import PluginConfig

EVERY_MINUTE = "* * * * *"
# Pages that are no "web" process's, by name.
SITE_ROLES = {
    **dict.fromkeys(("cart", "checkout", "more_time", "give_up", "order_more_time"), "booking"),
    **dict.fromkeys(("order_pay", "order_return", "webhook", "order_refund", "ticket_refund"), "payment"),
}


class MarketplaceConfig(PluginConfig):
    name = "marketplace"

    def register(self) -> None:
        """One function for each area; add lines to the area's own."""
        urls.add("marketplace", UrlPatterns("marketplace.urls", roles=SITE_ROLES))
        register_stock()
        register_pay()
        register_refunds()
        register_door()
        register_checkout()
        register_affiliates()


def register_stock() -> None:
    """Ticket types, carts, orders, and what time ends."""
    jobs.add("marketplace.expire_orders", Job(EVERY_MINUTE, "marketplace.services.expire.expire_orders"))
    jobs.add("marketplace.sweep", Job(EVERY_MINUTE, "marketplace.services.expire.sweep"))
    jobs.add("marketplace.push_sales", Job(EVERY_MINUTE, "marketplace.services.sales.push_all"))
    for message in ("marketplace.StockChanged", "venues.ListingMade"):
        subscribers.add(f"marketplace.sales:{message}", Subscriber(message, "marketplace.listing.follow_stock"))
    for path, view, name, role in API_ROUTES:
        api.add(f"marketplace.{name}", ApiRoute(path, f"marketplace.api.{view}", name, role=role))
    register_market()


def register_market() -> None:
    """The vendors' screens about tickets, and what venues' pages show of them."""
    # These need models, which are loaded by now and not before.
    from marketplace.admin_market import VENDOR_URLS, sales_panels
    from marketplace.details import event_details
    from venues import extensions

    extensions.event_details.add("marketplace", event_details)
    extensions.vendor_urls.add("marketplace.market", extensions.VendorUrls(VENDOR_URLS))
    panels.add("marketplace.sales", PanelItem("venues.EventPage", sales_panels), order=-10)


def register_pay() -> None:
    """Ways to be paid, and asking about what nobody told us of."""
    # They need models, which are loaded by now and not before.
    from marketplace.admin_payments import VENDOR_URLS
    from venues import extensions

    extensions.vendor_urls.add("marketplace.payments", extensions.VendorUrls(VENDOR_URLS))
    payment_providers.add("stripe", Stripe())
    payment_providers.add("cash", Cash(), order=10)
    payment_providers.add("free", Free(), order=90)
    jobs.add("marketplace.reconcile", Job(EVERY_MINUTE, "marketplace.services.reconcile.reconcile", queue="payment"))
    for path, view, name, role in PAY_ROUTES:
        api.add(f"marketplace.{name}", ApiRoute(path, f"marketplace.api.{view}", name, role=role))


def register_refunds() -> None:
    """What follows the end of tickets, and of whole events."""
    jobs.add(
        "marketplace.cancellations", Job(EVERY_MINUTE, "marketplace.services.cancellation.resume", queue="payment")
    )
    for message, handler in REFUND_HANDLERS:
        subscribers.add(f"marketplace.{handler}", Subscriber(message, f"marketplace.subscribers_refunds.{handler}"))


REFUND_HANDLERS = [
    ("venues.EventCanceled", "undo_orders"),
    ("marketplace.RefundCreated", "tell_of_refund"),
    ("marketplace.TicketsCanceled", "tell_of_cancellation"),
    ("marketplace.TicketsCanceled", "forget_documents"),
]


TRANSFER_HANDLERS = [
    ("marketplace.TicketTransferred", "tell_of_transfer"),
    ("marketplace.TicketsCanceled", "tell_holders_of_cancellation"),
]


def register_door() -> None:
    """What a confirmed order leads to: mails, tickets, and the way in."""
    notices.register()
    for message, handler in TRANSFER_HANDLERS:
        subscribers.add(f"marketplace.{handler}", Subscriber(message, f"marketplace.subscribers_transfers.{handler}"))
    subscribers.add(
        "marketplace.send_confirmation",
        Subscriber("marketplace.OrderConfirmed", "marketplace.subscribers.send_confirmation"),
    )
    subscribers.add(
        "marketplace.send_refusal", Subscriber("marketplace.PaymentRefused", "marketplace.subscribers.send_refusal")
    )
    subscribers.add(
        "marketplace.tell_of_failed_refund",
        Subscriber("marketplace.RefundFailed", "marketplace.subscribers.tell_of_failed_refund"),
    )
    # These need models, which are loaded by now and not before.
    from marketplace.components import bookings_link
    from marketplace.tickets import was_there
    from venues.extensions import attendance

    slots.add("marketplace.bookings", SlotItem("account.home", bookings_link))
    attendance.add("marketplace", was_there)
    for path, view, name in DOOR_ROUTES:
        api.add(f"marketplace.{name}", ApiRoute(path, f"marketplace.api.{view}", name))


def register_checkout() -> None:
    """Buying on the site, and demo data."""
    # These need models, which are loaded by now and not before.
    from marketplace.demo import seed
    from marketplace.storefront import ticket_box

    slots.add("marketplace.tickets", SlotItem("event.tickets", ticket_box))
    seeders.add("marketplace", seed, order=20)


def register_affiliates() -> None:
    """Who brings buyers, and what they earn by it."""
    # These need models, which are loaded by now and not before.
    from marketplace.admin_affiliates import VENDOR_URLS
    from marketplace.components import affiliate_link
    from venues import extensions

    extensions.vendor_urls.add("marketplace.affiliates", extensions.VendorUrls(VENDOR_URLS))
    slots.add("marketplace.affiliate", SlotItem("account.home", affiliate_link), order=10)
    for path, view, name in AFFILIATE_ROUTES:
        api.add(f"marketplace.{name}", ApiRoute(path, f"marketplace.api.affiliate.{view}", name))


AFFILIATE_ROUTES = [
    ("affiliate", "AffiliateView", "affiliate"),
    ("affiliate/conversions", "ConversionsView", "affiliate-conversions"),
    ("affiliate/programme", "ProgrammeView", "affiliate-programme"),
    ("affiliate/partners", "PartnersView", "affiliate-partners"),
    ("affiliate/partners/<str:partner_id>", "PartnerView", "affiliate-partner"),
]

DOOR_ROUTES = [
    ("tickets", "tickets.TicketsView", "tickets"),
    ("tickets/<uuid:ticket_id>", "tickets.TicketView", "ticket"),
    ("tickets/<uuid:ticket_id>.pdf", "tickets.PdfView", "ticket-pdf"),
    ("tickets/<uuid:ticket_id>.ics", "tickets.CalendarView", "ticket-ics"),
    ("tickets/<uuid:ticket_id>/qr.svg", "tickets.QrView", "ticket-qr"),
    ("tickets/<uuid:ticket_id>/transfer", "transfer.TransferView", "ticket-transfer"),
    ("checkins", "checkins.CheckInsView", "checkins"),
    ("checkins/sync", "checkins.SyncView", "checkins-sync"),
]

PAY_ROUTES = [
    ("payment", "payment.PaymentView", "payment", "payment"),
    ("tickets/refund", "refunds.RefundView", "refund", "payment"),
    ("tickets/<uuid:ticket_id>/refund", "refunds.TicketRefundView", "ticket-refund", "web"),
    ("orders/<str:code>/refund", "refunds.OrderRefundView", "order-refund", "web"),
    ("events/<str:event_id>/cancel", "cancellations.EventCancelView", "event-cancel", "web"),
    ("vendors/payment-methods", "methods.MethodsView", "payment-methods", "web"),
    ("vendors/payment-methods/<str:method_id>", "methods.MethodView", "payment-method", "web"),
    ("events/<str:event_id>/payment-methods", "methods.EventMethodsView", "event-payment-methods", "web"),
]

API_ROUTES = [
    ("events/<str:event_id>/tickets", "events.EventTicketsView", "event-tickets", "web"),
    ("tickets/book", "book.BookView", "book", "booking"),
    ("orders", "orders.OrdersView", "orders", "web"),
    ("orders/<str:code>", "orders.OrderView", "order", "web"),
]
