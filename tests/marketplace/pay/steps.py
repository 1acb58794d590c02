"""What the tests of payments do and look at."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings
from django.test import Client

from marketplace.models import LedgerEntry, Order, Payment, Ticket
from marketplace.sandbox.webhooks import sign
from marketplace.services.pay import PaymentStep, start_payment
from portal.outbox.models import StoredMessage

RETURN = "http://localhost/orders/back/"


def begin(order: Order, method: Any, *, token: str = "", return_url: str = RETURN) -> PaymentStep:
    return start_payment(order, method_id=method.pk, return_url=return_url, token=token)


def post_event(event: dict[str, Any], *, secret: str = "", path: str = "/webhooks/stripe/", age: int = 0) -> Any:
    """Send `event` as Stripe would, signed `age` seconds ago."""
    return post_body(json.dumps(event).encode(), secret=secret, path=path, age=age)


def post_body(body: bytes, *, secret: str = "", path: str = "/webhooks/stripe/", age: int = 0) -> Any:
    signature = sign(body, secret or settings.STRIPE_WEBHOOK_SECRETS[0], int(time.time()) - age)
    headers = {"Stripe-Signature": signature}
    return Client().post(path, body, content_type="application/json", headers=headers)


def facts(order: Order) -> dict[str, Any]:
    """What came of `order`, in numbers: each has to happen once, however often we are told."""
    order.refresh_from_db()
    booked = LedgerEntry.objects.filter(order=order)
    return {
        "state": order.state,
        "tickets": Ticket.objects.filter(order=order).count(),
        "payments": sorted(Payment.objects.filter(order=order).values_list("state", flat=True)),
        "bookings": sorted(set(booked.values_list("transaction", flat=True))),
        "sum": sum(booked.values_list("amount", flat=True)),
        "confirmed": messages("marketplace.OrderConfirmed", order_id=order.pk),
        "paid": messages("marketplace.OrderPaid", order_id=order.pk),
    }


def bought(order: Order, *, tickets: int = 2, failed: int = 0) -> dict[str, Any]:
    """The facts of an order that was paid once."""
    payment = Payment.objects.get(order=order, state="succeeded")
    return {
        "state": "paid",
        "tickets": tickets,
        "payments": ["failed"] * failed + ["succeeded"],
        "bookings": [f"payment:{payment.pk}:succeeded"],
        "sum": 0,
        "confirmed": 1,
        "paid": 1,
    }


def untouched(order: Order, *payments: str) -> dict[str, Any]:
    """The facts of a pending order that nothing was paid for."""
    nothing = {"tickets": 0, "bookings": [], "sum": 0, "confirmed": 0, "paid": 0}
    return {"state": "pending", "payments": sorted(payments), **nothing}


def messages(name: str, **payload: Any) -> int:
    return sum(message.payload == payload for message in StoredMessage.objects.filter(name=name))
