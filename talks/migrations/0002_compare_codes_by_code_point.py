"""Codes compare by code point on PostgreSQL as they do on SQLite."""

from django.db import migrations

COLUMNS = {
    "talks_rule": {"code": 64},
    "talks_talk": {"code": 64},
    "talks_talkrequest": {"code": 64},
    "talks_waiver": {"rule": 64, "anchor": 120, "persons": 140},
}


def collate(schema_editor, collation):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in COLUMNS.items():
        for column, length in columns.items():
            schema_editor.execute(
                f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length}) COLLATE "{collation}"'
            )


def forwards(apps, schema_editor):
    collate(schema_editor, "C")


def backwards(apps, schema_editor):
    collate(schema_editor, "default")


class Migration(migrations.Migration):
    dependencies = [("talks", "0001_talks")]

    operations = [migrations.RunPython(forwards, backwards)]
