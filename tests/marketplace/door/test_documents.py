"""The e-ticket as PDF and as an entry for calendars."""

from __future__ import annotations

import io
import logging
from datetime import UTC, timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.core.files.storage import storages
from django.utils.timezone import now
from icalendar import Calendar

from marketplace import documents
from marketplace.codes import code_of
from marketplace.documents import discard_pdfs, render_pdf, ticket_pdf
from marketplace.invitations import order_ics
from marketplace.models import Order, Ticket
from marketplace.tickets import tickets
from venues.models import EventPage


@pytest.fixture(autouse=True)
def private_files(tmp_path: Any, settings: Any) -> Any:
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private"},
        },
    }
    return tmp_path


def fresh(ticket: Ticket) -> Ticket:
    return tickets().get(pk=ticket.pk)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)


def files(ticket: Ticket) -> list[str]:
    folder = f"tickets/{ticket.pk.hex[:2]}/{ticket.pk}"
    store = storages["private"]
    return store.listdir(folder)[1] if store.exists(folder) else []


def test_the_qr_on_the_rendered_page_reads_back_as_the_tickets_code(ticket: Any) -> None:
    document = pypdfium2.PdfDocument(ticket_pdf(fresh(ticket)))
    assert len(document) == 1
    picture = document[0].render(scale=2).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_of(ticket)]


def test_the_page_says_who_what_when_where_and_on_which_terms(ticket: Any, concert: Any) -> None:
    from portal.dates import when_text

    text = text_of(ticket_pdf(fresh(ticket)))
    for part in (
        "Night Orchard", "Ben Brook", "Standing", "Kantine am Ufer", "Am Ufer 12", "10115 Berlin", "Ada's Hall",
        "€27.50", "Ticket 1 of 2", ticket.order.code, "No refunds", "Europe/Berlin",
        when_text(concert.start, "Europe/Berlin"),
    ):  # fmt: skip
        assert part in text
    assert "to pay at the door" not in text


def test_an_unpaid_ticket_says_what_is_due(cash_order: Any) -> None:
    assert "€55.00 to pay at the door" in text_of(ticket_pdf(fresh(cash_order.tickets.first())))


def test_it_is_rendered_once_and_kept_encrypted(ticket: Any) -> None:
    first = ticket_pdf(fresh(ticket))
    (name,) = files(ticket)
    with storages["private"].open(f"tickets/{ticket.pk.hex[:2]}/{ticket.pk}/{name}") as file:
        stored = file.read()
    assert b"%PDF" not in stored
    changed = storages["private"].get_modified_time(f"tickets/{ticket.pk.hex[:2]}/{ticket.pk}/{name}")
    assert ticket_pdf(fresh(ticket)) == first
    assert storages["private"].get_modified_time(f"tickets/{ticket.pk.hex[:2]}/{ticket.pk}/{name}") == changed


def test_a_raised_generation_makes_a_new_one_and_forgets_the_old(ticket: Any) -> None:
    ticket_pdf(fresh(ticket))
    (old,) = files(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(generation=2)
    picture = pypdfium2.PdfDocument(ticket_pdf(fresh(ticket)))[0].render(scale=2).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code_of(fresh(ticket))]
    assert len(files(ticket)) == 1
    assert files(ticket) != [old]


def test_a_moved_event_makes_a_new_one(ticket: Any, concert: Any) -> None:
    ticket_pdf(fresh(ticket))
    EventPage.objects.filter(pk=concert.pk).update(title="Night Orchard, moved")
    assert "Night Orchard, moved" in text_of(ticket_pdf(fresh(ticket)))


@pytest.mark.parametrize("damage", [b"", b"gAAAA", b"%PDF-1.7 not ours"])
def test_a_file_that_is_damaged_or_missing_is_made_again(ticket: Any, damage: bytes, private_files: Any) -> None:
    whole = ticket_pdf(fresh(ticket))
    (name,) = files(ticket)
    path = private_files / "private" / "tickets" / ticket.pk.hex[:2] / str(ticket.pk) / name
    path.write_bytes(damage)
    assert text_of(ticket_pdf(fresh(ticket))) == text_of(whole)
    discard_pdfs(ticket)
    assert files(ticket) == []
    assert text_of(ticket_pdf(fresh(ticket))) == text_of(whole)


def test_long_and_hostile_names_stay_on_one_page_and_are_text(order: Any, concert: Any) -> None:
    title = '<img src="file:///etc/passwd"><script>x</script> ' + "Symposium " * 20
    EventPage.objects.filter(pk=concert.pk).update(title=title[:255])
    Ticket.objects.filter(order=order).update(attendee="Maximiliane " * 10)
    pdf = ticket_pdf(fresh(order.tickets.first()))
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    assert "<script>" in text_of(pdf)


REFUSED = [
    "http://127.0.0.1:9/x.png",
    "https://example.org/x.png",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://example.org/x",
    "https://ticket.invalid/etc/passwd",
    "https://ticket.invalid/static/../../../etc/passwd",
    "https://ticket.invalid/static/%2e%2e/%2e%2e/manage.py",
    "https://ticket.invalid/static/nothing-there.png",
]


@pytest.mark.parametrize("url", REFUSED)
def test_the_fetcher_refuses_everything_that_is_none_of_our_static_files(url: str) -> None:
    with pytest.raises(ValueError, match="not to be opened"):
        documents._fetcher_class()().fetch(url)


def test_the_fetcher_opens_data_and_our_own_static_files() -> None:
    fetch = documents._fetcher_class()().fetch
    assert fetch("data:text/plain,hello").read() == b"hello"
    assert b"@layer" in fetch("https://ticket.invalid/static/portal/foyer.css").read()


def test_a_document_that_names_other_files_is_rendered_without_them(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'leaked' }")
    html = f'<link rel="stylesheet" href="file://{secret}"><img src="http://127.0.0.1:9/a.png"><p>Kept</p>'
    with caplog.at_level(logging.CRITICAL, "weasyprint"):
        assert text_of(render_pdf(html)) == "Kept"


# ---- calendar


def entry_of(order: Order) -> Any:
    calendar = Calendar.from_ical(order_ics(order))
    (event,) = calendar.walk("VEVENT")
    return event


def test_the_entry_has_the_venues_time_zone_place_and_an_alarm(order: Any, concert: Any) -> None:
    calendar = Calendar.from_ical(order_ics(order))
    event = entry_of(order)
    assert event["DTSTART"].params["TZID"] == "Europe/Berlin"
    assert event["DTSTART"].dt == concert.start
    assert event["DTEND"].dt == concert.end
    assert str(event["SUMMARY"]) == "Night Orchard"
    assert str(event["LOCATION"]) == "Kantine am Ufer, Am Ufer 12, 10115 Berlin"
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [timedelta(hours=-2)]
    assert order.code in str(event["URL"])


def test_lines_end_and_fold_as_the_standard_says(order: Any, concert: Any) -> None:
    concert.title = "Ä very long title; with, marks\nand a break " * 5
    order.event = concert
    raw = order_ics(order)
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert str(entry_of(order)["SUMMARY"]) == concert.title


def test_the_uid_stays_and_the_sequence_rises_when_the_event_is_published_anew(order: Any, concert: Any) -> None:
    before = entry_of(order)
    EventPage.objects.filter(pk=concert.pk).update(
        last_published_at=now().astimezone(UTC) + timedelta(minutes=5), start=concert.start + timedelta(days=1)
    )
    after = entry_of(Order.objects.get(pk=order.pk))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt == before["DTSTART"].dt + timedelta(days=1)


def test_a_canceled_event_cancels_the_entry(order: Any, concert: Any) -> None:
    EventPage.objects.filter(pk=concert.pk).update(canceled_at=now())
    assert str(entry_of(Order.objects.get(pk=order.pk))["STATUS"]) == "CANCELLED"


def test_two_orders_for_one_event_have_different_uids(order: Any, cash_order: Any) -> None:
    assert entry_of(order)["UID"] != entry_of(cash_order)["UID"]


def test_the_pictures_of_a_pdf_are_small_enough_to_mail(ticket: Any) -> None:
    assert len(io.BytesIO(ticket_pdf(fresh(ticket))).getvalue()) < 150_000
