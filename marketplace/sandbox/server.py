"""The HTTP server: a thread for each connection, kept open between requests."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from marketplace.sandbox import api, control, pages
from marketplace.sandbox.errors import ApiError
from marketplace.sandbox.events import Sandbox
from marketplace.sandbox.web import Request, Response, answer

MAX_BODY = 1_000_000


class NoAnswer(Exception):
    """The connection is to be closed without an answer."""


def respond(sandbox: Sandbox, request: Request) -> Response:
    if request.path.startswith("/_control/"):
        return control.respond(sandbox, request)
    if request.path.startswith("/v1/"):
        return with_faults(sandbox, request, api.respond)
    return pages.respond(sandbox, request)


def with_faults(sandbox: Sandbox, request: Request, then: Callable[[Sandbox, Request], Response]) -> Response:
    """`then`'s answer, unless a test has asked for trouble."""
    fault = control.fault_of(sandbox, request)
    if fault is None:
        return then(sandbox, request)
    response = then(sandbox, request) if fault["after"] else None
    control.wait(fault)
    if fault["drop"]:
        raise NoAnswer
    if fault["status"]:
        error = ApiError("An error occurred, as a test asked for.", type="api_error", status=fault["status"])
        return answer(error.body, error.status)
    return response or then(sandbox, request)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FoyerStripeSandbox"
    sys_version = ""
    timeout = 75  # seconds that an idle connection stays open
    wbufsize = -1  # one write for head and body, or the peer waits for its delayed acknowledgement
    sandbox: Sandbox

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self.send(
                answer({"error": {"message": "The body is too large.", "type": "invalid_request_error"}}, 413)
            )
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        try:
            self.send(respond(self.sandbox, request))
        except NoAnswer:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

    def send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)
        self.wfile.flush()

    def log_message(self, *args: Any) -> None:
        """Say nothing of ordinary requests."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        super().__init__(("127.0.0.1", port), type("SandboxHandler", (Handler,), {"sandbox": sandbox}))

    def process_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that hangs up is no error worth a traceback."""
