"""Start the sandbox: ``python -m marketplace.sandbox``. Everything is set by the environment."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from marketplace.sandbox.events import Sandbox
from marketplace.sandbox.server import Server
from marketplace.sandbox.store import Store
from marketplace.sandbox.webhooks import Courier
from portal.secrets import read_secrets


def build(environment: dict[str, str]) -> tuple[Sandbox, int]:
    """The sandbox and its port, from DATA_DIR, PORT, STRIPE_SANDBOX_PORT and STRIPE_SANDBOX_WEBHOOK_URL."""
    data_dir = Path(environment.get("DATA_DIR", "var")).resolve()
    site_port = environment.get("PORT", "8000")
    port = int(environment.get("STRIPE_SANDBOX_PORT") or int(site_port) + 1)
    data_dir.mkdir(parents=True, exist_ok=True)
    secret = read_secrets(data_dir, embedded=True)["STRIPE_WEBHOOK_SECRET"].split(",")[0]
    url = environment.get("STRIPE_SANDBOX_WEBHOOK_URL", f"http://127.0.0.1:{site_port}/webhooks/stripe/")
    sandbox = Sandbox(
        store=Store(data_dir / "stripe-sandbox.sqlite3"),
        base_url=environment.get("STRIPE_SANDBOX_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        endpoint=(url, secret) if url else None,
        main=environment.get("STRIPE_SECRET_KEY") or "sk_test_sandbox",
        retry_seconds=float(environment.get("STRIPE_SANDBOX_RETRY_SECONDS", "1")),
    )
    return sandbox, port


def stop(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    sandbox, port = build(dict(os.environ))
    try:
        server = Server(port, sandbox)
    except OSError as error:
        sys.exit(
            f"The Stripe sandbox cannot listen on port {port}: {error.strerror}. Set STRIPE_SANDBOX_PORT to a free one."
        )
    signal.signal(signal.SIGTERM, stop)
    Courier(sandbox).start()
    print(
        f"Stripe sandbox at {sandbox.base_url}, webhooks to {sandbox.endpoint[0] if sandbox.endpoint else 'nobody'}",
        flush=True,
    )
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
