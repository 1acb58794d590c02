"""The hosted pages: a customer types a test card, or says to a pretended bank who they are. They need no JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from marketplace.sandbox import checkout, intents
from marketplace.sandbox.cards import card_of_token, read_card
from marketplace.sandbox.drawing import bank_page, card_form, closed_page, page, summary
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Call, Sandbox
from marketplace.sandbox.web import Request, Response, redirect

STYLESHEET = Path(__file__).resolve().parents[2] / "portal/static/portal/foyer.css"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
MAX_FIELD = 200


def respond(sandbox: Sandbox, request: Request) -> Response:
    if request.path == "/foyer.css":
        return Response(STYLESHEET.read_bytes(), content_type="text/css; charset=utf-8")
    for pattern, view in VIEWS:
        if (match := pattern.fullmatch(request.path)) and (account := sandbox.store.owner(match["id"])):
            with sandbox.store.transaction():
                return view(Call(sandbox, account), request, match["id"])
    return html(
        "Not here", closed_page("There is no such page", "The link is wrong, or its payment was never begun."), 404
    )


def html(title: str, body: str, status: int = 200, *, wide: bool = False) -> Response:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(page(title, body, wide=wide).encode(), status, "text/html; charset=utf-8", headers)


def typed(request: Request) -> dict[str, str]:
    return {name: value[:MAX_FIELD].strip() for name, value in parse_qsl(request.body.decode("utf-8", "replace"))}


def pay(call: Call, request: Request, id: str) -> Response:
    """The card form of a Checkout Session, and what is sent with it."""
    session = checkout.load(call, id)
    if session["status"] == "complete":
        return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", id))
    if session["status"] == "expired":
        return html(
            "Expired", closed_page("This payment page has expired", "Nothing was charged.", session["cancel_url"]), 410
        )
    if request.method == "GET":
        return form(session, {"email": session["customer_email"] or ""}, {})
    return charge(call, session, typed(request))


def form(session: dict[str, Any], values: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    parts = f"<aside>{summary(session)}</aside><div>{card_form(session, values, errors)}</div>"
    return html("Pay by card", f'<div class="split split--start">{parts}</div>', status, wide=True)


def charge(call: Call, session: dict[str, Any], values: dict[str, str]) -> Response:
    card, errors = read_card(values.get("number", ""), values.get("expiry", ""), values.get("cvc", ""))
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", values.get("email", "")):
        errors["email"] = "Your e-mail address is needed for the receipt."
    if card and not errors and not checkout.allows(session, card):
        errors["number"] = f"{card.brand.title()} is not accepted here. Use another card."
    if errors or card is None:
        return form(session, values, errors, 422)
    try:
        intent = checkout.pay(call, session, card, values)
    except ApiError as error:
        return form(session, values, {"number": str(error)}, 402)
    return redirect(next_url(session, intent))


def next_url(session: dict[str, Any], intent: dict[str, Any]) -> str:
    if intent["next_action"]:
        return intent["next_action"]["redirect_to_url"]["url"]
    return session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])


def authenticated(call: Call, request: Request, id: str) -> Response:
    """Back from the bank's page: on to the site, or to the form again."""
    session = checkout.load(call, id)
    intent = call.store.get(call.account, "payment_intent", session["payment_intent"] or "")
    checkout.finish(call, session, intent)
    if intent["status"] == "requires_payment_method":
        return form(
            session,
            {"email": session["customer_email"] or ""},
            {"number": intent["last_payment_error"]["message"]},
            402,
        )
    return pay(call, Request("GET", request.target, {}), id)


def authenticate(call: Call, request: Request, id: str) -> Response:
    """The page of a pretended bank: the customer authenticates, or fails to."""
    intent = call.store.get(call.account, "payment_intent", id)
    if intent["status"] != "requires_action":
        return html(
            "Done", closed_page("There is nothing to confirm", "This payment was confirmed or stopped already."), 410
        )
    if request.method == "GET":
        return html("Confirm your payment", bank_page(intent))
    back = (intent["next_action"].get("redirect_to_url") or {}).get("return_url")
    passed = decide(call, intent, typed(request).get("answer") == "confirm")
    if not back:
        return html("Done", closed_page("Thank you", "You can close this page."))
    query = {
        "payment_intent": id,
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if passed else "failed",
    }
    return redirect(f"{back}{'&' if '?' in back else '?'}{urlencode(query)}")


def decide(call: Call, intent: dict[str, Any], passes: bool) -> bool:
    """Charge a card whose owner authenticated; refuse it otherwise. Returns whether it was charged."""
    card = card_of_token(intent["payment_method"])
    try:
        if not passes:
            code = "payment_intent_authentication_failure"
            intents.refuse(call, intent, card, code, code)
        intents.charge(call, intent, card)
    except ApiError:
        return False
    return True


VIEWS = [
    (re.compile(r"/c/pay/(?P<id>cs_test_\w+)"), pay),
    (re.compile(r"/c/pay/(?P<id>cs_test_\w+)/authenticated"), authenticated),
    (re.compile(r"/authenticate/(?P<id>pi_\w+)"), authenticate),
]
