"""The other vendor in the admin: Cleo opens every address there is with Ada's ids, and learns nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from wagtail.models import Page, ReferenceIndex

from tests.factories import make_document, make_event
from venues.fence_rules import OPEN, RULES
from venues.services.events import publish_event

NOT_CALLED = {"wagtailadmin_logout", "wagtailadmin_error_test"}


def admin_routes() -> Iterator[tuple[str, list[str]]]:
    """Names and parameters of all routes below /admin/."""
    (admin,) = [
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == "admin/"
    ]
    yield from _walk(admin.url_patterns, "")


def _walk(patterns: Any, namespace: str) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _walk(
                pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", list(pattern.pattern.regex.groupindex)


def values_for(name: str, parameter: str, adas: Any) -> list[Any]:
    """What Cleo tries for a parameter: Ada's ids, and words where the route wants a word."""
    words = {
        "content_type_app_name": ["venues"],
        "content_type_model_name": ["eventpage"],
        "app_label": ["wagtailcore"],
        "app_name": ["venues"],
        "model_name": ["page"],
        "action": ["delete", "move"],
        "action_name": ["approve"],
        "filter_spec": ["original"],
        "uidb64": ["MQ"],
        "token": ["x"],
        "provider": ["cash"],
    }
    if parameter in words:
        return words[parameter]
    if "image" in name:
        return [adas.image.pk]
    if "docs" in name or "document" in name:
        return [adas.document.pk]
    if parameter.startswith("revision"):
        return [adas.draft.latest_revision_id]
    if parameter in {"destination_id"}:
        return [adas.draft.get_parent().pk]
    return [adas.draft.pk]


def addresses(adas: Any) -> Iterator[tuple[str, str]]:
    for name, parameters in admin_routes():
        options = [values_for(name, parameter, adas) for parameter in parameters]
        for chosen in itertools.product(*options):
            try:
                yield name, reverse(name, kwargs=dict(zip(parameters, chosen, strict=True)))
            except NoReverseMatch:
                continue
    for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document")):
        yield "wagtail_bulk_action", f"/admin/bulk/{app}/{model}/delete/"


def queries(adas: Any) -> list[str]:
    page, image, document = adas.draft.pk, adas.image.pk, adas.document.pk
    parent = adas.draft.get_parent().pk
    return [
        "?q=SECRET&page_type=wagtailcore.Page&can_choose_root=1",
        f"?id={page}&id={image}&id={document}",
        f"?id=all&childOf={parent}",
        f"?child_of={parent}",
        f"?page_type=venues.EventPage&multiple=1&id={page}",
    ]


SECRETS = (b"SECRET event", b"SECRET venue", b"SECRET artist", b"SECRET picture", b"SECRET document", b"SECRET-")


def findings(address: str, response: Any) -> list[str]:
    """What is wrong with an answer to Cleo."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    wrong = [f"{word.decode()} in {address}" for word in SECRETS if word in body]
    return [*wrong, f"{response.status_code} {address}"] if response.status_code >= 500 else wrong


@pytest.mark.timeout(300)
def test_nothing_of_another_vendors_can_be_read(adas: Any, cleos: Any, cleo: Any, browser_of: Any) -> None:
    browser = browser_of(cleo)
    browser.raise_request_exception = False
    wrong, refused, opened = [], 0, 0
    for name, address in addresses(adas):
        if name in NOT_CALLED:
            continue
        for query in ("", *queries(adas)):
            response = browser.get(address + query)
            wrong += findings(address + query, response)
            if response.status_code in {403, 404} and not query and name not in RULES:
                refused += 1  # by its name, whatever the query says
                break
            opened += 1
    assert wrong == []
    assert (refused > 100, opened > 300) == (True, True)


@pytest.mark.timeout(300)
def test_nothing_of_another_vendors_can_be_written(adas: Any, cleos: Any, cleo: Any, browser_of: Any) -> None:
    browser = browser_of(cleo)
    browser.raise_request_exception = False
    parent = adas.draft.get_parent().pk
    data = {"new_parent_page": parent, "parent_page": parent, "title": "Mine now", "id": adas.draft.pk}
    data["external-link-chooser-url"] = "https://example.org"  # Wagtail 8.0.1 fails without one
    before = state_of_pages()
    wrong = []
    for name, address in addresses(adas):
        if name not in NOT_CALLED:
            wrong += findings(address, browser.post(address, data))
    assert wrong == []
    assert state_of_pages() == before
    adas.image.refresh_from_db()
    adas.document.refresh_from_db()
    assert (adas.image.title, adas.document.title) == ("SECRET picture", "SECRET document")


def state_of_pages() -> list[Any]:
    return list(Page.objects.order_by("pk").values_list("pk", "title", "live", "path", "latest_revision_id"))


def test_the_same_crawl_as_ada_does_find_her_things(adas: Any, ada: Any, browser_of: Any) -> None:
    """The control: the words that must not leak are there for whom they belong to."""
    browser = browser_of(ada)
    words = {b"SECRET event", b"SECRET picture", b"SECRET document"}
    found = set()
    for name, address in addresses(adas):
        if name in {"wagtailadmin_explore", "wagtailadmin_pages:edit", "wagtailimages:index", "wagtaildocs:index"}:
            body = browser.get(address).content
            found |= {word for word in words if word in body}
    assert found == words


def test_every_allowed_route_exists() -> None:
    names = {name for name, _parameters in admin_routes()} | {"wagtailadmin_login", "wagtailadmin_logout"}
    assert set(OPEN) | set(RULES) <= names


@pytest.mark.parametrize(
    "name",
    [
        "wagtailadmin_reports:site_history",
        "wagtailadmin_reports:page_types_usage",
        "wagtailusers_users:index",
        "wagtailsites:index",
        "wagtailadmin_collections:index",
        "wagtailadmin_tag_autocomplete",
        "wagtailadmin_api:images:listing",
        "wagtailadmin_api:documents:listing",
    ],
)
def test_staffs_parts_are_refused(name: str, cleo: Any, browser_of: Any) -> None:
    assert browser_of(cleo).get(reverse(name)).status_code == 403


def test_a_vendor_works_with_its_own(cleos: Any, cleo: Any, browser_of: Any) -> None:
    browser = browser_of(cleo)
    for name, pk in (
        ("wagtailadmin_pages:edit", cleos.draft.pk),
        ("wagtailadmin_pages:history", cleos.event.pk),
        ("wagtailadmin_pages:delete", cleos.draft.pk),
        ("wagtailadmin_pages:copy", cleos.event.pk),
        ("wagtailadmin_explore", cleos.event.get_parent().pk),
        ("wagtailimages:edit", cleos.image.pk),
        ("wagtaildocs:edit", cleos.document.pk),
        ("wagtailimages_chooser:chosen", cleos.image.pk),
    ):
        assert browser.get(reverse(name, args=[pk])).status_code == 200, name


def test_staff_is_not_fenced(adas: Any, sam: Any, browser_of: Any) -> None:
    browser = browser_of(sam)
    assert browser.get(reverse("wagtailadmin_reports:site_history")).status_code == 200
    assert browser.get(reverse("wagtailadmin_pages:edit", args=[adas.draft.pk])).status_code == 200


def test_a_buyer_has_no_admin_at_all(ben: Any, browser_of: Any) -> None:
    assert browser_of(ben).get("/admin/").status_code in {302, 403}


def test_vendors_are_sent_to_the_sites_account_page(cleo: Any, browser_of: Any) -> None:
    assert browser_of(cleo).get("/admin/account/")["Location"] == "/account/"


def status(browser: Any, address: str) -> int:
    response = browser.get(address)
    for closer in response._resource_closers:  # response.close() would end the test's transaction
        closer()
    return response.status_code


def test_a_vendors_document_is_private_until_a_live_page_links_to_it(
    ada: Any, ada_vendor: Any, cleo: Any, client: Any, browser_of: Any
) -> None:
    document = make_document(ada_vendor)
    assert status(client, document.url) == 404
    assert status(browser_of(cleo), document.url) == 404
    assert status(browser_of(ada), document.url) == 200
    link = f'<p><a linktype="document" id="{document.pk}">Songs</a></p>'
    event = make_event(ada_vendor, policies=link, publish=False)
    assert status(client, document.url) == 404
    publish_event(event)
    ReferenceIndex.create_or_update_for_object(event)  # a task of Wagtail's, after the commit
    assert status(client, document.url) == 200
