"""Which problems an operation answers with: what follows from its view, and what the Operation adds."""

from __future__ import annotations

from typing import Any

from portal.api.catalogue import kind_of
from portal.api.operations import Operation

ALWAYS = ("bad-request", "unknown-parameter", "invalid-token", "too-many-requests", "server-error")
WITH_BODY = ("malformed-json", "too-large", "unsupported-media-type", "invalid-input", "out-of-range")
WITH_KEY = ("too-large", "idempotency-key-invalid", "idempotency-key-reused", "idempotency-key-running")


def codes_of(view: Any, method: str, path: str, operation: Operation) -> list[str]:
    """The codes, each once, in the catalogue's order of statuses."""
    scope, key = view.scopes.get(method, ""), idempotency_of(view, method)
    codes = [*ALWAYS, *operation.problems]
    codes += ["unauthorized"] if scope is not None else []
    codes += ["insufficient-scope"] if scope or operation.scopes else []
    codes += ["user-required"] if scope is not None and view.needs_user else []
    codes += ["not-found"] if "{" in path else []
    codes += WITH_BODY if operation.body else ()
    codes += ["invalid-input", "out-of-range"] if view.query and method == "GET" else []
    codes += ["invalid-cursor"] if view.query and "cursor" in view.query._declared_fields else []
    codes += ["precondition-failed"] if operation.matches else []
    codes += WITH_KEY if key else ()
    codes += ["idempotency-key-required"] if key == "required" else []
    return sorted(set(codes), key=lambda code: (kind_of(code).status, code))


def idempotency_of(view: Any, method: str) -> str | None:
    """ "required", "honoured" or None."""
    return getattr(getattr(view, method.lower(), None), "idempotency", None)
