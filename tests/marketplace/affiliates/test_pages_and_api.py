"""What affiliates and vendors see on the site and through the API, and what others do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.models import Affiliate, AffiliatePayout, AffiliateProgramme, AffiliateRate, Conversion
from marketplace.services.affiliate import end, join, save_programme, set_rate
from tests.factories import make_event, make_order, make_ticket_type, pay
from tests.marketplace.affiliates.test_commission import over, sold

pytestmark = pytest.mark.django_db
ApiOf = Callable[..., Client]
BrowserOf = Callable[[Any], Client]
EUR = "EUR"


def euros(**amounts: int) -> dict[str, Any]:
    return {name: {"amount": amount, "currency": EUR} for name, amount in amounts.items()}


# ---- the API


def test_what_one_earns(kind: Any, dora: Any, api_of: ApiOf, settings: Any) -> None:
    sold(kind, dora, quantity=2)
    answer = api_of(dora.user, "affiliate").get("/api/v1/affiliate")
    link = f"{settings.BASE_URL}/via/{dora.code}/"
    assert answer.json() == {
        "results": [
            {
                "id": str(dora.pk),
                "vendor": {"id": str(dora.vendor_id), "name": "Ada's Hall"},
                "state": "active",
                "code": dora.code,
                "link": link,
                "event_link": link + "{event}/",
                "terms": {"commission_bps": 1000, "cookie_days": 30, "admission": "open"},
                "balances": [euros(pending=500, due=0, paid=0)],
            }
        ]
    }


def test_a_conversion_tells_nothing_of_the_buyer(kind: Any, dora: Any, api_of: ApiOf) -> None:
    order = make_order(kind, affiliate=dora.code, email="gesa@example.org", name="Gesa Guest")
    pay(order)
    answer = api_of(dora.user).get("/api/v1/affiliate/conversions")
    (row,) = answer.json()["results"]
    assert datetime.fromisoformat(row.pop("created_at")) == Conversion.objects.get().created_at
    assert row == {
        "id": str(Conversion.objects.get().pk),
        "vendor": {"id": str(dora.vendor_id), "name": "Ada's Hall"},
        "event": {"id": str(kind.event_id), "title": "Night Orchard"},
        "code": dora.code,
        "source": "code",
        "state": "pending",
        "tickets": 1,
        "sales": {"amount": 2500, "currency": EUR},
        "commission_bps": 1000,
        "commission": {"amount": 250, "currency": EUR},
    }
    assert not [told for told in ("gesa", "Gesa", order.code) if told in answer.text]


def test_conversions_in_pages_and_narrowed(kind: Any, dora: Any, api_of: ApiOf) -> None:
    other = make_ticket_type(make_event(dora.vendor), price=900)
    for one in (kind, kind, other):
        sold(one, dora)
    make_order(kind, affiliate=dora.code)
    over(other.event)
    api = api_of(dora.user)

    def count(query: str) -> int:
        return len(api.get(f"/api/v1/affiliate/conversions?{query}").json()["results"])

    today = timezone.now().date()
    counted = {
        "": 4, f"event={kind.event_id}": 3, f"vendor={dora.vendor_id}": 4, "vendor=1234567": 0, "state=open": 1,
        "state=pending": 2, "state=earned": 1, "state=void": 0, f"date_from={today}&date_to={today}": 4,
        f"date_from={today + timedelta(days=1)}": 0, f"date_to={today - timedelta(days=1)}": 0,
    }  # fmt: skip
    assert {query: count(query) for query in counted} == counted
    first = api.get("/api/v1/affiliate/conversions?limit=3").json()
    second = api.get(first["next"]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert ids == [str(pk) for pk in Conversion.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)]
    assert api.get("/api/v1/affiliate/conversions?state=gone").status_code == 422


def test_a_page_of_conversions_takes_as_many_statements_as_one(
    kind: Any, dora: Any, api_of: ApiOf, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    api = api_of(dora.user)
    sold(kind, dora)
    api.get("/api/v1/affiliate/conversions")
    with CaptureQueriesContext(connection) as asked:
        api.get("/api/v1/affiliate/conversions")
    for _order in range(3):
        sold(kind, dora)
    with django_assert_num_queries(len(asked)):
        api.get("/api/v1/affiliate/conversions")


def test_cleo_sees_nothing(kind: Any, dora: Any, ada: Any, cleo: Any, api_of: ApiOf, browser_of: BrowserOf) -> None:
    sold(kind, dora)
    api, browser = api_of(cleo), browser_of(cleo)
    assert api.get("/api/v1/affiliate").json() == {"results": []}
    assert api.get("/api/v1/affiliate/conversions").json()["results"] == []
    assert api.get(f"/api/v1/affiliate/conversions?vendor={dora.vendor_id}").json()["results"] == []
    assert api.get("/api/v1/affiliate/partners").json()["results"] == []
    partner = f"/api/v1/affiliate/partners/{dora.pk}"
    assert api.get(partner).status_code == 404
    assert api.patch(partner, {"state": "ended"}, content_type="application/json").status_code == 404
    for page in (browser.get("/account/affiliate/"), browser.get("/admin/affiliates/")):
        assert [told for told in ("Dora", dora.code, "Night Orchard", "2.50") if told in page.text] == []
    for action in ("accept", "end", "paid"):
        assert browser.post(f"/admin/affiliates/{dora.pk}/{action}/").status_code == 404
    browser.post("/admin/affiliates/rate/", {"event": kind.event_id, "commission_bps": "99"})
    assert (AffiliateRate.objects.count(), Affiliate.objects.get().state) == (0, "active")


def test_joining_through_the_api(programme: Any, ben: Any, ada: Any, api_of: ApiOf) -> None:
    def apply(user: Any, vendor: Any) -> Any:
        return api_of(user).post("/api/v1/affiliate", {"vendor": vendor}, content_type="application/json")

    first, again = apply(ben, programme.vendor_id), apply(ben, programme.vendor_id)
    assert (first.status_code, first.json()["state"]) == (201, "active")
    assert again.json()["code"] == first.json()["code"]
    wrong = apply(ben, 987654321)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/vendor")
    save_programme(programme.vendor, commission_bps=1, cookie_days=1, admission="closed")
    assert [apply(user, programme.vendor_id).json()["code"] for user in (ada,)] == ["own-programme"]


def test_a_vendors_side_of_the_api(kind: Any, dora: Any, ada: Any, api_of: ApiOf) -> None:
    api = api_of(ada, "affiliate")
    terms = {"commission_bps": 1250, "cookie_days": 7, "admission": "approval"}
    answer = api.put("/api/v1/affiliate/programme", terms, content_type="application/json")
    assert (answer.status_code, answer.json(), api.get("/api/v1/affiliate/programme").json()) == (200, terms, terms)
    for name, value in (("commission_bps", 10_001), ("cookie_days", 0), ("admission", "some")):
        wrong = api.put("/api/v1/affiliate/programme", {**terms, name: value}, content_type="application/json")
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, f"/{name}")
    sold(kind, dora)
    shown = {
        "id": str(dora.pk), "name": "Dora Dale", "email": "dora@example.org", "state": "active", "code": dora.code,
        "balances": [euros(pending=313, due=0, paid=0)],
    }  # fmt: skip
    assert api.get("/api/v1/affiliate/partners").json()["results"] == [shown]
    path = f"/api/v1/affiliate/partners/{dora.pk}"
    ended = api.patch(path, {"state": "ended"}, content_type="application/json")
    assert (ended.status_code, ended.json()) == (200, {**shown, "state": "ended"})
    stale = api.patch(path, {"state": "active"}, content_type="application/json", headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    assert api.patch(path, {"state": "active"}, content_type="application/json").json() == shown
    assert api.patch(path, {"state": "applied"}, content_type="application/json").status_code == 422


# ---- the site


def test_becoming_one_on_the_site(programme: Any, ben: Any, browser_of: BrowserOf) -> None:
    address = f"/affiliates/{programme.vendor.slug}/"
    login = Client().get(address)
    assert (login.status_code, login["Location"]) == (302, f"/account/login/?next={address}")
    browser = browser_of(ben)
    page = browser.get(address)
    assert [
        text for text in ("10 % of what the tickets cost", "30 days", "Become an affiliate") if text not in page.text
    ] == []
    assert browser.get("/account/").text.count("/account/affiliate/") == 0
    assert browser.post(address)["Location"] == "/account/affiliate/"
    mine = Affiliate.objects.get(user=ben)
    page = browser.get("/account/affiliate/")
    assert f"/via/{mine.code}/" in page.text
    assert "You are an affiliate" in browser.get(address).text
    assert "/account/affiliate/" in browser.get("/account/").text


def test_a_closed_programme_and_ones_own(programme: Any, ada: Any, ben: Any, browser_of: BrowserOf) -> None:
    address = f"/affiliates/{programme.vendor.slug}/"
    own = browser_of(ada).post(address, follow=True)
    assert "Who works for an organiser can&#x27;t be its affiliate." in own.text
    save_programme(programme.vendor, commission_bps=1, cookie_days=1, admission="closed")
    assert "takes no new affiliates" in browser_of(ben).get(address).text
    assert "takes no new affiliates" in browser_of(ben).post(address, follow=True).text
    assert browser_of(ben).get("/affiliates/nobody/").status_code == 404
    assert not Affiliate.objects.exists()


def test_an_affiliates_page(kind: Any, dora: Any, ada: Any, browser_of: BrowserOf) -> None:
    left_out = make_event(dora.vendor, title="Quiet Reading")
    set_rate(left_out, commission_bps=0)
    set_rate(make_event(dora.vendor, title="Brass"), commission_bps=1250)
    sold(kind, dora, quantity=2)
    page = browser_of(dora.user).get("/account/affiliate/").text
    for text in ("Ada&#x27;s Hall", "€50.00", "€5.00", "pending", "(12.5 %)", f"/via/{dora.code}/{kind.event_id}/"):
        assert text in page
    assert "Quiet Reading" not in page
    over(kind.event)
    browser_of(ada).post(f"/admin/affiliates/{dora.pk}/paid/", {"currency": EUR, "amount": 500})
    end(dora)
    page = browser_of(dora.user).get("/account/affiliate/").text
    assert "Paid to you" in page
    assert f"/via/{dora.code}/" not in page


def test_a_vendor_sets_terms(ada: Any, ada_vendor: Any, browser_of: BrowserOf) -> None:
    browser = browser_of(ada)
    concert = make_event(ada_vendor, title="Night Orchard")
    assert "Save your terms to begin" in browser.get("/admin/affiliates/").text
    wrong = browser.post("/admin/affiliates/", {"commission_bps": "101", "cookie_days": "0", "admission": "some"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (
        422, ["admission", "commission_bps", "cookie_days"],
    )  # fmt: skip
    assert not AffiliateProgramme.objects.exists()
    browser.post("/admin/affiliates/", {"commission_bps": "12.5", "cookie_days": "14", "admission": "approval"})
    kept = AffiliateProgramme.objects.get()
    assert (kept.vendor, kept.commission_bps, kept.cookie_days, kept.admission) == (ada_vendor, 1250, 14, "approval")
    browser.post("/admin/affiliates/rate/", {"event": concert.pk, "commission_bps": "0"})
    page = browser.get("/admin/affiliates/").text
    assert f"/affiliates/{ada_vendor.slug}/" in page
    assert "Night Orchard: not in the programme" in " ".join(page.split())
    refused = browser.post("/admin/affiliates/rate/", {"event": concert.pk, "commission_bps": "-1"}, follow=True)
    assert "greater than or equal to 0" in refused.text
    browser.post("/admin/affiliates/rate/", {"event": concert.pk, "commission_bps": ""})
    assert not AffiliateRate.objects.exists()


def test_a_vendor_accepts_ends_and_pays(programme: Any, kind: Any, ada: Any, ben: Any, browser_of: BrowserOf) -> None:
    save_programme(programme.vendor, commission_bps=1000, cookie_days=30, admission="approval")
    applicant, browser = join(programme.vendor, user=ben), browser_of(ada)
    path = f"/admin/affiliates/{applicant.pk}"
    assert "Decline" in browser.get("/admin/affiliates/").text
    browser.post(f"{path}/accept/")
    order = sold(kind, applicant)
    over(kind.event)
    page = browser.get("/admin/affiliates/").text
    assert [text for text in ("Mark €2.50 as paid", "Ben Brook", "earned", "code typed") if text not in page] == []
    assert order.email not in page
    stale = browser.post(f"{path}/paid/", {"currency": EUR, "amount": 200}, follow=True)
    assert "€2.50 are due now" in stale.text
    for bad in ({}, {"currency": "euro", "amount": 250}, {"currency": EUR, "amount": "9" * 40}):
        assert "incomplete" in browser.post(f"{path}/paid/", bad, follow=True).text
    assert not AffiliatePayout.objects.exists()
    browser.post(f"{path}/paid/", {"currency": EUR, "amount": 250})
    browser.post(f"{path}/end/")
    payout = AffiliatePayout.objects.get()
    assert (payout.amount, payout.by, Affiliate.objects.get().state) == (250, ada, "ended")
    assert "Accept again" in browser.get("/admin/affiliates/").text


def test_staff_have_no_affiliates(programme: Any, sam: Any, browser_of: BrowserOf) -> None:
    assert browser_of(sam).get("/admin/affiliates/")["Location"] == "/admin/"
