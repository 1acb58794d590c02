"""PaymentIntents and refunds, through the real library."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import stripe

from tests.infra.sandbox import Sandbox

PAY = {"amount": 2500, "currency": "eur", "confirm": True, "return_url": "https://shop.test/back"}


def paid(client: stripe.StripeClient, **changes: Any) -> stripe.PaymentIntent:
    return client.v1.payment_intents.create({**PAY, "payment_method": "pm_card_visa", **changes})


def test_a_visa_is_charged(client: stripe.StripeClient) -> None:
    intent = paid(client, metadata={"payment": "7"}, expand=["latest_charge"])
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 2500, "eur")
    assert (intent.latest_charge.status, intent.latest_charge.payment_method_details.card.brand) == (
        "succeeded",
        "visa",
    )
    assert client.v1.payment_intents.retrieve(intent.id).metadata["payment"] == "7"


@pytest.mark.parametrize(
    ("token", "code", "reason"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ],
)
def test_a_declined_card_charges_nothing(client: stripe.StripeClient, token: str, code: str, reason: str) -> None:
    with pytest.raises(stripe.CardError) as caught:
        paid(client, payment_method=token)
    assert (caught.value.http_status, caught.value.code, caught.value.error.decline_code) == (402, code, reason)
    intent = client.v1.payment_intents.retrieve(caught.value.error.payment_intent.id)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert client.v1.balance.retrieve().available == []


def test_authentication_leads_to_a_page_and_back(client: stripe.StripeClient) -> None:
    intent = paid(client, payment_method="pm_card_authenticationRequired")
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    page = intent.next_action.redirect_to_url.url
    assert "€25.00" in httpx.get(page).text
    back = httpx.post(page, data={"answer": "confirm"})
    assert back.headers["Location"].startswith(f"https://shop.test/back?payment_intent={intent.id}&")
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert httpx.post(page, data={"answer": "confirm"}).status_code == 410
    assert len(client.v1.charges.list().data) == 1


def test_failed_authentication_charges_nothing(client: stripe.StripeClient) -> None:
    intent = paid(client, payment_method="pm_card_authenticationRequired")
    back = httpx.post(intent.next_action.redirect_to_url.url, data={"answer": "fail"})
    assert "redirect_status=failed" in back.headers["Location"]
    intent = client.v1.payment_intents.retrieve(intent.id)
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"


def test_a_client_confirms_later_or_cancels(client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create({"amount": 900, "currency": "eur"})
    assert (intent.status, intent.client_secret.startswith(f"{intent.id}_secret_")) == ("requires_payment_method", True)
    done = client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_mastercard"})
    assert done.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.cancel(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    other = client.v1.payment_intents.create({"amount": 900, "currency": "eur"})
    assert client.v1.payment_intents.cancel(other.id).status == "canceled"


def test_the_same_key_charges_once(client: stripe.StripeClient) -> None:
    first = client.v1.payment_intents.create({**PAY, "payment_method": "pm_card_visa"}, {"idempotency_key": "k1"})
    again = client.v1.payment_intents.create({**PAY, "payment_method": "pm_card_visa"}, {"idempotency_key": "k1"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(client.v1.charges.list().data) == 1


def test_the_same_key_at_once_charges_once(sandbox: Sandbox) -> None:
    def create(_number: int) -> str:
        asked = {**PAY, "payment_method": "pm_card_visa"}
        return sandbox.client().v1.payment_intents.create(asked, {"idempotency_key": "k2"}).id

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(create, range(20)))) == 1
    assert len(sandbox.charges()) == 1


def test_a_key_with_other_parameters_is_an_error(client: stripe.StripeClient) -> None:
    client.v1.payment_intents.create({**PAY, "payment_method": "pm_card_visa"}, {"idempotency_key": "k3"})
    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.payment_intents.create(
            {**PAY, "amount": 2600, "payment_method": "pm_card_visa"}, {"idempotency_key": "k3"}
        )
    assert caught.value.http_status == 400
    assert len(client.v1.charges.list().data) == 1


def test_a_decline_is_repeated_under_its_key(client: stripe.StripeClient) -> None:
    for _attempt in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.create(
                {**PAY, "payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "k4"}
            )
    assert len(client.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"colour": "red"}, "colour", "parameter_unknown"),
        ({"automatic_payment_methods": {"on": True}}, "automatic_payment_methods[on]", "parameter_unknown"),
        ({"amount": "many"}, "amount", "parameter_invalid_integer"),
        ({"amount": 12}, "amount", "amount_too_small"),
        ({"amount": -5}, "amount", "parameter_invalid_integer"),
        ({"currency": "euros"}, "currency", None),
        ({"confirm": "perhaps"}, "confirm", None),
        ({"payment_method": "pm_none"}, "payment_method", "resource_missing"),
        ({"return_url": "javascript:alert(1)"}, "return_url", "url_invalid"),
        ({"metadata": {"k" * 41: "v"}}, "metadata[" + "k" * 41 + "]", "parameter_invalid"),
    ],
)
def test_bad_parameters_are_named(
    client: stripe.StripeClient, changes: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        paid(client, **changes)
    assert (caught.value.http_status, caught.value.param, caught.value.code) == (400, param, code)
    assert client.v1.charges.list().data == []


def test_what_is_not_sent_or_not_there_is_named(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create({"currency": "eur"})  # type: ignore[typeddict-item]
    assert (caught.value.param, caught.value.code) == ("amount", "parameter_missing")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.retrieve("pi_none")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


@pytest.mark.parametrize("key", ["sk_live_1234567890", "pk_test_1234567890", "nonsense", "sk_test_revoked"])
def test_a_wrong_key_is_refused(sandbox: Sandbox, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError):
        paid(sandbox.client(key))


def test_accounts_do_not_see_each_other(sandbox: Sandbox) -> None:
    intent = paid(sandbox.client("sk_test_ada1"))
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.client("sk_test_cleo").v1.payment_intents.retrieve(intent.id)
    assert sandbox.client("sk_test_cleo").v1.events.list().data == []


def test_refunds_never_exceed_the_charge(client: stripe.StripeClient) -> None:
    intent = paid(client)
    assert client.v1.refunds.create({"payment_intent": intent.id, "amount": 2000}).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 501})
    assert caught.value.param == "amount"
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 500
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"


def test_concurrent_refunds_never_exceed_the_charge(sandbox: Sandbox) -> None:
    intent = paid(sandbox.client())

    def give_back(_number: int) -> int:
        try:
            return sandbox.client().v1.refunds.create({"payment_intent": intent.id, "amount": 1000}).amount
        except stripe.InvalidRequestError:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(give_back, range(8))) == 2000


def test_a_refund_that_fails_can_be_made_again(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    intent = paid(client)
    sandbox.control("refund", status="pending")
    refund = client.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"
    sandbox.control("refund", id=refund.id, status="failed")
    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
    assert client.v1.refunds.create({"payment_intent": intent.id}).amount == 2500


def test_lists_are_paged_and_filtered(client: stripe.StripeClient) -> None:
    intents = [paid(client) for _number in range(5)]
    listed = list(client.v1.payment_intents.list({"limit": 2}).auto_paging_iter())
    assert [intent.id for intent in listed] == [intent.id for intent in reversed(intents)]
    assert client.v1.payment_intents.list({"created": {"gt": intents[-1].created}}).data == []
    assert len(client.v1.charges.list({"payment_intent": intents[0].id}).data) == 1


def test_faults_lose_the_answer_but_not_the_effect(sandbox: Sandbox, client: stripe.StripeClient) -> None:
    sandbox.control("faults", path="POST /v1/payment_intents", drop=True, after=True)
    asked = {**PAY, "payment_method": "pm_card_visa"}
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payment_intents.create(asked, {"idempotency_key": "k5"})
    assert client.v1.payment_intents.create(asked, {"idempotency_key": "k5"}).status == "succeeded"
    assert len(sandbox.charges()) == 1


def test_two_hundred_connections_at_once(sandbox: Sandbox) -> None:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    http = httpx.Client(base_url=sandbox.url, auth=("sk_test_sandbox", ""), limits=limits, timeout=30)
    with http, ThreadPoolExecutor(200) as pool:
        form = {"amount": "900", "currency": "eur", "confirm": "true", "payment_method": "pm_card_visa"}
        answers = list(pool.map(lambda _n: http.post("/v1/payment_intents", data=form).status_code, range(400)))
    assert set(answers) == {200}
