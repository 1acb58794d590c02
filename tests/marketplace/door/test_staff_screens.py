"""Marketplace's records for staff: to read, search, filter and export; to nobody else, and never to change."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import NoReverseMatch, reverse

from marketplace.codes import code_of
from marketplace.models import CheckIn, CheckInAttempt, LedgerEntry, Order, Payment, Refund, Ticket
from marketplace.services.admit import check_in
from marketplace.spreadsheet import harmless
from tests import factories

MODELS = ["order", "payment", "refund", "ticket", "checkin", "checkinattempt", "ledgerentry"]
EVIL = '=HYPERLINK("http://evil.example","x")'


def url(model: str, action: str = "index", *args: Any) -> str:
    return reverse(f"marketplace_{model}_modeladmin_{action}", args=args)


@pytest.fixture
def records(order: Any, concert: Any, ada: Any) -> dict[str, Any]:
    """One row at least of everything; the buyer's name is a formula."""
    Order.objects.filter(pk=order.pk).update(name=EVIL)
    check_in(concert, code=code_of(order.tickets.first()), user=ada, gate="North")
    Refund.objects.create(payment=order.payments.get(), amount=100, reason="goodwill")
    return {
        "order": order,
        "payment": Payment.objects.get(),
        "refund": Refund.objects.get(),
        "ticket": order.tickets.first(),
        "checkin": CheckIn.objects.get(),
        "checkinattempt": CheckInAttempt.objects.get(),
        "ledgerentry": LedgerEntry.objects.first(),
    }


@pytest.fixture
def staff(browser_of: Any, sam: Any) -> Client:
    return browser_of(sam)


@pytest.mark.parametrize("model", MODELS)
def test_staff_list_search_filter_and_inspect_every_record(records: dict[str, Any], staff: Client, model: str) -> None:
    listed = staff.get(url(model))
    assert listed.status_code == 200
    assert records["order"].code in listed.text or model in ("checkin", "payment")
    assert staff.get(url(model), {"q": "nothing is called this"}).status_code == 200
    inspected = staff.get(url(model, "inspect", records[model].pk))
    assert inspected.status_code == 200
    assert records["order"].token_hash == "" or records["order"].token_hash not in inspected.text


@pytest.mark.parametrize("model", ["order", "ticket"])
def test_a_refund_policy_is_told_in_words(records: dict[str, Any], staff: Client, model: str) -> None:
    policy = [{"hours_before": 48, "percent_bps": 5000}]
    type(records[model]).objects.filter(pk=records[model].pk).update(refund_policy=policy)
    inspected = staff.get(url(model, "inspect", records[model].pk)).text
    assert "50 % back until" in inspected
    assert "percent_bps" not in inspected


def test_scans_of_what_is_no_ticket_are_listed_too(
    records: dict[str, Any], concert: Any, ada: Any, staff: Client
) -> None:
    check_in(concert, code="no ticket at all", user=ada, gate="South")
    listed = staff.get(url("checkinattempt"), {"result__exact": "unknown"}).text
    assert ("South" in listed, "North" in listed) == (True, False)
    assert staff.get(url("checkinattempt", "inspect", CheckInAttempt.objects.latest("pk").pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted(records: dict[str, Any], staff: Client, model: str) -> None:
    for action in ("create", "edit", "delete", "history"):
        with pytest.raises(NoReverseMatch):
            url(model, action)
    page = staff.get(url(model)).text
    assert "/edit/" not in page.split("<main", 1)[-1]
    for action in ("create/", f"edit/{records[model].pk}/", f"delete/{records[model].pk}/"):
        assert staff.post(url(model) + action, {}).status_code in (404, 405)
    assert staff.post(url(model), {}).status_code == 405


def test_search_finds_by_code_mail_and_event(records: dict[str, Any], staff: Client, kind: Any) -> None:
    other = factories.make_order(kind, email="someone@example.net")
    found = staff.get(url("order"), {"q": records["order"].code.lower()}).text
    assert records["order"].code in found
    assert other.code not in found
    assert other.code in staff.get(url("order"), {"q": "someone@"}).text


def test_filters_narrow_and_nonsense_filters_do_no_harm(records: dict[str, Any], staff: Client) -> None:
    code = records["order"].code
    assert code in staff.get(url("order"), {"state__exact": "paid"}).text
    assert code not in staff.get(url("order"), {"state__exact": "expired"}).text
    hostile = (
        "state__nonsense=1",
        "created_at__gte=x",
        "p=x",
        "p=99999",
        "o=9.x.-1",
        "q=%00",
        "id=x",
        "e=1",
        "state__exact=%00",
    )
    for query in hostile:
        assert staff.get(f"{url('order')}?{query}").status_code in (200, 302)


def test_addresses_can_not_look_up_through_other_models(records: dict[str, Any], staff: Client) -> None:
    """Else the answer, empty or not, would tell a password's hash letter by letter."""
    page = staff.get(url("order"), {"user__password__startswith": "not-this"})
    assert page.status_code == 200
    assert records["order"].code in page.text


@pytest.mark.parametrize("key", ["x", "0", "-1", "9" * 40, "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("model", MODELS)
def test_a_record_that_is_not_there_is_404(db: None, staff: Client, model: str, key: str) -> None:
    assert staff.get(url(model, "inspect", key)).status_code == 404


@pytest.mark.parametrize("model", MODELS)
def test_exports_hold_every_row(records: dict[str, Any], staff: Client, model: str) -> None:
    for kind in ("csv", "xlsx"):
        answer = staff.get(url(model), {"export": kind})
        assert answer.status_code == 200
        body = b"".join(answer.streaming_content)
        if kind == "csv":
            rows = list(csv.reader(io.StringIO(body.decode())))
        else:
            rows = list(openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True))
        count = type(records[model]).objects.count()
        assert len(rows) == count + 1


def test_a_csv_holds_no_formula(records: dict[str, Any], staff: Client) -> None:
    body = b"".join(staff.get(url("order"), {"export": "csv"}).streaming_content).decode()
    row = next(iter(csv.DictReader(io.StringIO(body))))
    assert row["Name"] == f"'{EVIL}"
    assert row["Amount"] == "55.00"
    assert not any(cell.startswith(("=", "+", "@")) for cell in row.values())


def test_an_xlsx_holds_no_formula(records: dict[str, Any], staff: Client) -> None:
    body = b"".join(staff.get(url("order"), {"export": "xlsx"}).streaming_content)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_negative_amounts_stay_numbers_in_exports(records: dict[str, Any], staff: Client) -> None:
    body = b"".join(staff.get(url("ledgerentry"), {"export": "csv"}).streaming_content).decode()
    amounts = [row["Amount"] for row in csv.DictReader(io.StringIO(body))]
    assert sorted(amounts) == ["-5.00", "-50.00", "55.00"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "  =1", "\uff1d1"])
def test_text_that_would_be_a_formula_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Ben", "a=b", "", -5, None])
def test_everything_else_stays_as_it_is(value: Any) -> None:
    assert harmless(value) == value


@pytest.mark.parametrize("model", MODELS)
def test_vendors_buyers_and_strangers_see_nothing(
    records: dict[str, Any], browser_of: Any, ada: Any, ben: Any, cleo: Any, model: str
) -> None:
    for person in (ada, ben, cleo):
        for address in (url(model), f"{url(model)}?export=csv", url(model, "inspect", records[model].pk)):
            answer = browser_of(person).get(address)
            assert answer.status_code in (302, 403, 404)
            assert records["order"].code not in getattr(answer, "text", "")
    assert Client().get(url(model)).status_code == 302


def test_a_vendors_group_can_be_given_no_more_than_its_own_screens(
    records: dict[str, Any], browser_of: Any, ada: Any
) -> None:
    """Not even a permission that somebody grants by mistake opens everybody's orders to a vendor."""
    ada.user_permissions.add(Permission.objects.get(codename="view_order"))
    assert browser_of(ada).get(url("order")).status_code in (302, 403, 404)


def test_staff_who_are_no_superusers_need_the_permission_to_view(records: dict[str, Any], browser_of: Any) -> None:
    clerk = factories.make_user(name="Clerk")
    clerk.groups.add(Group.objects.create(name="Clerks"))
    group = clerk.groups.get()
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    assert browser_of(clerk).get(url("order")).status_code in (302, 403)
    group.permissions.add(Permission.objects.get(codename="view_order"))
    assert browser_of(clerk).get(url("order")).status_code == 200
    assert browser_of(clerk).get(url("payment")).status_code in (302, 403)


def test_the_menu_leads_staff_there_and_nobody_else(
    records: dict[str, Any], staff: Client, browser_of: Any, ada: Any
) -> None:
    assert url("order") in staff.get(reverse("wagtailadmin_home")).text
    assert url("order") not in browser_of(ada).get(reverse("wagtailadmin_home")).text


def test_a_tickets_record_shows_no_code(records: dict[str, Any], staff: Client) -> None:
    ticket: Ticket = records["ticket"]
    assert code_of(ticket) not in staff.get(url("ticket", "inspect", ticket.pk)).text
