"""Nobody is booked for two talks at one time; secret addresses of people's own calendars.

The triggers keep talks_engagement: one row for each person of a talk in state 计划 that has an hour.
PostgreSQL refuses two of one person that meet by an exclusion constraint (btree_gist is there since
members 0002), SQLite, which writes one transaction after the other, by a trigger. Of talks that clash
already the one entered first engages its persons; the others stay as they are, and are refused once their
persons or hours are changed and still clash. The way back takes the rows and the addresses away and leaves
the talks.

On SQLite a table that is made anew loses its triggers: a later migration that does so to talks_talk or
talks_participant calls `unguard` before it and `guard` after it.
"""

from collections import defaultdict

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

BATCH = 2000

POSTGRESQL_PERSONS = """
    INSERT INTO talks_engagement (talk_id, member_id, held_on, begins, ends)
    SELECT t.id, p.member_id, t.held_on, floor(extract(epoch FROM t.starts_at))::int,
        CASE WHEN t.ends_at > t.starts_at
            THEN greatest(floor(extract(epoch FROM t.ends_at)), floor(extract(epoch FROM t.starts_at)) + 1)
            ELSE floor(extract(epoch FROM t.starts_at)) + 60 END::int
    FROM talks_talk t CROSS JOIN LATERAL (
        SELECT member_id FROM talks_participant WHERE talk_id = t.id
        UNION SELECT t.recorder_id WHERE t.recorder_id IS NOT NULL
    ) p
    WHERE t.id {which} AND t.state = '计划' AND t.starts_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM talks_engagement e WHERE e.talk_id = t.id AND e.member_id = p.member_id)
    -- In one order, so that two who book the same persons wait for each other and never in a circle.
    ORDER BY p.member_id, t.id;"""

POSTGRESQL = """
ALTER TABLE talks_engagement ADD CONSTRAINT engagement_in_one_place
    EXCLUDE USING gist (member_id WITH =, held_on WITH =, int4range(begins, ends) WITH &&);
CREATE FUNCTION talks_engage_talk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM talks_engagement WHERE talk_id = NEW.id;
    -- persons of the talk
    RETURN NULL;
END $$;
CREATE TRIGGER talks_engage_talk AFTER UPDATE ON talks_talk FOR EACH ROW
    WHEN ('计划' IN (OLD.state, NEW.state)
        AND (OLD.state, OLD.held_on, OLD.starts_at, OLD.ends_at, OLD.recorder_id)
            IS DISTINCT FROM (NEW.state, NEW.held_on, NEW.starts_at, NEW.ends_at, NEW.recorder_id))
    EXECUTE FUNCTION talks_engage_talk();
CREATE FUNCTION talks_engage_participants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- persons of the added
    RETURN NULL;
END $$;
CREATE TRIGGER talks_engage_participants AFTER INSERT ON talks_participant REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION talks_engage_participants();
CREATE FUNCTION talks_release_participant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM talks_engagement WHERE talk_id = OLD.talk_id AND member_id = OLD.member_id;
    RETURN NULL;
END $$;
CREATE TRIGGER talks_release_participant AFTER DELETE ON talks_participant
    FOR EACH ROW EXECUTE FUNCTION talks_release_participant();
CREATE FUNCTION talks_keep_participant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'participant_is_replaced' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER talks_keep_participant BEFORE UPDATE ON talks_participant FOR EACH ROW
    WHEN ((OLD.talk_id, OLD.member_id) IS DISTINCT FROM (NEW.talk_id, NEW.member_id))
    EXECUTE FUNCTION talks_keep_participant();
CREATE FUNCTION talks_end_calendar_feed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM talks_calendarfeed WHERE account_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER talks_end_calendar_feed AFTER UPDATE OF is_active ON members_account FOR EACH ROW
    WHEN (NOT NEW.is_active) EXECUTE FUNCTION talks_end_calendar_feed();
""".replace("-- persons of the talk", POSTGRESQL_PERSONS.format(which="= NEW.id")).replace(
    "-- persons of the added", POSTGRESQL_PERSONS.format(which="IN (SELECT talk_id FROM added)")
)

POSTGRESQL_BACK = """
DROP TRIGGER talks_end_calendar_feed ON members_account;
DROP FUNCTION talks_end_calendar_feed();
DROP TRIGGER talks_keep_participant ON talks_participant;
DROP FUNCTION talks_keep_participant();
DROP TRIGGER talks_release_participant ON talks_participant;
DROP FUNCTION talks_release_participant();
DROP TRIGGER talks_engage_participants ON talks_participant;
DROP FUNCTION talks_engage_participants();
DROP TRIGGER talks_engage_talk ON talks_talk;
DROP FUNCTION talks_engage_talk();
ALTER TABLE talks_engagement DROP CONSTRAINT engagement_in_one_place;
"""

# Doubled, since Django fills in parameters.
BEGINS = "CAST(strftime('%%s', '1970-01-01 ' || t.starts_at) AS INTEGER)"
ENDS = "CAST(strftime('%%s', '1970-01-01 ' || t.ends_at) AS INTEGER)"
SQLITE_PERSONS = """
    INSERT INTO talks_engagement (talk_id, member_id, held_on, begins, ends)
    SELECT t.id, p.member_id, t.held_on, {begins},
        CASE WHEN t.ends_at > t.starts_at THEN max({ends}, {begins} + 1) ELSE {begins} + 60 END
    FROM talks_talk t JOIN (
        SELECT talk_id, member_id FROM talks_participant WHERE talk_id = {talk}
        UNION SELECT id, recorder_id FROM talks_talk WHERE id = {talk} AND recorder_id IS NOT NULL
    ) p ON p.talk_id = t.id
    WHERE t.id = {talk} AND t.state = '计划' AND t.starts_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM talks_engagement e WHERE e.talk_id = t.id AND e.member_id = p.member_id);"""
MEETS_ANOTHER = """EXISTS (
    SELECT 1 FROM talks_engagement e
    WHERE e.member_id = NEW.member_id AND e.held_on = NEW.held_on AND e.id <> NEW.id
      AND e.begins < NEW.ends AND NEW.begins < e.ends)"""
REFUSE = "SELECT RAISE(ABORT, '{name}');"
RELEASE = "DELETE FROM talks_engagement WHERE talk_id = NEW.id;"


def _engage(talk: str) -> str:
    return SQLITE_PERSONS.format(talk=talk, begins=BEGINS, ends=ENDS)


# Name: when, under which condition, what then.
SQLITE = {
    "engagement_in_one_place": (
        "AFTER INSERT ON talks_engagement",
        MEETS_ANOTHER,
        REFUSE.format(name="engagement_in_one_place"),
    ),
    "engagement_in_one_place_update": (
        "AFTER UPDATE ON talks_engagement",
        MEETS_ANOTHER,
        REFUSE.format(name="engagement_in_one_place"),
    ),
    "talks_engage_talk": (
        "AFTER UPDATE OF state, held_on, starts_at, ends_at, recorder_id ON talks_talk",
        """'计划' IN (OLD.state, NEW.state) AND (
            OLD.state IS NOT NEW.state OR OLD.held_on IS NOT NEW.held_on OR OLD.starts_at IS NOT NEW.starts_at
            OR OLD.ends_at IS NOT NEW.ends_at OR OLD.recorder_id IS NOT NEW.recorder_id)""",
        f"{RELEASE} {_engage('NEW.id')}",
    ),
    "talks_engage_participants": (
        "AFTER INSERT ON talks_participant",
        "1",
        _engage("NEW.talk_id"),
    ),
    "talks_release_participant": (
        "AFTER DELETE ON talks_participant",
        "1",
        "DELETE FROM talks_engagement WHERE talk_id = OLD.talk_id AND member_id = OLD.member_id;",
    ),
    "talks_keep_participant": (
        "AFTER UPDATE OF talk_id, member_id ON talks_participant",
        "OLD.talk_id IS NOT NEW.talk_id OR OLD.member_id IS NOT NEW.member_id",
        REFUSE.format(name="participant_is_replaced"),
    ),
    "talks_end_calendar_feed": (
        "AFTER UPDATE OF is_active ON members_account",
        "NOT NEW.is_active",
        "DELETE FROM talks_calendarfeed WHERE account_id = NEW.id;",
    ),
}


def seconds(hour):
    return hour.hour * 3600 + hour.minute * 60 + hour.second


def engage_booked(apps, schema_editor):
    """Engages whom the talks already booked name; where two meet, those of the one entered first."""
    Talk = apps.get_model("talks", "Talk")
    Participant = apps.get_model("talks", "Participant")
    Engagement = apps.get_model("talks", "Engagement")
    booked = Talk.objects.filter(state="计划", starts_at__isnull=False)
    persons = defaultdict(set)
    for talk, member in Participant.objects.filter(talk__in=booked).values_list("talk", "member").order_by():
        persons[talk].add(member)
    columns = ("pk", "held_on", "starts_at", "ends_at", "recorder")
    day, taken, rows = None, defaultdict(list), []
    for talk, held_on, starts_at, ends_at, recorder in booked.order_by(
        "held_on", "entered_at", "pk"
    ).values_list(*columns):
        if held_on != day:
            day, taken = held_on, defaultdict(list)
        begins = seconds(starts_at)
        has_end = ends_at is not None and ends_at > starts_at
        ends = max(seconds(ends_at), begins + 1) if has_end else begins + 60
        for member in sorted(persons[talk] | ({recorder} if recorder else set())):
            if any(begins < other_end and other < ends for other, other_end in taken[member]):
                continue
            taken[member].append((begins, ends))
            rows.append(Engagement(talk_id=talk, member_id=member, held_on=held_on, begins=begins, ends=ends))
    Engagement.objects.bulk_create(rows, batch_size=BATCH)


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute(POSTGRESQL)
        return
    for name, (when, condition, action) in SQLITE.items():
        schema_editor.execute(f"CREATE TRIGGER {name} {when} WHEN {condition} BEGIN {action} END")


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute(POSTGRESQL_BACK)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("members", "0002_guard_facts"),
        ("talks", "0016_preparations_drafts_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="calendar_feed",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
                ("secret_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField(editable=False, verbose_name="生成时间")),
                ("fetched_on", models.DateField(editable=False, null=True, verbose_name="最近读取")),
            ],
            options={"verbose_name": "日历订阅"},
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="日期")),
                ("begins", models.PositiveIntegerField(verbose_name="开始")),
                ("ends", models.PositiveIntegerField(verbose_name="结束")),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="engagements",
                        to="members.member",
                        verbose_name="党员",
                    ),
                ),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="engagements",
                        to="talks.talk",
                        verbose_name="谈话",
                    ),
                ),
            ],
            options={
                "verbose_name": "占用时间",
                "indexes": [models.Index(fields=["member", "held_on"], name="engagement_member_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("talk", "member"), name="engagement_once"),
                    models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="engagement_takes_time"),
                ],
            },
        ),
        migrations.RunPython(engage_booked, migrations.RunPython.noop),
        migrations.RunPython(guard, unguard),
    ]
