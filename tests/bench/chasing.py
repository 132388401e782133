"""What `bench_chasing` measures, in a process of its own on PostgreSQL; prints JSON."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from branches.models import Organisation
from members.models import Account, Member, Post
from talks.models import Chase, Duty, Notice
from talks.services.chasing import chase_due
from tests.bench.bench_engine import timed
from tests.factories import LONG_AGO

BRANCHES, DUTIES = 2_000, 25
TODAY = date(2026, 3, 6)
YESTERDAY = TODAY - timedelta(days=1)
AT = datetime(2026, 3, 5, 17, tzinfo=UTC)
INSERT = """
INSERT INTO talks_notice (duty_id, step, member_id, noticed_on)
SELECT id, 1, responsible_id, %(today)s FROM talks_duty
WHERE due_on = %(yesterday)s AND met_on IS NULL AND withdrawn_on IS NULL
"""
UPDATE = """
UPDATE talks_duty SET planned_on = %(today)s
WHERE due_on = %(yesterday)s AND met_on IS NULL AND withdrawn_on IS NULL
"""
TIMES = 3


def main() -> list[tuple[str, str]]:
    """Seconds of the sweep and of one INSERT and one UPDATE over the same duties; the ratios to both."""
    with transaction.atomic():
        stored()
        sweep = best(lambda: chase_due(today=TODAY, at=AT))
        insert = best(lambda: execute(INSERT))
        update = best(lambda: execute(UPDATE))
        transaction.set_rollback(True)
    return [
        (f"催办 {BRANCHES * DUTIES:,} 项", f"{sweep:.2f} 秒"),
        ("单纯 INSERT 同样的提醒", f"{insert:.2f} 秒（催办为其 {sweep / insert:.2f} 倍）"),
        ("单纯 UPDATE 同样的应谈事项", f"{update:.2f} 秒（催办为其 {sweep / update:.2f} 倍）"),
    ]


def best(work: Callable[[], int]) -> float:
    """The shortest of some runs, each undone; a run that does less than all is refused."""
    found = []
    for _ in range(TIMES):
        with transaction.atomic():
            seconds, made = timed(work)
            assert made == BRANCHES * DUTIES
            found.append(seconds)
            transaction.set_rollback(True)
    return min(found)


def execute(statement: str) -> int:
    """How many rows the statement wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"today": TODAY, "yesterday": YESTERDAY})
        return int(cursor.rowcount)


def stored() -> None:
    """Branches with a 书记 each, who has an address, and the talks that he owes: half since yesterday."""
    places = Organisation.objects.bulk_create(
        Organisation(code=f"BENCH{number}", name="党支部", kind="党支部") for number in range(BRANCHES)
    )
    for place in places:
        place.path = f"/{place.pk}/"
    Organisation.objects.bulk_update(places, ["path"], batch_size=500)
    names = [f"{place.code}-{number}" for place in places for number in range(DUTIES + 1)]
    members = Member.objects.bulk_create(Member(code=name, name=name, category="正式党员") for name in names)
    groups = [members[start : start + DUTIES + 1] for start in range(0, len(members), DUTIES + 1)]
    Post.objects.bulk_create(
        Post(
            member=group[0],
            organisation=place,
            title="书记",
            is_team=True,
            is_principal=True,
            since=LONG_AGO,
            confirmed_at=AT,
        )
        for place, group in zip(places, groups, strict=True)
    )
    Account.objects.bulk_create(
        Account(username=group[0].code, member=group[0], email="a@example.com") for group in groups
    )
    Duty.objects.bulk_create(
        (
            Duty(
                organisation=place,
                version=f"bench|{due_on}",
                rule="bench",
                anchor="period:2026",
                persons=subject.code,
                year=2026,
                is_event=False,
                subject=subject,
                role="班子成员",
                opens_on=date(2026, 1, 1),
                due_on=due_on,
                responsible=group[0],
            )
            for place, group in zip(places, groups, strict=True)
            for subject in group[1:]
            for due_on in (YESTERDAY, date(2026, 12, 31))
        ),
        batch_size=5_000,
    )
    Chase.objects.update_or_create(pk=1, defaults={"day": YESTERDAY})
    assert not Notice.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    json.dump(main(), sys.stdout, ensure_ascii=False)
