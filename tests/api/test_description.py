"""The OpenAPI description: valid, complete, and the one that is checked in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.accounts.api import LogoutView
from portal.api.catalogue import KINDS
from portal.api.checked_in import CURRENT, text_of
from portal.api.schema import _schemas, description
from tests.infra.answers import errors, resolved

pytestmark = [pytest.mark.django_db, pytest.mark.once]
METHODS = {"get", "head", "post", "put", "patch", "delete"}
PROBLEM = "application/problem+json"


@pytest.fixture
def described(client: Client) -> dict[str, Any]:
    response = client.get("/api/v1/openapi.json")
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_it_is_valid(described: dict[str, Any]) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(described).iter_errors()] == []


def test_paths_are_below_the_base_url(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": f"{settings.BASE_URL}/api/v1"}]
    assert {"/register", "/login", "/logout", "/events"} <= described["paths"].keys()
    assert not [path for path in described["paths"] if path.startswith("/api")]


def test_it_is_the_one_that_is_checked_in() -> None:
    assert CURRENT.read_text() == text_of(), "The API has changed: run `make describe`, and look at what it changes."


def test_the_command_writes_it(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.management.commands import describe_api

    monkeypatch.setattr(describe_api, "CURRENT", tmp_path / "openapi.json")
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)

    call_command("describe_api")

    assert (tmp_path / "openapi.json").read_text() == CURRENT.read_text()


def missing(operation: dict[str, Any]) -> set[str]:
    """What of an operation's description is not there."""
    found = {name for name in ("summary", "description", "tags", "security", "operationId") if not operation.get(name)}
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"]):
        found.add("an operationId for clients")
    answers = [resolved(answer) or {} for answer in operation["responses"].values()]
    contents = [content for answer in answers for content in answer.get("content", {}).items()]
    if not any(media == PROBLEM for media, _content in contents) and "content" in answers[0]:
        found.add("problems")
    if not all(item.get("description") for item in operation.get("parameters", ())):
        found.add("what parameters mean")
    bodies = operation.get("requestBody", {}).get("content", {}).items()
    if not all("example" in content or content.get("examples") for _media, content in (*contents, *bodies)):
        found.add("examples")
    return found


def test_every_operation_is_described(described: dict[str, Any]) -> None:
    lacking = {name: missing(operation) for name, operation in operations(described)}

    assert {name: parts for name, parts in lacking.items() if parts} == {}


def test_what_is_missing_is_noticed(described: dict[str, Any]) -> None:
    """The control."""
    operation = described["paths"]["/tickets/book"]["post"]
    book = {**operation, "summary": "", "security": [], "responses": {"201": {"content": {"application/json": {}}}}}

    assert missing(book) == {"summary", "security", "problems", "examples"}


def test_every_view_describes_itself() -> None:
    from django.utils.module_loading import import_string

    from portal.extensions import api

    views = {route.view: import_string(route.view) for route in api if not route.view.startswith("tests.")}
    silent = {name: view.scopes.keys() - view.operations.keys() for name, view in views.items()}
    assert {name: methods for name, methods in silent.items() if methods} == {}


def test_examples_are_what_the_schemas_allow(described: dict[str, Any]) -> None:
    wrong = {}
    for name, operation in operations(described):
        answers = [resolved(answer) or {} for answer in operation["responses"].values()]
        for content in (operation.get("requestBody", {}), *answers):
            told = content.get("content", {}).get("application/json")
            if told:
                example = told["example"] if "example" in told else next(iter(told["examples"].values()))["value"]
                wrong[name] = errors(told["schema"], example)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_names_for_clients_are_unique(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _name, operation in operations(described)]
    assert len(set(names)) == len(names)
    # Two types of one name in two modules would have the modules in their names.
    assert [name for name in described["components"]["schemas"] if not re.fullmatch(r"([A-Z][a-z]+)+", name)] == []


def test_a_body_that_is_called_like_an_answer_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="both called Order"):
        _schemas({"Order": {}})


def test_links_lead_to_operations_that_take_what_they_give(described: dict[str, Any]) -> None:
    by_id = {operation["operationId"]: (name, operation) for name, operation in operations(described)}
    links = [
        link
        for _name, operation in operations(described)
        for answer in operation["responses"].values()
        for link in answer.get("links", {}).values()
    ]
    for link in links:
        name, operation = by_id[link["operationId"]]
        taken = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert link.get("parameters", {}).keys() <= taken, name
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        assert link.get("requestBody", {}).keys() <= (resolved(body) or {}).get("properties", {}).keys(), name
    way = {operation["operationId"]: operation["responses"] for _name, operation in operations(described)}
    assert way["book_tickets"]["201"]["links"]["pay"]["operationId"] == "pay_order"
    assert way["pay_order"]["200"]["links"]["ticket"]["operationId"] == "get_ticket"


def test_an_operation_says_what_it_takes_and_answers(described: dict[str, Any]) -> None:
    register = described["paths"]["/register"]["post"]

    fields = resolved(register["requestBody"]["content"]["application/json"]["schema"])["properties"]
    assert fields.keys() == {"email", "password", "name", "role", "vendor_name"}
    assert [item["name"] for item in register["parameters"]] == ["Idempotency-Key"]
    assert register["security"] == [{}]
    user = resolved(
        resolved(register["responses"]["201"]["content"]["application/json"]["schema"])["properties"]["user"]
    )
    assert user["properties"].keys() == {"id", "email", "name", "role", "vendor"}  # the last is the vendors' plugin's


def test_a_list_names_its_parameters(described: dict[str, Any]) -> None:
    names = {item["name"] for item in described["paths"]["/events"]["get"]["parameters"]}

    assert {"limit", "cursor", "search", "sort", "date_from", "If-None-Match"} <= names


def test_headers_are_told(described: dict[str, Any]) -> None:
    paths = described["paths"]
    assert paths["/events/{event_id}/tickets"]["head"]["responses"]["200"]["headers"].keys() == {
        *("X-Tickets-Available", "Availability", "Cache-Control"),
        *("Request-Id", "RateLimit", "RateLimit-Policy"),
    }
    assert "X-Ticket-State" in paths["/tickets/{ticket_id}"]["head"]["responses"]["200"]["headers"]
    assert {"ETag", "Request-Id"} <= paths["/events"]["get"]["responses"]["200"]["headers"].keys()
    assert "Retry-After" in resolved(paths["/events"]["get"]["responses"]["429"])["headers"]
    change = paths["/vendors/payment-methods/{method_id}"]["put"]
    assert "If-Match" in {item["name"] for item in change["parameters"]}
    assert "412" in change["responses"]


def test_what_is_going_away_says_so(api_of: Any, ben: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    going = dataclasses.replace(LogoutView.operations["POST"], retires="2027-06-30")
    monkeypatch.setitem(LogoutView.operations, "POST", going)

    logout = description.__wrapped__()["paths"]["/logout"]["post"]

    assert (logout["deprecated"], logout["x-sunset"]) == (True, "2027-06-30")
    assert api_of(ben).post("/api/v1/logout")["Sunset"] == "Wed, 30 Jun 2027 00:00:00 GMT"


def test_every_code_that_is_named_is_explained(described: dict[str, Any]) -> None:
    assert described["components"]["examples"].keys() <= KINDS.keys()
    for code, example in described["components"]["examples"].items():
        assert errors({"$ref": "#/components/schemas/Problem"}, example["value"]) == [], code
    booking = described["paths"]["/tickets/book"]["post"]["responses"]["409"]["content"][PROBLEM]["examples"]
    assert {"sold-out", "price-changed", "limit-per-order", "idempotency-key-running"} <= booking.keys()


def test_scopes_are_told(described: dict[str, Any]) -> None:
    paths = described["paths"]
    assert paths["/logout"]["post"]["security"] == [{"oauth2": []}]
    assert paths["/tickets/book"]["post"]["security"] == [{"oauth2": ["tickets:book"]}, {}]
    assert paths["/payment"]["post"]["security"] == [{"oauth2": ["payments:write"]}, {"orderToken": []}]
    ticket = [{"oauth2": ["tickets:read"]}, {"oauth2": ["checkin"]}, {"orderToken": []}]
    assert paths["/tickets/{ticket_id}"]["get"]["security"] == ticket
    flows = described["components"]["securitySchemes"]["oauth2"]["flows"]
    assert flows.keys() == {"authorizationCode", "clientCredentials"}
    assert flows["authorizationCode"]["scopes"].keys() == settings.OAUTH_SCOPES.keys()
    assert flows["authorizationCode"]["tokenUrl"] == f"{settings.BASE_URL}/o/token/"


def test_the_description_is_made_once(client: Client) -> None:
    first = client.get("/api/v1/openapi.json")

    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client.head("/api/v1/openapi.json").content == b""
