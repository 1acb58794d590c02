"""Events: what happened to an object, kept to be listed and sent to the account's webhook endpoints."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from marketplace.sandbox.store import Store, new_id

API_VERSION = "2026-10-28.endive"
# Where the portal's own account gets its webhooks; the others add endpoints of theirs through the API.
SITE_ENDPOINT = "site"


@dataclass
class Delivering:
    """How webhooks go out, changed by tests: how often each, how much later, or kept back or lost."""

    copies: int = 1
    delay: float = 0
    hold: bool = False
    drop: bool = False


@dataclass
class Sandbox:
    """The running sandbox. `endpoint` is the (URL, secret) that the account `main` has without asking."""

    store: Store
    base_url: str
    endpoint: tuple[str, str] | None = None
    main: str = "sk_test_sandbox"
    retry_seconds: float = 1.0
    delivering: Delivering = field(default_factory=Delivering)
    faults: list[dict[str, Any]] = field(default_factory=list)
    refund_status: str = "succeeded"


@dataclass(frozen=True)
class Call:
    """One caller's work within the sandbox. `account` is named by its secret key."""

    sandbox: Sandbox
    account: str

    @property
    def store(self) -> Store:
        return self.sandbox.store

    def emit(self, type: str, body: dict[str, Any]) -> None:
        """Record that `type` happened to the object `body`, in the current transaction."""
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "type": type,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None},
            "data": {"object": body},
        }
        self.store.add(self.account, event)
        for endpoint in self.endpoints(type):
            self.schedule(str(event["id"]), endpoint)

    def endpoints(self, type: str) -> list[str]:
        """Ids of the endpoints that want events of `type`."""
        own = self.store.all(self.account, "webhook_endpoint")
        wanted = [item["id"] for item in own if {"*", type} & set(item["enabled_events"])]
        site = self.sandbox.endpoint is not None and self.account == self.sandbox.main
        return [SITE_ENDPOINT, *wanted] if site else wanted

    def schedule(self, event: str, endpoint: str) -> None:
        how = self.sandbox.delivering
        state = "dropped" if how.drop else "held" if how.hold else "due"
        rows = [(event, endpoint, time.time() + how.delay, state)] * how.copies
        self.store.db.executemany("INSERT INTO deliveries (event, endpoint, due, state) VALUES (?, ?, ?, ?)", rows)


def endpoint_of(sandbox: Sandbox, id: str) -> tuple[str, str] | None:
    """The (URL, secret) of an endpoint, or None if it was deleted."""
    if id == SITE_ENDPOINT:
        return sandbox.endpoint
    row = sandbox.store.db.execute("SELECT body FROM objects WHERE id = ?", (id,)).fetchone()
    found = json.loads(row[0]) if row else None
    return (found["url"], found["secret"]) if found else None
