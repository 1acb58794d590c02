from marketplace.models.affiliate import Affiliate, AffiliatePayout, AffiliateProgramme, AffiliateRate, Conversion
from marketplace.models.cancellation import EventCancellation
from marketplace.models.cart import Cart, CartLine, Hold
from marketplace.models.inventory import EventTerms, Quota, QuotaTicketType, TicketType
from marketplace.models.ledger import LedgerEntry
from marketplace.models.order import Adjustment, Order, OrderLine, PersonLimit
from marketplace.models.payment import Payment, PaymentMethod, ProviderEvent, Refund, RefundLine
from marketplace.models.ticket import CheckIn, CheckInAttempt, SigningKey, Ticket, Transfer

__all__ = [
    "Adjustment",
    "Affiliate",
    "AffiliatePayout",
    "AffiliateProgramme",
    "AffiliateRate",
    "Cart",
    "CartLine",
    "CheckIn",
    "CheckInAttempt",
    "Conversion",
    "EventCancellation",
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
    "RefundLine",
    "SigningKey",
    "Ticket",
    "TicketType",
    "Transfer",
]

# Wagtail's index of references would follow every save and delete of these rows with a task and a read: none of them
# refers to a picture or a document, and nobody asks which orders use a page.
for _name in __all__:
    globals()[_name].wagtail_reference_index_ignore = True
