"""Two gates in the same instant, on PostgreSQL with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from marketplace.codes import code_of
from marketplace.models import CheckIn, CheckInAttempt, LedgerEntry, Ticket
from marketplace.services.admit import check_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
GATES = 6  # fewer than the pool has connections: the control run holds them all at once


def at_once(work: Callable[[int], Any], count: int = GATES) -> list[Any]:
    barrier, answers = threading.Barrier(count), []

    def run(place: int) -> None:
        try:
            barrier.wait()
            answers.append(work(place))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_many_gates_exactly_one_is_green(ticket: Any, concert: Any, ada: Any) -> None:
    code = code_of(ticket)
    answers = at_once(lambda place: check_in(concert, code=code, user=ada, gate=f"Gate {place}").result)
    assert sorted(map(str, answers)) == ["used"] * (GATES - 1) + ["valid"]
    assert CheckIn.objects.filter(ticket=ticket).count() == 1
    assert CheckInAttempt.objects.filter(ticket=ticket).count() == GATES


def test_control_a_door_that_looks_before_it_writes_lets_several_in(ticket: Any) -> None:
    """The same race without lock and unique key: it must go wrong, or the test above shows nothing."""
    looked = threading.Barrier(GATES)

    def naive(place: int) -> str:
        with transaction.atomic():
            if CheckInAttempt.objects.filter(ticket=ticket, result="valid").exists():
                return "used"
            looked.wait()
            CheckInAttempt.objects.create(event=ticket.event, ticket=ticket, result="valid", at=now())
            return "valid"

    assert at_once(naive).count("valid") > 1


def test_one_scan_uploaded_from_many_threads_is_one_entry_and_green_everywhere(
    ticket: Any, concert: Any, ada: Any
) -> None:
    code = code_of(ticket)
    answers = at_once(lambda _place: check_in(concert, code=code, user=ada, nonce="one-scan").result)
    assert list(map(str, answers)) == ["valid"] * GATES
    assert CheckIn.objects.filter(ticket=ticket).count() == 1


def test_cash_for_two_tickets_of_one_order_at_two_gates_is_taken_once(cash_order: Any, concert: Any, ada: Any) -> None:
    codes = [code_of(ticket) for ticket in cash_order.tickets.all()]
    answers = at_once(
        lambda place: check_in(concert, code=codes[place], user=ada, gate=str(place), take_cash=True).result, count=2
    )
    assert list(map(str, answers)) == ["valid", "valid"]
    assert LedgerEntry.objects.filter(order=cash_order, account="cash").count() == 1


def test_a_ticket_that_is_canceled_meanwhile_is_not_let_in(ticket: Any, concert: Any, ada: Any) -> None:
    """The cancellation has locked the ticket first: the door waits for it, and sees what came of it."""
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
        Ticket.objects.filter(pk=ticket.pk).update(state=Ticket.State.CANCELED)
    thread.join()
    assert answers == ["canceled"]
