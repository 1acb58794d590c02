from marketplace.models.cart import Cart, CartLine, Hold
from marketplace.models.inventory import EventTerms, Quota, QuotaTicketType, TicketType
from marketplace.models.ledger import LedgerEntry
from marketplace.models.order import Adjustment, Order, OrderLine, PersonLimit
from marketplace.models.payment import Payment, PaymentMethod, ProviderEvent, Refund
from marketplace.models.ticket import CheckIn, CheckInAttempt, SigningKey, Ticket

__all__ = [
    "Adjustment",
    "Cart",
    "CartLine",
    "CheckIn",
    "CheckInAttempt",
    "EventTerms",
    "Hold",
    "LedgerEntry",
    "Order",
    "OrderLine",
    "Payment",
    "PaymentMethod",
    "PersonLimit",
    "ProviderEvent",
    "Quota",
    "QuotaTicketType",
    "Refund",
    "SigningKey",
    "Ticket",
    "TicketType",
]
