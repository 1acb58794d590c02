"""What people do in the journeys, step by step, as they would: by labels and buttons."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING, TypeVar

import pypdfium2
import zxingcpp

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.infra.site import Site

T = TypeVar("T")


def sign_in(page: Page, email: str, password: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)


def choose(page: Page, ticket_type: str, quantity: int) -> None:
    """On an event's page: take `quantity` tickets, and go on to checkout."""
    page.get_by_label(ticket_type, exact=True).fill(str(quantity))
    page.get_by_role("button", name="Get tickets").click()
    page.get_by_role("heading", name="Checkout").wait_for()


def pay_on_the_hosted_page(page: Page, number: str = "4242 4242 4242 4242") -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry date").fill("12 / 34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Name on the card").fill("B Brook")
    page.get_by_role("button", name="Pay").click()


def wait_for(found: Callable[[], T | None], seconds: float = 20) -> T:
    """What `found` returns once it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError("It did not happen in time.")


def confirmation_to(site: Site, address: str) -> EmailMessage:
    """The confirmation that was sent to `address`."""
    return wait_for(lambda: next((mail for mail in site.mails() if mail["to"] == address and codes_in(mail)), None))


def attachments(mail: EmailMessage, content_type: str) -> list[bytes]:
    """The attached files of a type."""
    parts = [part for part in mail.iter_attachments() if part.get_content_type() == content_type]
    return [part.get_payload(decode=True) for part in parts]


def codes_in(mail: EmailMessage) -> list[str]:
    """The text of the QR code on each page of the rendered PDF tickets in `mail`."""
    documents = [pypdfium2.PdfDocument(pdf) for pdf in attachments(mail, "application/pdf")]
    pages = [page.render(scale=4).to_pil() for document in documents for page in document]
    return [code.text for page in pages for code in zxingcpp.read_barcodes(page)]


def sign_up_as_vendor(page: Page, *, name: str, email: str, vendor: str) -> None:
    page.goto("/account/signup/")
    page.get_by_label("Sell tickets").check()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Name that buyers see").fill(vendor)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("correct-horse-battery")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/admin/")


def save(page: Page) -> None:
    """In the admin: send the form, and see that it was taken."""
    page.get_by_role("main").get_by_role("button", name="Save").click()
    page.locator(".messages .success").wait_for()


def publish(page: Page) -> None:
    """In the page editor, which saves a draft by itself half a second after the last key: not before that is done."""
    page.wait_for_timeout(1000)
    page.locator(".w-autosave-indicator__state--saving").wait_for(state="hidden")
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    page.get_by_role("button", name="Publish").click()
    page.locator(".messages .success").wait_for()


def upload_poster(page: Page, jpeg: bytes) -> None:
    page.get_by_role("button", name="Choose an image").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Upload").click()
    dialog.get_by_label("File").set_input_files({"name": "poster.jpg", "mimeType": "image/jpeg", "buffer": jpeg})
    dialog.get_by_label("Title").fill("Poster")
    dialog.get_by_role("button", name="Upload").click()
    dialog.wait_for(state="hidden")
