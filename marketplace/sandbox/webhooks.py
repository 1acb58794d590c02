"""Sends events, signed, to webhook endpoints, and again with growing pauses until one answers 2xx."""

from __future__ import annotations

import hmac
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from marketplace.sandbox.events import Sandbox, endpoint_of

MAX_ATTEMPTS = 16
TIMEOUT_SECONDS = 10
POLL_SECONDS = 0.05


def sign(payload: bytes, secret: str, at: int | None = None) -> str:
    """The header Stripe-Signature for `payload`."""
    at = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{at}.".encode() + payload, sha256).hexdigest()
    return f"t={at},v1={digest}"


def post(url: str, payload: bytes, secret: str) -> int:
    """Send one webhook. Returns the HTTP status. Raises OSError or HTTPException where there is no answer."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": sign(payload, secret),
    }
    try:
        connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), payload, headers)
        return connection.getresponse().status
    finally:
        connection.close()


class Courier:
    """Takes deliveries that are due and sends them, a few at a time."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.pool = ThreadPoolExecutor(8, "webhook")
        self.stopping = threading.Event()

    def start(self) -> None:
        with self.sandbox.store.transaction():
            # What was being sent when the last process died has to be sent again.
            self.sandbox.store.db.execute("UPDATE deliveries SET state = 'due' WHERE state = 'sending'")
        threading.Thread(target=self.run, name="courier", daemon=True).start()

    def run(self) -> None:
        while not self.stopping.wait(POLL_SECONDS):
            for id in self.take():
                self.pool.submit(self.send, id)

    def take(self) -> list[int]:
        query = "UPDATE deliveries SET state = 'sending' WHERE state = 'due' AND due <= ? RETURNING id"
        with self.sandbox.store.transaction():
            return [row[0] for row in self.sandbox.store.db.execute(query, (time.time(),)).fetchall()]

    def send(self, id: int) -> None:
        with self.sandbox.store.lock:
            query = "SELECT event, endpoint, attempts FROM deliveries WHERE id = ?"
            row = self.sandbox.store.db.execute(query, (id,)).fetchone()
            payload = payload_of(self.sandbox, row[0]) if row else None
            target = endpoint_of(self.sandbox, row[1]) if row else None
        if row and payload and target:
            status = attempt(target, payload)
            self.note(id, row[2] + 1, status)

    def note(self, id: int, attempts: int, status: str) -> None:
        """Keep what became of an attempt; a failed one is due again after 1, 2, 4... times the pause."""
        done = status.startswith("2")
        state = "done" if done else "failed" if attempts >= MAX_ATTEMPTS else "due"
        due = time.time() + min(self.sandbox.retry_seconds * 2 ** (attempts - 1), 3600)
        query = "UPDATE deliveries SET state = ?, attempts = ?, due = ?, answer = ? WHERE id = ?"
        with self.sandbox.store.transaction():
            self.sandbox.store.db.execute(query, (state, attempts, due, status, id))


def payload_of(sandbox: Sandbox, event: str) -> bytes | None:
    row = sandbox.store.db.execute("SELECT body FROM objects WHERE id = ?", (event,)).fetchone()
    return json.dumps(json.loads(row[0]), indent=2).encode() if row else None


def attempt(target: tuple[str, str], payload: bytes) -> str:
    """Send `payload` once; the HTTP status, or what went wrong, as text."""
    try:
        return str(post(target[0], payload, target[1]))
    except (OSError, HTTPException) as error:
        return f"{type(error).__name__}: {error}"
