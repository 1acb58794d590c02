"""Django's error handlers: a problem below /api/, the site's error pages elsewhere."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from portal.api.problems import Problem, is_api, problem_of, respond


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return respond(problem_of(exception), request)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return respond(problem_of(exception), request)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return respond(problem_of(exception), request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest, *_args: Any) -> HttpResponse:
    if is_api(request):
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return respond(Problem(status, "server-error", "Something went wrong on our side; please try again."), request)
    return defaults.server_error(request)
