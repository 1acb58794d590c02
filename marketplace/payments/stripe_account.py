"""Whose Stripe account a payment goes to, and calls to it through the one door to other systems."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import stripe
from django.conf import settings

from marketplace.extensions import ProviderUnavailable
from portal import resilience

if TYPE_CHECKING:
    from marketplace.models import PaymentMethod

T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 3, 8
# No repetition starts later than this, so that the last one ends before an API client's idempotency lease does.
LAST_TRY_SECONDS = 12.0
RETRIES = 2  # every call is idempotent: by its key, or because it only reads
FAILURES = (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError)
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)  # it tells of every call otherwise


def config_of(method: PaymentMethod | None) -> dict[str, Any]:
    return method.config if method else {}


def is_own(method: PaymentMethod | None) -> bool:
    """Whether the vendor is paid into its own account, rather than through the portal's."""
    return bool(config_of(method).get("secret_key"))


def client_of(method: PaymentMethod | None) -> stripe.StripeClient:
    return _client(config_of(method).get("secret_key") or settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=256)
def _client(key: str, base: str) -> stripe.StripeClient:
    """A client that keeps its connections: one session a thread."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else {},
        max_network_retries=0,  # portal.resilience repeats
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


def webhook_secrets(method: PaymentMethod | None) -> list[str]:
    """The secrets that a webhook may be signed with; several while one is being replaced."""
    if method is None:
        return settings.STRIPE_WEBHOOK_SECRETS
    return config_of(method).get("webhook_secret", "").replace(",", " ").split()


def ask(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """``function(*args, **kwargs)``, a call to Stripe.

    Raises ProviderUnavailable where there is no answer, and Stripe's own errors where the answer is no.
    """
    try:
        return resilience.call(
            "stripe", function, *args, timeout=LAST_TRY_SECONDS, retry=RETRIES, failures=FAILURES, **kwargs
        )
    except resilience.Unavailable as error:
        raise ProviderUnavailable(str(error)) from error
