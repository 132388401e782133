"""No two affiliations of a member on one day; a post's department belongs to the post's organisation."""

from django.db import migrations

POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE members_member ALTER COLUMN code TYPE varchar(64) COLLATE "C";
ALTER TABLE members_event ALTER COLUMN code TYPE varchar(64) COLLATE "C";
ALTER TABLE members_affiliation ADD CONSTRAINT affiliation_once_a_day
    EXCLUDE USING gist (member_id WITH =, daterange(since, until) WITH &&);
CREATE FUNCTION members_guard_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.department_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM branches_department
        WHERE id = NEW.department_id AND organisation_id = NEW.organisation_id
    ) THEN
        RAISE EXCEPTION 'post_department_of_organisation' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_guard_post BEFORE INSERT OR UPDATE OF department_id, organisation_id ON members_post
    FOR EACH ROW EXECUTE FUNCTION members_guard_post();
CREATE FUNCTION members_guard_department() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM members_post WHERE department_id = NEW.id AND organisation_id <> NEW.organisation_id
    ) THEN
        RAISE EXCEPTION 'post_department_of_organisation' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_guard_department BEFORE UPDATE OF organisation_id ON branches_department
    FOR EACH ROW EXECUTE FUNCTION members_guard_department();
"""

POSTGRESQL_BACK = """
DROP TRIGGER members_guard_department ON branches_department;
DROP FUNCTION members_guard_department();
DROP TRIGGER members_guard_post ON members_post;
DROP FUNCTION members_guard_post();
ALTER TABLE members_affiliation DROP CONSTRAINT affiliation_once_a_day;
ALTER TABLE members_member ALTER COLUMN code TYPE varchar(64) COLLATE "default";
ALTER TABLE members_event ALTER COLUMN code TYPE varchar(64) COLLATE "default";
"""

OVERLAP = """EXISTS (
    SELECT 1 FROM members_affiliation a
    WHERE a.member_id = NEW.member_id AND a.id <> NEW.id
      AND coalesce(a.since, '0001-01-01') < coalesce(NEW.until, '9999-12-31')
      AND coalesce(NEW.since, '0001-01-01') < coalesce(a.until, '9999-12-31'))"""
FOREIGN_DEPARTMENT = """NEW.department_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM branches_department
        WHERE id = NEW.department_id AND organisation_id = NEW.organisation_id)"""
MOVED_DEPARTMENT = """EXISTS (
    SELECT 1 FROM members_post WHERE department_id = NEW.id AND organisation_id <> NEW.organisation_id)"""

SQLITE = {
    "affiliation_once_a_day_insert": ("INSERT ON members_affiliation", OVERLAP),
    "affiliation_once_a_day_update": ("UPDATE ON members_affiliation", OVERLAP),
    "post_department_of_organisation_insert": ("INSERT ON members_post", FOREIGN_DEPARTMENT),
    "post_department_of_organisation_update": ("UPDATE ON members_post", FOREIGN_DEPARTMENT),
    "post_department_of_organisation_moved": (
        "UPDATE OF organisation_id ON branches_department",
        MOVED_DEPARTMENT,
    ),
}


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        return
    for name, (when, condition) in SQLITE.items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} AFTER {when} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{name.rsplit('_', 1)[0]}'); END"
        )


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL_BACK)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("members", "0001_people"), ("branches", "0002_guard_tree")]

    operations = [migrations.RunPython(guard, unguard)]
