"""The base of every endpoint: who may call, what comes in, how errors, caching and limits are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from rest_framework import exceptions, serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api import conditional, cors, usage
from portal.api.operations import Operation
from portal.api.pagination import CursorPagination
from portal.api.problems import Problem, invalid
from portal.api.throttling import Allowance, allowance, check

SAFE = ("GET", "HEAD")


class FirstRenderer(BaseContentNegotiation):
    """The view's renderer that the Accept header asks for by name, else its first: JSON is not refused."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        if not request.content_type:
            return None
        media_type = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> tuple[Any, str]:
        accept = request.META.get("HTTP_ACCEPT", "")
        chosen = next((item for item in renderers if item.media_type in accept), renderers[0])
        return chosen, chosen.media_type


class ApiView(APIView):
    """An endpoint.

    `scopes` says by method which scope a token needs: None for anyone, "" for any person's token; a method that is not
    listed is refused. Methods in `guests` also work without a token. `query` is the serializer of the query
    parameters; others are refused by name. `operations` describe each method. `max_age` is how many seconds anyone may
    keep a public answer.
    """

    scopes: ClassVar[dict[str, str | None]] = {}
    guests: ClassVar[frozenset[str] | set[str]] = frozenset()
    query: ClassVar[type[serializers.Serializer] | None] = None
    operations: ClassVar[dict[str, Operation]] = {}
    needs_user: ClassVar[bool] = True
    cors: ClassVar[bool] = True
    max_age: ClassVar[int] = 0

    content_negotiation_class = FirstRenderer
    allowed: Allowance | None = None
    store: Callable[[HttpResponse], None] | None = None  # set by ``idempotent``
    format_kwarg = None

    @property
    def actor(self) -> Any:
        """The person who calls; AnonymousUser for strangers and for a client's own token."""
        return self.request.user

    @property
    def token(self) -> Any:
        """The token that calls; None where there is none, or a bad one, for which `request.auth` would raise again."""
        return getattr(self.request, "_auth", None)

    def read_query(self) -> dict[str, Any]:
        """The valid query parameters. Raises a 422 problem."""
        if self.query is None:
            return {}
        return self._valid(self.query, self.request.query_params)

    def read_body(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """The valid body. Raises a 400, 413, 415 or 422 problem."""
        return self._valid(serializer, self.request.data)

    def _valid(self, serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
        form = serializer(data=data, context={"view": self, "request": self.request})
        if not form.is_valid():
            raise invalid(form.errors)
        return form.validated_data

    def check_match(self, representation: Any) -> None:
        """Raise a 412 problem where If-Match names another state than `representation`, which GET would answer."""
        wanted = self.request.META.get("HTTP_IF_MATCH")
        if wanted is None:
            return
        current = conditional.etag_of(self.render(Response(representation)).content)
        if not conditional.matches(wanted, current, weak=False):
            raise Problem(412, "precondition-failed", "It has changed since you read it.", current=current)

    def render(self, response: Any) -> HttpResponse:
        """`response` with its content made."""
        if isinstance(response, Response) and not response.is_rendered:
            self.finalize_response(self.request, response).render()
        return response

    def keep(self, response: Any) -> HttpResponse:
        """`response` with its content made, and stored under the request's Idempotency-Key.

        A handler calls it where its transaction goes on to take a row that many wait for, and then returns the same
        response; for all others the decorator does so.
        """
        response = self.render(response)
        if self.store is not None:
            self.store(response)
            self.store = None
        return response

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "OPTIONS":
            return cors.preflight(request, self)
        response = self.render(super().dispatch(request, *args, **kwargs))
        if self.allowed is not None:
            _tell_allowance(response, self.allowed)
        if request.method in SAFE:
            response = self._answer_read(request, response)
        self._tell_of_origins(request, response)
        usage.note(request, response, token=self.token)
        told = self.operations.get(request.method or "")
        if told is not None and told.retires:
            response["Sunset"] = http_date(datetime.fromisoformat(f"{told.retires}T00:00Z").timestamp())
        return response

    def is_public(self, method: str) -> bool:
        """Whether `method` only reads, and anyone may do so."""
        return method in SAFE and self.scopes.get("GET", "") is None

    def _tell_of_origins(self, request: HttpRequest, response: HttpResponse) -> None:
        token = self.token
        if self.cors and token is None and self.is_public(request.method or ""):
            cors.open_to_all(response)
        elif self.cors:
            cors.open_to_apps(request, response, application=token and token.application)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        self.perform_authentication(request)
        self.check_throttles(request)
        self.check_permissions(request)
        if request.META.get("QUERY_STRING"):
            self._refuse_unknown_parameters(request)

    def check_throttles(self, request: Any) -> None:
        policy = "read" if request.method in SAFE else "write"
        self.allowed = allowance(request, policy=policy)
        check(self.allowed)

    def _refuse_unknown_parameters(self, request: Any) -> None:
        known = self.query._declared_fields if self.query else {}
        if unknown := [name for name in request.query_params if name not in known]:
            listed = ", ".join(name[:60] for name in unknown[:5])
            raise Problem(400, "unknown-parameter", f"Unknown query parameter: {listed}.", parameters=unknown[:5])

    def _answer_read(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code == 200:
            public = self.scopes.get("GET", "") is None and self.request.auth is None
            conditional.tell_caching(response, public=public, max_age=self.max_age)
            if not hasattr(type(self), "head"):  # a head() of its own has no body to make an ETag of
                response = conditional.not_modified(request, response)
        return conditional.without_body(response) if request.method == "HEAD" else response


def _tell_allowance(response: HttpResponse, allowed: Allowance) -> None:
    """The headers of the IETF's draft on rate limits."""
    response["RateLimit-Policy"] = f'"{allowed.policy}";q={allowed.quota};w=60'
    response["RateLimit"] = f'"{allowed.policy}";r={max(allowed.remaining, 0)};t={allowed.reset}'


class PageQuery(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False, help_text="Rows a page.")
    cursor = serializers.CharField(max_length=1000, required=False, help_text="As in `next` and `previous`.")


class ListView(ApiView):
    """A list in pages: `{"next", "previous", "results"}`.

    Subclasses give `rows(params)` and `represent(row)`, or `represent_all(rows)` where rows share queries. `ordering`
    names fields, "-" first for falling order; the primary key is added, so that every order is total.
    """

    scopes: ClassVar[dict[str, str | None]] = {"GET": None}
    ordering: ClassVar[tuple[str, ...]] = ("pk",)
    page_size: ClassVar[int] = 20
    query: ClassVar[type[serializers.Serializer] | None] = PageQuery

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = cls.query
        if own is not None and not issubclass(own, PageQuery):
            cls.query = type(f"{own.__name__}Page", (own, PageQuery), {"__doc__": own.__doc__})

    def rows(self, params: dict[str, Any]) -> QuerySet[Any]:
        raise NotImplementedError

    def represent(self, row: Any) -> Mapping[str, Any]:
        raise NotImplementedError

    def represent_all(self, rows: list[Any]) -> Sequence[Mapping[str, Any]]:
        return [self.represent(row) for row in rows]

    def ordering_for(self, params: dict[str, Any]) -> tuple[str, ...]:
        return self.ordering

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        params = self.read_query()
        pages = CursorPagination(self.ordering_for(params), params.get("limit") or self.page_size)
        page = pages.page(self.rows(params), params.get("cursor"))
        links = page.links(request)
        return Response({**links, "results": self.represent_all(page.rows)})
