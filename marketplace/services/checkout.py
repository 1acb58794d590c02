"""From a choice of tickets to an order."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.messages import OrderConfirmed, OrderPaid, OrderPlaced
from marketplace.models import Adjustment, Cart, Order, OrderLine
from marketplace.services import affiliate_attribution as attribution
from marketplace.services import hold, ledger, limits, prices
from marketplace.services.cart import no_more_time
from marketplace.services.issue import give_out
from marketplace.services.refusal import gone, refuse_early, sold_out
from marketplace.services.selection import Selection, choose, choose_again
from marketplace.services.transition import move
from portal.errors import Rejected
from portal.outbox.services import publish
from portal.prepared import insert


@dataclass(frozen=True)
class PlacedOrder:
    """`token` opens a guest's order; it is not stored, and empty for orders of signed-in buyers."""

    order: Order
    token: str = ""
    # A new order's own, so that nobody has to read them; None where they were not at hand.
    lines: Sequence[OrderLine] | None = field(default=None, compare=False)
    adjustments: Sequence[Adjustment] | None = field(default=None, compare=False)
    listed: bool = True  # whether everybody may see the event


Told = Callable[[PlacedOrder], None]


@dataclass(frozen=True)
class Buyer:
    email: str
    name: str
    user: Any
    attendees: Sequence[str]
    token: str
    referral: attribution.Referral | None = None


class _CartUsed(Exception):
    """Another request made an order of the cart, or released it."""


def place_order(
    event_id: int,
    *,
    items: dict[int, int] | None = None,
    cart: Cart | None = None,
    email: str,
    name: str = "",
    user: Any = None,
    attendees: Sequence[str] = (),
    inputs: Mapping[str, Any] | None = None,
    expected_total: int | None = None,
    affiliate: str = "",
    source: str = attribution.Source.CODE,
    before_places: Told = lambda _placed: None,
) -> PlacedOrder:
    """Order `items` (quantity by ticket type id), or what `cart` holds, at the price that was shown.

    Places are held for 15 minutes; an order that costs nothing is confirmed at once. A cart makes one order, however
    often it is sent. `before_places` is called with a new order just before its places are taken: what else is to be
    written in the transaction is written there, while nobody waits for it. `affiliate` is the code of who brought the
    buyer, given on purpose by `source`; it goes before what the cart holds.

    Raises Rejected, with nothing changed: "sold-out", "price-changed", "limit-per-order", "limit-per-person",
    "not-on-sale", "hold-expired", "unknown-affiliate" and others.
    """
    buyer = _buyer(email, name, user, attendees, cart)
    if cart is None:
        selection = choose(event_id, items or {})
        refuse_early(selection)
        expected = expected_total
    else:
        if placed := _placed_before(cart, buyer):
            return placed
        selection, expected = _selection_of(event_id, cart, expected_total)
    _check_attendees(buyer, selection)
    buyer = replace(buyer, referral=_referral(selection, buyer, cart, affiliate, source))
    user_id = buyer.user.pk if buyer.user else None
    priced = prices.price(selection, user_id=user_id, inputs=inputs)
    prices.check_total(expected, priced.total, selection.terms.currency)
    try:
        return _place(selection, priced, buyer, cart, before_places)
    except hold.SoldOut as error:
        raise sold_out(selection) from error
    except _CartUsed:
        return _placed_before(cart, buyer)  # type: ignore[return-value,arg-type]


def extend_order(order: Order) -> Order:
    """Hold its places for another 15 minutes. Raises Rejected when they have lapsed or were extended often enough."""
    with transaction.atomic():
        if not hold.extend(order, needs=hold.needs_of(order.lines.all())):
            raise no_more_time(order)
    return order


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _buyer(email: str, name: str, user: Any, attendees: Sequence[str], cart: Cart | None) -> Buyer:
    owner = user if user is not None and user.is_authenticated else None
    return Buyer(
        email=email.strip().lower(),
        name=" ".join(name.split()),
        user=owner,
        attendees=[" ".join(attendee.split()) for attendee in attendees],
        token="" if owner else _new_token(cart),
    )


def _new_token(cart: Cart | None) -> str:
    """A cart's id is a secret of its visitor, so a token made from it can be told again when the form is sent twice."""
    if cart is None:
        return secrets.token_urlsafe(24)
    return hmac.new(settings.SECRET_KEY.encode(), f"order-token:{cart.pk}".encode(), "sha256").hexdigest()[:40]


def _placed_before(cart: Cart, buyer: Buyer) -> PlacedOrder | None:
    cart.refresh_from_db(fields=["state", "order", "expires_at", "extensions"])
    if cart.state == Cart.State.RELEASED:
        raise gone()
    if cart.order is None:
        return None
    return PlacedOrder(cart.order, buyer.token if cart.order.token_hash else "")


def _selection_of(event_id: int, cart: Cart, expected: int | None) -> tuple[Selection, int | None]:
    """The cart's tickets: at the prices shown while its hold lasts, after that at today's, which must be the same."""
    if cart.event_id != event_id:
        raise Rejected("not-on-sale", _("This cart is for another event."))
    if cart.expires_at > now():
        return choose_again(cart), expected
    selection = choose(event_id, {line.ticket_type_id: line.quantity for line in cart.lines.all()})
    return selection, cart.total if expected is None else expected


def _referral(
    selection: Selection, buyer: Buyer, cart: Cart | None, code: str, source: str
) -> attribution.Referral | None:
    person = attribution.Person(buyer.email, buyer.user)
    if code:
        return attribution.typed(selection.terms, code, person, source=source)
    return attribution.kept(cart.referral, person) if cart and cart.referral else None


def _check_attendees(buyer: Buyer, selection: Selection) -> None:
    if len(buyer.attendees) > sum(line.quantity for line in selection.lines):
        raise Rejected("too-many-attendees", _("There are more names than tickets."), status=422, field="attendees")


@transaction.atomic
def _place(
    selection: Selection, priced: prices.Priced, buyer: Buyer, cart: Cart | None, before_places: Told
) -> PlacedOrder:
    order = _store_order(selection, priced, buyer, cart)
    if cart is not None and not move(cart, Cart.State.ORDERED, order=order):
        raise _CartUsed
    lines = _store_lines(order, selection, buyer)
    adjustments = prices.store_adjustments(order, priced)
    if buyer.referral:
        attribution.record(order, buyer.referral)
    limits.count_in(selection.terms, email=order.email, tickets=sum(line.quantity for line in lines), order=order)
    prices.commit_rules(order)
    placed = PlacedOrder(order, buyer.token, lines, adjustments, listed=selection.listed)
    if priced.total == 0:
        had = _confirm_free(order, lines, cart, adjustment=priced.total - selection.subtotal)
    else:
        had = _hold_for(order, selection, cart)
    before_places(placed)
    hold.acquire(selection.needs, had=had, sold=priced.total == 0)
    return placed


def _store_order(selection: Selection, priced: prices.Priced, buyer: Buyer, cart: Cart | None) -> Order:
    free = priced.total == 0
    terms = selection.terms
    order = Order(
        event=terms.event,
        vendor_id=terms.vendor_id,
        user=buyer.user,
        email=buyer.email,
        name=buyer.name,
        state=Order.State.PAID if free else Order.State.PENDING,
        paid_at=now() if free else None,
        currency=terms.currency,
        total=priced.total,
        refund_policy=terms.refund_policy,
        expires_at=None if free else now() + hold.HOLD_TIME,
        extensions=cart.extensions if cart else 0,
        token_hash=token_hash(buyer.token) if buyer.token else "",
        referred=buyer.referral is not None,
    )
    return insert([order])[0]


def _store_lines(order: Order, selection: Selection, buyer: Buyer) -> list[OrderLine]:
    names = iter(buyer.attendees)
    lines = insert(
        [
            OrderLine(
                order=order,
                ticket_type=line.ticket_type,
                quantity=line.quantity,
                unit_price=line.unit_price,
                unit_fee=line.unit_fee,
                attendees=[next(names, "") for _place in range(line.quantity)] if buyer.attendees else [],
                quota_ids=line.quota_ids,
            )
            for line in selection.lines
        ]
    )
    return list(lines)


def _hold_for(order: Order, selection: Selection, cart: Cart | None) -> dict[int, int]:
    """Write the order's holds; returns the places by quota id that are counted as held already."""
    publish(OrderPlaced(order.pk))
    needs, had = selection.needs, {}
    if cart is not None:
        if hold.hand_over(cart, order, needs=needs):
            return needs
        had = {**hold.drop_holds(order), **hold.drop_holds(cart)}  # what remains of a lapsed cart is held anew
    hold.make_holds(needs, expires_at=order.expires_at or now(), order=order)
    return had


def _confirm_free(order: Order, lines: list[OrderLine], cart: Cart | None, *, adjustment: int) -> dict[int, int]:
    """Give the tickets out; returns the places by quota id that the cart held."""
    had = hold.drop_holds(cart) if cart else {}
    give_out(order, lines, adjustment=adjustment)
    ledger.book_free(order, lines, adjustment=adjustment)
    publish(OrderConfirmed(order.pk))
    publish(OrderPaid(order.pk))
    return had
