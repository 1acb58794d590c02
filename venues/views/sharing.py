"""What other sites take from here: events' pictures and frames, oEmbed's answers, the widget's script, feeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.api import conditional, cors
from portal.api.problems import Problem, problem_of, respond
from portal.shared_cache import offer_to_strangers
from venues.api.represent import absolute
from venues.models import EventListing, EventPage
from venues.privacy import public
from venues.queries import browse
from venues.sharing import oembed as answers
from venues.sharing.feeds import FORMATS, MOST, Feed
from venues.sharing.pictures import Busy, picture_of, picture_path, version_of
from venues.sharing.requests import FrameForm, read_frame, read_question, read_search

View = Callable[..., HttpResponse]
A_DAY, AN_HOUR, FIVE_MINUTES = 86_400, 3_600, 300  # seconds
WIDGET = "portal/js/widget.js"


def read_by_machines(max_age: int) -> Callable[[View], View]:
    """For answers that are the same for everybody: who may keep them, an ETag, any origin, and problems for errors."""

    def decorator(view: View) -> View:
        @require_safe
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                response = view(request, *args, **kwargs)
            except (Problem, Http404) as error:
                response = respond(problem_of(error), request)
            if response.status_code == 200:
                response.setdefault("Cache-Control", f"public, max-age={max_age}")
                response = conditional.not_modified(request, response)
            cors.open_to_all(response)
            return conditional.without_body(response) if request.method == "HEAD" else response

        return answered

    return decorator


@read_by_machines(A_DAY)
def picture(request: HttpRequest, event_id: int, version: str) -> HttpResponse:
    """The event's picture for links. An earlier state's address leads to what it is now."""
    listing = get_object_or_404(EventListing.objects.select_related("event__image"), pk=event_id)
    if version != version_of(listing):
        moved = HttpResponse(status=302, headers={"Location": picture_path(listing)})
        moved["Cache-Control"] = f"public, max-age={FIVE_MINUTES}"
        return moved
    try:
        return HttpResponse(picture_of(listing), content_type="image/png")
    except Busy:
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})


@read_by_machines(AN_HOUR)
def oembed(request: HttpRequest) -> HttpResponse:
    question = read_question(request.GET.dict())
    content_type, write = answers.WRITERS[question.format]
    return HttpResponse(write(answers.answer_of(question)), content_type=content_type)


@read_by_machines(FIVE_MINUTES)
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """A search of events as iCalendar, JSON Feed or RSS, with the filters of the browse page."""
    chosen = FORMATS[form]
    listings = list(browse(read_search(request.GET, sort=chosen.sort))[:MOST])
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    title = _("What's on") + (f": {_told(request)}" if _told(request) else "")
    found = Feed(title, absolute(f"/events/{query}"), absolute(f"{request.path}{query}"), listings)
    return HttpResponse(chosen.write(found), content_type=chosen.content_type)


def _told(request: HttpRequest) -> str:
    """The search in short: what people typed."""
    return ", ".join(filter(None, (request.GET.get(name, "").strip() for name in ("search", "type", "city"))))


@read_by_machines(FIVE_MINUTES)
def calendar(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event for calendars, under the UID that it has in feeds."""
    listing = get_object_or_404(EventListing, pk=event_id)
    found = Feed(listing.title, absolute(listing.path), absolute(request.path), [listing])
    return HttpResponse(FORMATS["ics"].write(found), content_type=FORMATS["ics"].content_type)


@read_by_machines(AN_HOUR)
def widget(request: HttpRequest) -> HttpResponse:
    """The script that partners load, at an address that stays."""
    found = finders.find(WIDGET)
    with open(found, "rb") if found else staticfiles_storage.open(WIDGET) as file:  # noqa: PTH123
        return HttpResponse(file.read(), content_type="text/javascript; charset=utf-8")


@require_safe
def frame(request: HttpRequest, event_id: int) -> HttpResponse:
    """The event with its tickets for other sites' pages. It knows no cookies: buying goes on in a window of this site."""
    event = _event(event_id)
    try:
        options = read_frame(request.GET)
    except Problem as problem:
        return respond(problem, request)
    response = render(request, "venues/frame.html", {"page": event, "listing": event.listing, **options})
    _let_anyone_frame(response)
    offer_to_strangers(request, response)
    return response


def _let_anyone_frame(response: Any) -> None:
    """For this road alone; whatever else the site shows stays in its own windows."""
    response.xframe_options_exempt = True
    response._csp_replace = {"frame-ancestors": ["*"]}


@require_safe
def embed(request: HttpRequest, event_id: int) -> HttpResponse:
    """How to put the event on one's own page, and what it looks like there."""
    event = _event(event_id)
    form = FrameForm(request.GET or None)
    options = form.cleaned_data if form.is_valid() else {}
    context = {
        "page": event,
        "listing": event.listing,
        "form": form,
        "options": options,
        "frame": answers.frame_html(event.listing, **options),
        "script": answers.script_html(event.listing, **options),
        "link": answers.link_html(event.listing, **options),
    }
    return render(request, "venues/embed.html", context, status=422 if form.errors else 200)


def _event(event_id: int) -> EventPage:
    """A listed event, as anybody may see it."""
    events = public(EventPage.objects.filter(alias_of=None)).select_related("listing", "venue", "type", "image")
    event = events.filter(pk=event_id, listing__isnull=False).first()
    if event is None:
        raise Http404
    return event
