"""For tests, below /_control/: make calls fail, and have webhooks held, doubled, delayed, shuffled or lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from marketplace.sandbox import refunds
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Call, Delivering, Sandbox, endpoint_of
from marketplace.sandbox.web import Request, Response, answer
from marketplace.sandbox.webhooks import attempt, payload_of

Body = dict[str, Any]


def reset(sandbox: Sandbox, body: Body) -> Body:
    """Forget everything: objects, faults and how webhooks go out."""
    sandbox.store.clear()
    sandbox.faults.clear()
    sandbox.delivering, sandbox.refund_status = Delivering(), "succeeded"
    return {}


def faults(sandbox: Sandbox, body: Body) -> Body:
    """Add a fault: the next `times` calls whose path holds `path` fail.

    With `status` they get that answer, with `drop` none; `after` true lets them have their effect first; `delay` is in
    seconds. An empty body takes all faults away.
    """
    if not body:
        sandbox.faults.clear()
        return {}
    sandbox.faults.append({"path": "", "times": 1, "status": 0, "drop": False, "after": False, "delay": 0} | body)
    return {"faults": sandbox.faults}


def webhooks(sandbox: Sandbox, body: Body) -> Body:
    """How webhooks go out from now on: `copies`, `delay` (seconds), `hold`, `drop`. What is left out is as usual."""
    sandbox.delivering = Delivering(**body)
    return asdict(sandbox.delivering)


def release(sandbox: Sandbox, body: Body) -> Body:
    """Send what was held, one after another: `order` is "sent", "reversed" or "shuffled"."""
    with sandbox.store.lock:
        query = "UPDATE deliveries SET state = 'done' WHERE state = 'held' RETURNING id, event, endpoint"
        rows = sorted(sandbox.store.db.execute(query).fetchall())
    order = body.get("order", "sent")
    rows = rows[::-1] if order == "reversed" else random.sample(rows, len(rows)) if order == "shuffled" else rows
    return {"answers": [deliver(sandbox, event, endpoint) for _id, event, endpoint in rows]}


def deliver(sandbox: Sandbox, event: str, endpoint: str) -> str:
    with sandbox.store.lock:
        payload, target = payload_of(sandbox, event), endpoint_of(sandbox, endpoint)
    return attempt(target, payload) if payload and target else "gone"


def send(sandbox: Sandbox, body: Body) -> Body:
    """Send the event `event` `times` times at once to every endpoint of its account. Answers with each status."""
    call = Call(sandbox, sandbox.store.owner(body["event"]) or "")
    type = call.store.get(call.account, "event", body["event"])["type"]
    targets = call.endpoints(type) * body.get("times", 1)
    with ThreadPoolExecutor(32) as pool:
        return {"answers": list(pool.map(lambda target: deliver(sandbox, body["event"], target), targets))}


def refund(sandbox: Sandbox, body: Body) -> Body:
    """Say what becomes of the refund `id`, or with no id of every later one: `status` pending, succeeded or failed."""
    if "id" not in body:
        sandbox.refund_status = body["status"]
        return {"status": body["status"]}
    with sandbox.store.transaction():
        return refunds.change(Call(sandbox, sandbox.store.owner(body["id"]) or ""), body["id"], body["status"])


def deliveries(sandbox: Sandbox, body: Body) -> Body:
    """Every webhook so far, with its attempts and last answer."""
    with sandbox.store.lock:
        rows = sandbox.store.db.execute(
            "SELECT d.event, json_extract(o.body, '$.type'), d.state, d.attempts, d.answer"
            " FROM deliveries d JOIN objects o ON o.id = d.event ORDER BY d.id"
        ).fetchall()
    names = ("event", "type", "state", "attempts", "answer")
    return {"deliveries": [dict(zip(names, row, strict=True)) for row in rows]}


ACTIONS: dict[str, Callable[[Sandbox, Body], Body]] = {
    action.__name__: action for action in (reset, faults, webhooks, release, send, refund, deliveries)
}


def respond(sandbox: Sandbox, request: Request) -> Response:
    name = request.path.removeprefix("/_control/").strip("/")
    if name not in ACTIONS:
        return answer({"error": f"There is {', '.join(sorted(ACTIONS))}."}, 404)
    try:
        return answer(ACTIONS[name](sandbox, request.json))
    except (ApiError, KeyError, TypeError, ValueError) as error:
        return answer({"error": repr(error)}, 400)


def fault_of(sandbox: Sandbox, request: Request) -> Body | None:
    """The fault that this call meets, counted."""
    with sandbox.store.lock:
        for fault in sandbox.faults:
            if fault["times"] > 0 and fault["path"] in f"{request.method} {request.path}":
                fault["times"] -= 1
                return fault
    return None


def wait(fault: Body) -> None:
    time.sleep(min(fault["delay"], 120))
