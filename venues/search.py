"""Full-text search over listings: PostgreSQL's full text, then trigrams for typos; SQLite's FTS5 in the embedded default."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

MAX_WORDS = 8
# Of 1, by pg_trgm's measure: "beetles" comes to 0.45 of "beatles", and "baetles", with two letters swapped, to 0.375.
SIMILAR_ENOUGH = 0.36

# A misspelled word is looked for only where no listing holds all words as typed.
POSTGRESQL = """
WITH exact AS (
    SELECT event_id FROM venues_eventlisting WHERE to_tsvector('simple', search_text) @@ to_tsquery('simple', %s)
)
SELECT event_id FROM exact
UNION ALL
SELECT event_id FROM venues_eventlisting WHERE NOT EXISTS (SELECT 1 FROM exact) AND {similar}
"""
SQLITE = "SELECT rowid FROM venues_listing_search WHERE venues_listing_search MATCH %s"


def words_of(text: str) -> list[str]:
    """The words of `text` without case and accents: "Björk – Live!" is ["bjork", "live"]."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[^\W_]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def search_text(parts: Iterable[str]) -> str:
    """What EventListing.search_text holds for `parts`: their words, each once, in order."""
    return " ".join(dict.fromkeys(word for part in parts for word in words_of(part)))


def matching(listings: QuerySet, text: str) -> QuerySet:
    """Those of `listings` that hold every word of `text`, or the beginning of it; on PostgreSQL, or one much like it."""
    words = words_of(text)[:MAX_WORDS]
    if not words:
        return listings.none()
    if connection.vendor == "sqlite":
        return listings.filter(event_id__in=RawSQL(*_sqlite(words)))  # noqa: S611 - all values are parameters
    # As an array it is looked up once. As a list PostgreSQL may do so for each row, where it does not know how many there are.
    sql, parameters = _postgresql(words)
    found = RawSQL(f"venues_eventlisting.event_id = ANY(ARRAY({sql}))", parameters, BooleanField())  # noqa: S611
    return listings.filter(found)


def _postgresql(words: list[str]) -> tuple[str, list[object]]:
    similar = " AND ".join("word_similarity(%s, search_text) >= %s" for _word in words)
    values = [value for word in words for value in (word, SIMILAR_ENOUGH)]
    return POSTGRESQL.format(similar=similar), [" & ".join(f"{word}:*" for word in words), *values]


def _sqlite(words: list[str]) -> tuple[str, list[object]]:
    return SQLITE, [" ".join(f'"{word}"*' for word in words)]
