"""What clients were written for goes on working: the description is compared with the released one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.api.checked_in import CURRENT, RELEASED
from tests.api.compatibility import breaks

pytestmark = pytest.mark.once
CHANGELOG = CURRENT.parent / "guides" / "changelog.md"
SAY_SO = (
    "Clients break. Undo it, or raise SPECTACULAR_SETTINGS' VERSION to the next major one, and say so in changelog.md."
)


def announced(old: dict[str, Any], new: dict[str, Any], changelog: str) -> bool:
    """Whether the next major version is due, with an entry of its own."""
    before, after = (int(described["info"]["version"].partition(".")[0]) for described in (old, new))
    return after > before and f"## {new['info']['version']}" in changelog


def test_no_client_breaks_unannounced() -> None:
    old, new = json.loads(RELEASED.read_text()), json.loads(CURRENT.read_text())
    found = breaks(old, new)

    assert found == [] or announced(old, new, CHANGELOG.read_text()), "\n".join([SAY_SO, *found])


def test_the_released_version_is_in_the_changelog() -> None:
    assert f"## {json.loads(RELEASED.read_text())['info']['version']}" in CHANGELOG.read_text()


@pytest.fixture
def old() -> dict[str, Any]:
    return json.loads(CURRENT.read_text())


def schemas(described: dict[str, Any]) -> dict[str, Any]:
    return described["components"]["schemas"]


def booking(described: dict[str, Any]) -> dict[str, Any]:
    return described["paths"]["/tickets/book"]["post"]


def rename(members: dict[str, Any], name: str, other: str) -> None:
    members[other] = members.pop(name)


BREAKING: dict[str, Callable[[dict[str, Any]], Any]] = {
    "DELETE /vendors/payment-methods/{method_id} is removed": lambda new: new["paths"][
        "/vendors/payment-methods/{method_id}"
    ].pop("delete"),
    "GET /venues is removed": lambda new: new["paths"].pop("/venues"),
    "POST /tickets/book: its name in clients changes from book_tickets to book": lambda new: booking(new).update(
        operationId="book"
    ),
    "POST /tickets/book: a call without a token is no longer enough": lambda new: booking(new)["security"].pop(),
    "POST /tickets/book 201: this answer is removed": lambda new: rename(booking(new)["responses"], "201", "202"),
    "POST /tickets/book 201: application/json is removed": lambda new: rename(
        booking(new)["responses"]["201"]["content"], "application/json", "text/plain"
    ),
    "POST /tickets/book 201: the header Idempotency-Replayed is removed": lambda new: booking(new)["responses"]["201"][
        "headers"
    ].pop("Idempotency-Replayed"),
    "POST /tickets/book.voucher is removed": lambda new: schemas(new)["BookInput"]["properties"].pop("voucher"),
    "POST /tickets/book.email is needed now": lambda new: schemas(new)["BookInput"]["required"].append("email"),
    "POST /tickets/book.items[].quantity: maximum is 10 now": lambda new: schemas(new)["ItemInput"]["properties"][
        "quantity"
    ].update(maximum=10),
    "POST /tickets/book.name: its format changes from None to email": lambda new: schemas(new)["BookInput"][
        "properties"
    ]["name"].update(format="email"),
    "POST /tickets/book 201.order.total is removed": lambda new: rename(
        schemas(new)["Order"]["properties"], "total", "sum"
    ),
    "POST /tickets/book 201.order.code: the type changes from string to integer": lambda new: schemas(new)["Order"][
        "properties"
    ]["code"].update(type="integer"),
    "POST /tickets/book 201.order.paid_at may be missing now": lambda new: schemas(new)["Order"]["required"].remove(
        "paid_at"
    ),
    "POST /tickets/book 201.order.state: refunded is no longer answered": lambda new: schemas(new)["Order"][
        "properties"
    ]["state"]["enum"].remove("refunded"),
    "POST /tickets/book.expected_total: no longer takes integer": lambda new: schemas(new)["BookInput"]["properties"][
        "expected_total"
    ]["oneOf"].pop(),
    "GET /events: the parameter city (query) is removed": lambda new: new["paths"]["/events"]["get"][
        "parameters"
    ].remove(next(item for item in new["paths"]["/events"]["get"]["parameters"] if item["name"] == "city")),
    "GET /events: the parameter search (query) is needed now": lambda new: next(
        item for item in new["paths"]["/events"]["get"]["parameters"] if item["name"] == "search"
    ).update(required=True),
    "GET /events 200.results[].venue: also answers Money": lambda new: schemas(new)["Listing"]["properties"]["venue"][
        "anyOf"
    ].append({"$ref": "#/components/schemas/Money"}),
}


@pytest.mark.parametrize("said", BREAKING)
def test_breaks_are_found(old: dict[str, Any], said: str) -> None:
    new = copy.deepcopy(old)
    BREAKING[said](new)

    assert said in breaks(old, new)
    assert not announced(old, new, "")


def test_growing_breaks_nobody(old: dict[str, Any]) -> None:
    new = copy.deepcopy(old)
    new["paths"]["/weather"] = {"get": {}}
    schemas(new)["Order"]["properties"]["weather"] = {"type": "string"}
    schemas(new)["Order"]["required"].append("weather")
    schemas(new)["Order"]["properties"]["state"]["enum"].append("parked")
    schemas(new)["BookInput"]["properties"]["gift"] = {"type": "boolean"}
    schemas(new)["ItemInput"]["properties"]["quantity"]["maximum"] = 2000
    booking(new)["responses"]["418"] = {"description": "Tea"}
    booking(new)["security"] = [{}]

    assert breaks(old, new) == []


def test_a_break_is_announced_by_version_and_changelog(old: dict[str, Any]) -> None:
    new = copy.deepcopy(old)
    new["info"]["version"] = "2.0.0"

    assert announced(old, new, "# Changelog\n\n## 2.0.0\n")
    assert not announced(old, new, "# Changelog\n\n## 1.0.0\n")
