"""Cards through Stripe: a hosted Checkout page for the site, PaymentIntents for API clients."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import stripe
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.extensions import NextStep, PaymentUpdate, ProviderUnavailable, SignatureInvalid
from marketplace.payments import stripe_updates
from marketplace.payments.stripe_account import ask, client_of, config_of, webhook_secrets
from portal.errors import Rejected

if TYPE_CHECKING:
    from marketplace.models import Payment, PaymentMethod, Refund

BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "american_express": "American Express",
    "discover_global_network": "Discover",
}
BRAND_OF_CARD = {"amex": "american_express", **dict.fromkeys(("discover", "diners", "jcb"), "discover_global_network")}
SECRET_KEY = re.compile(r"(sk|rk)_(test|live)_\w{4,240}", re.ASCII)
PUBLISHABLE_KEY = re.compile(r"pk_(test|live)_\w{4,240}", re.ASCII)
WEBHOOK_SECRET = re.compile(r"whsec_\S{4,240}", re.ASCII)
TOKEN = re.compile(r"pm_\w{4,200}", re.ASCII)
TOLERANCE_SECONDS = 300
SESSION_LIFE = timedelta(hours=1)  # Stripe's least is half an hour; it is closed when the order expires before
SEARCH_PAGES = 10
LOST_AFTER = timedelta(minutes=2)  # when a payment that Stripe knows nothing of never reached it


class Stripe:
    title = _("Card")
    brands = BRANDS
    config_fields = {
        "secret_key": _("Your Stripe account's secret key (sk_… or rk_…). Empty: paid through the portal."),
        "publishable_key": _("Its publishable key (pk_…), for your own clients."),
        "webhook_secret": _("The signing secret (whsec_…) of the webhook endpoint that you add at Stripe."),
    }

    def form_fields(self) -> dict[str, forms.Field]:
        brands = forms.MultipleChoiceField(
            label=_("Cards that you accept"),
            choices=list(BRANDS.items()),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("None chosen means all."),
        )
        return {"brands": brands}

    def check_config(self, config: dict[str, Any]) -> dict[str, Any]:
        errors: dict[str, Any] = {}
        if (key := config.get("secret_key")) and not SECRET_KEY.fullmatch(key):
            errors["secret_key"] = _("A secret key begins with sk_test_, sk_live_, rk_test_ or rk_live_.")
        elif key and settings.STRIPE_API_BASE and "_live_" in key:
            errors["secret_key"] = _("This site runs in test mode; use a test key.")
        if (key := config.get("publishable_key")) and not PUBLISHABLE_KEY.fullmatch(key):
            errors["publishable_key"] = _("A publishable key begins with pk_test_ or pk_live_.")
        if (key := config.get("webhook_secret")) and not all(
            map(WEBHOOK_SECRET.fullmatch, key.replace(",", " ").split())
        ):
            errors["webhook_secret"] = _("A signing secret begins with whsec_.")
        if not config.get("secret_key") and (config.get("publishable_key") or config.get("webhook_secret")):
            errors.setdefault("secret_key", _("The other keys are of use only together with a secret key."))
        return errors

    def start(self, payment: Payment, *, return_url: str, token: str = "") -> NextStep:
        try:
            if token:
                return self._charge(payment, return_url, token)
            return self._open_page(payment, return_url) if return_url else self._open_intent(payment)
        except stripe.CardError as error:
            raise declined(error) from error
        except stripe.IdempotencyError as error:
            raise ProviderUnavailable("The payment was begun in another way; its state has to be asked for.") from error
        except stripe.InvalidRequestError as error:
            raise not_possible(error) from error
        except stripe.StripeError as error:  # keys that are wrong or lack a permission
            raise Rejected("payment-unavailable", "This way to pay is not set up correctly.", status=503) from error

    def _open_page(self, payment: Payment, return_url: str) -> NextStep:
        session = ask(
            client_of(payment.method).v1.checkout.sessions.create, page_of(payment, return_url), once(payment)
        )
        return NextStep("redirect", external_id=session.id, redirect_url=session.url or "")

    def _open_intent(self, payment: Payment) -> NextStep:
        intent = ask(client_of(payment.method).v1.payment_intents.create, intent_of(payment, "client"), once(payment))
        return NextStep(
            "redirect", external_id=intent.id, client_secret=intent.client_secret or "", data={"intent": intent.id}
        )

    def _charge(self, payment: Payment, return_url: str, token: str) -> NextStep:
        client = client_of(payment.method)
        self._check_token(payment.method, token)
        asked = intent_of(payment, "token") | {"payment_method": token, "confirm": True}
        if return_url:
            asked["return_url"] = return_url
        intent = ask(client.v1.payment_intents.create, asked, once(payment))
        update = stripe_updates.of_intent(intent.to_dict(), str(payment.key))
        if intent.status != "requires_action":
            return NextStep("done", update=update, external_id=intent.id, data=update.data)
        page = getattr(intent.next_action, "redirect_to_url", None)  # without a return_url the client shows the bank
        return NextStep(
            "redirect",
            external_id=intent.id,
            redirect_url=(page.url or "") if page else "",
            client_secret=intent.client_secret or "",
            data=update.data,
        )

    def _check_token(self, method: PaymentMethod | None, token: str) -> None:
        if not TOKEN.fullmatch(token):
            text = "The token must be a payment method of Stripe's (pm_…)."
            raise Rejected("invalid-payment-token", text, status=422, field="token")
        if accepted := config_of(method).get("brands"):
            card = ask(client_of(method).v1.payment_methods.retrieve, token).card
            brand = card.brand if card else ""
            if BRAND_OF_CARD.get(brand, brand) not in accepted:
                names = [BRANDS[key] for key in BRANDS if key in accepted]
                raise Rejected(
                    "card-declined", f"Only {', '.join(names)} is accepted here.", status=402, brands=accepted
                )

    def read_webhook(self, request: HttpRequest) -> list[PaymentUpdate]:
        header = request.headers.get("Stripe-Signature", "")
        secrets = webhook_secrets(getattr(request, "payment_method", None))
        if not any(signed_by(secret, request.body, header) for secret in secrets):
            raise SignatureInvalid("No secret of ours made this signature, or it is too old.")
        try:
            return stripe_updates.of_event(json.loads(request.body))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SignatureInvalid(f"The event can't be read: {error!r}") from error

    def fetch(self, payment: Payment) -> PaymentUpdate:
        client, key = client_of(payment.method).v1, str(payment.key)
        try:
            if payment.external_id.startswith("cs_"):
                session = ask(client.checkout.sessions.retrieve, payment.external_id)
                return stripe_updates.of_session(session.to_dict(), key)
            if payment.external_id:
                return stripe_updates.of_intent(
                    ask(client.payment_intents.retrieve, payment.external_id).to_dict(), key
                )
            return self._find(payment)
        except stripe.StripeError as error:
            raise ProviderUnavailable(f"Stripe does not answer for this payment: {error}") from error

    def _find(self, payment: Payment) -> PaymentUpdate:
        """A payment whose beginning was interrupted: look for its intent, and never make one."""
        key = str(payment.key)
        for intent in self._intents_since(payment):
            if intent["metadata"].get("payment") == key:
                return stripe_updates.of_intent(intent, key)
        if timezone.now() - payment.created_at < LOST_AFTER:
            return PaymentUpdate(key, "pending")
        return PaymentUpdate(key, "failed", failure="It never reached Stripe.")

    def _intents_since(self, payment: Payment) -> Iterator[dict[str, Any]]:
        """The account's intents since `payment` was reserved, newest first. Raises ProviderUnavailable if they are many."""
        intents = client_of(payment.method).v1.payment_intents
        asked: dict[str, Any] = {"limit": 100, "created": {"gte": int(payment.created_at.timestamp()) - 60}}
        for _page in range(SEARCH_PAGES):
            page = ask(intents.list, asked)
            yield from (intent.to_dict() for intent in page.data)
            if not page.has_more:
                return
            asked |= {"starting_after": page.data[-1].id}
        raise ProviderUnavailable("There are too many payments to look through.")

    def cancel(self, payment: Payment) -> PaymentUpdate:
        client = client_of(payment.method)
        try:
            if payment.external_id.startswith("cs_"):
                ask(client.v1.checkout.sessions.expire, payment.external_id)
            elif payment.external_id:
                ask(client.v1.payment_intents.cancel, payment.external_id)
        except stripe.InvalidRequestError:
            pass  # it is over already; what became of it is asked next
        except stripe.StripeError as error:
            raise ProviderUnavailable(str(error)) from error
        return self.fetch(payment)

    def refund(self, refund: Refund) -> PaymentUpdate:
        payment, key = refund.payment, str(refund.key)
        names = {"refund": key, "payment": str(payment.key)}
        try:
            asked = {"payment_intent": self._intent_id(payment), "amount": refund.amount, "metadata": names}
            made = ask(client_of(payment.method).v1.refunds.create, asked, {"idempotency_key": f"refund-{key}"})
            return stripe_updates.of_refund(made.to_dict(), key)
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            return PaymentUpdate(key, "failed", kind="refund", failure=(error.user_message or str(error))[:200])
        except stripe.StripeError as error:
            raise ProviderUnavailable(str(error)) from error

    def _intent_id(self, payment: Payment) -> str:
        if payment.external_id.startswith("pi_"):
            return payment.external_id
        return payment.data.get("intent") or self.fetch(payment).data["intent"]


def once(payment: Payment) -> Any:
    return {"idempotency_key": f"payment-{payment.key}"}


def names_of(payment: Payment, flow: str) -> dict[str, str]:
    return {"payment": str(payment.key), "order": payment.order.code, "flow": flow}


def intent_of(payment: Payment, flow: str) -> dict[str, Any]:
    """Everything in it is stored with the payment or never changes: the same key must come with the same request."""
    return {
        "amount": payment.amount,
        "currency": payment.currency.lower(),
        "allowed_payment_method_types": ["card"],
        "description": f"Order {payment.order.code}",
        "metadata": names_of(payment, flow),
    }


def page_of(payment: Payment, return_url: str) -> dict[str, Any]:
    title = payment.data.get("title") or f"Order {payment.order.code}"
    product = {"name": title, "description": f"Order {payment.order.code}"}
    price = {"currency": payment.currency.lower(), "unit_amount": payment.amount, "product_data": product}
    asked: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": return_url,
        "cancel_url": f"{return_url}{'&' if '?' in return_url else '?'}canceled=1",
        "client_reference_id": payment.order.code,
        "customer_email": payment.order.email,
        "expires_at": int((payment.created_at + SESSION_LIFE).timestamp()),
        "allowed_payment_method_types": ["card"],
        "metadata": names_of(payment, "page"),
        "payment_intent_data": {"description": f"Order {payment.order.code}", "metadata": names_of(payment, "page")},
    }
    if accepted := config_of(payment.method).get("brands"):
        blocked = [brand for brand in BRANDS if brand not in accepted]
        asked["payment_method_options"] = {"card": {"restrictions": {"brands_blocked": blocked}}}
    return asked


def signed_by(secret: str, body: bytes, header: str) -> bool:
    """Whether `secret` signed `body`, not more than TOLERANCE_SECONDS ago or ahead."""
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        at, _signatures = stripe.WebhookSignature._get_timestamp_and_signatures(header, "v1")
    except (stripe.SignatureVerificationError, ValueError):
        return False
    return at < time.time() + TOLERANCE_SECONDS


def declined(error: stripe.CardError) -> Rejected:
    message = error.user_message or "The card was declined."
    return Rejected("card-declined", message, status=402, reason=error.code or "card_declined")


def not_possible(error: stripe.InvalidRequestError) -> Rejected:
    if error.code == "amount_too_small":
        return Rejected("amount-too-small", "The total is too small to be paid by card.", status=422)
    if error.code == "resource_missing" and error.param == "payment_method":
        text = "Stripe does not know this payment method."
        return Rejected("invalid-payment-token", text, status=422, field="token")
    return Rejected(
        "payment-unavailable", "The card service refused this payment.", status=503, reason=error.code or ""
    )
