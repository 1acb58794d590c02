"""The kinds of problem that the API answers with, for the pages that a problem's type leads to."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    title: str
    remedy: str


KINDS = {
    "bad-request": Kind("The request can't be understood", "Check the request's syntax and headers."),
    "malformed-json": Kind("The body is not JSON", "Send one JSON object, encoded as UTF-8."),
    "unknown-parameter": Kind("Unknown query parameter", "Take out the parameter that is named in parameters."),
    "invalid-cursor": Kind("Invalid cursor", "Follow the next and previous links as they are."),
    "invalid-input": Kind("Invalid input", "Correct each member that errors points to, and send it again."),
    "out-of-range": Kind("Number out of range", "Use a smaller number."),
    "too-large": Kind("The request is too large", "Send less at once."),
    "unauthorized": Kind("Authentication needed", "Send Authorization: Bearer with an access token."),
    "invalid-token": Kind("The access token is not valid", "Refresh it, or log in again."),
    "invalid-credentials": Kind("Wrong e-mail address or password", "Check both, or reset the password on the site."),
    "mfa-required": Kind("A second factor is needed", "Send mfa_code: a code of the authenticator app."),
    "insufficient-scope": Kind("The token's scope is not enough", "Ask for a token with the scope in scope."),
    "user-required": Kind("A person's token is needed", "Use a token that a person has granted."),
    "forbidden": Kind("Not allowed", "Nothing can be done with this account."),
    "not-found": Kind("Not found", "Check the path. Things that are not yours to see are not found either."),
    "method-not-allowed": Kind("Method not allowed", "The Allow header names the methods."),
    "not-acceptable": Kind("Not acceptable", "Ask for application/json."),
    "unsupported-media-type": Kind("Unsupported media type", "Send application/json."),
    "precondition-failed": Kind("It has changed meanwhile", "Read it again, and repeat the change on what it is now."),
    "idempotency-key-required": Kind("Idempotency-Key needed", "Send a new random key for each intended action."),
    "idempotency-key-invalid": Kind("Invalid Idempotency-Key", "Use 1 to 255 printable ASCII characters."),
    "idempotency-key-reused": Kind("Idempotency-Key used before", "Use a new key for another request."),
    "idempotency-key-running": Kind("The first request still runs", "Repeat the request after Retry-After."),
    "too-many-requests": Kind("Too many requests", "Wait for the seconds in Retry-After."),
    # ---- OAuth
    "invalid-request": Kind("The OAuth request is not complete", "Send each parameter that the grant needs, once."),
    "invalid-client": Kind("Unknown client or wrong secret", "Check the client id and the secret of the app."),
    "invalid-grant": Kind("The code or token is not valid", "Send the person to the consent page again."),
    "invalid-scope": Kind("A scope that the app may not ask for", "Choose it on the app's page, or leave it out."),
    "invalid-target": Kind("The resource is not valid", "Name the API's base URL, or leave `resource` out."),
    "unauthorized-client": Kind("The app may not use this grant", "Look at the app's type and settings."),
    "unsupported-grant-type": Kind("Unknown grant type", "Use one that the server's metadata names."),
    "unsupported-token-type": Kind("Unknown type of token", "Leave `token_type_hint` out."),
    "authorization-pending": Kind("The person has not answered yet", "Ask again after `interval` seconds."),
    "slow-down": Kind("Asked too often", "Wait five seconds longer between two questions from now on."),
    "access-denied": Kind("The person said no", "Tell the person, and begin anew only when asked to."),
    "expired-token": Kind("The device's code is too old", "Have the device ask for another code."),
    "invalid-app": Kind("Invalid app", "Correct what `errors` points to."),
    "too-many-apps": Kind("Too many apps", "Delete one that is no longer used."),
    "no-secret": Kind("The app has no secret", "Use PKCE; an app in people's hands can keep no secret."),
    "invalid-overlap": Kind("The old secret can't work that long", "Choose a week or less."),
    "unknown-code": Kind("No device shows this code", "Type the code that the device shows now."),
    "app-in-test-mode": Kind("The app is being tested", "Have its developer switch it to live."),
    # ---- accounts and vendors
    "mfa-invalid": Kind(
        "Wrong second factor", "Send the code that the authenticator app shows now, or a recovery code."
    ),
    "already-vendor": Kind("Already a vendor", "Use the vendor that the account works for, or another account."),
    "vendor-name-taken": Kind("Name taken", "Choose another name for the vendor."),
    "invalid-vendor": Kind("Invalid vendor", "Correct what `errors` points to."),
    "invalid-venue": Kind("Invalid venue", "Correct what `errors` points to."),
    "invalid-artist": Kind("Invalid artist", "Correct what `errors` points to."),
    "invalid-event": Kind("Invalid event", "Correct what `errors` points to."),
    "gone": Kind("Deleted", "Take it out of your lists; it does not come back."),
    # ---- choosing tickets
    "nothing-chosen": Kind("No ticket chosen", "Name at least one ticket type with a quantity."),
    "invalid-quantity": Kind("Invalid quantity", "Ask for at least one ticket of each type, and for 1,000 at most."),
    "unknown-ticket-type": Kind("Unknown ticket type", "Use the ids that `GET /events/{id}/tickets` answers."),
    "too-many-attendees": Kind("More names than tickets", "Send one name for each ticket at most."),
    "not-on-sale": Kind("Not on sale", "Look at `sales_start` and `sales_end`, or choose another ticket type."),
    "sold-out": Kind("Sold out", "Choose fewer tickets or another type; `left` says how many of each there are."),
    "limit-per-order": Kind("Too many in one order", "Choose `limit` tickets or fewer."),
    "limit-per-person": Kind("Too many for one person", "A person may have `limit` tickets, earlier orders included."),
    "price-changed": Kind("The price has changed", "Show the new total to the buyer, and book again with it."),
    "discount-too-large": Kind("The discounts exceed the total", "Leave one of the discounts out."),
    "not-accepted": Kind("Not accepted here", "Leave out what `field` names."),
    "event-canceled": Kind("The event was canceled", "Nothing of it is sold any more."),
    "event-over": Kind("The event is over", "Choose another date."),
    # ---- orders and payments
    "hold-expired": Kind("The places are no longer held", "Book again; what was paid too late is sent back in full."),
    "no-more-time": Kind("No more time", "Pay now, or book again when the time is up."),
    "already-paid": Kind("Paid already", "Read the order: its tickets are there."),
    "already-confirmed": Kind("Booked already", "The money is taken at the door; nothing needs to be paid now."),
    "order-canceled": Kind("The order was canceled", "Book again, if the event still takes place."),
    "order-closed": Kind("The order is closed", "Read the order to see what became of it, and book again if need be."),
    "nothing-due": Kind("Nothing to be paid", "Read the order: it is paid, over, or paid in another way."),
    "method-not-accepted": Kind("Payment method not accepted", "Use one of the order's `payment_methods`."),
    "card-declined": Kind("The card was declined", "Try another card or another way to pay; the places stay held."),
    "amount-too-small": Kind("Too small for a card", "Choose another way to pay."),
    "invalid-payment-token": Kind("Invalid payment token", "Send a token that the provider gave out for this account."),
    "payment-unavailable": Kind("Payment is unavailable", "Try again soon, or use another of `payment_methods`."),
    "signature-invalid": Kind(
        "Invalid signature", "Sign the raw body with the endpoint's secret, and send it at once."
    ),
    "unknown-payment": Kind("Unknown payment", "Use the key that the payment was begun with."),
    "unknown-refund": Kind("Unknown refund", "Use the key that the refund was begun with."),
    "ticket-void": Kind("The ticket is no longer good", "Read the ticket: it was canceled, or its money given back."),
    "ticket-unpaid": Kind("The ticket is not paid yet", "Pay for its order first."),
    "ticket-transferred": Kind("The ticket was given away", "It is with the person it was given to."),
    "same-holder": Kind("This person has the ticket already", "Give it to somebody else."),
    "transfer-limit": Kind("Given on too often", "Keep the ticket, or ask the organiser."),
    "pdf-unavailable": Kind(
        "PDFs are unavailable", "Show the ticket's page or its code; both are as good at the door."
    ),
    # ---- giving back
    "unknown-ticket": Kind("Unknown ticket", "Use the ids that the order's tickets have."),
    "ticket-used": Kind("The ticket was used", "Ask the event's vendor, who may still give money back."),
    "already-refunded": Kind("Canceled or refunded already", "Read the order: `refunds` says what went back."),
    "nothing-to-refund": Kind("Nothing was paid", "Cancel the tickets instead: `DELETE /tickets/{id}`."),
    "outside-policy": Kind("Outside the refund policy", "Ask the event's vendor, who may still give money back."),
    "refund-changed": Kind("Another amount goes back now", "Read the preview again, and decide with its amount."),
    "amount-too-large": Kind("More than can go back", "Ask for what `refundable` says, or less."),
    # ---- affiliates
    "unknown-affiliate": Kind("No such affiliate", "Leave the code out, or use one that is good for this event."),
    "self-referral": Kind("Nobody earns by themselves", "Leave the code out: it is for purchases by other people."),
    "programme-closed": Kind("No new affiliates", "Ask the organiser, or try again when it takes affiliates."),
    "payout-changed": Kind("Another sum is due", "Read what is due now, and pay that."),
    # ---- selling
    "event-has-sales": Kind("Tickets were sold", "Cancel the event instead; whoever bought is told and refunded."),
    "below-sold": Kind("Fewer places than tickets", "Keep as many places as are sold and held, or more."),
    "in-use": Kind("Still in use", "First take it out of what uses it, or add another in its place."),
    "account-in-use": Kind("Payments were made to this account", "Add another payment method for the other account."),
    "currency-in-use": Kind("The currency is in use", "Keep the currency: there are orders in it."),
    "server-error": Kind("Something went wrong", "Try again; tell us the request_id if it stays."),
}


def title_of(code: str) -> str:
    kind = KINDS.get(code)
    return kind.title if kind else code.replace("-", " ").capitalize()


def remedy_of(code: str) -> str:
    kind = KINDS.get(code)
    return kind.remedy if kind else "The answer's detail and further members say what can be done."
