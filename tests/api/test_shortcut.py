"""API calls pass the middleware of pages by."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_api_has_no_session_and_no_headers_of_pages(client: Client) -> None:
    answer = client.get("/api/v1/events")
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert not {"Content-Security-Policy", "X-Frame-Options"} & set(answer.headers)
    assert (answer["X-Content-Type-Options"], "Request-Id" in answer) == ("nosniff", True)


def test_pages_have_them(client: Client) -> None:
    assert {"Content-Security-Policy", "X-Frame-Options"} <= set(client.get("/events/").headers)
    assert {"Content-Security-Policy", "X-Frame-Options"} <= set(client.get("/api/docs/problems/not-found").headers)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/nothing", 404), ("PATCH", "/api/v1/events", 405)]
)
def test_errors_are_still_problems(client: Client, method: str, path: str, status: int) -> None:
    answer = client.generic(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
