"""Pages and stock: what editors do to pages never touches what was sold, and pages with sales stay."""

from __future__ import annotations

import pytest
from django.db.models import ProtectedError
from django.urls import reverse

from marketplace.models import EventTerms, Order, Quota, TicketType
from marketplace.services.cart import open_cart
from marketplace.services.inventory import change_terms, change_ticket_type
from tests.factories import make_event, make_order, make_ticket_type, pay
from tests.marketplace.stock.figures import broken
from tests.marketplace.stock.test_checkout import refused
from venues.models import EventPage, VendorPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(ada_vendor):
    kind = make_ticket_type(make_event(ada_vendor, title="Cello Night"), price=2500, capacity=50)
    pay(make_order(kind, quantity=2))
    make_order(kind)
    return kind


def stock() -> list[tuple]:
    return [
        *Quota.objects.order_by("pk").values_list("event", "capacity", "held", "sold"),
        *TicketType.objects.order_by("pk").values_list("event", "name", "price"),
        *EventTerms.objects.order_by("pk").values_list("event", "max_per_order"),
    ]


# ---- revisions, copies, aliases


def test_an_old_revision_brings_no_old_stock_back(kind):
    page = EventPage.objects.get(pk=kind.event_id)
    old = page.get_latest_revision()
    change_ticket_type(kind, price=9900)
    make_order(kind)
    before = stock()
    old.publish()
    page.refresh_from_db()
    page.title = "Cello Night, again"
    page.save_revision().publish()
    assert (stock(), broken()) == (before, [])


def test_a_copy_sells_nothing(kind, ada, browser_of):
    page, before = EventPage.objects.get(pk=kind.event_id), stock()
    copy = page.copy(update_attrs={"title": "Copy", "slug": "copy"})
    assert stock() == before
    assert (copy.terms if hasattr(copy, "terms") else None, copy.ticket_types.count()) == (None, 0)
    refused("not-on-sale", open_cart, copy, items={kind.pk: 1})


def test_an_alias_sells_nothing(kind):
    page, before = EventPage.objects.get(pk=kind.event_id), stock()
    alias = page.create_alias(update_slug="alias")
    assert stock() == before
    refused("not-on-sale", open_cart, alias, items={kind.pk: 1})


def test_unpublishing_stops_the_sale_and_keeps_the_rest(kind):
    before = stock()
    EventPage.objects.get(pk=kind.event_id).unpublish()
    assert stock() == before
    refused("not-on-sale", make_order, kind)


# ---- deleting


def delete_url(page) -> str:
    return reverse("wagtailadmin_pages:delete", args=[page.pk])


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("ancestor", [False, True])
def test_a_page_with_sales_is_not_deleted(kind, sam, browser_of, method, ancestor):
    page = VendorPage.objects.get() if ancestor else EventPage.objects.get(pk=kind.event_id)
    response = getattr(browser_of(sam), method)(delete_url(page), follow=True)
    assert response.status_code == 200
    why = (
        "A vendor&#x27;s page can&#x27;t"
        if ancestor
        else "This can&#x27;t be deleted: tickets of Cello Night were ordered"
    )
    assert why in response.content.decode()
    assert EventPage.objects.filter(pk=kind.event_id).exists()
    assert Order.objects.count() == 2


def test_nor_in_bulk(kind, sam, browser_of):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    response = browser_of(sam).post(f"{url}?id={kind.event_id}", follow=True)
    assert response.status_code == 200
    assert "tickets of Cello Night were ordered" in response.content.decode()
    assert EventPage.objects.filter(pk=kind.event_id).exists()


def test_nor_by_the_vendor_itself(kind, ada, browser_of):
    response = browser_of(ada).post(delete_url(kind.event), follow=True)
    assert response.status_code == 200
    assert EventPage.objects.filter(pk=kind.event_id).exists()


def test_nor_by_the_orm(kind):
    with pytest.raises(ProtectedError):
        EventPage.objects.get(pk=kind.event_id).delete()
    assert EventPage.objects.filter(pk=kind.event_id).exists()


def test_a_page_that_sold_nothing_goes_with_its_ticket_types(ada, ada_vendor, browser_of):
    kind = make_ticket_type(make_event(ada_vendor))
    open_cart(kind.event, items={kind.pk: 1})
    response = browser_of(ada).post(delete_url(kind.event), follow=True)
    assert response.status_code == 200
    assert not EventPage.objects.filter(pk=kind.event_id).exists()
    assert stock() == []


def test_pages_that_sold_nothing_go_in_bulk(sam, ada_vendor, browser_of):
    kind = make_ticket_type(make_event(ada_vendor))
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
    back = reverse("wagtailadmin_explore", args=[ada_vendor.page.pk])
    response = browser_of(sam).post(f"{url}?id={kind.event_id}&next={back}", follow=True)
    assert response.status_code == 200
    assert not EventPage.objects.filter(pk=kind.event_id).exists()


def test_copying_in_the_admin_says_that_the_copy_sells_nothing(kind, sam, browser_of):
    page = EventPage.objects.get(pk=kind.event_id)
    body = {"new_title": "Copy", "new_slug": "copy", "new_parent_page": page.get_parent().pk, "publish_copies": ""}
    response = browser_of(sam).post(reverse("wagtailadmin_pages:copy", args=[page.pk]), body, follow=True)
    assert "The copy sells nothing yet" in response.content.decode()
    assert EventTerms.objects.count() == 1


# ---- the editor's panel


def test_the_editor_shows_what_is_sold_and_links_to_it(kind, ada, browser_of):
    response = browser_of(ada).get(reverse("wagtailadmin_pages:edit", args=[kind.event_id]))
    assert response.status_code == 200
    text = response.content.decode()
    assert reverse("market_event", args=[kind.event_id]) in text
    assert kind.name in text


def test_a_new_page_has_a_panel_without_figures(ada, ada_vendor, browser_of):
    url = reverse("wagtailadmin_pages:add", args=["venues", "eventpage", ada_vendor.page.pk])
    response = browser_of(ada).get(url)
    assert "Save the page first" in response.content.decode()


def test_a_limit_never_comes_back_with_a_revision(kind):
    change_terms(kind.event, max_per_order=3)
    EventPage.objects.get(pk=kind.event_id).get_latest_revision().publish()
    assert EventTerms.objects.get().max_per_order == 3
