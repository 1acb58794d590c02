"""The documentation's pages: what the description says, the guides, and the errors that a problem's `type` leads to."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

from portal.api import answering
from portal.api.catalogue import kind_of
from portal.api.checked_in import FOLDER, NOWHERE
from portal.api.problems import Problem, respond
from portal.api.reference import answering_with, kinds, tags
from portal.api.schema import description
from portal.api.snippets import pretty

GUIDES = ("getting-started", "signing-in", "buying", "refunds", "sales", "conventions", "changelog")


# Links between the files lead to their pages, languages fold, and what scrolls can be scrolled with the keyboard too.
FOLDED = r'<details class="disclosure"{}><summary>{}</summary>\1</details>'
DRESSING = (
    (r'href="([\w-]+)\.md', r'href="\1'),
    ("<pre>", '<pre tabindex="0">'),
    (r'(<pre tabindex="0"><code class="language-bash">.*?</pre>)', FOLDED.format(" open", "curl")),
    (r'(<pre tabindex="0"><code class="language-python">.*?</pre>)', FOLDED.format("", "Python")),
    (r'(<pre tabindex="0"><code class="language-js">.*?</pre>)', FOLDED.format("", "JavaScript")),
    ("<table>", '<div class="scroll" tabindex="0"><table class="table">'),
    ("</table>", "</table></div>"),
)


class Guide(NamedTuple):
    slug: str
    title: str
    lead: str
    html: str


@cache
def guides() -> dict[str, Guide]:
    """Our own Markdown files, in the order in which they are read."""
    return {slug: _guide(slug) for slug in GUIDES if (FOLDER / "guides" / f"{slug}.md").is_file()}


def _guide(slug: str) -> Guide:
    text = (FOLDER / "guides" / f"{slug}.md").read_text().replace(NOWHERE, settings.BASE_URL)
    title, _, rest = text.removeprefix("# ").partition("\n")
    lead, _, rest = rest.strip().partition("\n\n")
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(rest)
    for found, written in DRESSING:
        html = re.sub(found, written, html, flags=re.DOTALL)
    return Guide(slug, title, lead, mark_safe(html))  # noqa: S308 - our own files


def for_reading(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Below /api/ a wrong method is told as a problem too."""

    @functools.wraps(view)
    def read(request: HttpRequest, **parts: str) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request, **parts)
        return respond(
            Problem(405, "method-not-allowed", "This page can only be read.", headers={"Allow": "GET, HEAD"})
        )

    return read


def _page(request: HttpRequest, template: str, **shown: Any) -> HttpResponse:
    about = description()["info"]
    return render(request, f"portal/docs/{template}.html", {"guides": guides(), "tags": tags(), "api": about, **shown})


@for_reading
def overview(request: HttpRequest) -> HttpResponse:
    return _page(request, "overview", here="overview", base=f"{settings.BASE_URL}/api/v1", scopes=settings.OAUTH_SCOPES)


@for_reading
def operations(request: HttpRequest, tag: str) -> HttpResponse:
    found = next((each for each in tags() if each.slug == tag), None)
    if found is None:
        raise Http404
    return _page(request, "operations", here=tag, tag=found)


@for_reading
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in guides():
        raise Http404
    return _page(request, "guide", here=slug, guide=guides()[slug])


@for_reading
def problems(request: HttpRequest) -> HttpResponse:
    return _page(request, "problems", here="problems", kinds=kinds())


@for_reading
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """What the kind of problem `code` means. Plugins' codes have a page too, so that every `type` leads somewhere."""
    example = pretty(answering.example(code, settings.BASE_URL))
    operations = answering_with(code)
    return _page(
        request, "problem", here="problems", code=code, kind=kind_of(code), example=example, operations=operations
    )
