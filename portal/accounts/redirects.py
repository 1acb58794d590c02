"""Which addresses an app may be answered at (RFC 9700, 2.1 and 4.1), and from which origins it may call."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

MAX_ADDRESSES = 10
MAX_LENGTH = 400
ONE_MACHINE = {"localhost", "127.0.0.1", "::1"}
OURS = {"code", "state", "iss", "error", "error_description", "error_uri"}  # what the answer adds


def wrong_redirects(uris: list[str], *, live: bool) -> list[str]:
    """What is wrong with redirect URIs, as sentences that name each."""
    return _wrong(uris, lambda uri: _wrong_redirect(uri, live=live))


def wrong_origins(origins: list[str], *, live: bool) -> list[str]:
    """What is wrong with the origins of an app's own web pages, as sentences that name each."""
    return _wrong(origins, lambda origin: _wrong_origin(origin, live=live))


def is_website(address: str) -> bool:
    """Whether `address` is a page that people can be shown."""
    parts = _parts(address)
    return not isinstance(parts, str) and parts.scheme == "https"


def _wrong(addresses: list[str], judge: Callable[[str], str]) -> list[str]:
    if len(addresses) > MAX_ADDRESSES:
        return [_("{count} addresses at most.").format(count=MAX_ADDRESSES)]
    found = ((address, judge(address)) for address in addresses)
    return [f"{address[:80]}: {what}" for address, what in found if what]


def _wrong_redirect(uri: str, *, live: bool) -> str:
    parts = _parts(uri)
    if isinstance(parts, str):
        return parts
    if "#" in uri:
        return _("Leave out what follows the #.")
    if OURS & parse_qs(parts.query, keep_blank_values=True).keys():
        return _("The query must not have code, state, iss or error, which our answer adds.")
    if any(step in (".", "..") for step in parts.path.split("/")):
        return _("Write the path without dots.")
    return _wrong_place(parts, live=live)


def _wrong_origin(origin: str, *, live: bool) -> str:
    parts = _parts(origin)
    if isinstance(parts, str):
        return parts
    if origin != f"{parts.scheme}://{parts.netloc}" or origin != origin.lower():
        return _("An origin is a scheme and a host in lower case, like https://app.example.")
    return _wrong_place(parts, live=live)


def _parts(address: str) -> SplitResult | str:
    if len(address) > MAX_LENGTH:
        return _("{count} characters at most.").format(count=MAX_LENGTH)
    if not address.isascii() or not address.isprintable() or any(sign in address for sign in ' \\*"<>^`{|}'):
        return _("Use ASCII without spaces, backslashes or *; write other letters in percent-encoding or punycode.")
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _("This is not an address.")
    if not host or parts.scheme not in ("http", "https") or "//" not in address:
        return _("Write a whole address, like https://app.example/callback.")
    if "@" in parts.netloc or host.endswith(".") or ".." in host or "%" in host:
        return _("Write the plain name of the host.")
    return parts


def _wrong_place(parts: SplitResult, *, live: bool) -> str:
    if parts.netloc == urlsplit(settings.BASE_URL).netloc:
        return _("That is this site, not your app.")
    here = parts.hostname in ONE_MACHINE
    if live and (here or parts.scheme != "https"):
        return _("A live app needs https and a host that everybody reaches.")
    if parts.scheme == "http" and not here:
        return _("Only localhost may go without https.")
    return ""


def words_of(text: str) -> list[str]:
    """The addresses in a field where people write one on a line; each once."""
    return list(dict.fromkeys(text.split()))
