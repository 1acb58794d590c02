"""Paying an order: reserve in a short transaction, talk to the provider with no lock held, then settle."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from marketplace.extensions import (
    Cancelable,
    NextStep,
    PaymentProvider,
    PaymentUpdate,
    ProviderUnavailable,
    payment_providers,
)
from marketplace.models import Order, Payment, PaymentMethod
from marketplace.services.allocation import Bought
from marketplace.services.checkout import extend_order
from marketplace.services.lock import lock
from marketplace.services.methods import find_accepted, objection, usable_for
from marketplace.services.refusal import gone
from marketplace.services.settle import confirm_unpaid, give_unpaid, keep_until, settle_payment
from portal.errors import Rejected
from portal.prepared import Prepared, insert

log = logging.getLogger(__name__)
LIVE = (Payment.State.CREATED, Payment.State.PENDING)
UNDER_WAY = Prepared(lambda order: Payment.objects.filter(order=order, state__in=LIVE))
FIRST_CHECK = timedelta(minutes=1)  # longer than any call to a provider takes


@dataclass(frozen=True)
class PaymentStep:
    """What comes next. `done`: see the order. `redirect`: the buyer goes to `redirect_url`, or a client confirms with
    `client_secret`. `wait`: the tickets are there and the money comes later. `processing`: ask again soon."""

    kind: Literal["done", "redirect", "wait", "processing"]
    payment: Payment
    redirect_url: str = ""
    client_secret: str = ""
    bought: Bought | None = field(default=None, compare=False)  # where it is at hand


Told = Callable[[PaymentStep], None]


@dataclass(frozen=True)
class Attempt:
    method: PaymentMethod
    return_url: str
    token: str

    @property
    def fingerprint(self) -> str:
        """Names what is asked of the provider: with the same key it has to be the same."""
        return hashlib.sha256(f"{self.method.pk} {self.return_url} {self.token}".encode()).hexdigest()


def start_payment(
    order: Order, *, method_id: int, return_url: str, token: str = "", before_places: Told = lambda _step: None
) -> PaymentStep:
    """Begin to pay `order`, or go on with what was begun in the same way. Calls the provider: not for a transaction.

    Where the tickets are given out before the money comes, `before_places` is called with the step in that transaction.

    Raises Rejected: "already-paid", "hold-expired", "method-not-accepted", "card-declined", "payment-unavailable".
    """
    attempt = Attempt(_accepted(order, method_id), return_url, token)
    provider = payment_providers.get(attempt.method.provider)
    given = None
    if provider and _gives_tickets_first(provider):
        given = _confirm_at_once(order, attempt, provider, before_places)
    if given is not None:
        return given
    payment, begun = reserve(order, attempt)
    if begun and (over := _continued(payment, attempt)):
        return over
    if payment.data["request"] != attempt.fingerprint:
        _withdraw(payment)
        payment, _begun = reserve(order, attempt)
    return _begin(payment, attempt)


@transaction.atomic
def reserve(order: Order, attempt: Attempt) -> tuple[Payment, bool]:
    """The order's live payment and True, or a new one and False. Its key is stored before anybody is told of it."""
    live = _lock_payable(order)
    payment = live or _payment(order, attempt)
    if live is None:
        payment.check_at = timezone.now() + FIRST_CHECK
        payment.save()
    return payment, live is not None


def _accepted(order: Order, method_id: int) -> PaymentMethod:
    method = find_accepted(method_id, event_id=order.event_id)
    if method is None:
        text = _("This event does not take that way to pay.")
        raise Rejected("method-not-accepted", text, status=422, field="payment_method")
    return method


def _confirm_at_once(
    order: Order, attempt: Attempt, provider: PaymentProvider, before_places: Told
) -> PaymentStep | None:
    """Tickets before the money: nobody else has to be asked, so all of it is one transaction.

    None, with nothing changed, where there is more to it: a refusal, or a payment that was begun.
    """
    _check_payable(order)
    if objection(order, attempt.method):
        return None
    payment = _payment(order, attempt)
    step = provider.start(payment, return_url=attempt.return_url, token=attempt.token)
    payment.state, payment.external_id = Payment.State.PENDING, step.external_id
    payment.data |= step.data
    given = PaymentStep("wait", payment)
    try:
        with transaction.atomic():
            if not keep_until(order, due_at=_due_at(step)):
                return None
            insert([payment])
            give_unpaid(order, before_places=lambda bought: before_places(replace(given, bought=bought)))
    except IntegrityError:  # another payment of the order is under way
        return None
    return given


def _lock_payable(order: Order) -> Payment | None:
    """Lock `order`; its live payment, if there is one. Raises Rejected where it can't be paid."""
    lock(order)
    _check_payable(order)
    live = UNDER_WAY.first(order=order.pk)
    if live:
        live.order = order
    return live


def _payment(order: Order, attempt: Attempt) -> Payment:
    """A new one, not stored yet."""
    return Payment(
        order=order,
        method=attempt.method,
        provider=attempt.method.provider,
        amount=order.total,
        currency=order.currency,
        data={"request": attempt.fingerprint, "title": order.event.title[:200]},
    )


def _check_payable(order: Order) -> None:
    if order.state in (Order.State.PAID, Order.State.REFUNDED):
        raise Rejected("already-paid", _("This order is paid already."))
    if order.state == Order.State.CANCELED or order.event.canceled_at:
        raise Rejected("order-canceled", _("This order was canceled."))
    if order.state == Order.State.EXPIRED or (order.expires_at and order.expires_at <= timezone.now()):
        raise gone()


def _continued(payment: Payment, attempt: Attempt) -> PaymentStep | None:
    """What a repeated start finds already there, or None if the provider has to be asked to begin."""
    if payment.order.expires_at is None:  # its tickets are out, and the door takes the money
        if payment.method_id == attempt.method.pk:
            return PaymentStep("wait", payment)
        raise Rejected("already-confirmed", _("These tickets are booked already; they are paid at the door."))
    if payment.external_id and refresh_payment(payment):
        payment.refresh_from_db()
        if payment.refunded:
            raise too_late()
        if payment.state == Payment.State.SUCCEEDED:
            return PaymentStep("done", payment)
    return None


def _withdraw(payment: Payment) -> None:
    """End a live payment that is to be replaced. Raises Rejected if it has just succeeded."""
    provider = provider_of(payment)
    update = PaymentUpdate(str(payment.key), "failed", failure=_("Another way to pay was chosen."))
    if payment.state in LIVE and isinstance(provider, Cancelable):
        try:
            update = provider.cancel(payment)
        except ProviderUnavailable as error:
            # It may still succeed: then there is money that no ticket stands for, which goes back by itself.
            log.warning("payment %s could not be withdrawn: %s", payment.key, error)
    if update.state == "pending":
        update = PaymentUpdate(update.key, "failed", failure=_("Another way to pay was chosen."))
    settle_payment(payment.key, update)
    if update.state == "succeeded":
        raise Rejected("already-paid", _("This order is paid already."))


def _begin(payment: Payment, attempt: Attempt) -> PaymentStep:
    try:
        step = provider_of(payment).start(payment, return_url=attempt.return_url, token=attempt.token)
    except ProviderUnavailable as error:
        log.warning("payment %s could not be started: %s", payment.key, error)
        raise unavailable(payment) from error
    except Rejected as refusal:
        settle_payment(payment.key, PaymentUpdate(str(payment.key), "failed", failure=refusal.message[:200]))
        raise
    return _take(payment, step)


def _take(payment: Payment, step: NextStep) -> PaymentStep:
    """Keep what the provider answered. Of two requests that began the same payment both may come here."""
    if step.kind == "done" and step.update is not None:
        return _done(payment, step.update)
    if step.kind == "wait":
        _wait(payment, step)
        return PaymentStep("wait", payment)
    _note(payment, step)
    return PaymentStep("redirect", payment, redirect_url=step.redirect_url, client_secret=step.client_secret)


def _done(payment: Payment, update: PaymentUpdate) -> PaymentStep:
    settlement = settle_payment(payment.key, update)
    payment.order = settlement.order
    if update.state == "failed":
        raise Rejected("card-declined", update.failure or _("The payment was declined."), status=402)
    if settlement.outcome == "refund_due":
        raise too_late()
    return PaymentStep("processing" if update.state == "pending" else "done", payment)


def _wait(payment: Payment, step: NextStep) -> None:
    """The money comes later; of cash the door will tell, so nobody has to be asked. Raises Rejected("hold-expired")."""
    if not _gives_tickets_first(provider_of(payment)):
        _note(payment, step, check_at=None)
        return
    notes = {"check_at": None, "external_id": step.external_id, "data": {**payment.data, **step.data}}
    try:
        confirm_unpaid(payment, due_at=_due_at(step), **notes)
    except Rejected as refusal:
        settle_payment(payment.key, PaymentUpdate(str(payment.key), "failed", failure=refusal.message[:200]))
        raise


def _gives_tickets_first(provider: PaymentProvider) -> bool:
    return getattr(provider, "tickets_before_money", False)


def _due_at(step: NextStep) -> datetime | None:
    """Until when the unpaid tickets are kept, if the provider says so."""
    due_at = step.data.get("due_at")
    return parse_datetime(due_at) if due_at else None


def _note(payment: Payment, step: NextStep, **fields: Any) -> None:
    """Keep how to find the payment again, unless news of it was quicker."""
    fields |= {"state": Payment.State.PENDING, "external_id": step.external_id, "data": {**payment.data, **step.data}}
    Payment.objects.filter(pk=payment.pk, state__in=LIVE).update(**fields)
    for name, value in fields.items():
        setattr(payment, name, value)


def too_late() -> Rejected:
    text = _("Your payment came when the places were no longer to be had. You get it back in full.")
    return Rejected("hold-expired", text, status=410)


def unavailable(payment: Payment) -> Rejected:
    """The refusal while a provider is away: the places are held for longer, and other ways are named."""
    order = payment.order
    try:
        extend_order(order)
    except Rejected as refusal:
        log.info("order %s got no more time: %s", order.code, refusal.message)
    others = [method for method in usable_for(order) if method.provider != payment.provider]
    return Rejected(
        "payment-unavailable",
        _("This way to pay is not available at the moment. Your places stay reserved; try again, or pay another way."),
        status=503,
        expires_at=order.expires_at.isoformat() if order.expires_at else None,
        payment_methods=[
            {"id": str(method.pk), "provider": method.provider, "title": method.title} for method in others
        ],
    )


def refresh_payment(payment: Payment) -> bool:
    """Ask the provider what came of `payment`, for the page that buyers return to. False if it does not answer."""
    if payment.state not in LIVE:
        return True
    try:
        update = provider_of(payment).fetch(payment)
    except ProviderUnavailable as error:
        log.warning("payment %s could not be asked for: %s", payment.key, error)
        return False
    settle_payment(payment.key, update)
    return True


def refresh_live_payment(order: Order) -> bool:
    """`refresh_payment` for the payment of `order` that is under way, if there is one."""
    payment = Payment.objects.filter(order=order, state__in=LIVE).select_related("order", "method").first()
    return refresh_payment(payment) if payment else True


def provider_of(payment: Payment) -> PaymentProvider:
    """Raises ProviderUnavailable where the plugin that brought it is gone."""
    provider = payment_providers.get(payment.provider)
    if provider is None:
        raise ProviderUnavailable(f"The provider {payment.provider} is not installed.")
    return provider
