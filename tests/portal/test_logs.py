"""Logs: a line of JSON with the request's id, and nothing that is personal or secret."""

from __future__ import annotations

import json
import logging
import sys
import uuid

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from portal.logs import JsonFormatter, RequestIdFilter, RequestIdMiddleware, request_id, safe_path, scrub


def line(record: logging.LogRecord) -> dict:
    RequestIdFilter().filter(record)
    return json.loads(JsonFormatter().format(record))


def record_of(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("a.logger", logging.WARNING, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    return record


def answer(path: str = "/", status: int = 200, match: ResolverMatch | None = None, **headers: str) -> HttpResponse:
    def view(request):
        request.resolver_match = match
        logging.getLogger("a.view").warning("within")
        return HttpResponse(status=status)

    return RequestIdMiddleware(view)(RequestFactory().get(path, headers=headers))


def match(name: str = "", **kwargs: object) -> ResolverMatch:
    return ResolverMatch(lambda request: None, (), kwargs, name)


def test_a_line_is_one_json_object() -> None:
    found = line(record_of("two\nlines, %s", "three"))
    assert found.pop("time").endswith("+00:00")
    assert found == {"level": "warning", "logger": "a.logger", "message": "two\nlines, three"}
    assert "\n" not in JsonFormatter().format(record_of("two\nlines"))


def test_an_exception_comes_with_its_traceback() -> None:
    try:
        raise ValueError("no room for ben@example.org")
    except ValueError:
        record = record_of("failed")
        record.exc_info = sys.exc_info()
    found = line(record)
    assert found["exception"].splitlines()[0] == "Traceback (most recent call last):"
    assert found["exception"].splitlines()[-1] == "ValueError: no room for <e-mail>"


def test_each_request_has_an_id_that_its_lines_and_answer_carry(caplog) -> None:
    with caplog.at_level(logging.INFO):
        caplog.handler.addFilter(RequestIdFilter())
        first, second = answer(), answer()
    assert uuid.UUID(first["Request-Id"]) != uuid.UUID(second["Request-Id"])
    ids = [record.request_id for record in caplog.records]
    assert ids == [first["Request-Id"]] * 2 + [second["Request-Id"]] * 2
    assert request_id.get() == ""


@pytest.mark.parametrize("given", ["a-trace-id.0123_9", "0123456789abcdef0123456789abcdef"])
def test_a_proxys_id_is_kept(given: str) -> None:
    assert answer(**{"Request-Id": given})["Request-Id"] == given


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space and more", "<script>alert(1)", 'a"quote-long'])
def test_any_other_text_is_not(given: str) -> None:
    assert uuid.UUID(answer(**{"Request-Id": given})["Request-Id"])


def test_a_request_is_logged_with_path_status_and_duration(caplog) -> None:
    with caplog.at_level(logging.INFO, logger="portal.requests"):
        answer("/events/?search=ben@example.org&token=abcdef", 404)
    (record,) = [record for record in caplog.records if record.name == "portal.requests"]
    assert (record.method, record.path, record.status, record.levelno) == ("GET", "/events/", 404, logging.INFO)
    assert record.duration_ms >= 0
    found = line(record)
    assert (found["message"], found["path"], found["status"]) == ("request", "/events/", 404)
    assert "ben" not in json.dumps(found)


def test_a_failed_request_is_an_error(caplog) -> None:
    with caplog.at_level(logging.INFO, logger="portal.requests"):
        answer(status=500)
    assert [record.levelno for record in caplog.records if record.name == "portal.requests"] == [logging.ERROR]


TICKET = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


@pytest.mark.parametrize(
    ("path", "found", "logged"),
    [
        (f"/tickets/{TICKET}/", match("marketplace:ticket", ticket=uuid.UUID(TICKET)), "/tickets/<ticket>/"),
        (f"/checkout/{TICKET}/", None, "/checkout/<uuid>/"),
        ("/orders/ABCDEFGH23/", match("marketplace:order", code="ABCDEFGH23"), "/orders/ABCDEFGH23/"),
        (
            "/account/confirm/MTc:1abc:xyzw_t0ken/",
            match("confirm", key="MTc:1abc:xyzw_t0ken"),
            "/account/confirm/<key>/",
        ),
        ("/door/123456789012/", match("door", event_id=123456789012), "/door/123456789012/"),
        (
            "/vendors/adas-hall/the-long-night-of-jazz/",
            ResolverMatch(lambda request: None, ("vendors/adas-hall/the-long-night-of-jazz/",), {}, "wagtail_serve"),
            "/vendors/adas-hall/the-long-night-of-jazz/",
        ),
    ],
)
def test_secrets_in_paths_are_shown_by_their_names(path: str, found: ResolverMatch | None, logged: str) -> None:
    request = RequestFactory().get(path)
    request.resolver_match = found
    assert safe_path(request) == logged


def test_djangos_own_lines_about_a_request_say_no_more() -> None:
    request = RequestFactory().get(f"/tickets/{TICKET}/")
    request.resolver_match = match("marketplace:ticket", ticket=TICKET)
    record = record_of("%s: %s", "Not Found", request.path, request=request)
    assert line(record)["message"] == "Not Found: /tickets/<ticket>/"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("mail to ada.l+x@mail.example.co.uk refused", "mail to <e-mail> refused"),
        ("Key (email)=(ben@example.org) exists", "Key (email)=(<e-mail>) exists"),
        ("Authorization: Bearer abc.def-ghi_123", "Authorization: <secret> <secret>"),
        ("sent Bearer abc.def-ghi_123 along", "sent Bearer <secret> along"),
        ("GET /x?access_token=s3cr3tvalue&page=2", "GET /x?access_token=<secret>&page=2"),
        ("{'password': 'correct horse'}", "{'password': <secret>}"),
        ("using sk_test_4eC39HqLyjWDarjt and whsec_abcdefgh12", "using <secret> and <secret>"),
        ("a token of 12 characters, event 17, €25.00", "a token of 12 characters, event 17, €25.00"),
    ],
)
def test_what_looks_personal_or_secret_is_cut_out(said: str, logged: str) -> None:
    assert scrub(said) == logged
