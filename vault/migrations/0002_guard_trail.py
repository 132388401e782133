"""An entry of the audit trail is never changed nor deleted: the database refuses both, whoever asks."""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION vault_guard_trail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'trail_entry_stands' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER vault_trail_no_update BEFORE UPDATE ON vault_trailentry
    FOR EACH STATEMENT EXECUTE FUNCTION vault_guard_trail();
CREATE TRIGGER vault_trail_no_delete BEFORE DELETE OR TRUNCATE ON vault_trailentry
    FOR EACH STATEMENT EXECUTE FUNCTION vault_guard_trail();
"""
POSTGRESQL_BACK = """
DROP TRIGGER vault_trail_no_update ON vault_trailentry;
DROP TRIGGER vault_trail_no_delete ON vault_trailentry;
DROP FUNCTION vault_guard_trail();
"""
SQLITE = {
    "vault_trail_no_update": "BEFORE UPDATE ON vault_trailentry",
    "vault_trail_no_delete": "BEFORE DELETE ON vault_trailentry",
}


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for name, when in SQLITE.items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'trail_entry_stands'); END"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_trail")]

    operations = [migrations.RunPython(guard, unguard)]
