"""The tree guards itself: no circle, no superior of a branch kind; codes compare by code point."""

from django.db import migrations

POSTGRESQL = """
ALTER TABLE branches_organisation ALTER COLUMN code TYPE varchar(64) COLLATE "C";
ALTER TABLE branches_organisation ALTER COLUMN path TYPE varchar(255) COLLATE "C";
ALTER TABLE branches_department ALTER COLUMN code TYPE varchar(64) COLLATE "C";
CREATE FUNCTION branches_guard_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One change of the tree at a time: two changes that are each right can make a circle together.
    PERFORM pg_advisory_xact_lock(hashtext('branches_organisation.superior_id'));
    IF NEW.superior_id IS NOT NULL THEN
        IF EXISTS (
            WITH RECURSIVE line(id, superior_id) AS (
                SELECT id, superior_id FROM branches_organisation WHERE id = NEW.superior_id
                UNION SELECT o.id, o.superior_id
                FROM branches_organisation o JOIN line ON o.id = line.superior_id
            ) SELECT 1 FROM line WHERE id = NEW.id
        ) OR NEW.superior_id = NEW.id THEN
            RAISE EXCEPTION 'organisation_circle' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM branches_organisation WHERE id = NEW.superior_id
                AND kind IN ('党支部', '联合党支部', '临时党支部')
        ) THEN
            RAISE EXCEPTION 'organisation_branch_superior' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    IF NEW.kind IN ('党支部', '联合党支部', '临时党支部') AND EXISTS (
        SELECT 1 FROM branches_organisation WHERE superior_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'organisation_branch_superior' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER branches_guard_tree BEFORE INSERT OR UPDATE OF superior_id, kind ON branches_organisation
    FOR EACH ROW EXECUTE FUNCTION branches_guard_tree();
"""

POSTGRESQL_BACK = """
DROP TRIGGER branches_guard_tree ON branches_organisation;
DROP FUNCTION branches_guard_tree();
ALTER TABLE branches_organisation ALTER COLUMN code TYPE varchar(64) COLLATE "default";
ALTER TABLE branches_organisation ALTER COLUMN path TYPE varchar(255) COLLATE "default";
ALTER TABLE branches_department ALTER COLUMN code TYPE varchar(64) COLLATE "default";
"""

CONDITIONS = {
    "organisation_circle": """NEW.superior_id IS NOT NULL AND (NEW.superior_id = NEW.id OR EXISTS (
        WITH RECURSIVE line(id, superior_id) AS (
            SELECT id, superior_id FROM branches_organisation WHERE id = NEW.superior_id
            UNION SELECT o.id, o.superior_id FROM branches_organisation o JOIN line ON o.id = line.superior_id
        ) SELECT 1 FROM line WHERE id = NEW.id))""",
    "organisation_branch_superior": """EXISTS (
        SELECT 1 FROM branches_organisation WHERE id = NEW.superior_id
            AND kind IN ('党支部', '联合党支部', '临时党支部')
    ) OR (NEW.kind IN ('党支部', '联合党支部', '临时党支部') AND EXISTS (
        SELECT 1 FROM branches_organisation WHERE superior_id = NEW.id))""",
}


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for name, condition in CONDITIONS.items():
        for moment, when in (("insert", "INSERT"), ("update", "UPDATE OF superior_id, kind")):
            schema_editor.execute(
                f"CREATE TRIGGER {name}_{moment} AFTER {when} ON branches_organisation WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK)
        return
    for name in CONDITIONS:
        for moment in ("insert", "update"):
            schema_editor.execute(f"DROP TRIGGER {name}_{moment}")


class Migration(migrations.Migration):
    dependencies = [("branches", "0001_tree")]

    operations = [migrations.RunPython(guard, unguard)]
