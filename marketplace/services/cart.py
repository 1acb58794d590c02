"""Carts: what a visitor has chosen, with its places held for a quarter of an hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from marketplace.models import Cart, CartLine
from marketplace.services import hold
from marketplace.services.affiliate_attribution import Person, clicked
from marketplace.services.refusal import gone, refuse_early, sold_out
from marketplace.services.selection import Selection, choose
from marketplace.services.transition import move
from portal.errors import Rejected
from venues.models import EventPage


def open_cart(
    event: EventPage,
    *,
    items: dict[int, int],
    user: Any = None,
    replaces: Cart | None = None,
    codes: Sequence[str] = (),
) -> Cart:
    """Hold `items` (quantity by ticket type id) for 15 minutes. Raises Rejected, with nothing held.

    `codes` are those of affiliates whose links the visitor followed: the first that is good for the event stays with
    the cart, and the others are ignored.

    `replaces` is the cart that the same visitor had for this event: its places are free for this one, and it is kept
    where this one is refused.
    """
    owner = user if user is not None and user.is_authenticated else None
    selection = choose(event.pk, items)
    if replaces is None:
        refuse_early(selection)
    referral = clicked(selection.terms, codes, Person(owner.email if owner else "", owner))
    try:
        with transaction.atomic():
            had = _give_up(replaces) if replaces and replaces.event_id == event.pk else {}
            cart = _store(event, selection, owner, referral)
            hold.acquire(selection.needs, had=had)
    except hold.SoldOut as error:
        raise sold_out(selection) from error
    return cart


def extend_cart(cart: Cart) -> Cart:
    """Hold it for another 15 minutes from now. Raises Rejected when it has lapsed or was extended often enough."""
    with transaction.atomic():
        if not hold.extend(cart, needs=hold.needs_of(cart.lines.all())):
            raise no_more_time(cart)
    return cart


def release_cart(cart: Cart) -> None:
    """Free its places. A cart that became an order, or was released before, is left as it is."""
    with transaction.atomic():
        hold.release(_give_up(cart))


def no_more_time(owner: Any) -> Rejected:
    if owner.extensions >= hold.MAX_EXTENSIONS and owner.expires_at and owner.expires_at > now():
        return Rejected("no-more-time", _("The time can't be extended any more."))
    return gone()


def _give_up(cart: Cart) -> Mapping[int, int]:
    return hold.drop_holds(cart) if move(cart, Cart.State.RELEASED) else {}


def _store(event: EventPage, selection: Selection, owner: Any, referral: dict[str, Any] | None) -> Cart:
    expires_at = now() + hold.HOLD_TIME
    cart = Cart.objects.create(event_id=event.pk, user=owner, expires_at=expires_at, referral=referral)
    CartLine.objects.bulk_create(
        [
            CartLine(
                cart=cart,
                ticket_type=line.ticket_type,
                quantity=line.quantity,
                unit_price=line.unit_price,
                unit_fee=line.unit_fee,
                quota_ids=line.quota_ids,
            )
            for line in selection.lines
        ]
    )
    hold.make_holds(selection.needs, expires_at=cart.expires_at, cart=cart)
    return cart
