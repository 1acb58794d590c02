"""Attacks that must come to nothing, each as an attacker would begin it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.files.base import ContentFile
from django.test import Client, override_settings
from PIL import Image as Picture
from wagtail.embeds.exceptions import EmbedUnsupportedProviderException
from wagtail.embeds.finders import get_finders
from wagtail.images import get_image_model

from marketplace.models import Order, Payment
from portal.accounts.models import User
from tests import people
from tests.factories import make_document, make_event
from tests.security.world import World

pytestmark = pytest.mark.django_db
EVIL = "https://evil.example/"


# ---- ways in


def test_wagtails_own_login_form_is_no_way_round_the_sites(client: Client, ben: User) -> None:
    answer = client.post("/_util/login/", {"username": ben.email, "password": people.PASSWORD})
    assert (answer.status_code, answer["Location"].startswith("/account/login/")) == (302, True)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "target",
    [
        EVIL,
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "http://[",
        "\thttps://evil.example",
    ],
)
@pytest.mark.parametrize("path", ["/account/login/", "/admin/login/", "/_util/login/"])
def test_signing_in_leads_nowhere_else(client: Client, ben: User, path: str, target: str) -> None:
    page = client.get(path, {"next": target}, follow=True)
    assert page.status_code == 200
    answer = client.post(
        page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"],
        {"login": ben.email, "password": people.PASSWORD},
    )
    assert answer["Location"] == "/account/"


def test_signing_in_changes_the_session(client: Client, ben: User) -> None:
    client.get("/account/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies[site_settings.SESSION_COOKIE_NAME] = planted = session.session_key
    client.post("/account/login/", {"login": ben.email, "password": people.PASSWORD})
    assert client.cookies[site_settings.SESSION_COOKIE_NAME].value != planted


@override_settings(ALLOWED_HOSTS=["*"])
def test_mails_lead_to_this_site_whatever_host_was_asked(
    client: Client, ben: User, mailoutbox: Any, settings: Any
) -> None:
    settings.TASKS_IMMEDIATE = True
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post("/account/password/reset/", {"email": ben.email}, headers={"Host": "evil.example"})
    assert "evil.example" not in mailoutbox[0].body
    assert f"{site_settings.BASE_URL}/account/password/reset/key/" in mailoutbox[0].body


# ---- other people's things


def test_a_vendor_pays_and_prolongs_no_buyers_order(world: World) -> None:
    vendor = world.browser("ada")
    path = f"/orders/{world.pending.code}/"
    assert (vendor.get(path).status_code, b"tickets/" in vendor.get(path).content) == (200, False)
    assert vendor.post(f"{path}pay/", {"payment_method": world.cash.pk}).status_code == 404
    assert vendor.post(f"{path}more-time/").status_code == 404
    assert not Payment.objects.filter(order=world.pending).exists()


def test_a_guests_token_opens_its_own_order_alone(world: World) -> None:
    client = Client(headers={"Order-Token": world.guest_token})
    assert client.get(f"/api/v1/orders/{world.guest.code}").status_code == 200
    assert client.get(f"/api/v1/orders/{world.order.code}").status_code == 404
    assert client.get(f"/api/v1/tickets/{world.ticket.pk}").status_code == 401
    assert Client().get(f"/orders/{world.order.code}/?token={world.guest_token}", follow=True).status_code == 404


def test_an_account_with_a_guests_address_is_not_the_guest(world: World) -> None:
    """Whoever signs up with an address has not shown yet that it is theirs."""
    stranger = User.objects.create_user(world.guest.email, "a-long-phrase", name="Stranger")
    client = Client()
    client.force_login(stranger, backend=site_settings.AUTHENTICATION_BACKENDS[0])
    assert client.get(f"/orders/{world.guest.code}/").status_code == 404
    assert world.guest.code not in client.get("/account/bookings/").content.decode()


@pytest.mark.parametrize(
    "field", ["is_superuser", "is_staff", "user", "vendor", "state", "total", "groups", "id", "pk"]
)
def test_nothing_but_the_forms_own_fields_is_written(world: World, field: str) -> None:
    ben = world.users["ben"]
    world.browser("ben").post("/account/", {"name": "B", "language": "en", "timezone": "UTC", field: "1"})
    world.browser("ben").post(
        f"/checkout/{world.cart.pk}/", {"name": "B", "total": "2600", "payment_method": world.cash.pk, field: "1"}
    )
    ben.refresh_from_db()
    assert (ben.is_superuser, ben.is_staff, ben.groups.count()) == (False, False, 0)
    assert set(Order.objects.values_list("user_id", "vendor_id")) == {
        (ben.pk, world.order.vendor_id),
        (None, world.order.vendor_id),
    }


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "groups", "id", "vendor", "user_permissions"])
def test_signing_up_gives_no_more_than_it_says(client: Client, field: str) -> None:
    body = {"email": "new@example.org", "password": "a-long-phrase", "name": "New", "role": "attendee", field: 1}
    assert client.post("/api/v1/register", json.dumps(body), "application/json").status_code == 201
    made = User.objects.get(email="new@example.org")
    assert (made.is_superuser, made.is_staff, made.groups.count(), made.pk == 1) == (False, False, 0, made.pk == 1)
    assert not made.has_perm("wagtailadmin.access_admin")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
def test_another_sites_form_opens_no_cart(world: World, headers: dict[str, str]) -> None:
    answer = Client().post(f"/events/{world.event.pk}/cart/", {f"type-{world.kind.pk}": 1}, headers=headers)
    assert answer.status_code == 403


def test_forms_need_a_token_of_the_sites(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = world.browser("ben").cookies
    for path in (
        f"/checkout/{world.cart.pk}/",
        f"/orders/{world.pending.code}/pay/",
        "/account/",
        "/account/login/",
        "/o/authorize/",
    ):
        assert client.post(path, {"name": "B"}).status_code == 403, path


# ---- what vendors bring in


def stored(name: str, content: bytes, settings: Any, tmp_path: Path) -> str:
    settings.MEDIA_ROOT = tmp_path
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return f"/media/{name}"


@pytest.mark.parametrize(
    "name",
    [
        "documents/a.pdf",
        "documents/a.png",
        "images/a.svg",
        "images/a.html",
        "a.js",
        "images/a.xml",
        "../foyer.sqlite3",
        "images/a.png.html",
    ],
)
def test_the_media_folder_serves_pictures_alone(client: Client, settings: Any, tmp_path: Path, name: str) -> None:
    assert client.get(stored(name, b"<script>alert(1)</script>", settings, tmp_path / "media")).status_code in {
        400,
        404,
    }


@pytest.mark.skipif(not site_settings.EMBEDDED, reason="a proxy serves pictures then")
def test_a_picture_is_served_and_never_run(client: Client, settings: Any, tmp_path: Path) -> None:
    answer = client.get(stored("images/a.png", b"<script>", settings, tmp_path))
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'"
    assert b"".join(answer.streaming_content) == b"<script>"


def test_a_private_document_has_no_second_address(ada_vendor: Any, client: Client) -> None:
    document = make_document(ada_vendor)
    assert client.get(f"/media/{document.file.name}").status_code == 404


def upload(browser: Client, path: str, name: str, content: bytes) -> str:
    file = ContentFile(content, name=name)
    return browser.post(path, {"title": "X", "file": file, "files[]": file}).content.decode()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(("name", "content"), [("a.svg", SVG), ("a.png", SVG), ("a.html", b"<script>"), ("a.png", b"")])
def test_what_is_no_picture_is_not_taken(ada: User, browser_of: Any, name: str, content: bytes) -> None:
    for path in ("/admin/images/add/", "/admin/images/multiple/add/"):
        upload(browser_of(ada), path, name, content)
    assert get_image_model().objects.count() == 0


def test_a_picture_of_too_many_pixels_is_not_taken(ada: User, browser_of: Any) -> None:
    out = io.BytesIO()
    Picture.new("1", (6000, 6000)).save(out, "PNG")  # 5 KB that become 144 MB
    page = upload(browser_of(ada), "/admin/images/add/", "a.png", out.getvalue())
    assert (get_image_model().objects.count(), "pixels" in page) == (0, True)


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.js", "a.xhtml", "a.exe", "a.PDF.htm"])
def test_documents_that_a_browser_would_run_are_not_taken(ada: User, browser_of: Any, name: str) -> None:
    from wagtail.documents import get_document_model

    upload(browser_of(ada), "/admin/documents/add/", name, b"<script>alert(1)</script>")
    assert get_document_model().objects.count() == 0


@pytest.mark.parametrize(
    "url",
    [
        *("http://169.254.169.254/latest/meta-data/", "http://localhost:5432/", "file:///etc/passwd", EVIL),
        *("https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ", "https://evil.example/?https://youtu.be/dQw4w9WgXcQ"),
        *(
            'https://youtu.be/dQw4w9WgXcQ"onload=alert(1)',
            "https://www.youtube.com/embed/<script>",
            "javascript:alert(1)",
        ),
    ],
)
def test_addresses_that_are_no_video_are_not_embedded(url: str) -> None:
    from wagtail.embeds.embeds import get_embed

    with pytest.raises(EmbedUnsupportedProviderException):
        get_embed(url)


@pytest.mark.parametrize(
    ("url", "player"),
    [
        ("https://www.youtube.com/watch?app=x&v=dQw4w9WgXcQ&t=3", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://youtu.be/dQw4w9WgXcQ?si=x", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871"),
    ],
)
def test_videos_are_embedded_without_asking_anybody(url: str, player: str, settings: Any) -> None:
    from wagtail.embeds.embeds import get_embed

    assert [type(finder).__module__ for finder in get_finders()] == ["portal.embeds"]
    assert f'src="{player}' in get_embed(url).html
    assert (
        player.partition("/embed/")[0].partition("/video/")[0]
        in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-src"]
    )


XSS = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def test_what_vendors_write_is_text_on_every_page(client: Client, world: World) -> None:
    event = make_event(world.event.get_parent().specific.vendor, title=XSS, summary=XSS)
    from marketplace.services.cart import open_cart
    from tests.factories import make_ticket_type

    kind = make_ticket_type(event, name=XSS[:80], description=XSS, capacity=5)
    cart = open_cart(event, items={kind.pk: 1})
    for path in ("/", "/events/", event.get_url().partition("//")[2][1:], f"/checkout/{cart.pk}/"):
        page = client.get(path if path.startswith("/") else "/" + path.partition("/")[2]).content.decode()
        assert "<script>alert(1)" not in page, path
        assert "<img src=x" not in page, path


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", " javascript:alert(1)"]
)
def test_links_that_run_are_no_links(ada_vendor: Any, url: str) -> None:
    from django.core.exceptions import ValidationError
    from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

    from venues.models import ArtistLink

    with pytest.raises(ValidationError):
        ArtistLink(title="X", url=url).clean_fields(exclude=["artist"])
    block = {"key": "a", "text": "x", "type": "unstyled", "depth": 0, "inlineStyleRanges": [],
             "entityRanges": [{"offset": 0, "length": 1, "key": 0}]}  # fmt: skip
    content = {"entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": url}}}, "blocks": [block]}
    assert "script" not in ContentstateConverter(features=["link"]).to_database_format(json.dumps(content)).lower()


def test_rich_text_from_outside_is_cleaned(ada_vendor: Any, client: Client) -> None:
    event = make_event(
        ada_vendor, body="<p>Hello <b>you</b></p><script>alert(1)</script><p onclick='x()'>", policies=f"<p>{XSS}</p>"
    )
    page = client.get("/" + event.get_url().partition("//")[2].partition("/")[2]).content.decode()
    told = client.get(f"/api/v1/events/{event.pk}").json()
    for text in (page, told["body"], told["policies"]["text"]):
        assert ("alert(1)</script>" in text, "onclick" in text, "onerror" in text) == (False, False, False)
    assert "<b>you</b>" in told["body"]
