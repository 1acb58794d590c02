"""The ledger is written once: the database itself refuses to change or to delete an entry."""

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION marketplace_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'ledger entries are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    """
    CREATE TRIGGER marketplace_ledger_append_only BEFORE UPDATE OR DELETE ON marketplace_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION marketplace_ledger_refuse()
    """,
]
SQLITE = [
    f"""
    CREATE TRIGGER marketplace_ledger_no_{verb.lower()} BEFORE {verb} ON marketplace_ledgerentry
    BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed or deleted'); END
    """
    for verb in ("UPDATE", "DELETE")
]
UNDO = {
    "postgresql": [
        "DROP TRIGGER marketplace_ledger_append_only ON marketplace_ledgerentry",
        "DROP FUNCTION marketplace_ledger_refuse()",
    ],
    "sqlite": ["DROP TRIGGER marketplace_ledger_no_update", "DROP TRIGGER marketplace_ledger_no_delete"],
}


def forwards(apps, schema_editor):
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
