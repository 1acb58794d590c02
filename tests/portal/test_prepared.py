"""A prepared query answers what the plain one does, whatever it is called with, in each thread."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.outbox.models import MessageDelivery, StoredMessage
from portal.prepared import Prepared

pytestmark = pytest.mark.django_db

BY_EMAIL = Prepared(lambda email: User.objects.filter(email=email))
DELIVERIES = Prepared(
    lambda name, attempts: (
        MessageDelivery.objects.filter(message__name=name, attempts=attempts)
        .select_related("message")
        .only("subscriber", "message__payload")
        .order_by("-subscriber")
    )
)


def test_it_is_asked_again_with_other_values(ada: User, ben: User) -> None:
    assert (BY_EMAIL(email=ada.email), BY_EMAIL(email=ben.email)) == ([ada], [ben])
    assert (BY_EMAIL(email="nobody@example.org"), BY_EMAIL.first(email="nobody@example.org")) == ([], None)


def test_a_value_is_a_value_and_never_sql(ada: User) -> None:
    assert BY_EMAIL(email="' OR 1=1 --") == []
    assert BY_EMAIL(email="%s") == []


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        BY_EMAIL(name="Ada")


def test_joins_order_and_deferred_fields_are_those_of_the_query() -> None:
    message = StoredMessage.objects.create(name="tests.Made", payload={"id": 7})
    for subscriber in ("a", "b"):
        MessageDelivery.objects.create(message=message, subscriber=subscriber)
    with CaptureQueriesContext(connection) as queries:
        found = DELIVERIES(name="tests.Made", attempts=0)
        assert [(row.subscriber, row.message.payload) for row in found] == [("b", {"id": 7}), ("a", {"id": 7})]
    assert len(queries) == 1
    assert found[0].get_deferred_fields() == {"state", "attempts", "due_at", "error", "done_at"}
    assert DELIVERIES(name="tests.Made", attempts=1) == []


def test_it_is_compiled_once(ada: User) -> None:
    calls: list[Any] = []

    def make(email: Any) -> Any:
        calls.append(email)
        return User.objects.filter(email=email)

    query = Prepared(make)
    assert [query(email=ada.email), query(email=ada.email)] == [[ada], [ada]]
    assert len(calls) == 1
