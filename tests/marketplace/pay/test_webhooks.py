"""Webhooks: often, at once, late, out of order, hostile. One fact has one effect."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from marketplace.models import Payment, ProviderEvent
from marketplace.services.methods import add_method, attach_method
from marketplace.services.pay import refresh_live_payment
from tests.infra.sandbox import Sandbox
from tests.marketplace.pay.steps import begin, bought, facts, post_body, post_event, untouched

pytestmark = pytest.mark.django_db
TIMES = 20


def at_once(function: Callable[[], Any], times: int = TIMES) -> list[Any]:
    def run(_number: int) -> Any:
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("return_page_first", [False, True])
def test_one_event_twenty_times_at_once(
    sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any], return_page_first: bool
) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    if return_page_first:
        refresh_live_payment(order)
    answers = at_once(lambda: webhook("checkout.session.completed").status_code)
    refresh_live_payment(order)
    assert answers == [200] * TIMES
    assert facts(order) == bought(order)
    assert ProviderEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_webhooks_and_return_page_at_once(sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any]) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    ways = [
        lambda: webhook("checkout.session.completed").status_code,
        lambda: webhook("payment_intent.succeeded").status_code,
        lambda: 200 if refresh_live_payment(order) else 500,
    ] * 4
    with ThreadPoolExecutor(len(ways)) as pool:
        answers = list(pool.map(lambda way: at_once(way, 1)[0], ways))
    assert answers == [200] * len(ways)
    assert facts(order) == bought(order)


def test_any_order_of_events_leads_to_the_same(
    sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any]
) -> None:
    step = begin(order, card)
    sandbox.pay_page(step.redirect_url, "4000000000000002")
    sandbox.pay_page(step.redirect_url)
    for kind in ("checkout.session.completed", "payment_intent.succeeded", "charge.succeeded",
                 "payment_intent.payment_failed", "payment_intent.created", "charge.failed"):  # fmt: skip
        assert webhook(kind).status_code == 200
    assert facts(order) == bought(order)
    assert Payment.objects.get(order=order).external_id.startswith("cs_")


def test_an_expired_session_ends_its_payment_and_not_the_order(
    sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any]
) -> None:
    begin(order, card)
    sandbox.client().v1.checkout.sessions.expire(Payment.objects.get(order=order).external_id)
    assert webhook("checkout.session.expired").status_code == 200
    assert facts(order) == untouched(order, "failed")
    assert begin(order, card).kind == "redirect"


def test_news_that_comes_days_late_changes_nothing(
    sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any]
) -> None:
    """An old event is signed anew by Stripe each time; what it says is long known, or was overtaken."""
    begin(order, card)
    payment = Payment.objects.get(order=order)
    sandbox.client().v1.checkout.sessions.expire(payment.external_id)
    begin(order, card, token="pm_card_visa")
    before = facts(order)
    assert before["state"] == "paid"
    assert webhook("checkout.session.expired").status_code == 200
    assert facts(order) == before


def test_a_signature_that_is_wrong_or_old(sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any]) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    assert webhook("checkout.session.completed", secret="whsec_guessed").status_code == 400
    assert webhook("checkout.session.completed", age=301).status_code == 400
    assert webhook("checkout.session.completed", age=-301).status_code == 400
    assert facts(order) == untouched(order, "pending")
    assert ProviderEvent.objects.count() == 0
    assert webhook("checkout.session.completed", age=299).status_code == 200
    assert facts(order) == bought(order)


def test_either_secret_counts_while_one_is_replaced(
    sandbox: Sandbox, order: Any, card: Any, webhook: Callable[..., Any], settings: Any
) -> None:
    sandbox.pay_page(begin(order, card).redirect_url)
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    assert webhook("checkout.session.completed", secret="whsec_old").status_code == 200
    assert webhook("payment_intent.succeeded", secret="whsec_new").status_code == 200
    assert facts(order) == bought(order)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{}",
        b'{"type": "payment_intent.succeeded"}',
        b'{"id": 1, "type": ["x"], "data": {"object": {}}}',
        b'{"id": "e", "type": "payment_intent.succeeded", "data": {"object": {"metadata": {"payment": 7}}}}',
        b'{"id": "e", "type": "checkout.session.completed", "data": {"object": {"metadata": {"payment": {"a": 1}}}}}',
        b"[" * 100_000,
    ],
)
def test_signed_nonsense_is_refused_and_never_a_500(body: bytes) -> None:
    assert post_body(body).status_code in (200, 400)
    assert ProviderEvent.objects.count() == 0


def test_what_is_not_ours_is_taken_and_forgotten(sandbox: Sandbox) -> None:
    for key in ("", "nonsense", "7", "00000000-0000-0000-0000-000000000000"):
        event = {
            "id": "evt_1",
            "type": "payment_intent.succeeded",
            "data": {
                "object": {
                    "id": "pi_1",
                    "status": "succeeded",
                    "amount_received": 1,
                    "currency": "eur",
                    "metadata": {"payment": key},
                }
            },
        }
        assert post_event(event).status_code == 200
    assert ProviderEvent.objects.count() == 0


def test_requests_that_are_no_webhooks() -> None:
    client = Client()
    assert client.get("/webhooks/stripe/").status_code == 405
    assert client.post("/webhooks/stripe/", b"{}", content_type="application/json").status_code == 400
    assert client.post("/webhooks/nobody/", b"{}", content_type="application/json").status_code == 404
    assert client.post("/webhooks/cash/", b"{}", content_type="application/json").status_code == 400
    assert client.post("/webhooks/stripe/999999/", b"{}", content_type="application/json").status_code == 404
    assert post_body(b" " * (600 * 1024)).status_code == 413


class TestVendorsOwnEndpoint:
    """Cleo has keys and a webhook secret of her own: it opens her payments and nobody else's."""

    @pytest.fixture
    def cleos(self, cleo_vendor: Any) -> Any:
        config = {"secret_key": "sk_test_cleosown", "webhook_secret": "whsec_cleo"}
        return add_method(cleo_vendor, provider="stripe", title="Cleo's", config=config)

    def forged(self, payment: Payment) -> dict[str, Any]:
        body = {
            "id": "cs_test_forged",
            "object": "checkout.session",
            "status": "complete",
            "payment_status": "paid",
            "payment_intent": "pi_forged",
            "amount_total": payment.amount,
            "currency": payment.currency.lower(),
            "metadata": {"payment": str(payment.key)},
        }
        return {"id": "evt_forged", "type": "checkout.session.completed", "data": {"object": body}}

    def test_she_can_not_settle_adas_payments(self, sandbox: Sandbox, order: Any, card: Any, cleos: Any) -> None:
        begin(order, card)
        event = self.forged(Payment.objects.get(order=order))
        assert post_event(event, secret="whsec_cleo", path=f"/webhooks/stripe/{cleos.pk}/").status_code == 200
        assert post_event(event, secret="whsec_cleo").status_code == 400
        assert post_event(event, secret="whsec_cleo", path=f"/webhooks/stripe/{card.pk}/").status_code == 400
        assert facts(order) == untouched(order, "pending")
        assert ProviderEvent.objects.count() == 0

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("amount_total", "5500"),
            ("amount_total", 10**40),
            ("amount_total", -1),
            ("amount_total", None),
            ("currency", "euro"),
            ("currency", 7),
            ("id", "cs_\0"),
            ("id", "x" * 300),
            ("payment_intent", {"id": "\0"}),
            ("payment_intent", 7),
            ("metadata", []),
            ("status", {}),
        ],
    )
    def test_hostile_values_from_her_change_nothing(
        self, sandbox: Sandbox, cleos: Any, cleo_vendor: Any, name: str, value: Any
    ) -> None:
        from tests.factories import make_event, make_order, make_ticket_type

        kind = make_ticket_type(make_event(cleo_vendor))
        attach_method(kind.event, method=cleos)
        order = make_order(kind)
        begin(order, cleos)
        event = self.forged(Payment.objects.get(order=order))
        event["data"]["object"][name] = value
        answer = post_event(event, secret="whsec_cleo", path=f"/webhooks/stripe/{cleos.pk}/")
        assert answer.status_code in (200, 400)
        assert facts(order) == untouched(order, "pending")

    def test_her_own_are_settled(self, sandbox: Sandbox, cleos: Any, cleo_vendor: Any) -> None:
        from tests.factories import make_event, make_order, make_ticket_type

        kind = make_ticket_type(make_event(cleo_vendor))
        attach_method(kind.event, method=cleos)
        order = make_order(kind, quantity=2)
        sandbox.pay_page(begin(order, cleos).redirect_url)
        found = sandbox.client("sk_test_cleosown").v1.events.list({"type": "checkout.session.completed"}).data[0]
        event = json.loads(json.dumps(found.to_dict()))
        assert post_event(event, secret="whsec_cleo", path=f"/webhooks/stripe/{cleos.pk}/").status_code == 200
        assert facts(order) == bought(order)
