"""Signing up as a vendor, and what a vendor has at once."""

from __future__ import annotations

from typing import Any

import pytest

from portal.errors import Rejected
from portal.extensions import account_kinds
from tests.factories import make_user
from venues.models import Vendor, VendorMember
from venues.queries import vendor_of, vendor_of_event
from venues.services.vendors import create_vendor


def test_a_vendor_can_edit_its_own_page_and_pictures_at_once(ada: Any, ada_vendor: Any, browser_of: Any) -> None:
    browser = browser_of(ada)
    assert browser.get("/admin/").status_code == 200
    assert browser.get(f"/admin/pages/add/venues/eventpage/{ada_vendor.page.pk}/").status_code == 200
    assert browser.get("/admin/images/add/").status_code == 200
    assert ada_vendor.page.live
    assert ada_vendor.page.get_url() == "/vendors/adas-hall/"


def test_the_permissions_end_at_the_vendors_own(ada: Any, ada_vendor: Any, cleo_vendor: Any) -> None:
    assert ada_vendor.page.permissions_for_user(ada).can_publish()
    assert not cleo_vendor.page.permissions_for_user(ada).can_edit()
    assert not ada_vendor.page.get_parent().permissions_for_user(ada).can_add_subpage()


def test_names_are_unique_whatever_their_case(ada_vendor: Any) -> None:
    before = Vendor.objects.count()
    with pytest.raises(Rejected) as refusal:
        create_vendor(make_user(), name="  ADA'S   hall ")
    assert (refusal.value.code, refusal.value.status, Vendor.objects.count()) == ("vendor-name-taken", 422, before)


def test_names_alike_get_addresses_of_their_own(ada_vendor: Any) -> None:
    other = create_vendor(make_user(), name="Adas Hall")
    assert other.page.get_url() == "/vendors/adas-hall-2/"


@pytest.mark.parametrize("name", ["", "   ", "!!!", "x" * 121])
def test_a_name_must_say_something(db: None, name: str) -> None:
    with pytest.raises(Rejected) as refusal:
        create_vendor(make_user(), name=name)
    assert (refusal.value.code, Vendor.objects.count()) == ("invalid-vendor", 0)


def test_names_in_any_script_are_names(db: None) -> None:
    assert create_vendor(make_user(), name="音楽堂").page.get_url().startswith("/vendors/")


@pytest.mark.parametrize("field", [{"currency": "euro"}, {"timezone": "Mars/Olympus"}])
def test_currency_and_zone_are_checked(db: None, field: dict[str, str]) -> None:
    with pytest.raises(Rejected) as refusal:
        create_vendor(make_user(), name="Somebody", **field)
    assert list(refusal.value.data["errors"]) == list(field)


def test_a_person_works_for_one_vendor(ada: Any, ada_vendor: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        create_vendor(ada, name="Another one")
    assert (refusal.value.code, VendorMember.objects.filter(user=ada).count()) == ("already-vendor", 1)


def test_whose_it_is(ada: Any, ada_vendor: Any, adas: Any, ben: Any, cleo_vendor: Any) -> None:
    assert (vendor_of(ada), vendor_of(ben)) == (ada_vendor, None)
    assert vendor_of_event(adas.draft) == ada_vendor != cleo_vendor


def test_the_account_kind_names_the_field_that_is_wrong(ada_vendor: Any) -> None:
    kind = account_kinds["vendor"]
    for data in (
        {},
        {"vendor_name": " "},
        {"vendor_name": 7},
        {"vendor_name": "x" * 200},
        {"vendor_name": "Ada's Hall"},
    ):
        assert list(kind.errors(data)) == ["vendor_name"]
    assert kind.errors({"vendor_name": "New Stage"}) == {}


def test_the_account_kind_makes_and_represents_the_vendor(db: None) -> None:
    user, kind = make_user(), account_kinds["vendor"]
    assert kind.represent(user) == {"vendor": None}
    kind.create(user, {"vendor_name": "New Stage"})
    vendor = Vendor.objects.get()
    assert kind.represent(user) == {"vendor": {"id": str(vendor.pk), "name": "New Stage"}}
