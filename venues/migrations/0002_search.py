"""Full-text search over listings, by database: PostgreSQL's indexes, or SQLite's FTS5 with triggers that feed it."""

from django.db import migrations

POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX venues_listing_words ON venues_eventlisting USING gin (to_tsvector('simple', search_text))",
    "CREATE INDEX venues_listing_trigrams ON venues_eventlisting USING gin (search_text gin_trgm_ops)",
]
# An ALTER of venues_eventlisting rebuilds the table on SQLite and loses its triggers: a migration that does so makes
# them anew. tests/venues/test_search.py notices when they are missing.
SQLITE = [
    "CREATE VIRTUAL TABLE venues_listing_search USING fts5(search_text, tokenize = 'unicode61')",
    "INSERT INTO venues_listing_search (rowid, search_text) SELECT event_id, search_text FROM venues_eventlisting",
    """CREATE TRIGGER venues_listing_search_insert AFTER INSERT ON venues_eventlisting BEGIN
        INSERT INTO venues_listing_search (rowid, search_text) VALUES (new.event_id, new.search_text);
    END""",
    """CREATE TRIGGER venues_listing_search_update AFTER UPDATE OF search_text ON venues_eventlisting BEGIN
        UPDATE venues_listing_search SET search_text = new.search_text WHERE rowid = new.event_id;
    END""",
    """CREATE TRIGGER venues_listing_search_delete AFTER DELETE ON venues_eventlisting BEGIN
        DELETE FROM venues_listing_search WHERE rowid = old.event_id;
    END""",
]
BACK = {
    "postgresql": ["DROP INDEX venues_listing_words", "DROP INDEX venues_listing_trigrams"],
    "sqlite": [
        "DROP TRIGGER venues_listing_search_insert",
        "DROP TRIGGER venues_listing_search_update",
        "DROP TRIGGER venues_listing_search_delete",
        "DROP TABLE venues_listing_search",
    ],
}


def create(apps, schema_editor):
    statements = {"postgresql": POSTGRESQL, "sqlite": SQLITE}.get(schema_editor.connection.vendor, [])
    for statement in statements:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in BACK.get(schema_editor.connection.vendor, []):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("venues", "0001_initial")]
    operations = [migrations.RunPython(create, remove)]
