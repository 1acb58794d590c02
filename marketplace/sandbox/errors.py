"""Errors as Stripe's API answers them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An error answer: `type` and `code` as Stripe documents them, `status` the HTTP status."""

    def __init__(self, message: str, *, type: str = "invalid_request_error", status: int = 400, **extra: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": type, **extra}}


def missing(kind: str, id: str, param: str = "id") -> ApiError:
    return ApiError(f"No such {kind}: '{id}'", status=404, code="resource_missing", param=param)


def unknown_parameter(name: str) -> ApiError:
    return ApiError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def missing_parameter(name: str) -> ApiError:
    return ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)
