"""Giving a ticket away at the same time as something else, on PostgreSQL with connections of their own."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from marketplace.codes import code_of
from marketplace.models import CheckIn, Ticket, Transfer
from marketplace.services.admit import check_in
from marketplace.services.transfer import transfer_ticket
from portal.errors import Rejected
from tests.marketplace.door.test_admission_races import GATES, at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_of_many_who_give_it_away_at_once_one_does(ticket: Any) -> None:
    def give(place: int) -> str:
        try:
            return transfer_ticket(ticket, name="Dora", email=f"dora{place}@example.org").email
        except Rejected as refusal:
            return refusal.code

    answers = at_once(give)
    assert answers.count("ticket-transferred") == GATES - 1
    holder = Ticket.objects.get(pk=ticket.pk).holder_email
    assert (holder in answers, Transfer.objects.count()) == (True, 1)


def test_control_without_the_lock_several_believe_they_gave_it_away(ticket: Any) -> None:
    looked = threading.Barrier(GATES)

    def naive(place: int) -> bool:
        with transaction.atomic():
            found = Ticket.objects.get(pk=ticket.pk)
            looked.wait()
            if found.generation != ticket.generation:
                return False
            Ticket.objects.filter(pk=ticket.pk).update(generation=2, holder_email=f"dora{place}@example.org")
            return True

    assert at_once(naive).count(True) > 1


@pytest.mark.parametrize("given", [True, False], ids=["given away", "control: only looked at"])
def test_an_old_code_does_not_slip_in_while_its_ticket_is_given_away(
    ticket: Any, concert: Any, ada: Any, given: bool
) -> None:
    """The gate has read the code as good, and waits for the lock that the transfer has."""
    code, answers, locked = code_of(ticket), [], threading.Event()

    def gate() -> None:
        locked.wait()
        answers.append(str(check_in(concert, code=code, user=ada).result))
        connection.close()

    thread = threading.Thread(target=gate)
    thread.start()
    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=ticket.pk)
        locked.set()
        thread.join(timeout=0.5)
        assert answers == []
        if given:
            transfer_ticket(ticket, name="Dora", email="dora@example.org")
    thread.join()
    assert (answers, CheckIn.objects.count()) == ((["unknown"], 0) if given else (["valid"], 1))
