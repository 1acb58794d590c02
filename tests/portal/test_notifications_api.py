"""GET /notifications: what one was told oneself, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.notifications.models import Notification
from portal.notifications.services import notify

pytestmark = pytest.mark.django_db
PATH = "/api/v1/notifications"


@pytest.fixture
def told(lantern: None, ben: Any, cleo: Any) -> None:
    for number in (1, 2, 3):
        notify(kind="lantern.lit", cause=f"lantern:{number}", to=ben.email, user=ben, context={"who": f"Ben {number}"})
    notify(kind="lantern.lit", cause="lantern:1", to=cleo.email, user=cleo, context={"who": "Cleo"})
    notify(kind="lantern.lit", cause="lantern:2", to="ben@elsewhere.example", context={"who": "a guest"})


@pytest.mark.usefixtures("told")
def test_ones_own_newest_first(ben: Any, cleo: Any, api_of: Any) -> None:
    rows = api_of(ben, "tickets:read").get(PATH).json()["results"]
    assert [row["subject"] for row in rows] == [f"A lantern for Ben {number}" for number in (3, 2, 1)]
    newest = Notification.objects.filter(user=ben).latest("pk")
    assert rows[0] == {
        "id": str(newest.pk),
        "kind": "lantern.lit",
        "title": "A lantern was lit",
        "subject": "A lantern for Ben 3",
        "text": rows[0]["text"],
        "created_at": newest.created_at.isoformat(),
    }
    assert rows[0]["text"].startswith("A lantern was lit for Ben 3.")
    cleos = api_of(cleo, "tickets:read").get(PATH).json()["results"]
    assert [row["subject"] for row in cleos] == ["A lantern for Cleo"]


@pytest.mark.usefixtures("told")
def test_it_comes_in_pages_with_an_etag(ben: Any, api_of: Any) -> None:
    client = api_of(ben, "tickets:read")
    first = client.get(PATH, {"limit": 2})
    assert client.get(PATH, {"limit": 2}, headers={"If-None-Match": first["ETag"]}).status_code == 304
    second = client.get(first.json()["next"]).json()
    assert [row["subject"] for row in second["results"]] == ["A lantern for Ben 1"]
    assert second["next"] is None
    assert client.get(second["previous"]).json()["results"] == first.json()["results"]


@pytest.mark.usefixtures("told")
def test_a_kind_that_no_plugin_knows_any_more_is_left_out(ben: Any, api_of: Any) -> None:
    Notification.objects.filter(cause="lantern:2").update(kind="torch.lit")
    rows = api_of(ben, "tickets:read").get(PATH).json()["results"]
    assert [row["subject"] for row in rows] == ["A lantern for Ben 3", "A lantern for Ben 1"]


@pytest.mark.usefixtures("told")
def test_a_list_costs_two_queries_beside_the_token(ben: Any, api_of: Any, django_assert_max_num_queries: Any) -> None:
    client = api_of(ben, "tickets:read")
    with django_assert_max_num_queries(6):
        client.get(PATH)


def test_who_may_not(ben: Any, api_of: Any) -> None:
    assert Client().get(PATH).status_code == 401
    assert api_of(ben, "profile").get(PATH).status_code == 403
    assert api_of(ben, "tickets:read").get(PATH, {"limit": 0}).status_code == 422
    assert api_of(ben, "tickets:read").get(PATH, {"unread": 1}).json()["code"] == "unknown-parameter"
