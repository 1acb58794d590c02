"""Fixtures of the whole suite. The environment was set before, by ``tests/infra/plugin.py``.

Modules that need Django's app registry are imported inside the fixtures: it is not there yet when this file is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache

from tests.infra.browser import chromium, find_chromium
from tests.infra.environment import named, numbered, postgres_server, redis_server

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser, BrowserContext, Page

    from portal.accounts.models import User
    from tests.infra.site import Site
    from venues.models import Vendor


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: a copy of the prepared database, restored after transactional tests."""
    from django.test import TransactionTestCase

    from tests.infra import database

    TransactionTestCase._fixture_teardown = lambda case: database.restore()  # type: ignore[method-assign]
    with django_db_blocker.unblock():
        database.create()
    yield
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    from portal.api import throttling, usage

    usage.PAUSE = 1e6  # no thread writes beside a test: tests say when
    yield
    cache.clear()
    throttling._local._window = -1  # and nobody has called yet this minute
    usage._notes.take()


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons = {}
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        reasons["postgres"] = "runs on PostgreSQL: FOYER_TEST_ON=postgres"
    if not find_chromium():
        reasons["browser"] = "no Chromium here (apt-get install chromium, or CHROMIUM=/path)"
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        for marker, reason in reasons.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


# ---- servers


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty, migrated PostgreSQL database that no other test process uses."""
    import psycopg

    with postgres_server() as (server, template):
        name = f"foyer_extra_{os.getpid()}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            yield named(server, name)
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of an empty Redis database: the run's own, or of a server started for it."""
    if os.environ.get("REDIS_URL"):
        yield os.environ["REDIS_URL"]
        return
    with redis_server() as server:
        yield numbered(server, 1)


# One module's alone: its outbox and task worker would take what the tests of others leave for their own.
@pytest.fixture(scope="module")
def _site_processes(django_db_setup: None) -> Iterator[Site]:
    from tests.infra.database import Sharing
    from tests.infra.site import running_site

    Sharing.on = True
    with running_site() as site:
        yield site
    Sharing.on = False


@pytest.fixture
def site(transactional_db: None, _site_processes: Site) -> Site:
    """The whole site in its own processes, on this test's database: factories and queries work beside it."""
    _site_processes.forget_mails()
    return _site_processes


# ---- the browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A fresh browser session at the running site, on a desktop screen."""
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab. Its test fails when a script of the page fails."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


# ---- people


@pytest.fixture
def ada(db: None) -> User:
    """A vendor."""
    from tests import people

    return people.ada()


@pytest.fixture
def ada_vendor(ada: User) -> Vendor:
    return ada.vendor_membership.vendor


@pytest.fixture
def ben(db: None) -> User:
    """A buyer."""
    from tests import people

    return people.ben()


@pytest.fixture
def cleo(db: None) -> User:
    """The stranger: another vendor, who must see and change nothing of Ada's or Ben's."""
    from tests import people

    return people.cleo()


@pytest.fixture
def cleo_vendor(cleo: User) -> Vendor:
    return cleo.vendor_membership.vendor


@pytest.fixture
def sam(db: None) -> User:
    """Staff."""
    from tests import people

    return people.sam()


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """``browser_of(ada)`` is a test client that Ada is signed in with."""
    from django.test import Client

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def api_of() -> Callable[..., Client]:
    """``api_of(ada)`` is a client with Ada's access token; ``api_of(ada, "events:write")`` has that scope alone."""
    from django.test import Client

    from portal.accounts.tokens import issue_tokens

    def with_token(user: User, scope: str = "") -> Client:
        token = issue_tokens(user, scope=scope).access_token
        return Client(headers={"Authorization": f"Bearer {token}"})

    return with_token
