"""The inbox of webhooks: an event goes in once, in the transaction that has its effects."""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from marketplace.extensions import PaymentUpdate, SignatureInvalid, payment_providers
from marketplace.models import Payment, PaymentMethod, ProviderEvent, Refund
from marketplace.services.settle import settle_payment, settle_refund
from portal.errors import Rejected

log = logging.getLogger(__name__)


def receive_webhook(provider_key: str, request: HttpRequest, *, method: PaymentMethod | None = None) -> int:
    """Take in a provider's webhook; how many updates were news.

    `method` is the vendor's method whose own endpoint was called. Raises Rejected for an unknown provider (404) and
    for a signature that is wrong (400). What is known already, or of nobody, changes nothing and is no error.
    """
    provider = payment_providers.get(provider_key)
    if provider is None:
        raise Rejected("not-found", _("There is no such provider."), status=404)
    request.payment_method = method  # type: ignore[attr-defined]
    try:
        updates = provider.read_webhook(request)
    except SignatureInvalid as error:
        log.warning("a webhook for %s was refused: %s", provider_key, error)
        raise Rejected("signature-invalid", _("The signature is wrong or too old."), status=400) from error
    source = f"{provider_key}:{method.pk}" if method else provider_key
    return sum(_take_in(source, update) for update in updates if _is_ours(update, method))


def _is_ours(update: PaymentUpdate, method: PaymentMethod | None) -> bool:
    """Whether it tells of a payment of ours. A vendor's endpoint can tell of that vendor's method alone."""
    payment = _payment_of(update)
    if payment and (method is None or payment.method_id == method.pk):
        return True
    log.warning("event %s tells of %s %s, which is not known here", update.event_id, update.kind, update.key)
    return False


def _payment_of(update: PaymentUpdate) -> Payment | None:
    try:
        key = UUID(update.key)
    except ValueError:
        return None
    if update.kind == "refund":
        refund = Refund.objects.filter(key=key).select_related("payment").first()
        return refund.payment if refund else None
    return Payment.objects.filter(key=key).first()


def _take_in(source: str, update: PaymentUpdate) -> bool:
    """Settle `update`, once for each event. Of several deliveries at once one comes through the unique key."""
    event = ProviderEvent(provider=source, event_id=update.event_id[:200], type=update.event_type[:100])
    settle = settle_refund if update.kind == "refund" else settle_payment
    try:
        with transaction.atomic():
            if event.event_id:
                event.save(force_insert=True)
            settle(update.key, update)
    except IntegrityError:
        if not ProviderEvent.objects.filter(provider=source, event_id=event.event_id).exists():
            raise
        return False
    return True
