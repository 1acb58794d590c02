"""The steps of `make run`, and of the other targets that need the virtual environment."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from deploy.assets import ensure_assets
from deploy.packages import DEVELOPMENT, PRODUCT, PYTHON, ROOT, ensure_packages, ensure_redis, tool
from deploy.site import prepare_site
from deploy.stamps import alone
from deploy.supervisor import Service, Supervisor
from deploy.terminal import Trouble, say

# The people of portal/demo.py and venues/demo.
ACCOUNTS = (
    ("Attendee", "ben@example.org"),
    ("Vendor", "ada@example.org"),
    ("Vendor", "cleo@example.org"),
    ("Vendor", "theo@example.org"),
    ("Staff", "staff@example.org"),
)
PASSWORD = "welcome to foyer"
CARD = "4242 4242 4242 4242, any later date, any CVC"
_open = build_opener(ProxyHandler({})).open  # a proxy for the internet is none for this machine


def main(arguments: list[str]) -> int:
    """`run` (default), `install` or `install-development`. Returns the exit code."""
    try:
        match arguments or ["run"]:
            case ["run"]:
                run()
            case ["install"]:
                ensure_packages(PRODUCT)
            case ["install-development"]:
                ensure_packages(PRODUCT, DEVELOPMENT)
                ensure_redis()
            case other:
                raise Trouble(f"Unknown: {' '.join(other)}. It can be run, install or install-development.")
    except Trouble as trouble:
        return _sorry(str(trouble))
    except OSError as error:
        if not error.filename:
            raise
        return _sorry(
            f"{error.filename} can't be used: {error.strerror}. Choose another folder: make run DATA_DIR=/path"
        )
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130
    return 0


def _sorry(line: str) -> int:
    print(f"\n{line}", file=sys.stderr)
    return 1


def run() -> None:
    began = time.monotonic()
    port, data_dir = _port("PORT", 8000), Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    sandbox_port = _port("STRIPE_SANDBOX_PORT", port + 1)
    with_sandbox = _wants_sandbox()
    _check_free(port, "PORT")
    if with_sandbox:
        _check_free(sandbox_port, "STRIPE_SANDBOX_PORT")
    os.environ.update(PORT=str(port), DATA_DIR=str(data_dir), STRIPE_SANDBOX_PORT=str(sandbox_port))
    os.environ["PYTHONUNBUFFERED"] = "1"
    with alone(data_dir / "setup.lock"):
        ensure_packages(PRODUCT)
        ensure_assets(data_dir)
        prepare_site(data_dir)
    chosen = services(data_dir, port, with_sandbox=with_sandbox)
    say("Starting " + ", ".join(service.name for service in chosen))
    Supervisor(chosen).run(ready=lambda: is_ready(port), announce=lambda: _announce(port, began, data_dir))


def _port(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65534:
        raise Trouble(f"{name} must be a number from 1 to 65534, not '{text}'.")
    return int(text)


def _wants_sandbox() -> bool:
    apps = os.environ.get("OPTIONAL_APPS", "marketplace").replace(",", " ").split()
    return "marketplace" in apps and not os.environ.get("STRIPE_SECRET_KEY")


def _check_free(port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise Trouble(f"Port {port} is for the administrator alone. Choose another: make run {name}=8100") from None
        except OSError:
            raise Trouble(f"Port {port} is in use. Choose another: make run {name}={port + 100}") from None


def services(data_dir: Path, port: int, *, with_sandbox: bool) -> list[Service]:
    """What runs: the commands in the order of their start."""
    site = [
        tool("granian"),
        "--interface",
        "wsgi",
        "portal.wsgi:application",
        "--host",
        os.environ.get("HOST", "127.0.0.1"),
    ]
    site += ["--port", str(port), "--workers", os.environ.get("WEB_WORKERS", "2"), "--blocking-threads", "4"]
    site += ["--respawn-failed-workers", "--workers-kill-timeout", "8", "--no-ws"]
    python = str(PYTHON)
    commands = {
        "site": site,
        "task worker": [python, "manage.py", "qcluster"],
        "outbox": [python, "manage.py", "deliver_messages"],
    }
    if with_sandbox:
        commands["Stripe sandbox"] = [python, "-m", "marketplace.sandbox"]
    logs = data_dir / "log"
    return [
        Service(
            name, command, logs / f"{name.replace(' ', '-').lower()}.log", patient=name in {"task worker", "outbox"}
        )
        for name, command in commands.items()
    ]


def is_ready(port: int) -> bool:
    """Whether the site on `port` says that it can serve."""
    try:
        with _open(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


def _announce(port: int, began: float, data_dir: Path) -> None:
    say(f"\nFoyer runs at http://localhost:{port}  (ready after {time.monotonic() - began:.0f} s)\n")
    if (data_dir / ".seeded").exists():
        say(f"  Demo accounts, all with the password “{PASSWORD}”:")
        for kind, email in ACCOUNTS:
            say(f"    {kind:<9} {email}")
        say(f"  Test card: {CARD}")
    say(f"  Mails, logs and the database are in {data_dir}")
    say("  Ctrl-C stops everything.")
