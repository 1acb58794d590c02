"""Asks providers about what nobody has told us of: payments that stay open, and refunds on their way."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.extensions import Cancelable, PaymentUpdate, ProviderUnavailable
from marketplace.models import Order, Payment, Refund
from marketplace.services.pay import LIVE, provider_of
from marketplace.services.settle import handed_over, settle_payment, settle_refund
from marketplace.services.transition import move

log = logging.getLogger(__name__)
BATCH = 100
# Minutes between one question and the next; after the last the payment is left to staff.
PAUSES = (1, 2, 4, 8, 15, 30, 60, 120, 240, 480, 960, 1440)
REFUNDS_UNDER_WAY = (Refund.State.CREATED, Refund.State.IN_TRANSIT)


def reconcile() -> int:
    """Ask about every payment and refund that is due; how many were settled. Running it twice at once is harmless."""
    payments = Payment.objects.filter(state__in=LIVE, check_at__lte=timezone.now()).select_related("order", "method")
    refunds = Refund.objects.filter(state__in=REFUNDS_UNDER_WAY, check_at__lte=timezone.now())
    settled = sum(_check(row, check_payment) for row in payments.order_by("check_at")[:BATCH])
    with_payment = refunds.select_related("payment__order", "payment__method")
    return settled + sum(_check(row, send_refund) for row in with_payment.order_by("check_at")[:BATCH])


def _check(row: Any, ask: Any) -> bool:
    """Ask about `row` unless another process does. One that fails does not keep the rest."""
    if not _claim(row):
        return False
    try:
        return ask(row)
    except ProviderUnavailable as error:
        log.warning("%s %s could not be asked for: %s", type(row).__name__, row.key, error)
    except Exception:
        log.exception("%s %s could not be settled", type(row).__name__, row.key)
    return False


def _claim(row: Any) -> bool:
    """Set when `row` is asked for next; a compare-and-set on when it was due."""
    pause = PAUSES[min(row.checks, len(PAUSES) - 1)]
    last = row.checks + 1 >= len(PAUSES)
    if last:
        log.error("%s %s is still open after %s questions; staff have to look", type(row).__name__, row.key, row.checks)
    due = None if last else timezone.now() + timedelta(minutes=pause)
    claimed = type(row).objects.filter(pk=row.pk, check_at=row.check_at)
    return bool(claimed.update(check_at=due, checks=row.checks + 1))


def check_payment(payment: Payment) -> bool:
    """Settle `payment` by what its provider says; whether that was the end of it. Raises ProviderUnavailable.

    Nobody can pay an order that is over: what was begun for it is ended at the provider.
    """
    provider = provider_of(payment)
    update = provider.fetch(payment)
    if update.state == "pending" and _is_over(payment.order) and isinstance(provider, Cancelable):
        update = provider.cancel(payment)
    return _settle(payment, update)


def _settle(payment: Payment, update: PaymentUpdate) -> bool:
    return settle_payment(payment.key, update).outcome not in ("pending", "already")


def _is_over(order: Order) -> bool:
    return order.state != Order.State.PENDING or bool(order.expires_at and order.expires_at <= timezone.now())


def send_refund(refund: Refund) -> bool:
    """Give money back, or ask what became of it: providers are idempotent by its key. Raises ProviderUnavailable."""
    update = provider_of(refund.payment).refund(refund)
    return settle_refund(refund.key, update).state not in REFUNDS_UNDER_WAY


def send_now(refund_id: int) -> None:
    """The task that follows a refund's creation; what it can't do, the reconciler does later."""
    with_payment = Refund.objects.select_related("payment__order", "payment__method")
    refund = with_payment.filter(pk=refund_id, state=Refund.State.CREATED, check_at__lte=timezone.now()).first()
    if refund:
        _check(refund, send_refund)


def stuck_payments() -> QuerySet[Payment]:
    """What the reconciler has given up: staff have to look at the provider's own pages."""
    return (
        Payment.objects.filter(state__in=LIVE, check_at=None).exclude(provider="cash").select_related("order__vendor")
    )


def stuck_refunds() -> QuerySet[Refund]:
    unasked = Q(state__in=REFUNDS_UNDER_WAY, check_at=None) & ~Q(payment__provider__in=handed_over())
    given_up = unasked | Q(state=Refund.State.FAILED)
    return Refund.objects.filter(given_up).select_related("payment__order__vendor")


def ask_again(row: Payment | Refund) -> None:
    """Have the reconciler look at it anew. A refund that failed is sent once more, under a key of its own."""
    fresh: dict[str, Any] = {"check_at": timezone.now(), "checks": 0}
    if isinstance(row, Refund) and move(row, Refund.State.CREATED, key=uuid4(), external_id="", failure="", **fresh):
        return
    type(row).objects.filter(pk=row.pk, state__in=[*LIVE, *REFUNDS_UNDER_WAY]).update(**fresh)
