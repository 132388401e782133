"""Chasing: who is reminded of what, once for each step (rules.md section 8).

One statement inserts every notice that is wanting, whatever the number of duties. A key on duty, step and
addressee makes it safe to run at any time, twice at once, or after days of silence.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from talks.models import Chase, Duty, Notice, Remedy, Talk
from talks.rules.chasing import (
    AFTER,
    BEFORE,
    OPENED,
    TO_PRINCIPALS,
    TO_SUPERIORS,
    WEEK,
    due_days_with_news,
)
from talks.rules.keeping import CLOSED_YEARS
from talks.services.agreed import remind_of_agreed
from talks.services.deliveries import put_into_outbox
from talks.services.request_notices import chase_requests

# Days since the due day and since the window opened; before them they are negative.
DAYS = {
    "postgresql": "(%(today)s - {column})",
    "sqlite": "CAST(julianday(%(today)s) - julianday({column}) AS integer)",
}
# The newest step by the days since the due day, as talks.rules.chasing.newest_step has it.
NEWEST = "CASE WHEN due_for >= {week} THEN due_for - due_for %% {week} {others} END".format(
    week=WEEK,
    others=" ".join(
        f"WHEN due_for >= {step} THEN {step}" for step in sorted((*AFTER, *BEFORE), reverse=True)
    ),
)
# Of each duty that stands and is unmet the newest step. A step before the window opens does not exist; the
# first of an event duty is that it opened. Periods of closed years are kept no more, and not reminded of.
REACHED = """
unmet AS (
    SELECT duty.id, duty.organisation_id, duty.subject_id, duty.is_event,
        duty.responsible_id, duty.responsible_at_id, {due_for} AS due_for, {open_for} AS open_for
    FROM talks_duty duty
    WHERE duty.met_on IS NULL AND duty.withdrawn_on IS NULL
        AND (duty.waived_on IS NULL OR duty.waived_on > %(today)s)
        AND NOT (duty.anchor LIKE 'period:%%' AND duty.year < %(kept_from)s)
        AND {which}
),
timed AS (SELECT unmet.*, {newest} AS newest FROM unmet),
stepped AS (
    SELECT timed.*, CASE
        WHEN open_for > due_for - newest OR open_for = due_for - newest AND NOT is_event THEN newest
        WHEN is_event AND open_for >= 0 THEN {opened}
        END AS step
    FROM timed
),
reached AS (SELECT * FROM stepped WHERE step IS NOT NULL)
"""
PRINCIPAL = """
principal AS (
    SELECT DISTINCT organisation_id, member_id FROM members_post
    WHERE is_principal AND since <= %(today)s AND (until IS NULL OR until > %(today)s)
)
"""
# From an organisation upwards to the nearest that has a principal today.
ABOVE = """
above (organisation_id, at_id) AS (
    SELECT place.id, place.superior_id FROM branches_organisation place
    WHERE place.id IN (SELECT organisation_id FROM reached WHERE step >= {to_superiors})
    UNION ALL
    SELECT above.organisation_id, place.superior_id
    FROM above JOIN branches_organisation place ON place.id = above.at_id
    WHERE NOT EXISTS (SELECT 1 FROM principal WHERE principal.organisation_id = above.at_id)
)
"""
# The 党务管理员 whose mandate covers the organisation, where nobody else is responsible.
KEEPER = """
keeper AS (
    SELECT place.id AS organisation_id, account.id AS account_id, account.member_id
    FROM branches_organisation place
    JOIN branches_organisation top ON substr(place.path, 1, length(top.path)) = top.path
    JOIN members_mandate mandate ON mandate.organisation_id = top.id AND mandate.kind = 'staff'
        AND mandate.since <= %(today)s AND (mandate.until IS NULL OR mandate.until > %(today)s)
    JOIN members_account account ON account.id = mandate.account_id AND account.is_active
    WHERE place.id IN (
        SELECT organisation_id FROM reached WHERE responsible_id IS NULL AND responsible_at_id IS NULL
    )
)
"""
# Nobody learns of an event duty about himself, whatever his post. In an order that hangs on nothing else:
# what else was made that day must not show in the list of who may not know of it.
INSERT = """
INSERT INTO talks_notice (duty_id, step, member_id, account_id, noticed_on)
WITH RECURSIVE {reached}, {principal}, {above}, {keeper},
told AS (
    SELECT id, step, subject_id, is_event, responsible_id AS member_id, CAST(NULL AS bigint) AS account_id
    FROM reached WHERE responsible_id IS NOT NULL
    UNION
    SELECT id, step, subject_id, is_event, principal.member_id, NULL
    FROM reached JOIN principal ON principal.organisation_id = reached.responsible_at_id
    UNION
    SELECT id, step, subject_id, is_event, keeper.member_id,
        CASE WHEN keeper.member_id IS NULL THEN keeper.account_id END
    FROM reached JOIN keeper ON keeper.organisation_id = reached.organisation_id
    WHERE responsible_id IS NULL AND responsible_at_id IS NULL
    UNION
    SELECT id, step, subject_id, is_event, principal.member_id, NULL
    FROM reached JOIN principal ON principal.organisation_id = reached.organisation_id
    WHERE step >= {to_principals}
    UNION
    SELECT id, step, subject_id, is_event, principal.member_id, NULL
    FROM reached JOIN above ON above.organisation_id = reached.organisation_id
    JOIN principal ON principal.organisation_id = above.at_id
    WHERE step >= {to_superiors}
)
SELECT id, step, member_id, account_id, %(today)s FROM told
WHERE NOT is_event OR member_id IS NULL OR member_id <> subject_id
ORDER BY id, step, member_id
ON CONFLICT DO NOTHING
"""


@transaction.atomic
def chase_due(*, today: date, at: datetime) -> int:
    """The sweep of the day over all that has reached a step since the last; how many notices it made.

    What changes on the day is chased with the change: duties with talks.services.reconciliation, what was
    agreed in a talk with its record.
    """
    chased_on = _chased_on()
    if chased_on == today:
        return 0
    oldest = min(
        Duty.objects.unmet(today).aggregate(day=Min("due_on"))["day"] or today,
        Remedy.objects.filter(settled_on=None).aggregate(day=Min("due_on"))["day"] or today,
        Talk.objects.aggregate(day=Min("follow_up_on"))["day"] or today,
    )
    # A clock that was set back begins anew.
    since = chased_on if chased_on and chased_on < today else date.min
    days = due_days_with_news(since=since, today=today, oldest=oldest)
    made = _chase(today, at, "duty.due_on", days, is_first=True)
    made += _chase_agreed(today, at, "remedy.due_on", "talk.follow_up_on", days, is_first=True)
    made += chase_requests(today=today, at=at)
    Chase.objects.update_or_create(pk=1, defaults={"day": today})
    return made


@transaction.atomic
def chase(*, organisations: Collection[int], today: date, at: datetime) -> int:
    """Reminds of what these organisations (primary keys) owe, whenever that was due: it has changed."""
    chased_on = _chased_on()
    return _chase(today, at, "duty.organisation_id", organisations, is_first=chased_on != today)


@transaction.atomic
def chase_talks(*, talks: Collection[int], today: date, at: datetime) -> int:
    """Reminds of what was agreed in these talks (primary keys), whenever that was due: it has changed."""
    chased_on = _chased_on()
    return _chase_agreed(today, at, "remedy.talk_id", "talk.id", talks, is_first=chased_on != today)


def _chased_on() -> date | None:
    """The day of the last sweep. Until the transaction ends no other chases.

    So all notices that are new to one are its own, and each message is put into the outbox by one.
    """
    Chase.objects.bulk_create([Chase(pk=1, day=None)], ignore_conflicts=True)
    return Chase.objects.select_for_update().get(pk=1).day


def _chase(today: date, at: datetime, column: str, values: Collection[date | int], *, is_first: bool) -> int:
    """Inserts the notices of the duties whose column has one of the values; fills the outbox."""
    if not values:
        return 0
    last = Notice.objects.aggregate(last=Max("pk"))["last"] or 0
    names = {f"value{number}": _stored(value) for number, value in enumerate(values)}
    days = DAYS[connection.vendor]
    # What is put in are constants and signs for values, here and in the rules; the values are parameters.
    reached = REACHED.format(
        due_for=days.format(column="duty.due_on"),
        open_for=days.format(column="duty.opens_on"),
        newest=NEWEST,
        opened=OPENED,
        which=f"{column} IN ({', '.join(f'%({name})s' for name in names)})",
    )
    statement = INSERT.format(
        reached=reached,
        principal=PRINCIPAL,
        above=ABOVE.format(to_superiors=TO_SUPERIORS),
        keeper=KEEPER,
        to_principals=TO_PRINCIPALS,
        to_superiors=TO_SUPERIORS,
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Compiling the statement would take many times as long as running it over a country.
            cursor.execute("SET LOCAL jit = off")
        cursor.execute(statement, {**names, "today": _stored(today), "kept_from": today.year - CLOSED_YEARS})
        made: int = max(cursor.rowcount, 0)
    if made:
        put_into_outbox(after=last, at=at, is_first=is_first)
    return made


def _chase_agreed(
    today: date,
    at: datetime,
    of_remedy: str,
    of_talk: str,
    values: Collection[date | int],
    *,
    is_first: bool,
) -> int:
    """As `_chase`, for remedies and 回访 whose columns have one of the values."""
    if not values:
        return 0
    last = Notice.objects.aggregate(last=Max("pk"))["last"] or 0
    names = {f"value{number}": _stored(value) for number, value in enumerate(values)}
    chosen = ", ".join(f"%({name})s" for name in names)
    made = remind_of_agreed(
        days=DAYS[connection.vendor],
        newest=NEWEST,
        remedies=f"{of_remedy} IN ({chosen})",
        follow_ups=f"{of_talk} IN ({chosen})",
        values={**names, "today": _stored(today)},
    )
    if made:
        put_into_outbox(after=last, at=at, is_first=is_first)
    return made


def _stored(value: date | int) -> Any:
    """The value as the database has it."""
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
