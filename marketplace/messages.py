"""What marketplace tells the others. Payloads hold ids, never what can be read from the database."""

from dataclasses import dataclass
from typing import ClassVar

from portal.outbox.messages import Message


@dataclass(frozen=True)
class OrderPlaced(Message):
    """Places are held, or given out unpaid (cash on arrival)."""

    name: ClassVar[str] = "marketplace.OrderPlaced"
    order_id: int


@dataclass(frozen=True)
class OrderConfirmed(Message):
    """The order's tickets exist: it was paid, was free, or is to be paid in cash at the door."""

    name: ClassVar[str] = "marketplace.OrderConfirmed"
    order_id: int


@dataclass(frozen=True)
class OrderPaid(Message):
    """The order's whole total has been received."""

    name: ClassVar[str] = "marketplace.OrderPaid"
    order_id: int


@dataclass(frozen=True)
class OrderExpired(Message):
    """Its holds are free again."""

    name: ClassVar[str] = "marketplace.OrderExpired"
    order_id: int


@dataclass(frozen=True)
class PaymentRefused(Message):
    """Money came that no place is left for; it goes back."""

    name: ClassVar[str] = "marketplace.PaymentRefused"
    payment_id: int


@dataclass(frozen=True)
class RefundFailed(Message):
    """Money that was to go back, or had gone back, is still here; `key` names the attempt that failed."""

    name: ClassVar[str] = "marketplace.RefundFailed"
    refund_id: int
    key: str


@dataclass(frozen=True)
class RefundCreated(Message):
    """Money is on its way back: for tickets, or money that came too late."""

    name: ClassVar[str] = "marketplace.RefundCreated"
    refund_id: int


@dataclass(frozen=True)
class RefundDone(Message):
    """The money was given back, as far as its provider or the vendor says."""

    name: ClassVar[str] = "marketplace.RefundDone"
    refund_id: int


@dataclass(frozen=True)
class TicketsCanceled(Message):
    """These tickets of an order let nobody in any more, with or without money back; their places are free."""

    name: ClassVar[str] = "marketplace.TicketsCanceled"
    order_id: int
    ticket_ids: list[str]


@dataclass(frozen=True)
class TicketTransferred(Message):
    """A ticket has another holder; the codes given out before let nobody in."""

    name: ClassVar[str] = "marketplace.TicketTransferred"
    transfer_id: int


@dataclass(frozen=True)
class TicketUsed(Message):
    """Its holder was let in."""

    name: ClassVar[str] = "marketplace.TicketUsed"
    ticket_id: str


@dataclass(frozen=True)
class StockChanged(Message):
    """Places or prices of the event changed; its listing may have to."""

    name: ClassVar[str] = "marketplace.StockChanged"
    event_id: int
