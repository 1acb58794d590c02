"""Idempotency-Key: the same POST twice has one effect and one answer.

A key is claimed by a row with a lease. The effect and the answer are then stored in one transaction, which also checks
that the lease is still ours: of two processes that believe to own a key, one can commit. A process that dies leaves a
lease that ends after LEASE, and the next try takes over.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts.addresses import client_address
from portal.api.models import IdempotencyKey
from portal.api.problems import Problem, problem_response

LEASE = timedelta(seconds=30)
KEPT = timedelta(hours=72)
MAX_KEY = 255
# Refusals that are final for this request. After any other error nothing has happened, and the key is free again.
FINAL_REFUSALS = {402, 409, 410}
KEPT_HEADERS = ("Location", "ETag", "Content-Type")

FIELDS = {field.name: field for field in IdempotencyKey._meta.concrete_fields}
COLUMNS = [field for field in FIELDS.values() if not field.primary_key]
# Says by its answer whether the key was free, and a conflict does not end a transaction.
CLAIM = f"""
    INSERT INTO {IdempotencyKey._meta.db_table} ({", ".join(str(field.column) for field in COLUMNS)})
    VALUES ({", ".join(["%s"] * len(COLUMNS))}) ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""  # noqa: S608 - our own names
STORE = "UPDATE api_idempotencykey SET answer = %s WHERE id = %s AND lease = %s AND answer IS NULL"

Handler = Callable[..., Any]


def idempotent(required: bool = False, atomic: bool = True, prepare: str = "") -> Callable[[Handler], Handler]:
    """Decorate a view's `post`. With `atomic` it runs in one transaction, together with storing its answer.

    ``atomic=False`` is for handlers that call other systems in between: the answer is stored afterwards, and what they
    call is idempotent by itself. `prepare` names a method of the view, called with the request before the transaction,
    for what is slow and writes nothing.
    """

    def decorate(handler: Handler) -> Handler:
        @functools.wraps(handler)
        def post(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            key = read_key(request, required=required)
            work = Work(view, functools.partial(handler, view, request, *args, **kwargs), atomic, prepare)
            return work.run() if key is None else _once(work, request, key)

        post.idempotency = "required" if required else "honoured"  # type: ignore[attr-defined]
        return post

    return decorate


def read_key(request: Any, *, required: bool) -> str | None:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        if required:
            raise Problem(400, "idempotency-key-required", "Send an Idempotency-Key header: a new random key.")
        return None
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise Problem(400, "idempotency-key-invalid", f"An Idempotency-Key has 1 to {MAX_KEY} printable characters.")
    return key


@dataclass(frozen=True)
class Work:
    """A handler, bound to what it was called with."""

    view: Any
    handler: Callable[[], Any]
    atomic: bool
    prepare: str

    def run(self, store: Callable[[HttpResponse], None] | None = None) -> HttpResponse:
        """The answer of the handler. `store` keeps it, in the transaction of the effect where there is one."""
        if self.prepare:
            getattr(self.view, self.prepare)(self.view.request)
        self.view.store = store
        with transaction.atomic() if self.atomic else nullcontext():
            return self.view.keep(self.handler())


def _once(work: Work, request: Any, key: str) -> HttpResponse:
    fingerprint = _fingerprint(request)  # reads the body before anything else does
    claim = _claim(scope_of(request), hashlib.sha256(key.encode()).hexdigest(), fingerprint)
    if claim.answer is not None:
        return _replay(claim.answer)
    try:
        return work.run(functools.partial(_store, claim))
    except Exception as error:
        return _refuse(work.view, claim, error)


def _refuse(view: Any, claim: IdempotencyKey, error: Exception) -> HttpResponse:
    """The answer that tells of `error`, kept where it is final; otherwise the key is given back."""
    response = problem_response(error, {"view": view, "request": view.request})
    if response.status_code in FINAL_REFUSALS and not isinstance(error, LeaseLost):
        _ours(claim).update(answer=_answer(response))
    else:
        _ours(claim).delete()
    return response


class LeaseLost(Problem):
    """Another process took the key over while this one was at work; nothing of this one's work is kept."""

    def __init__(self) -> None:
        super().__init__(*RUNNING, headers={"Retry-After": "1"})


RUNNING = (409, "idempotency-key-running", "The first request with this key is still running.")


def _store(claim: IdempotencyKey, response: HttpResponse) -> None:
    values = {"answer": _answer(response), "id": claim.pk, "lease": claim.lease}
    with connection.cursor() as cursor:
        cursor.execute(STORE, [FIELDS[name].get_db_prep_save(value, connection) for name, value in values.items()])
        if not cursor.rowcount:
            raise LeaseLost


def _ours(claim: IdempotencyKey) -> Any:
    return IdempotencyKey.objects.filter(pk=claim.pk, lease=claim.lease, answer=None)


def _answer(response: HttpResponse) -> dict[str, Any]:
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    return {"status": response.status_code, "body": response.content.decode(), "headers": headers}


def _replay(answer: Any) -> HttpResponse:
    response = HttpResponse(answer["body"], status=answer["status"], headers=answer["headers"])
    response["Idempotency-Replayed"] = "true"
    return response


def _claim(scope: str, key: str, fingerprint: str) -> IdempotencyKey:
    """A row that is ours to work under, or one with the first answer. Raises Problem: other body, or still running."""
    lease, until = uuid.uuid4(), timezone.now() + LEASE
    row = IdempotencyKey(scope=scope, key=key, fingerprint=fingerprint, lease=lease, locked_until=until)
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [field.get_db_prep_save(field.value_from_object(row), connection) for field in COLUMNS])
        inserted = cursor.fetchone()
    if inserted is None:
        return _claim_again(scope, key, fingerprint, lease)
    row.pk = inserted[0]
    return row


def _claim_again(scope: str, key: str, fingerprint: str, lease: uuid.UUID) -> IdempotencyKey:
    now = timezone.now()
    row = IdempotencyKey.objects.filter(scope=scope, key=key).first()
    if row is None:  # given back this very moment
        raise LeaseLost
    if row.created_at > now - KEPT:
        if row.fingerprint != fingerprint:
            raise Problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.")
        if row.answer is not None:
            return row
        if row.locked_until > now:
            raise LeaseLost
    return _take_over(row, fingerprint, lease)


def _take_over(row: IdempotencyKey, fingerprint: str, lease: uuid.UUID) -> IdempotencyKey:
    """Compare-and-set: of several that find a dead process's lease, one goes on."""
    now = timezone.now()
    fresh = {"fingerprint": fingerprint, "lease": lease, "locked_until": now + LEASE, "answer": None, "created_at": now}
    if not IdempotencyKey.objects.filter(pk=row.pk, lease=row.lease).update(**fresh):
        raise LeaseLost
    row.lease, row.answer = lease, None
    return row


def scope_of(request: Any) -> str:
    """Whose key it is: the user's, else the client's, else the guest's, known by the secret of an order or by e-mail."""
    if request.auth is not None:
        return f"user:{request.auth.user_id}" if request.auth.user_id else f"client:{request.auth.application_id}"
    guest = request.META.get("HTTP_ORDER_TOKEN") or _email(request.data) or client_address(request)
    return "guest:" + hashlib.sha256(guest.encode("utf-8", "replace")).hexdigest()


def _email(body: Any) -> str:
    email = body.get("email") if isinstance(body, dict) else None
    return email.strip().lower() if isinstance(email, str) else ""


def _fingerprint(request: Any) -> str:
    """Keyed, because a body can hold a password, which a plain hash would let others guess."""
    raw = request._request.body
    told = f"{request.method} {request._request.get_full_path()}\n".encode() + raw
    return salted_hmac("portal.api.idempotency", told, algorithm="sha256").hexdigest()


def forget_old_keys() -> None:
    """Delete what is older than KEPT. A daily job."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
