"""The OpenAPI description."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def described(client: Client) -> dict[str, Any]:
    response = client.get("/api/v1/openapi.json")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def test_paths_are_below_the_base_url(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": f"{settings.BASE_URL}/api/v1"}]
    assert {"/register", "/login", "/logout", "/events"} <= described["paths"].keys()
    assert not [path for path in described["paths"] if path.startswith("/api")]


def test_an_operation_says_what_it_takes_and_answers(described: dict[str, Any]) -> None:
    register = described["paths"]["/register"]["post"]

    reference = register["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    fields = described["components"]["schemas"][reference.rpartition("/")[2]]["properties"]
    assert fields.keys() == {"email", "password", "name", "role", "vendor_name"}
    assert "application/problem+json" in register["responses"]["4XX"]["content"]
    assert [item["name"] for item in register["parameters"]] == ["Idempotency-Key"]
    assert register.get("security", []) == []


def test_a_list_names_its_parameters(described: dict[str, Any]) -> None:
    names = {item["name"] for item in described["paths"]["/events"]["get"]["parameters"]}

    assert {"limit", "cursor", "search", "sort", "date_from"} <= names


def test_scopes_are_told(described: dict[str, Any]) -> None:
    assert described["paths"]["/logout"]["post"]["security"] == [{"oauth2": []}]
    flows = described["components"]["securitySchemes"]["oauth2"]["flows"]
    assert flows.keys() == {"authorizationCode", "clientCredentials"}
    assert flows["authorizationCode"]["scopes"].keys() == settings.OAUTH_SCOPES.keys()
    assert flows["authorizationCode"]["tokenUrl"] == f"{settings.BASE_URL}/o/token/"


def test_the_description_is_made_once(client: Client) -> None:
    first = client.get("/api/v1/openapi.json")

    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.head("/api/v1/openapi.json").content == b""
