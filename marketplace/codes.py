"""What stands in a ticket's QR code: a signed statement that a gate verifies with a public key alone.

Layout, big-endian, always 95 bytes: version (1), key id (2), ticket (16), event (4), generation (2), valid from and
until (3 each, hours since 1970 in UTC), Ed25519 signature over all before it (64). As base32hex that is 152 characters,
see ``docs/decisions/ticket-codes.md``. It holds no personal data.
"""

from __future__ import annotations

import base64
import binascii
import io
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import qrcode
import qrcode.image.svg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.crypto import constant_time_compare, salted_hmac

from marketplace.models import SigningKey, Ticket
from marketplace.services.keys import current_key, public_bytes, signer
from venues.models import EventPage

VERSION = 1
BODY = struct.Struct(">BH16sIH3s3s")
SIGNATURE_LENGTH = 64
CODE_LENGTH = (BODY.size + SIGNATURE_LENGTH) * 8 // 5
# How long before the doors a ticket may be admitted, and how long after the end a gate without a network still trusts it.
MARGIN = timedelta(hours=24)


class CodeInvalid(ValueError):
    """A text that is no code of ours: wrong shape, unknown or revoked key, or a signature that does not fit."""


@dataclass(frozen=True)
class Claim:
    """What a code says, its signature verified. Whether the ticket is still good is for the database to say."""

    key_id: int
    ticket_id: uuid.UUID
    event_id: int
    generation: int
    valid_from: datetime
    valid_until: datetime


def opens_at(event: EventPage) -> datetime:
    """From when on tickets of `event` are admitted."""
    return (event.doors or event.start) - MARGIN


def code_of(ticket: Ticket, key: SigningKey | None = None) -> str:
    """The code of `ticket` as it is now; always the same for the same key, generation and times of the event.

    `key` is the current one, where several codes are made and it is at hand.
    """
    key = key or current_key()
    body = BODY.pack(
        VERSION,
        key.pk,
        ticket.pk.bytes,
        ticket.event_id,
        ticket.generation,
        _hours(opens_at(ticket.event)),
        _hours(ticket.event.end + MARGIN + timedelta(hours=1)),
    )
    return base64.b32hexencode(body + signer(key).sign(body)).decode()


def read_code(text: str) -> Claim:
    """The claim in a scanned or typed `text`; spaces and case do not matter. Raises CodeInvalid."""
    raw = _unpacked(text)
    body, signature = raw[: BODY.size], raw[BODY.size :]
    version, key_id, ticket, event_id, generation, start, end = BODY.unpack(body)
    if version != VERSION:
        raise CodeInvalid("This code is of a version that is not known here.")
    try:
        Ed25519PublicKey.from_public_bytes(_public_key(key_id)).verify(signature, body)
    except InvalidSignature as error:
        raise CodeInvalid("The signature does not fit.") from error
    return Claim(key_id, uuid.UUID(bytes=ticket), event_id, generation, _instant(start), _instant(end))


def hand_code(ticket: Ticket) -> str:
    """A short code to type when no scanner reads the QR: the order's code, and a check that a new generation changes."""
    return f"{ticket.order.code}-{_check(ticket)}"


def ticket_of_hand_code(text: str, event_id: int) -> Ticket | None:
    """The ticket of `event_id` that `text` names, or None."""
    order_code, _dash, check = "".join(text.split()).upper().partition("-")
    if not (order_code.isascii() and order_code.isalnum() and len(order_code) <= 10 and check):
        return None
    tickets = Ticket.objects.filter(order__code=order_code, event_id=event_id).select_related("order")
    return next((ticket for ticket in tickets if constant_time_compare(_check(ticket), check)), None)


def qr_svg(text: str, *, label: str = "") -> str:
    """A QR code of `text` as an SVG element: one path, a quiet zone of four modules, error correction M."""
    picture = _matrix(text).make_image(image_factory=qrcode.image.svg.SvgPathImage)
    root = picture.get_image()
    root.set("role", "img")
    if label:
        root.set("aria-label", label)
    return picture.to_string(encoding="unicode")


def qr_png(text: str, *, pixels_per_module: int = 6) -> bytes:
    """The same as a PNG of two colours."""
    file = io.BytesIO()
    _matrix(text, box_size=pixels_per_module).make_image().save(file, format="PNG", optimize=True)
    return file.getvalue()


def _matrix(text: str, *, box_size: int = 10) -> qrcode.QRCode:
    matrix = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=box_size, border=4)
    matrix.add_data(text, optimize=0)  # as one segment: capitals and digits take 5.5 bits each
    matrix.make(fit=True)
    return matrix


def _unpacked(text: str) -> bytes:
    if len(text) > 4 * CODE_LENGTH:
        raise CodeInvalid("This is too long for a code.")
    compact = "".join(text.split()).upper()
    if len(compact) != CODE_LENGTH or not compact.isascii():
        raise CodeInvalid("This is not a ticket's code.")
    try:
        return base64.b32hexdecode(compact)
    except binascii.Error as error:
        raise CodeInvalid("This is not a ticket's code.") from error


def _public_key(key_id: int) -> bytes:
    key = SigningKey.objects.filter(pk=key_id, revoked_at=None).first()
    if key is None:
        raise CodeInvalid("The key that signed this is not known, or was revoked.")
    return public_bytes(key)


def _check(ticket: Ticket) -> str:
    digest = salted_hmac("marketplace.hand_code", f"{ticket.pk}:{ticket.generation}", algorithm="sha256").digest()
    return base64.b32hexencode(digest[:5]).decode()[:5]


def _hours(instant: datetime) -> bytes:
    return min(max(int(instant.timestamp() // 3600), 0), 0xFFFFFF).to_bytes(3, "big")


def _instant(hours: bytes) -> datetime:
    return datetime.fromtimestamp(int.from_bytes(hours, "big") * 3600, UTC)
