"""E-tickets as PDF: rendered once, kept encrypted where no URL leads, and made again when missing or out of date."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from marketplace.codes import qr_svg
from marketplace.facts import TicketFacts, facts_of
from marketplace.models import Ticket
from portal.encryption import cipher
from portal.errors import Rejected

log = logging.getLogger(__name__)

ORIGIN = "https://ticket.invalid"  # the base of relative addresses in the template; nothing is fetched from it
FONTS = {
    "Foyer Display": "vendor/fonts/bricolage-grotesque-latin-wdth-normal.woff2",
    "Foyer Text": "vendor/fonts/instrument-sans-latin-wght-normal.woff2",
}
LAYOUT = 1  # raise it when the template changes what is printed, so that stored tickets are made anew


def ticket_pdf(ticket: Ticket) -> bytes:
    """The PDF of `ticket` as it is now. Raises Rejected("pdf-unavailable") where the native libraries are missing."""
    facts = facts_of(ticket)
    name = f"{_folder(ticket)}/{ticket.generation}-{LAYOUT}-{facts.digest}.pdf.fernet"
    kept = _read(name)
    if kept is None:
        kept = render_ticket(facts)
        discard_pdfs(ticket)
        _store().save(name, ContentFile(cipher().encrypt(kept)))
    return kept


def discard_pdfs(ticket: Ticket) -> None:
    """Forget what was rendered for `ticket`: it is out of date, or the ticket is no longer good."""
    store, folder = _store(), _folder(ticket)
    if not store.exists(folder):
        return
    for name in store.listdir(folder)[1]:
        store.delete(f"{folder}/{name}")


def discard_of(ticket_ids: list[str]) -> None:
    """The task that follows the end of tickets."""
    for ticket in Ticket.objects.filter(pk__in=ticket_ids):
        discard_pdfs(ticket)


def render_ticket(facts: TicketFacts) -> bytes:
    """One page of A4."""
    context = {"ticket": facts, "qr": qr_svg(facts.code), "fonts": _fonts()}
    return render_pdf(render_to_string("marketplace/ticket_pdf.html", context))


def render_pdf(html: str) -> bytes:
    """`html` as PDF. It may show data: addresses and our own static files; whatever else it names is left out."""
    engine = _engine()
    return engine.HTML(string=html, base_url=f"{ORIGIN}/", url_fetcher=_fetcher_class()()).write_pdf()


def pdf_problem() -> str:
    """Why PDFs can't be made on this machine, or an empty text."""
    try:
        # Pango, HarfBuzz and their like take half a second and 40 MB, which most processes never need.
        import weasyprint  # noqa: F401
    except OSError as error:
        return str(error).splitlines()[0]
    return ""


def _fonts() -> dict[str, str]:
    """The addresses of the fonts that the set-up fetched, by family; without them the system's stand in."""
    there = {family: name for family, name in FONTS.items() if finders.find(name) or staticfiles_storage.exists(name)}
    return {family: settings.STATIC_URL + name for family, name in there.items()}


def _engine() -> Any:
    if problem := pdf_problem():
        log.error(
            "PDF tickets are off: %s. Install libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0.", problem
        )
        raise Rejected("pdf-unavailable", _("PDF tickets can't be made here at the moment."), status=503)
    # As above: only where a PDF is really made.
    import weasyprint

    return weasyprint


@cache
def _fetcher_class() -> Any:
    # As above: only where a PDF is really made.
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        """Opens data: addresses and our own static files. Never the network, never another file."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if url[:5].lower() == "data:":
                return super().fetch(url, headers)
            return URLFetcherResponse(url, body=_static_file(url))

    return OwnFilesOnly


def _static_file(url: str) -> bytes:
    """Raises ValueError for anything that is none of our static files."""
    root = settings.STATIC_URL if "://" in settings.STATIC_URL else ORIGIN + settings.STATIC_URL
    name = unquote(url.removeprefix(root)).partition("?")[0]
    try:
        if not url.startswith(root):
            raise ValueError("not one of our static files")
        found = finders.find(name)
        with Path(found).open("rb") if found else staticfiles_storage.open(name) as file:
            return file.read()
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise ValueError(f"{url[:200]} is not to be opened: {error}") from error


def _store() -> Storage:
    return storages["private"]


def _folder(ticket: Ticket) -> str:
    return f"tickets/{ticket.pk.hex[:2]}/{ticket.pk}"


def _read(name: str) -> bytes | None:
    try:
        with _store().open(name) as file:
            return cipher().decrypt(file.read())
    except (FileNotFoundError, InvalidToken):  # missing, half written, or by a key that is gone: made again
        return None
