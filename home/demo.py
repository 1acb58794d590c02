"""Demo data of the front page: what the editors picked, and a page of help."""

from __future__ import annotations

from collections.abc import Callable

from wagtail.rich_text import RichText

from home.models import HomePage, Pick, PlainPage
from venues.models import EventListing
from venues.queries import browse

PICKS = 8
HELP = [
    (
        "Where are my tickets?",
        "They are in the mail that followed your order, and, if you have an account, under My bookings.",
    ),
    (
        "How do I pay?",
        "By card, or in cash at the door where the organiser offers it. What an event takes is shown at checkout.",
    ),
    (
        "Can I have my money back?",
        "Each event says so beside its tickets. What was shown when you bought is what holds for you.",
    ),
    (
        "I want to sell tickets.",
        "Create an account and choose to sell tickets for your events; your pages are yours at once.",
    ),
]


def seed(*, scale: int, say: Callable[[str], None]) -> None:
    home = HomePage.objects.first()
    if home is None or home.picks.exists():
        return
    home.picks = [Pick(event_id=listing.pk, sort_order=number) for number, listing in enumerate(_varied())]
    home.save_revision().publish()
    page = PlainPage(title="Help", slug="help", body=[("faq", [_question(*pair) for pair in HELP])])
    home.add_child(instance=page)
    page.save_revision().publish()
    say("editors' picks and a page of help")


def _varied() -> list[EventListing]:
    """Upcoming events that can be bought, one of each type."""
    chosen: dict[str, EventListing] = {}
    for listing in browse({"available": True}).filter(canceled=False)[20:160]:
        chosen.setdefault(listing.type, listing)
    return list(chosen.values())[:PICKS]


def _question(question: str, answer: str) -> dict[str, object]:
    return {"question": question, "answer": RichText(f"<p>{answer}</p>")}
