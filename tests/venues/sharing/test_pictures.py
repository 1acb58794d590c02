"""The pictures of events for shared links."""

from __future__ import annotations

import io
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from portal.outbox.delivery import deliver_next, fan_out
from tests.factories import make_event, make_image
from tests.venues.sharing.conftest import HOSTILE
from venues.models import EventListing
from venues.services.events import cancel_event, update_event
from venues.sharing import drawing, pictures
from venues.sharing.drawing import Stub, draw
from venues.sharing.lettering import DISPLAY, fit, runs_of, width_of
from venues.sharing.pictures import picture_path

pytestmark = pytest.mark.django_db
STUB = Stub(
    "Tidewater Tour", "Concert", "Saturday", "14", "Feb 2026", "20:00 CET", "Kulturwerft", "Berlin", "Foyer", ""
)
ARABIC = "ليلة الموسيقى العربية"


@pytest.fixture(autouse=True)
def _nothing_drawn_yet() -> None:
    shutil.rmtree(settings.DATA_DIR / "private" / "share", ignore_errors=True)


def stub(**fields: str) -> Stub:
    return Stub(**{**STUB.__dict__, **fields})


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def files_of(event: Any) -> list[Path]:
    return sorted((settings.DATA_DIR / "private" / "share").glob(f"*/{event.pk}/*"))


def path_of(event: Any) -> str:
    return picture_path(EventListing.objects.get(pk=event.pk))


def test_an_event_has_a_picture_with_its_poster_and_its_colour(client: Client, concert: Any) -> None:
    answer = client.get(path_of(concert))
    picture = opened(answer.content)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert len(answer.content) < 300_000  # what messengers load
    red, green, blue = picture.convert("RGB").getpixel((60, 300))  # the torn part
    assert red > 2 * max(green, blue)
    assert picture.convert("RGB").getpixel((1000, 300)) == pytest.approx((0xCC, 0x22, 0x44), abs=12)  # the poster


def test_it_is_made_once(client: Client, concert: Any) -> None:
    first = client.get(path_of(concert))
    [made] = files_of(concert)
    stamp = made.stat().st_mtime_ns
    again = client.get(path_of(concert), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path_of(concert)).content == first.content
    assert [path.stat().st_mtime_ns for path in files_of(concert)] == [stamp]


def test_many_at_once_draw_it_once(concert: Any) -> None:
    listing = EventListing.objects.select_related("event__image").get(pk=concert.pk)
    listing.event.image = None  # what needs no database runs beside this test's transaction
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(pictures.picture_of(listing))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found)), len(files_of(concert))) == (6, 1, 1)


def test_who_waits_too_long_for_other_drawings_is_told_to_come_back(concert: Any) -> None:
    listing = EventListing.objects.select_related("event__image").get(pk=concert.pk)
    with pictures._drawing, pytest.raises(pictures.Busy):
        pictures.picture_of(listing, patience=0)
    assert files_of(concert) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda event: update_event(event, title="Ebb Tour"),
        lambda event: update_event(event, start=event.start.replace(minute=1)),
        lambda event: update_event(event, image=make_image(colour="#00ff00")),
        cancel_event,
    ],
    ids=["title", "start", "poster", "canceled"],
)
def test_its_address_changes_with_what_it_shows(client: Client, concert: Any, change: Any) -> None:
    before = path_of(concert)
    old = client.get(before).content
    change(concert)
    after = path_of(concert)
    moved = client.get(before)
    assert (moved.status_code, moved["Location"], after == before) == (302, after, False)
    assert client.get(after).content != old
    assert len(files_of(concert)) == 1  # the earlier one is gone


def test_its_address_stays_while_only_sales_change(concert: Any) -> None:
    before = path_of(concert)
    EventListing.objects.filter(pk=concert.pk).update(popularity=7, availability="few", price_from=100)
    assert path_of(concert) == before


def test_what_nobody_may_see_has_none(client: Client, hidden: list[Any], cleo: Any, browser_of: Any) -> None:
    for event in hidden:
        for visitor in (client, browser_of(cleo)):
            answer = visitor.get(f"/share/events/{event.pk}/any.png")
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
            assert "SECRET" not in answer.content.decode()
    assert client.get("/share/events/999999999/any.png").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_it_goes_when_the_event_is_withdrawn(client: Client, settings: Any, concert: Any) -> None:
    settings.TASKS_IMMEDIATE = True
    path = path_of(concert)
    client.get(path)
    concert.unpublish()
    fan_out()
    while deliver_next():
        pass
    assert (client.get(path).status_code, files_of(concert)) == (404, [])


@pytest.mark.parametrize(
    "title",
    [
        HOSTILE,
        ARABIC,
        "東京ジャズフェスティバル",
        "Łódź – Żółw Jazz",
        "W" * 255,
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3,
        "🎷" * 80,
        "שלום Ola",
        "\u202eevil\u0000",
        "a " * 127,
    ],
    ids=ascii,
)
def test_any_title_can_be_drawn(title: str) -> None:
    assert opened(draw(stub(title=title, venue=title, city=title), Image.new("RGB", (3, 900)))).size == (1200, 630)


def test_text_stays_in_its_box_and_is_cut_where_it_is_too_long() -> None:
    size, lines = fit(
        "All the world's a stage and " * 9, DISPLAY, width=400, height=296, sizes=(90, 60, 52), leading=1.02
    )
    assert (size, len(lines), lines[-1][-1]) == (52, 5, "…")
    assert max(width_of(line, DISPLAY, size) for line in lines) <= 400
    assert fit("Ola", DISPLAY, width=400, height=296, sizes=(90, 60), leading=1.02) == (90, ["Ola"])


def test_letters_that_no_font_has_are_left_out_and_are_no_boxes() -> None:
    assert "".join(piece for piece, _font in runs_of("a🎷b", DISPLAY, 40)) == "ab"


def test_arabic_stays_in_one_piece_for_the_shaper() -> None:
    pieces = [piece for piece, _font in runs_of(f"{ARABIC} 2026", DISPLAY, 40)]
    assert pieces in ([f"{ARABIC} 2026"], ["2026"], [" 2026"], [])  # as far as this machine's fonts go


@pytest.mark.parametrize("accent", ["#ffff00", "#ffffff", "#000000", "#00ff00", "#808080", "#3366ff", "#ff8800"])
def test_white_can_be_read_on_every_colour(accent: str) -> None:
    assert 1.05 / (drawing._luminance(drawing._panel(accent)) + 0.05) >= 4.5


def test_an_upload_that_is_gone_leaves_the_rest(client: Client, ada_vendor: Any) -> None:
    event = make_event(ada_vendor, image=make_image(ada_vendor))
    image = event.image
    image.file.storage.delete(image.file.name)
    image.renditions.all().delete()
    assert client.get(path_of(event)).status_code == 200
