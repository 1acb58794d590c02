"""The pages that a problem's `type` leads to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.api.catalogue import KINDS, kind_of
from portal.api.problems import Problem, respond


def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """What the kind of problem `code` means. Plugins' codes have a page too, so that every `type` leads somewhere."""
    if request.method not in ("GET", "HEAD"):
        return respond(
            Problem(405, "method-not-allowed", "This page can only be read.", headers={"Allow": "GET, HEAD"})
        )
    return render(request, "portal/problem.html", {"code": code, "kind": kind_of(code), "kinds": KINDS})
