"""Everything that goes wrong below /api/ is told as problem+json, and nothing is a 500 by accident."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from portal.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.endpoints")]


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["request_id"] == response["Request-Id"] != ""
    assert told["type"] == f"{settings.BASE_URL}/api/docs/problems/{told['code']}"
    return told


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/api/v1/nowhere", 404, "not-found"),
        ("get", "/api/v1/public/", 404, "not-found"),
        ("post", "/api/v1/nowhere", 404, "not-found"),
        ("get", "/api/nowhere", 404, "not-found"),
        ("get", "/api/v1/faults/missing", 404, "not-found"),
        ("post", "/api/v1/public", 405, "method-not-allowed"),
        ("trace", "/api/v1/public", 405, "method-not-allowed"),
        ("get", "/api/v1/make", 405, "method-not-allowed"),
        ("patch", "/api/v1/public", 403, "forbidden"),
        ("get", "/api/v1/private", 401, "unauthorized"),
        ("get", "/api/v1/public?colour=red", 400, "unknown-parameter"),
        ("post", "/api/v1/private?colour=red", 400, "unknown-parameter"),
        ("get", "/api/v1/public?size=10", 422, "invalid-input"),
        ("get", "/api/v1/public?size=%00", 422, "invalid-input"),
        ("get", "/api/v1/public?size=99999999999999999999999", 422, "invalid-input"),
        ("get", "/api/v1/faults/rejected", 409, "sold-out"),
        ("get", "/api/v1/faults/number", 422, "out-of-range"),
    ],
)
def test_a_problem_for_each_error(client: Client, method: str, path: str, status: int, code: str) -> None:
    response = getattr(client, method)(path)

    assert (response.status_code, problem(response)["code"]) == (status, code)


def test_a_method_that_is_not_allowed_names_those_that_are(client: Client) -> None:
    assert client.post("/api/v1/public")["Allow"] == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"


def test_a_refusal_brings_its_data(client: Client) -> None:
    told = problem(client.get("/api/v1/faults/rejected"))

    assert (told["title"], told["detail"], told["left"]) == ("Sold out", "Only 2 are left.", 2)


def test_an_unknown_parameter_is_named(client: Client) -> None:
    assert problem(client.get("/api/v1/public?size=3&colour=red"))["parameters"] == ["colour"]


def test_what_nobody_foresaw_is_a_problem_that_tells_no_secret(client: Client) -> None:
    client.raise_request_exception = False

    response = client.get("/api/v1/faults/broken")

    assert (response.status_code, problem(response)["code"]) == (500, "server-error")
    assert b"secret detail" not in response.content


BAD_BODIES = {
    "no JSON": (b"{", 400, "malformed-json"),
    "empty": (b"", 422, "invalid-input"),
    "not UTF-8": (b'{"name": "\xff"}', 400, "malformed-json"),
    "a list": (b"[]", 422, "invalid-input"),
    "a text": (b'"name"', 422, "invalid-input"),
    "null": (b"null", 422, "invalid-input"),
    "a number that is none": (b'{"name": NaN}', 400, "malformed-json"),
    "deep": (b"[" * 100_000, 400, "malformed-json"),
    "a huge number": (b'{"name": ' + b"9" * 5000 + b"}", 400, "malformed-json"),
    "NUL": (b'{"name": "a\\u0000"}', 422, "invalid-input"),
    "a lone surrogate": (b'{"name": "\\ud800"}', 422, "invalid-input"),
    "a lone surrogate as a name": (b'{"name": "a", "\\ud800": {"x": "\\ud800"}}', 422, "invalid-input"),
    "missing": (b"{}", 422, "invalid-input"),
    "too long": (b'{"name": "%s"}' % (b"a" * 21), 422, "invalid-input"),
    "nested nonsense": (b'{"name": {"a": []}, "parts": 3}', 422, "invalid-input"),
    "oversized": (b'{"name": "%s"}' % (b"a" * 1_100_000), 413, "too-large"),
    "far oversized": (b'{"name": "%s"}' % (b"a" * 3_000_000), 413, "too-large"),
}


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("key", ["", "a-key"])
def test_bad_bodies_are_refused(client: Client, name: str, key: str) -> None:
    body, status, code = BAD_BODIES[name]
    headers = {"Idempotency-Key": key} if key else {}
    path = "/api/v1/make" if key else "/api/v1/body"

    response = client.post(path, body, content_type="application/json", headers=headers)

    assert (response.status_code, problem(response)["code"]) == (status, code)


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"]
)
def test_other_media_types_are_refused(client: Client, media_type: str) -> None:
    response = client.post("/api/v1/body", b"name=a", content_type=media_type)

    assert (response.status_code, problem(response)["code"]) == (415, "unsupported-media-type")


def test_invalid_input_is_pointed_to(client: Client) -> None:
    body = {"email": "no", "name": "", "parts": [{"quantity": 1}, {"quantity": 0}, {}]}

    told = problem(client.post("/api/v1/body", body, content_type="application/json"))

    assert [(row["pointer"], row["code"]) for row in told["errors"]] == [
        ("/email", "invalid"),
        ("/name", "blank"),
        ("/parts/1/quantity", "min-value"),
        ("/parts/2/quantity", "required"),
    ]


@override_settings(ALLOWED_HOSTS=["foyer.example"])
def test_a_foreign_host_is_a_problem_too(client: Client) -> None:
    response = client.get("/api/v1/things", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert b"evil.example" not in response.content


def test_a_kind_of_problem_has_a_page(client: Client) -> None:
    for code in ("invalid-input", "a-plugins-own"):
        assert client.get(f"/api/docs/problems/{code}").status_code == 200
    assert client.get("/api/docs/problems/<script>").status_code == 404


# ---- who may


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Bearer " + "x" * 600, "Bearer \xff"]
)
def test_a_bad_token_is_refused_on_public_reads_too(client: Client, header: str) -> None:
    response = client.get("/api/v1/public", headers={"Authorization": header})

    assert (response.status_code, problem(response)["code"]) == (401, "invalid-token")
    assert response["WWW-Authenticate"].startswith('Bearer realm="api", error="invalid_token"')


def test_a_token_opens_what_its_scope_says(ben: User, api_of: Callable[..., Client]) -> None:
    assert api_of(ben, "profile").get("/api/v1/private").json() == {"email": ben.email}

    response = api_of(ben, "tickets:read").get("/api/v1/private")

    assert (response.status_code, problem(response)["code"]) == (403, "insufficient-scope")
    assert response["WWW-Authenticate"] == (
        'Bearer realm="api", error="insufficient_scope", scope="profile", '
        f'resource_metadata="{settings.BASE_URL}/.well-known/oauth-protected-resource/api/v1"'
    )


def test_guests_may_do_what_is_open_to_them(client: Client, ben: User, api_of: Callable[..., Client]) -> None:
    assert client.post("/api/v1/private").json() == {"person": False}
    assert api_of(ben).post("/api/v1/private").json() == {"person": True}


def test_a_session_is_no_way_in(ben: User, browser_of: Callable[[User], Client]) -> None:
    assert browser_of(ben).get("/api/v1/private").status_code == 401


def test_a_token_in_the_address_is_no_way_in(ben: User, api_of: Callable[..., Client]) -> None:
    token = api_of(ben).defaults["HTTP_AUTHORIZATION"].split()[1]

    assert Client().get(f"/api/v1/private?access_token={token}").status_code == 401


def test_a_body_may_be_any_json_text(client: Client) -> None:
    body = json.dumps({"name": "Müller \\u0000 𝄞"}, ensure_ascii=True)

    assert client.post("/api/v1/body", body, content_type="application/json").json() == {"name": "Müller \\u0000 𝄞"}
