"""localstripe: Stripe's API as somebody else wrote it, in a process of its own.

It knows an older version of the API, and refuses parameters that came later; what stands between it and us leaves them
out. It has no Checkout pages, and neither idempotency nor limits for refunds: our own sandbox is the strict one.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl, urlencode

import httpx

from deploy.processes import start, stop
from tests.infra.servers import free_port

LATER = ("allowed_payment_method_types", "description", "return_url")


@contextmanager
def running_localstripe(folder: Path) -> Iterator[str]:
    """The URL that the product pays through. `folder` is where it keeps what it writes."""
    port = free_port()
    with (folder / "localstripe.log").open("wb") as log:
        arguments = [sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port)]
        process = start(arguments, cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(port)
        with _in_between(f"http://localhost:{port}") as url:
            yield url
    finally:
        stop(process)


def _wait_for(port: int, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def _in_between(target: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on("GET", b"")

        def do_POST(self) -> None:
            sent = parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            kept = [(name, value) for name, value in sent if name.partition("[")[0] not in LATER]
            self._pass_on("POST", urlencode(kept).encode())

        def _pass_on(self, method: str, body: bytes) -> None:
            names = ("Authorization", "Content-Type", "Idempotency-Key")
            headers = {name: self.headers[name] for name in names if name in self.headers}
            answer = httpx.request(method, target + self.path, content=body, headers=headers)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
