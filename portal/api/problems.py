"""Errors of the API: RFC 9457 problem+json, for everything that goes wrong below /api/."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions

from portal.api.catalogue import kind_of
from portal.errors import Rejected

logger = logging.getLogger("portal.api")
CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """An error answer. `code` is stable and kebab-case; `members` are JSON values that help a client to go on."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.members = status, code, detail, members
        self.headers = dict(headers or {})


class InvalidInput(Problem):
    """422: what is wrong with the input, by JSON pointer ("/items/0/quantity")."""

    def __init__(self, errors: Mapping[str, Sequence[Any]]) -> None:
        rows = [_error(pointer, message) for pointer, messages in errors.items() for message in messages]
        detail = "Some of the input is not valid; see errors."
        if len(rows) == 1:
            detail = f"{rows[0]['pointer'].lstrip('/') or 'The input'}: {rows[0]['detail']}"
        super().__init__(422, "invalid-input", detail, errors=rows)


def _error(pointer: str, message: Any) -> dict[str, str]:
    code = str(getattr(message, "code", "") or "invalid")
    return {"pointer": pointer, "code": code.replace("_", "-"), "detail": str(message)}


def pointers(errors: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """DRF's nested validation `errors` as (JSON pointer, message) pairs."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            yield from pointers(inner, at if name == "non_field_errors" else f"{at}/{name}")
    elif isinstance(errors, list | tuple):
        for place, inner in enumerate(errors):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from pointers(inner, f"{at}/{place}" if nested else at)
    else:
        yield at, errors


def invalid(errors: Any) -> InvalidInput:
    """DRF's validation `errors` as a problem."""
    by_pointer: dict[str, list[Any]] = {}
    for pointer, message in pointers(errors):
        by_pointer.setdefault(pointer, []).append(message)
    return InvalidInput(by_pointer)


def respond(problem: Problem, request: Any = None) -> HttpResponse:
    """`problem` as an HTTP answer."""
    body = {
        "type": f"{settings.BASE_URL}/api/docs/problems/{problem.code}",
        "title": kind_of(problem.code).title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "request_id": request_id(request),
        **problem.members,
    }
    response = HttpResponse(
        json.dumps(body, default=str), status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers
    )
    response["Cache-Control"] = "no-store"
    # By portal.logs, as a request; Django would add a second line.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def request_id(request: Any) -> str:
    return str(getattr(getattr(request, "_request", request), "request_id", "") or "")


def problem_of(error: Exception) -> Problem:
    """The problem that tells of `error`; a 500 for what nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Rejected):
        wait = error.data.get("retry_after")
        headers = {"Retry-After": str(wait)} if wait else {}
        return Problem(error.status, error.code, error.message, headers=headers, **_members(error))
    if isinstance(error, exceptions.ValidationError):
        return invalid(error.detail)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return _of_django(error)


def _members(refusal: Rejected) -> dict[str, Any]:
    """A refusal's data. Bad input says where: by pointer, also where the service named fields or one `field`."""
    data = refusal.data
    errors = data.get("errors")
    if isinstance(errors, list) or (errors is None and refusal.status != HTTPStatus.UNPROCESSABLE_ENTITY):
        return dict(data)
    by_field = errors or {data.get("field", "__all__"): [refusal.message]}
    rows = [_error("" if name == "__all__" else f"/{name}", text) for name, texts in by_field.items() for text in texts]
    return {**data, "errors": rows}


def _of_framework(error: exceptions.APIException) -> Problem:
    code = FRAMEWORK_CODES.get(error.status_code, "error")
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(int(wait))} if wait else {}
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _of_django(error: Exception) -> Problem:
    if isinstance(error, Http404):
        return Problem(404, "not-found", "There is nothing here, or it is not yours to see.")
    if isinstance(error, PermissionDenied):
        return Problem(403, "forbidden", str(error) or "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "too-large", "The request is too large.")
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError):
        return Problem(400, "bad-request", "The request can't be understood.")
    if isinstance(error, DataError | OverflowError):
        return Problem(422, "out-of-range", "A number in the request is out of range.")
    return Problem(500, "server-error", "Something went wrong on our side. It has been noted; please try again.")


FRAMEWORK_CODES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
}


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """DRF's exception handler."""
    problem = problem_of(error)
    request = context.get("request")
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("API request failed", exc_info=error)
        got_request_exception.send(sender=None, request=getattr(request, "_request", request))
    return respond(problem, request)


# Below these, programs call and not people.
PROGRAMS = (
    "/api/",
    *(f"/o/{name}/" for name in ("token", "revoke_token", "introspect", "device-authorization", "userinfo")),
)


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(PROGRAMS)
