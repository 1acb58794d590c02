"""Values that no form and no endpoint expects."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

LONG = "x" * 10_000
TEXTS: dict[str, str] = {
    "empty": "",
    "blank": "   ",
    "10,000 characters": LONG,
    "NUL": "a\0b",
    "right to left": "\u202egro.live\u2066",
    "combining": "e" + "\u0301" * 200,
    "astral": "\U0001f3ad" * 60,
    "SQL": "1' OR '1'='1'; DROP TABLE marketplace_order; --",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ settings.SECRET_KEY }}{% debug %}%(x)s ${7*7}",
    "line breaks": "a\r\nBcc: all@example.org\r\n\r\nb",
    "path": "../../../../etc/passwd",
    "huge number": "9" * 400,
    "large number": "99999999999999999999",
    "beyond int4": "2147483648",
    "negative": "-1",
    "fraction": "1.5",
    "exponent": "1e999999999",
    "not a number": "NaN",
    "signalling": "sNaN",
    "infinite": "-Infinity",
    "other digits": "٣٤",
    "no address": "http://[",
    "no day": "99999999-99-99T99:99",
}
JSON: dict[str, Any] = {
    **TEXTS,
    "null": None,
    "list": [1, "a", None, {}],
    "nested": [[[[[[{"a": [{}]}]]]]]],
    "object": {"amount": "x", "__proto__": {}, "$ne": 1},
    "true": True,
    "huge": 10**30,
    "int8": 2**63,
    "below zero": -1,
    "zero": 0,
    "float": 1.5,
    "large float": 1e300,
    "lone surrogate": "\ud800",
    "deep surrogate": {"a": ["\udfff"]},
}
BODIES = {
    "no JSON": b"{",
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"x"',
    "number": b"1",
    "deep": b"[" * 50_000,
    "huge number": b'{"a": ' + b"9" * 5000 + b"}",
    "NaN": b'{"a": NaN}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "twice": b'{"email": "a@example.org", "email": []}',
    "oversized": b'{"a": "' + b"x" * 1_100_000 + b'"}',
    "far oversized": b'{"a": "' + b"x" * 3_000_000 + b'"}',
}
TYPES = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=zlib",
    "nonsense",
    "",
)
HEADERS: dict[str, dict[str, str]] = {
    "Accept": {"Accept": "text/html;q=x, \x7f, */*;q=9"},
    "Accept image": {"Accept": "image/png"},
    "Accept-Language": {"Accept-Language": "x" * 5000 + ",;q=,\u00ff"},
    "Accept-Encoding": {"Accept-Encoding": "zstd;q=x"},
    "Range": {"Range": "bytes=99999999999-0,-1"},
    "If-None-Match": {"If-None-Match": 'W/"' + "x" * 5000},
    "If-Match": {"If-Match": "\u00ff"},
    "If-Modified-Since": {"If-Modified-Since": "Xyz, 99 Foo 99999 99:99:99 GMT"},
    "Idempotency-Key": {"Idempotency-Key": "x" * 256},
    "Idempotency-Key empty": {"Idempotency-Key": ""},
    "Idempotency-Key not ASCII": {"Idempotency-Key": "\u00ff\u00fe"},
    "Host": {"Host": "evil.example"},
    "Host no address": {"Host": "[::1"},
    "Host with markup": {"Host": "<script>"},
    "X-Forwarded": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "X-Forwarded-For": "\u00ff,"},
    "Order-Token": {"Order-Token": "\u00ff" * 300},
    "Authorization": {"Authorization": "Bearer \u00ff"},
    "Authorization Basic": {"Authorization": "Basic \u00ff=="},
    "Authorization long": {"Authorization": "Bearer " + "x" * 9000},
    "Cookie": {"Cookie": 'sessionid="\\000aaaaaaaaaaaaaaaaaaaa"; csrftoken="\\000"; messages="\\000x"; =;;'},
    "Cookie long": {"Cookie": "sessionid=" + "\u00ff" * 4000},
    "Referer": {"Referer": "http://["},
    "Origin": {"Origin": "http://["},
    "Sec-Fetch-Site": {"Sec-Fetch-Site": "\u00ff"},
    "Request-Id": {"Request-Id": "a\u00ff{}<>"},
    "HX": {"HX-Request": "true", "HX-Current-URL": "http://["},
    "Method override": {"X-HTTP-Method-Override": "DELETE"},
    "Stripe-Signature": {"Stripe-Signature": "t=9" + "9" * 5000 + ",v1=\u00ff"},
}


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in `body`."""
    if at:
        yield at
    for name, inner in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield from places(inner, (*at, name))


def changed(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    body = copy.deepcopy(body)
    inner = body
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return body


def without(body: Any, place: tuple[Any, ...]) -> Any:
    body = copy.deepcopy(body)
    inner = body
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return body
