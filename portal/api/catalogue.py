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
    "server-error": Kind("Something went wrong", "Try again; tell us the request_id if it stays."),
}


def title_of(code: str) -> str:
    kind = KINDS.get(code)
    return kind.title if kind else code.replace("-", " ").capitalize()


def remedy_of(code: str) -> str:
    kind = KINDS.get(code)
    return kind.remedy if kind else "The answer's detail and further members say what can be done."
