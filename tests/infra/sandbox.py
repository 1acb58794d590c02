"""The Stripe sandbox in a process of its own, and what tests do to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import stripe

from deploy.processes import kill_group, start, stop
from tests.infra.prepared import ROOT
from tests.infra.servers import free_port

VISA = "4242424242424242"


class Sandbox:
    """`url` is where it listens. Its state is in `folder`, so that it can be restarted."""

    def __init__(self, folder: Path, *, webhooks_to: str = "", **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "STRIPE_SANDBOX_PORT": str(self.port),
            "STRIPE_SANDBOX_WEBHOOK_URL": webhooks_to,
            "STRIPE_SANDBOX_RETRY_SECONDS": "0.05",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Sandbox:
        self.process = start([sys.executable, "-m", "marketplace.sandbox"], cwd=ROOT, env=self.environment)
        deadline = time.monotonic() + 20
        while True:
            try:
                self.control("deliveries")
                return self
            except httpx.TransportError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)
            self.process = None

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            kill_group(self.process)
            self.process.wait()
            self.process = None

    def control(self, action: str, **body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/_control/{action}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def client(self, key: str = "sk_test_sandbox") -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=10),
        )

    def pay_page(self, url: str, number: str = VISA, **typed: str) -> httpx.Response:
        """What a customer sends from the hosted page at `url`."""
        form = {"email": "ben@example.org", "number": number, "expiry": "12 / 40", "cvc": "123", **typed}
        return httpx.post(url, data=form)

    def charges(self, key: str = "sk_test_sandbox") -> list[Any]:
        """Every charge that succeeded."""
        charges = self.client(key).v1.charges.list({"limit": 100}).data
        return [charge for charge in charges if charge.status == "succeeded"]

    def deliveries(self) -> list[dict[str, Any]]:
        return self.control("deliveries")["deliveries"]


@contextmanager
def running_sandbox(folder: Path, **options: str) -> Iterator[Sandbox]:
    sandbox = Sandbox(folder, **options)
    try:
        yield sandbox.start()
    finally:
        sandbox.stop()


class Server(ThreadingHTTPServer):
    request_queue_size = 64  # the default of 5 refuses some of twenty webhooks at once


class Receiver:
    """A webhook endpoint that keeps what it gets, and answers with `statuses` in turn, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait_for(self, number: int, seconds: float = 10) -> list[tuple[bytes, str]]:
        """The first `number` webhooks. Fails if there are fewer."""
        deadline = time.monotonic() + seconds
        while len(self.got) < number:
            assert time.monotonic() < deadline, f"{len(self.got)} of {number} webhooks came"
            time.sleep(0.01)
        return self.got[:number]


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
