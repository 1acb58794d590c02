"""Types of what the API says of tickets, orders and payments."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from marketplace import models
from portal.answers import Id, Instant, Like, Zone
from portal.money import Money
from venues.api.answers import Availability, Title, VendorName

Total = Annotated[Money, Like({"amount": 5500, "currency": "EUR"})]
Fees = Annotated[Money, Like({"amount": 250, "currency": "EUR"})]
OrderCode = Annotated[str, Like("K7PX2M9QRT", "Names the order everywhere")]
TICKET_STATES = ("valid", "unpaid", "used", "canceled", "refunded", "transferred", "expired")
OrderState = Annotated[str, Like(choices=models.Order.State.values)]
TicketState = Annotated[str, Like(choices=TICKET_STATES)]
Later = Annotated[str | None, Like("2026-01-05T12:15:00+01:00", format="date-time")]
Never = Annotated[str | None, Like(None, format="date-time")]


class TicketType(TypedDict):
    """What can be bought, and how much of it is left."""

    id: Annotated[str, Like("3")]
    name: Annotated[str, Like("Standing")]
    description: Annotated[str, Like("In front of the stage.")]
    price: Money
    fees: Fees
    total: Annotated[Money, Like({"amount": 2750, "currency": "EUR"}, "What one ticket costs, all in")]
    sales_start: Never
    sales_end: Never
    max_per_order: Annotated[int | None, Like(6)]
    availability: Availability
    remaining: Annotated[int, Like(240)]


class RefundStep(TypedDict):
    """What is paid back until so many hours before the event."""

    hours_before: Annotated[int, Like(48)]
    percent_bps: Annotated[int, Like(10000, "Basis points: 10,000 are the whole price")]


class SaleRules(TypedDict, total=False):
    """The rules of an event's sale, where it has one."""

    refunds: list[RefundStep]
    refunds_text: Annotated[list[str], Like(["Full refund until Thu 12 Feb 2026, 20:00 CET."])]
    max_per_order: Annotated[int | None, Like(10)]


class Method(TypedDict):
    """A way to pay."""

    id: Annotated[str, Like("8")]
    provider: Annotated[str, Like("stripe", "stripe, cash, or a plugin's")]
    title: Annotated[str, Like("Card")]
    brands: NotRequired[Annotated[list[str], Like(["visa", "mastercard"], "The cards that are taken")]]


class OwnMethod(Method):
    """A way to pay, as its vendor sees it: of secrets only that they are set."""

    config: Annotated[dict[str, Any], Like({"brands": ["visa", "mastercard"]})]
    secrets_set: Annotated[list[str], Like(["secret_key"])]
    status: Literal["active", "unavailable"]


class MethodList(TypedDict):
    """Ways to pay: with `event` what that event takes; else the vendor's own, which say more."""

    results: list[OwnMethod | Method]


class SalesDetails(TypedDict, total=False):
    """What an event says of its tickets, where it has any."""

    ticket_types: list[TicketType]
    payment_methods: list[Method]
    policies: SaleRules


class OrderEvent(TypedDict):
    """What an order is for."""

    id: Id
    title: Title
    start: Instant
    end: Annotated[str, Like("2026-02-14T23:00:00+01:00", format="date-time")]
    timezone: Zone


class TypeName(TypedDict):
    """A ticket type's name."""

    id: Annotated[str, Like("3")]
    name: Annotated[str, Like("Standing")]


class OrderLine(TypedDict):
    """Some tickets of one type."""

    ticket_type: TypeName
    quantity: Annotated[int, Like(2)]
    price: Money
    fees: Fees
    total: Total
    attendees: Annotated[list[str], Like(["Ben Baker", "Dora Dean"])]


class Adjustment(TypedDict):
    """What a voucher, points or a rule change of the total."""

    label: Annotated[str, Like("Early bird")]
    amount: Annotated[Money, Like({"amount": -500, "currency": "EUR"})]


class Order(TypedDict):
    """An order of one event's tickets."""

    code: OrderCode
    state: OrderState
    event: OrderEvent
    name: Annotated[str, Like("Ben Baker")]
    email: Annotated[str, Like("ben@example.org", format="email")]
    total: Total
    lines: list[OrderLine]
    adjustments: Annotated[list[Adjustment], Like([])]
    refund_policy: list[RefundStep]
    created_at: Annotated[str, Like("2026-01-05T12:00:00+01:00", format="date-time")]
    expires_at: Annotated[str | None, Like("2026-01-05T12:15:00+01:00", "Until then the places are held", "date-time")]
    due_at: Annotated[str | None, Like(None, "Until then cash must be paid", "date-time")]
    paid_at: Never


class Ticket(TypedDict):
    """One place for one person."""

    id: Annotated[str, Like("3f0c2a52-7d4e-4a57-9a0c-2f3f5b6a1c9d", format="uuid")]
    order: OrderCode
    event: Id
    ticket_type: TypeName
    attendee: Annotated[str, Like("Ben Baker")]
    state: TicketState
    price: Annotated[Money, Like({"amount": 2750, "currency": "EUR"})]
    qr: Annotated[
        str | None, Like("04G0K7QM2XWP4R3F9AB", "What the QR code says; for the holder of a good ticket alone")
    ]
    pdf: Annotated[str | None, Like("https://foyer.example/api/v1/tickets/3f0c2a52.pdf", format="uri")]
    ics: Annotated[str | None, Like("https://foyer.example/api/v1/tickets/3f0c2a52.ics", format="uri")]


TicketId = Annotated[str, Like("3f0c2a52-7d4e-4a57-9a0c-2f3f5b6a1c9d", format="uuid")]
Back = Annotated[Money, Like({"amount": 2750, "currency": "EUR"})]
REFUND_STATES = ("created", "in_transit", "done", "failed")


class RefundPart(TypedDict):
    """What one ticket gets back."""

    ticket: TicketId
    amount: Back


class Refund(TypedDict):
    """Money on its way back to the buyer."""

    id: Annotated[str, Like("5")]
    state: Annotated[str, Like("created", choices=REFUND_STATES)]
    amount: Back
    reason: Annotated[str, Like("Ill")]
    breakdown: list[RefundPart]
    created_at: Annotated[str, Like("2026-01-06T09:00:00+01:00", format="date-time")]
    done_at: Never


class PreviewPart(RefundPart):
    """What one ticket would get back, of what was paid for it and what went back before."""

    price: Back
    refunded: Annotated[Money, Like({"amount": 0, "currency": "EUR"})]


class Objection(TypedDict):
    """Why nothing can be given back: the problem that a refund would be answered with."""

    code: Annotated[str, Like("outside-policy")]
    detail: Annotated[str, Like("The policy gives nothing back any more.")]


class RefundPreview(TypedDict):
    """What would go back now."""

    refundable: bool
    amount: Back
    percent: Annotated[float, Like(100.0, "What part of the price the policy gives now")]
    until: Annotated[str | None, Like("2026-02-12T20:00:00+01:00", "Until then it gives as much", "date-time")]
    breakdown: list[PreviewPart]
    problem: Annotated[Objection | None, Like(None)]


class Refunded(TypedDict):
    """A refund, and the order's tickets as they are now."""

    refund: Refund
    tickets: list[Ticket]


class CanceledTicket(TypedDict):
    """A ticket that lets nobody in, and what goes back for it."""

    ticket: Annotated[Ticket, Like({"state": "canceled", "qr": None, "pdf": None})]
    refund: Annotated[Refund | None, Like(about="Null where nothing goes back")]


class OrderDetails(Order):
    """An order with its tickets, and what went back of it."""

    tickets: list[Ticket]
    refunds: Annotated[list[Refund], Like([])]


class AffiliateTerms(TypedDict):
    """What affiliates are offered."""

    commission_bps: Annotated[int, Like(1000, "Basis points: 1000 are 10 %")]
    cookie_days: Annotated[int, Like(30, "For how many days a click counts")]
    admission: Annotated[str, Like("open", choices=models.AffiliateProgramme.Admission.values)]


class AffiliateBalance(TypedDict):
    """What an affiliate is owed in one currency."""

    pending: Annotated[Money, Like({"amount": 1250, "currency": "EUR"}, "Of events that are still to come")]
    due: Annotated[Money, Like({"amount": 500, "currency": "EUR"}, "Earned, and not paid yet")]
    paid: Annotated[Money, Like({"amount": 0, "currency": "EUR"})]


AffiliateState = Annotated[str, Like("active", choices=models.Affiliate.State.values)]
AffiliateCode = Annotated[str, Like("DORA7K")]


class Membership(TypedDict):
    """The caller's part in a vendor's programme."""

    id: Annotated[str, Like("4")]
    vendor: VendorName
    state: AffiliateState
    code: AffiliateCode
    link: Annotated[str, Like("https://foyer.example/via/DORA7K/", "Leads to the vendor's page", "uri")]
    event_link: Annotated[str, Like("https://foyer.example/via/DORA7K/{event}/", "Put an event's id in its place")]
    terms: AffiliateTerms
    balances: list[AffiliateBalance]


class Partner(TypedDict):
    """Somebody who brings a vendor buyers, or wants to."""

    id: Annotated[str, Like("4")]
    name: Annotated[str, Like("Dora Dean")]
    email: Annotated[str, Like("dora@example.org", format="email")]
    state: AffiliateState
    code: AffiliateCode
    balances: list[AffiliateBalance]


class EventName(TypedDict):
    """Which event."""

    id: Id
    title: Title


class Conversion(TypedDict):
    """An order that an affiliate brought. Nothing in it says who bought."""

    id: Annotated[str, Like("11")]
    vendor: VendorName
    event: EventName
    code: AffiliateCode
    source: Annotated[str, Like(choices=models.Conversion.Source.values)]
    state: Annotated[str, Like("pending", "Pending until the event is over")]
    created_at: Annotated[str, Like("2026-01-05T12:00:00+01:00", format="date-time")]
    tickets: Annotated[int, Like(2)]
    sales: Annotated[Money, Like({"amount": 5000, "currency": "EUR"}, "What tickets sold for, fees and refunds aside")]
    commission_bps: Annotated[int, Like(1000)]
    commission: Annotated[Money, Like({"amount": 500, "currency": "EUR"})]


class Booking(TypedDict):
    """An order that holds places, or has its tickets already where nothing is to be paid."""

    order: Order
    payment_methods: list[Method]
    tickets: NotRequired[list[Ticket]]
    access_token: NotRequired[Annotated[str, Like("g8Yw0cJx", "A guest's Order-Token. It is told once.")]]


class Paid(TypedDict):
    """A payment that is done, or that comes later: in cash at the door, or by bank transfer."""

    state: Literal["succeeded", "pending"]
    order: Annotated[Order, Like({"state": "paid", "paid_at": "2026-01-05T12:03:10+01:00"})]
    tickets: list[Ticket]


class ActionNeeded(TypedDict):
    """The buyer has something to do: on the provider's page, or with the client secret in the provider's script."""

    state: Literal["requires_action"]
    order: Order
    redirect_url: NotRequired[Annotated[str, Like("https://pay.example/c/cs_1", "Where to send the buyer", "uri")]]
    client_secret: NotRequired[Annotated[str, Like(about="For the provider's own script")]]


class Processing(TypedDict):
    """A payment that the provider is still at work on."""

    state: Literal["processing"]
    order: Order
    poll: Annotated[
        str, Like("https://foyer.example/api/v1/orders/K7PX2M9QRT", "What to read until it is decided", "uri")
    ]


class FirstUse(TypedDict):
    """When and where a ticket was used."""

    at: Annotated[str, Like("2026-02-14T19:12:40+01:00", format="date-time")]
    timezone: Zone
    gate: Annotated[str, Like("North")]


class Judged(TypedDict):
    """What the door says of a code."""

    result: Annotated[str, Like(choices=models.CheckInAttempt.Result.values)]
    message: Annotated[str, Like("Welcome", "For the person at the door")]
    ticket: NotRequired[Ticket]
    due: NotRequired[Annotated[Money, Like(about="What is to be paid in cash")]]
    first_used: NotRequired[FirstUse]


class CancellationOrders(TypedDict):
    """How many orders have to be given back."""

    total: Annotated[int, Like(120)]
    undone: Annotated[int, Like(80)]


class CancellationRefunds(TypedDict):
    """What goes back, and how much of it has arrived."""

    tickets: Annotated[int, Like(64)]
    amount: Annotated[Money, Like({"amount": 176000, "currency": "EUR"})]
    done: Annotated[Money, Like({"amount": 110000, "currency": "EUR"})]
    failed: Annotated[int, Like(0)]


class Cancellation(TypedDict):
    """How far the cancellation of an event is."""

    event: Id
    state: Annotated[str, Like("running", choices=("running", "done"))]
    message: Annotated[str, Like("The band is ill.", "What holders of tickets are told")]
    orders: CancellationOrders
    refunds: CancellationRefunds
    created_at: Annotated[str, Like("2026-01-06T09:00:00+01:00", format="date-time")]
    done_at: Never
