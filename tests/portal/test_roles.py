"""Roles: a process serves the routes of its role, can still name all others, and names its queue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from portal import extensions
from portal.extensions import ApiRoute, UrlPatterns
from tests.infra.prepared import ROOT
from tests.plugins import look_anew

pytestmark = pytest.mark.django_db


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


def test_every_process_can_name_the_others_pages(in_role) -> None:
    in_role("worker")
    assert reverse("lanterns") == "/lantern/"
    assert reverse("account_login") == "/account/login/"
    assert reverse("wagtailadmin_home") == "/admin/"


def settings_of(**environment: str) -> dict[str, object]:
    """Some settings as a process with this environment has them."""
    code = (
        "import json; from django.conf import settings as s;"
        "print(json.dumps([s.ROLE, s.ROLES_SERVED, s.TASK_QUEUES, s.Q_CLUSTER['cluster_name']]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    return dict(zip(("role", "served", "queues", "cluster"), json.loads(done.stdout), strict=True))


def test_a_worker_works_on_the_queue_of_its_role_where_that_has_one() -> None:
    queues = {"TASK_QUEUES": "payment analytics"}
    assert settings_of(PORTAL_ROLE="payment", **queues)["cluster"] == "payment"
    assert settings_of(PORTAL_ROLE="worker", **queues)["cluster"] == "foyer"
    assert settings_of(PORTAL_ROLE="booking", **queues)["cluster"] == "foyer"
    assert settings_of(PORTAL_ROLE="payment")["cluster"] == "foyer"


def test_an_unknown_role_stops_the_start() -> None:
    assert settings_of(PORTAL_ROLE="boss")["error"] == (
        "django.core.exceptions.ImproperlyConfigured: "
        "PORTAL_ROLE is 'boss'; it can be all, web, booking, payment, analytics, worker."
    )
