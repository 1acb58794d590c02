"""Checks of what a caller sends: an unknown, missing or misshapen parameter is an error that names it, as at Stripe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from marketplace.sandbox.errors import ApiError, missing_parameter, unknown_parameter

Check = Callable[[Any, str], Any]


def invalid(name: str, why: str, code: str = "parameter_invalid") -> ApiError:
    return ApiError(f"Invalid {name}: {why}", code=code, param=name)


def text(limit: int = 5000) -> Check:
    def check(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise invalid(name, "must be a string")
        if len(value) > limit:
            raise invalid(name, f"must be at most {limit} characters", "parameter_invalid_string")
        return value

    return check


def integer(least: int, most: int = 99_999_999) -> Check:
    def check(value: Any, name: str) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name) from None
        if not least <= number <= most:
            raise invalid(name, f"must be between {least} and {most}", "parameter_invalid_integer")
        return number

    return check


def flag(value: Any, name: str) -> bool:
    if value not in ("true", "false"):
        raise ApiError(f"Invalid boolean: {value}", param=name)
    return value == "true"


def choice(*values: str) -> Check:
    def check(value: Any, name: str) -> str:
        if value not in values:
            raise invalid(name, f"must be one of {', '.join(values)}")
        return value

    return check


def url(value: Any, name: str) -> str:
    parts = urlsplit(value if isinstance(value, str) else "")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ApiError("Not a valid URL", code="url_invalid", param=name)
    return value


def currency(value: Any, name: str) -> str:
    if not (isinstance(value, str) and len(value) == 3 and value.isalpha() and value.isascii()):
        raise ApiError(f"Invalid currency: {value}.", param=name)
    return value.lower()


def metadata(value: Any, name: str) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > 50:
        raise invalid(name, "must be an object of at most 50 keys")
    for key, item in value.items():
        if len(key) > 40 or not isinstance(item, str) or len(item) > 500:
            raise invalid(f"{name}[{key}]", "keys have at most 40 characters, values are strings of at most 500")
    return value


def each(check: Check, most: int = 100) -> Check:
    def check_all(value: Any, name: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isdigit() for key in value) or len(value) > most:
            raise ApiError("Invalid array", param=name)
        keys = sorted(value, key=int)
        return [check(value[key], f"{name}[{key}]") for key in keys]

    return check_all


def fields(allowed: dict[str, Check], required: tuple[str, ...] = ()) -> Check:
    def check(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ApiError("Invalid object", param=name)
        full = {key: f"{name}[{key}]" if name else key for key in {*value, *required}}
        for key in value:
            if key not in allowed:
                raise unknown_parameter(full[key])
        for key in required:
            if value.get(key) in (None, ""):
                raise missing_parameter(full[key])
        return {key: allowed[key](item, full[key]) for key, item in value.items() if item != ""}

    return check


EXPAND: dict[str, Check] = {"expand": each(text(500), 20)}
PAGE: dict[str, Check] = {"limit": integer(1, 100), "starting_after": text(), "ending_before": text(), **EXPAND}
_MOMENT = integer(0, 2**40)
_RANGE = fields({"gt": _MOMENT, "gte": _MOMENT, "lt": _MOMENT, "lte": _MOMENT})


def created(value: Any, name: str) -> dict[str, int]:
    """A moment or a range of moments, in seconds since 1970."""
    return _RANGE(value, name) if isinstance(value, dict) else {"gte": (at := _MOMENT(value, name)), "lte": at}


def checked(parameters: dict[str, Any], allowed: dict[str, Check], *required: str) -> dict[str, Any]:
    """`parameters` with values in their types. Raises ApiError for the first that is not in order."""
    return fields({**EXPAND, **allowed}, required)(parameters, "")
