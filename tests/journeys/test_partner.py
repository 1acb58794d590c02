"""What partners write against the API: the snippets of the guides, run as they stand, and a typed client made of the schema."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.conf import settings
from django.test import Client
from oauth2_provider.models import Application

from portal.accounts.tokens import issue_tokens
from portal.api.checked_in import CURRENT, FOLDER, NOWHERE
from portal.api.docs import GUIDES
from portal.api.schema import description
from tests.factories import make_event, make_ticket_type, make_venue
from tests.infra.prepared import ROOT

if TYPE_CHECKING:
    from portal.accounts.models import User
    from tests.infra.site import Site
    from venues.models import Vendor

pytestmark = pytest.mark.once
CALLBACK, SECRET = "https://app.example/callback", "a-secret-of-the-partner"
LANGUAGES = {"bash": ["bash"], "python": [sys.executable], "js": ["node"]}
NEEDS = {"bash": ("bash", "curl", "jq", "openssl"), "python": (), "js": ("node",)}
ENDINGS = {"bash": "sh", "python": "py", "js": "mjs"}


def script_of(guide: str, language: str) -> str:
    """All snippets of a guide in one language, one after the other."""
    text = (FOLDER / "guides" / f"{guide}.md").read_text()
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


WITH_SNIPPETS = [guide for guide in GUIDES if script_of(guide, "python")]


@pytest.fixture
def event(site: Site, ada_vendor: Vendor) -> Any:
    from marketplace.services.inventory import change_terms
    from marketplace.services.methods import add_method, attach_method
    from marketplace.services.sales import push_all

    event = make_event(ada_vendor, title="Tidewater Tour", days=9, venue=make_venue(ada_vendor, title="Harbour Hall"))
    make_event(ada_vendor, title="Harbour Days", days=12)
    make_ticket_type(event, name="Standing", price=2500, fee=250, capacity=20)
    attach_method(event, method=add_method(ada_vendor, provider="stripe", title="Card"))
    change_terms(event, refund_policy=[{"hours_before": 48, "percent_bps": 10_000}])
    push_all()  # lists know by now that it is on sale
    return event


def run(site: Site, folder: Path, guide: str, language: str, **environment: str) -> subprocess.Popen[str]:
    """The guide's snippets as one program that runs against `site`."""
    if missing := [tool for tool in NEEDS[language] if not shutil.which(tool)]:
        pytest.skip(f"not found here: {', '.join(missing)}")
    program = folder / f"{guide}.{ENDINGS[language]}"
    start = "set -euo pipefail\n" if language == "bash" else ""
    program.write_text(start + script_of(guide, language).replace(NOWHERE, site.url))
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
    return subprocess.Popen([*LANGUAGES[language], str(program)], text=True, env=clean, **pipes)


def output(process: subprocess.Popen[str], typed: str = "") -> list[str]:
    out, errors = process.communicate(typed, timeout=60)
    assert process.returncode == 0, f"{out}\n{errors}"
    return out.split("\n")[:-1]


def make_app(**fields: Any) -> Application:
    return Application.objects.create(
        name="Partner", client_type=Application.CLIENT_CONFIDENTIAL, client_secret=SECRET, **fields
    )


def token_of(user: User) -> str:
    return issue_tokens(user, scope=" ".join(settings.OAUTH_SCOPES)).access_token


@pytest.mark.parametrize("language", LANGUAGES)
def test_getting_started(site: Site, event: Any, tmp_path: Path, language: str) -> None:
    app = make_app(authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS)
    process = run(
        site, tmp_path, "getting-started", language, FOYER_CLIENT_ID=app.client_id, FOYER_CLIENT_SECRET=SECRET
    )

    titles = [line.partition(" ")[2] for line in output(process)]
    assert titles == ["Tidewater Tour", "Harbour Days"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in(site: Site, ben: User, tmp_path: Path, language: str) -> None:
    app = make_app(authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE, redirect_uris=CALLBACK)
    process = run(site, tmp_path, "signing-in", language, FOYER_CLIENT_ID=app.client_id, FOYER_CLIENT_SECRET=SECRET)
    assert process.stdout is not None
    address = process.stdout.readline().strip()

    lines = output(process, consent(site, ben, address) + "\n")

    assert lines == ["0", "profile tickets:read"]


def consent(site: Site, user: User, address: str) -> str:
    """The code that the site sends along once `user`, signed in there, has agreed."""
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with httpx.Client(cookies={"sessionid": browser.cookies["sessionid"].value}) as http:
        page = http.get(address).raise_for_status()
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        answer = http.post(
            f"{site.url}/o/authorize/",
            data={**asked, **fields, "allow": "Authorize"},
            headers={"Referer": address, "Origin": site.url},
        )
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_buying(site: Site, event: Any, ben: User, tmp_path: Path, language: str) -> None:
    process = run(site, tmp_path, "buying", language, FOYER_TOKEN=token_of(ben))

    left, paid, *states = output(process)

    assert "20" in left
    assert paid == "succeeded"
    assert [state.rpartition(" ")[2].strip() for state in states] == ["valid"] * (1 if language == "bash" else 2)
    assert ben.orders.get().state == "paid"


@pytest.mark.parametrize("language", LANGUAGES)
def test_conventions(site: Site, event: Any, tmp_path: Path, language: str) -> None:
    lines = output(run(site, tmp_path, "conventions", language))

    assert lines == ["invalid-input", "/price_min", "Tidewater Tour", "Harbour Days", "304"]


@pytest.mark.skipif("/tickets/refund" not in description()["paths"], reason="refunds are not part of this site")
@pytest.mark.parametrize("language", LANGUAGES)
def test_refunds(site: Site, event: Any, ben: User, tmp_path: Path, language: str) -> None:
    output(run(site, tmp_path, "buying", "python", FOYER_TOKEN=token_of(ben)))
    one, other = (str(ticket.pk) for ticket in ben.orders.get().tickets.all())

    process = run(
        site, tmp_path, "refunds", language, FOYER_TOKEN=token_of(ben), FOYER_TICKET=one, FOYER_OTHER_TICKET=other
    )

    assert output(process) == ["2750", "canceled"]


@pytest.mark.skipif(
    "/vendors/{vendor_id}/sales" not in description()["paths"], reason="sales are not part of this site"
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_sales(site: Site, event: Any, ada: User, ben: User, tmp_path: Path, language: str) -> None:
    output(run(site, tmp_path, "buying", "python", FOYER_TOKEN=token_of(ben)))
    vendor = str(ada.vendor_membership.vendor.pk)

    lines = output(run(site, tmp_path, "sales", language, FOYER_TOKEN=token_of(ada), FOYER_VENDOR=vendor))

    assert (lines[0], len(lines) > 2) == ("2", True)


def test_every_guide_with_snippets_has_them_in_each_language_and_is_run() -> None:
    assert set(WITH_SNIPPETS) == {"getting-started", "signing-in", "buying", "refunds", "sales", "conventions"}
    assert [
        (guide, language) for guide in WITH_SNIPPETS for language in LANGUAGES if not script_of(guide, language)
    ] == []
    assert {path.stem for path in (FOLDER / "guides").iterdir()} == set(GUIDES)


# ---- the typed client

GENERATOR = """
post_hooks: []
content_type_overrides:
  application/pdf: application/octet-stream
  image/svg+xml: application/octet-stream
  text/calendar: text/plain
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the package foyer_client, generated from the description."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "generator.yaml").write_text(GENERATOR)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    options = {"--path": CURRENT, "--output-path": folder / "foyer_client", "--config": folder / "generator.yaml"}
    given = [str(part) for option in options.items() for part in option]
    done = subprocess.run([*command, *given], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture
def partner(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(generated))
    yield importlib.import_module("tests.journeys.partner")
    for name in [name for name in sys.modules if name.partition(".")[0] == "foyer_client" or name.endswith(".partner")]:
        del sys.modules[name]


def test_a_typed_client_browses_books_and_pays(site: Site, event: Any, ben: User, partner: Any) -> None:
    with partner.Partner(site.url, token_of(ben)) as as_ben:
        found = as_ben.find("tidewater")
        booking = as_ben.book(found, 2)
        paid = as_ben.pay(booking, "pm_card_visa")
        order = as_ben.order(booking.order.code)
        ticket, pdf = as_ben.ticket(paid.tickets[0])
        refused = as_ben.book(found, 19)

    assert (found.title, found.price_from.amount) == ("Tidewater Tour", 2750)
    assert (booking.order.state, booking.order.total.amount) == ("pending", 5500)
    assert (paid.state, order.state) == ("succeeded", "paid")
    assert (ticket.state, pdf[:5]) == ("valid", b"%PDF-")
    assert (type(refused).__name__, refused.code, refused.status) == ("Problem", "limit-per-order", 409)


def test_the_types_of_the_client_fit_the_partners_program(generated: Path) -> None:
    program = str(ROOT / "tests/journeys/partner.py")
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--follow-imports=silent", program]
    environment = {**os.environ, "MYPYPATH": str(generated)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment, cwd=generated)
    assert done.returncode == 0, done.stdout
