"""What the hosted pages look like: the site's own stylesheet, and a plain word that no money moves."""

from __future__ import annotations

from html import escape
from typing import Any

from portal import money

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Test payment</title><meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/foyer.css"></head>
<body><main id="main"><div class="wrap {width} page stack">
<div class="notice notice--warning"><p class="notice__title">Test mode: no money moves</p>
<p>This page stands in for Stripe's. Real cards are refused here.</p></div>
{body}
</div></main></body></html>"""

TEST_CARDS = (
    ("4242 4242 4242 4242", "Visa, succeeds"),
    ("5555 5555 5555 4444", "Mastercard, succeeds"),
    ("4000 0025 0000 3155", "asks the bank first"),
    ("4000 0000 0000 0002", "declined"),
    ("4000 0000 0000 9995", "insufficient funds"),
    ("4000 0000 0000 0069", "expired card"),
)
BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "american_express": "American Express",
    "discover_global_network": "Discover",
}
# name, label, autocomplete, inputmode, placeholder
NUMBER = ("number", "Card number", "cc-number", "numeric", "4242 4242 4242 4242")
EXPIRY = ("expiry", "Expiry date", "cc-exp", "numeric", "MM / YY")
CVC = ("cvc", "Security code", "cc-csc", "numeric", "123")
EMAIL = ("email", "E-mail address", "email", "email", "")
NAME = ("name", "Name on the card", "cc-name", "text", "")


def page(title: str, body: str, *, wide: bool = False) -> str:
    return PAGE.format(title=escape(title), body=body, width="hosted" if wide else "wrap--narrow")


def field(spec: tuple[str, str, str, str, str], values: dict[str, str], errors: dict[str, str]) -> str:
    name, label, autocomplete, mode, example = spec
    wrong = escape(errors.get(name, ""))
    state = f' aria-invalid="true" aria-describedby="{name}-error"' if wrong else ""
    note = f'<p class="field__errors" id="{name}-error">{wrong}</p>' if wrong else ""
    return (
        f'<div class="field{" field--invalid" if wrong else ""}">'
        f'<label class="field__label" for="{name}">{label}</label>'
        f'<input class="field__input num" id="{name}" name="{name}" value="{escape(values.get(name, ""))}"'
        f' autocomplete="{autocomplete}" inputmode="{mode}" placeholder="{example}" maxlength="120"'
        f"{'' if name == 'name' else ' required'}{state}>{note}</div>"
    )


def card_form(session: dict[str, Any], values: dict[str, str], errors: dict[str, str]) -> str:
    """The form of a card. The security code is never written back."""
    kept = {name: value for name, value in values.items() if name != "cvc"}
    fields = {spec[0]: field(spec, kept, errors) for spec in (EMAIL, NUMBER, EXPIRY, CVC, NAME)}
    amount = escape(money.text(session["amount_total"], session["currency"].upper()))
    back = session["cancel_url"]
    return (
        f'<header class="page-header"><h1>Pay by card</h1><p class="page-header__lead">{accepted(session)}</p></header>'
        f'<form class="form" method="post">{fields["email"]}{fields["number"]}'
        f'<div class="form__pair">{fields["expiry"]}{fields["cvc"]}</div>{fields["name"]}'
        f'<div class="form__actions"><button class="button button--primary" type="submit">Pay {amount}</button>'
        + (f'<a class="button button--quiet" href="{escape(back)}">Back without paying</a>' if back else "")
        + f"</div></form>{cards()}"
    )


def accepted(session: dict[str, Any]) -> str:
    restrictions = session["payment_method_options"].get("card", {}).get("restrictions", {})
    return ", ".join(name for key, name in BRANDS.items() if key not in restrictions.get("brands_blocked", []))


def cards() -> str:
    rows = "".join(f'<tr><td class="num">{number}</td><td>{what}</td></tr>' for number, what in TEST_CARDS)
    return (
        '<details class="disclosure section"><summary>Cards to test with</summary>'
        "<p>Any expiry date in the future and any three digits as security code.</p>"
        '<div class="scroll"><table class="table"><thead><tr><th scope="col">Number</th>'
        '<th scope="col">What happens</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )


def summary(session: dict[str, Any]) -> str:
    currency = session["currency"].upper()
    lines = "".join(line(item, currency) for item in session["line_items"])
    title = session["line_items"][0]["price_data"]["product_data"]
    total = escape(money.text(session["amount_total"], currency))
    return (
        '<section class="summary stub stub--down" aria-label="What you pay for"><div class="stub__tear summary__event">'
        f'<p class="summary__title">{escape(title["name"])}</p></div>'
        f'<div class="stub__body"><ul class="summary__lines">{lines}</ul>'
        f'<p class="summary__total"><span>Total</span><span class="price price--large">{total}</span></p></div></section>'
    )


def line(item: dict[str, Any], currency: str) -> str:
    price, quantity = item["price_data"], item["quantity"]
    product = price["product_data"]
    name = escape(product.get("description") or product["name"])
    amount = escape(money.text(price["unit_amount"] * quantity, currency))
    times = f"{quantity} \N{MULTIPLICATION SIGN} " if quantity > 1 else ""
    return f'<li><span>{times}{name}</span><span class="num">{amount}</span></li>'


def bank_page(intent: dict[str, Any]) -> str:
    amount = escape(money.text(intent["amount"], intent["currency"].upper()))
    return (
        '<header class="page-header"><h1>Confirm your payment</h1>'
        '<p class="page-header__lead">A pretended bank wants to know that it is you.</p></header>'
        '<section class="stub stub--down"><div class="stub__tear"><p>You pay</p>'
        f'<p class="price price--large">{amount}</p></div>'
        '<form class="stub__body form" method="post"><p>Choose what your bank answers.</p><div class="form__actions">'
        '<button class="button button--primary" name="answer" value="confirm">Confirm payment</button>'
        '<button class="button button--quiet" name="answer" value="fail">Fail authentication</button>'
        "</div></form></section>"
    )


def closed_page(title: str, text: str, url: str | None = None) -> str:
    link = f'<p><a class="button" href="{escape(url)}">Back to the site</a></p>' if url else ""
    return (
        '<section class="empty stub"><div class="stub__tear"></div><div class="stub__body">'
        f'<h1 class="empty__title">{escape(title)}</h1><p>{escape(text)}</p>{link}</div></section>'
    )
