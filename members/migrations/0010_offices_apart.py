"""One account holds one office of the installation at a time, whatever way the rows come."""

from django.db import migrations

POSTGRESQL = """
ALTER TABLE members_mandate ADD CONSTRAINT mandate_offices_apart
    EXCLUDE USING gist (account_id WITH =, daterange(since, until) WITH &&)
    WHERE (kind IN ('system', 'security', 'auditor'));
"""
POSTGRESQL_BACK = "ALTER TABLE members_mandate DROP CONSTRAINT mandate_offices_apart;"

OVERLAP = """NEW.kind IN ('system', 'security', 'auditor') AND EXISTS (
    SELECT 1 FROM members_mandate m
    WHERE m.account_id = NEW.account_id AND m.id <> NEW.id AND m.kind IN ('system', 'security', 'auditor')
      AND m.since < coalesce(NEW.until, '9999-12-31') AND NEW.since < coalesce(m.until, '9999-12-31'))"""
SQLITE = {
    "mandate_offices_apart_insert": "INSERT ON members_mandate",
    "mandate_offices_apart_update": "UPDATE ON members_mandate",
}


def guard(apps, schema_editor):
    """The constraint of PostgreSQL; SQLite has triggers instead, behind the row, so that it has its key."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for name, event in SQLITE.items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} AFTER {event} WHEN {OVERLAP} "
            "BEGIN SELECT RAISE(ABORT, 'mandate_offices_apart'); END"
        )


def unguard(apps, schema_editor):
    """Takes it away again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("members", "0003_account_email")]

    operations = [migrations.RunPython(guard, unguard)]
