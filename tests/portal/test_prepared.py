"""A prepared query answers what the plain one does, whatever it is called with; what is inserted is as if saved."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from portal.accounts.models import User
from portal.api.models import IdempotencyKey
from portal.outbox.models import MessageDelivery, StoredMessage
from portal.prepared import Prepared, insert

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


def test_what_is_inserted_is_as_if_saved() -> None:
    rows = [StoredMessage(name=f"tests.Made{n}", payload={"id": n, "text": "'; --"}) for n in range(3)]
    with CaptureQueriesContext(connection) as queries:
        stored = insert(rows)
    assert len(queries) == 1
    found = list(StoredMessage.objects.order_by("name"))
    assert [(row.pk, row.name, row.payload, row.created_at, row.dispatched_at) for row in stored] == [
        (row.pk, row.name, row.payload, row.created_at, row.dispatched_at) for row in found
    ]
    assert [row._state.adding for row in rows] == [False, False, False]
    rows[0].name = "tests.Renamed"
    rows[0].save()
    assert sorted(StoredMessage.objects.values_list("name", flat=True)) == [
        "tests.Made1", "tests.Made2", "tests.Renamed",
    ]  # fmt: skip


def test_nothing_to_insert_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert insert([]) == []
    assert len(queries) == 0


def test_what_the_model_sets_by_itself_is_set() -> None:
    """Dates of its making, ids of its own, and text that its columns encrypt."""
    key, answer = "k" * 64, {"status": 201, "body": "secret", "headers": {}}
    made = IdempotencyKey(scope="s", key=key, fingerprint="f", lease=uuid4(), locked_until=now(), answer=answer)
    insert([made])
    found = IdempotencyKey.objects.get(pk=made.pk)
    assert (found.lease, found.answer, found.created_at) == (made.lease, answer, made.created_at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM api_idempotencykey")
        assert "secret" not in cursor.fetchone()[0]


def test_a_broken_rule_is_the_databases_error() -> None:
    message = StoredMessage(name="tests.Made", payload={})
    insert([message])
    twice = StoredMessage(pk=message.pk, name="tests.Made", payload={})
    insert([twice])  # the id is the database's to give
    assert twice.pk != message.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([MessageDelivery(message=message, subscriber=None)])
