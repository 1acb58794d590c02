"""The code: what it says, and what is refused."""

from __future__ import annotations

import base64
import io
import threading
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from marketplace.codes import (
    BODY,
    CODE_LENGTH,
    CodeInvalid,
    code_of,
    hand_code,
    opens_at,
    qr_png,
    qr_svg,
    read_code,
    ticket_of_hand_code,
)
from marketplace.models import SigningKey
from marketplace.services.keys import current_key, public_keys, revoke_key, rotate_key


def test_a_code_says_which_ticket_of_which_event_it_is_and_how_long_it_is_good(ticket: Any) -> None:
    claim = read_code(code_of(ticket))
    assert (claim.ticket_id, claim.event_id, claim.generation) == (ticket.pk, ticket.event_id, 1)
    assert claim.valid_from <= opens_at(ticket.event) < claim.valid_from + timedelta(hours=1)
    assert claim.valid_until >= ticket.event.end + timedelta(hours=24)


def test_a_code_has_152_characters_of_qr_alphanumerics_and_is_always_the_same(ticket: Any) -> None:
    code = code_of(ticket)
    assert len(code) == CODE_LENGTH == 152
    assert set(code) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUV")
    assert code_of(ticket) == code


def test_case_and_spaces_of_a_typed_code_do_not_matter(ticket: Any) -> None:
    code = code_of(ticket)
    assert read_code(f" {code[:70].lower()}\n{code[70:]} ") == read_code(code)


def test_a_code_holds_no_personal_data(ticket: Any) -> None:
    raw = base64.b32hexdecode(code_of(ticket))
    assert b"Ben" not in raw
    assert len(raw) == BODY.size + 64 == 95


def test_every_changed_bit_is_refused(ticket: Any) -> None:
    raw = bytearray(base64.b32hexdecode(code_of(ticket)))
    for place in range(0, len(raw), 7):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(CodeInvalid):
            read_code(base64.b32hexencode(changed).decode())


HOSTILE = [
    "",
    " ",
    "A",
    "Ü" * 152,
    "0" * 152,
    "V" * 152,
    "W" * 152,
    "=" * 152,
    "\x00" * 152,
    "🎫" * 152,
    "A" * 1_000_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{text[:1]!r}x{len(text)}")
def test_what_is_no_code_is_refused(db: None, text: str) -> None:
    with pytest.raises(CodeInvalid):
        read_code(text)


@given(st.text(max_size=400))
def test_no_text_does_anything_but_be_refused(text: str) -> None:
    if len("".join(text.split())) != CODE_LENGTH:  # the rest needs the database, and is above
        with pytest.raises(CodeInvalid):
            read_code(text)


def test_a_truncated_code_is_refused(ticket: Any) -> None:
    code = code_of(ticket)
    for length in (1, 40, 151):
        with pytest.raises(CodeInvalid):
            read_code(code[:length])


def test_a_retired_key_still_verifies_and_a_revoked_one_no_longer(ticket: Any) -> None:
    old = code_of(ticket)
    rotate_key()
    new = code_of(ticket)
    assert read_code(old).ticket_id == read_code(new).ticket_id == ticket.pk
    assert read_code(old).key_id != read_code(new).key_id
    assert revoke_key(read_code(old).key_id) is True
    with pytest.raises(CodeInvalid):
        read_code(old)
    assert read_code(new).ticket_id == ticket.pk
    assert [key["kid"] for key in public_keys()] == [str(read_code(new).key_id)]


def test_a_code_by_somebody_elses_key_is_refused(ticket: Any) -> None:
    code = code_of(ticket)
    stranger = rotate_key()
    SigningKey.objects.filter(pk=read_code(code).key_id).update(public=stranger.public)
    with pytest.raises(CodeInvalid):
        read_code(code)


def test_the_private_half_is_stored_encrypted_and_never_published(ticket: Any) -> None:
    key = current_key()
    with connection.cursor() as cursor:
        cursor.execute("SELECT private FROM marketplace_signingkey")
        stored = [row[0] for row in cursor.fetchall()]
    assert len(stored) == 1
    assert key.private not in stored[0]
    assert key.private.rstrip("=") not in str(public_keys())


@pytest.mark.django_db(transaction=True)
def test_processes_that_need_the_first_key_at_once_all_get_the_same() -> None:
    SigningKey.objects.all().delete()
    barrier, found = threading.Barrier(6), []

    def first() -> None:
        barrier.wait()
        found.append(current_key().pk)
        connection.close()

    threads = [threading.Thread(target=first) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 6
    assert len(set(found)) == 1
    assert SigningKey.objects.filter(current=True).count() == 1


def test_the_hand_code_names_the_ticket_within_its_event_and_dies_with_its_generation(ticket: Any) -> None:
    code = hand_code(ticket)
    assert ticket_of_hand_code(f" {code.lower()} ", ticket.event_id) == ticket
    assert ticket_of_hand_code(code, ticket.event_id + 1) is None
    assert ticket_of_hand_code(code[:-1] + ("0" if code[-1] != "0" else "1"), ticket.event_id) is None
    ticket.generation = 2
    ticket.save(update_fields=["generation"])
    assert ticket_of_hand_code(code, ticket.event_id) is None
    assert ticket_of_hand_code(hand_code(ticket), ticket.event_id) == ticket


def test_tickets_of_one_order_have_different_hand_codes(order: Any) -> None:
    assert len({hand_code(ticket) for ticket in order.tickets.all()}) == 2


def test_the_qr_has_41_modules_and_a_quiet_zone_and_reads_back(ticket: Any) -> None:
    code = code_of(ticket)
    assert 'viewBox="0 0 49 49"' in qr_svg(code)
    picture = Image.open(io.BytesIO(qr_png(code, pixels_per_module=3)))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [code]


def test_a_label_in_the_svg_is_escaped() -> None:
    assert 'aria-label="&lt;script&gt;' in qr_svg("ABC", label="<script>")
