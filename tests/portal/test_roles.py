"""Roles: a process serves the routes of its role, can still name all others, and names its queue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from portal import extensions
from portal.extensions import ApiRoute, UrlPatterns
from portal.routing import ElsewherePattern, ElsewhereResolver
from tests.factories import make_event, make_ticket_type
from tests.infra.prepared import ROOT
from tests.plugins import look_anew

pytestmark = pytest.mark.django_db
LANTERNS = {"lanterns"}  # the plugin's, which the fixture below gives to booking


@pytest.fixture
def routes_as_before() -> Iterator[None]:
    """Asked for first, it ends last: when the settings and the extension points are as they were."""
    yield
    look_anew()


@pytest.fixture
def in_role(routes_as_before, settings, contribute) -> Callable[[str], Client]:
    """``in_role("booking")`` is a client of a process of that role; lanterns are a booking process's."""
    contribute(extensions.urls, "lantern", UrlPatterns("tests.plugins.lantern.urls", "lantern/", role="booking"))
    contribute(
        extensions.api,
        "lantern",
        ApiRoute("lanterns", "tests.plugins.lantern.views.LanternsView", "lanterns", "booking"),
    )

    def start(role: str) -> Client:
        settings.ROLE = role
        settings.ROLES_SERVED = settings.ROLES if role == "all" else (role,)
        look_anew()
        return Client()

    return start


def statuses(client: Client) -> dict[str, int]:
    paths = ("/health/live", "/lantern/", "/api/v1/lanterns", "/account/login/", "/admin/")
    return {path: client.get(path).status_code for path in paths}


@pytest.mark.parametrize(
    ("role", "lantern", "account", "admin"),
    [("all", 200, 200, 302), ("web", 404, 200, 302), ("booking", 200, 404, 404), ("worker", 404, 404, 404)],
)
def test_a_process_serves_what_is_of_its_role(in_role, role, lantern, account, admin) -> None:
    assert statuses(in_role(role)) == {
        "/health/live": 200,
        "/lantern/": lantern,
        "/api/v1/lanterns": lantern,
        "/account/login/": account,
        "/admin/": admin,
    }


@pytest.mark.parametrize("role", ["all", "web", "booking", "worker"])
def test_a_process_has_nothing_to_complain_of(in_role, role) -> None:
    in_role(role)
    call_command("check", fail_level="WARNING")


def test_every_process_can_name_the_others_pages(in_role) -> None:
    in_role("worker")
    assert reverse("lanterns") == "/lantern/"
    assert reverse("account_login") == "/account/login/"
    assert reverse("wagtailadmin_home") == "/admin/"


OTHERS = {
    "booking": {
        *("cart", "checkout", "more_time", "give_up", "order_more_time"),
        "book",
    },
    "payment": {"order_pay", "order_return", "webhook", "payment", "order_refund", "ticket_refund", "refund"},
    "analytics": {"vendor-sales"},
    "worker": set(),
}
EVERYBODYS = {"health_live", "health_ready", "openapi", "problem", ""}


def served(routes: Any) -> set[str]:
    """The names of the routes that this process answers; "" for those without one."""
    found = set()
    for route in routes:
        if isinstance(route, URLResolver):
            found |= set() if isinstance(route, ElsewhereResolver) else served(route.url_patterns)
        elif not isinstance(route, ElsewherePattern):
            found.add(route.name or "")
    return found


@pytest.mark.parametrize("role", OTHERS)
def test_booking_payment_and_reports_have_processes_of_their_own(in_role, role) -> None:
    in_role(role)
    assert served(get_resolver().url_patterns) - EVERYBODYS - LANTERNS == OTHERS[role]


def test_a_web_process_serves_all_the_rest(in_role) -> None:
    in_role("all")
    everything = served(get_resolver().url_patterns)
    in_role("web")
    assert everything - served(get_resolver().url_patterns) - LANTERNS == set().union(*OTHERS.values())


def test_a_purchase_goes_from_process_to_process(in_role, ada_vendor) -> None:
    kind = make_ticket_type(make_event(ada_vendor), capacity=5)
    chosen = {f"type-{kind.pk}": "2"}
    assert in_role("web").post(f"/events/{kind.event_id}/cart/", chosen).status_code == 404
    answer = in_role("booking").post(f"/events/{kind.event_id}/cart/", chosen)
    assert answer["Location"].startswith("/checkout/")
    assert in_role("web").post("/webhooks/stripe/").status_code == 404
    assert in_role("payment").post("/webhooks/stripe/").status_code == 400


def settings_of(names: str = "ROLE ROLES_SERVED TASK_QUEUES Q_CLUSTER", **environment: str) -> dict[str, Any]:
    """Some settings, by name, as a process with this environment has them."""
    code = f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in {names.split()}]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return dict(zip(names.split(), json.loads(done.stdout), strict=True))


def cluster(**environment: str) -> str:
    return settings_of(TASK_QUEUES="payment analytics", **environment)["Q_CLUSTER"]["cluster_name"]


def test_a_worker_works_on_the_queue_of_its_role_where_that_has_one() -> None:
    assert cluster(PORTAL_ROLE="payment") == "payment"
    assert cluster(PORTAL_ROLE="worker") == "foyer"
    assert cluster(PORTAL_ROLE="booking") == "foyer"
    assert settings_of(PORTAL_ROLE="payment")["Q_CLUSTER"]["cluster_name"] == "foyer"


SECRETS = "SECRET_KEY STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRETS EMAIL_HOST_PASSWORD"
SERVERS = {"DATABASE_URL": "postgres://nowhere/foyer", "REDIS_URL": "", "SECRET_KEY": "s" * 50}
LIVE = {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRET": "whsec_x,whsec_y", "EMAIL_HOST_PASSWORD": "mail"}


@pytest.mark.parametrize(
    ("role", "key", "signing", "mail"),
    [
        ("all", "sk_live_x", ["whsec_x", "whsec_y"], "mail"),
        ("web", "", [], "mail"),
        ("booking", "sk_live_x", [], ""),
        ("payment", "sk_live_x", ["whsec_x", "whsec_y"], ""),
        ("analytics", "", [], ""),
        ("worker", "sk_live_x", [], "mail"),
    ],
)
def test_a_process_reads_the_secrets_that_its_role_needs(role, key, signing, mail) -> None:
    found = settings_of(SECRETS, PORTAL_ROLE=role, **SERVERS, **LIVE)
    assert found == dict(zip(SECRETS.split(), ("s" * 50, key, signing, mail), strict=True))


def test_a_secret_that_the_role_needs_has_to_be_given() -> None:
    without = {**SERVERS, "STRIPE_WEBHOOK_SECRET": ""}
    assert settings_of(SECRETS, PORTAL_ROLE="web", **without)["STRIPE_WEBHOOK_SECRETS"] == []
    assert settings_of(SECRETS, PORTAL_ROLE="payment", **without)["error"] == (
        "django.core.exceptions.ImproperlyConfigured: Set STRIPE_WEBHOOK_SECRET in the environment (see .env.example)."
    )


def test_the_sandbox_stands_in_for_a_key_and_not_for_a_secret_of_others() -> None:
    where = "STRIPE_API_BASE STRIPE_SECRET_KEY"
    assert settings_of(where, PORTAL_ROLE="web", **SERVERS) == {"STRIPE_API_BASE": "", "STRIPE_SECRET_KEY": ""}
    assert settings_of(where, PORTAL_ROLE="booking", PORT="8000", **SERVERS) == {
        "STRIPE_API_BASE": "http://127.0.0.1:8001",
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
    }


def test_an_unknown_role_stops_the_start() -> None:
    assert settings_of(PORTAL_ROLE="boss")["error"] == (
        "django.core.exceptions.ImproperlyConfigured: "
        "PORTAL_ROLE is 'boss'; it can be all, web, booking, payment, analytics, worker."
    )
