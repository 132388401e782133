"""What `bench_country` measures, in a process of its own over a country on PostgreSQL; prints JSON.

On a shared machine the clock tells little, so beside it stands the time that the processors worked, for this
process and for the one that serves it in the database; the ratios are of that.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from branches.models import Organisation
from members.models import Member, Post
from members.services.posts import end_post
from talks.figures.keeping import out_of_date
from talks.management.country.organisations import AS_OF
from talks.models import Duty, Participant, Reconciliation, Talk
from talks.models.records import Side
from talks.rules.facts import EventTrigger, MeetingTrigger, PeriodTrigger
from talks.rules.keeping import CLOSED_YEARS
from talks.rules.pairings import role_of
from talks.rules.presets import BUILT_IN
from talks.rules.words import DayUnit, TalkState
from talks.services.reconciliation import BATCH, reconcile, reconcile_due
from talks.services.talks import mark_participants
from vault.services import Actor

AT = datetime.combine(AS_OF, time(2), UTC)
DUTIES = Path(__file__).with_name("duties.sql")
CHANGES = 20
# What must be the same in the rows of both; what else they hold may differ where several persons would do.
COMPARED = (
    "organisation_id, version, anchor, persons, subject_id, counterpart_id, role, opens_on, due_on, met_on"
)
FURTHER = f'{COMPARED}, "group", group_at_id, responsible_id, responsible_at_id, met_by_id, planned_id'
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, and seconds that the processors worked."""

    clock: float
    worked: float

    def __str__(self) -> str:
        return f"{self.worked:.1f} 秒（钟表 {self.clock:.1f} 秒）"


def cost(what: Callable[[], object]) -> Cost:
    """What it costs here and in the database."""
    start, worked = perf_counter(), _worked()
    what()
    return Cost(perf_counter() - start, _worked() - worked)


def _worked() -> float:
    backend = connection.connection.info.backend_pid if connection.connection else 0
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return process_time() + (int(fields[11]) + int(fields[12])) / TICKS


def main() -> list[tuple[str, str]]:
    """What was measured, and the figures."""
    connection.ensure_connection()
    _ask("SET client_min_messages = warning")
    written = cost(_plainly)
    _ask("CREATE TABLE plain AS SELECT * FROM talks_duty")
    bare = cost(_barely)
    _ask("TRUNCATE talks_duty CASCADE", "CHECKPOINT")
    first = cost(_sweep)
    rows = Duty.objects.count()
    figures = [
        ("应谈事项", f"{rows:,}"),
        ("照写的SQL（由事实得出并写入）", str(written)),
        ("只把写好的行再写一遍（INSERT … SELECT）", str(bare)),
        (
            "首次全部核对",
            f"{first}；÷照写的SQL = {first.worked / written.worked:.2f}，"
            f"÷只写 = {first.worked / bare.worked:.2f}",
        ),
        ("两者不同的行（仅一方有）", f"{_differing(COMPARED):,}；连同责任人等各列 {_differing(FURTHER):,}"),
    ]
    still = cost(_sweep)
    Reconciliation.objects.all().delete()
    again = cost(_sweep)
    figures += [
        ("没有变化时再核对", f"{still.worked:.2f} 秒；÷首次 = {still.worked / first.worked:.4f}"),
        ("没有变化，逐个组织重看", f"{again}；÷首次 = {again.worked / first.worked:.2f}"),
        ("一个支部记录一次谈话，到应谈事项正确", _changes(_record_talk)),
        ("一个支部有人免职，到应谈事项正确", _changes(_end_post)),
        ("一批核对的查询次数（组织数 N、10N）", " / ".join(str(_queries(n)) for n in (BATCH // 10, BATCH))),
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*figures, ("核对进程内存峰值", f"{memory:.0f} MB")]


def _sweep() -> None:
    reconcile_due(today=AS_OF, at=AT)


def _plainly() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'CREATE TEMP TABLE rule (rule text COLLATE "C", version text COLLATE "C", applies_to text[], '
            "trigger text, kinds text[], days int, working boolean, pairing text, role text, "
            "one_to_one boolean, effective_from date, effective_to date)"
        )
        cursor.executemany(
            "INSERT INTO rule VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", _rules()
        )
        cursor.execute(DUTIES.read_text(), {"today": AS_OF, "first_year": AS_OF.year - CLOSED_YEARS})


def _rules() -> list[tuple[Any, ...]]:
    """The built-in rules as rows."""
    rows: list[tuple[Any, ...]] = []
    for rule in BUILT_IN:
        kinds: list[str] = []
        match rule.trigger:
            case MeetingTrigger(meetings):
                trigger, kinds = "meeting", [kind.value for kind in meetings]
            case PeriodTrigger():
                trigger = "period"
            case EventTrigger(events):
                trigger, kinds = "event", list(events)
        role = role_of(rule)
        rows.append(
            (
                *(rule.code, rule.version, sorted(rule.applies_to), trigger, kinds, rule.days),
                *(rule.unit == DayUnit.WORKING, rule.pairing.value, role.value if role else ""),
                *(rule.one_to_one, rule.effective_from, rule.effective_to),
            )
        )
    return rows


def _barely() -> None:
    _ask("TRUNCATE talks_duty CASCADE", "INSERT INTO talks_duty SELECT * FROM plain ORDER BY id")


def _ask(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _differing(columns: str) -> int:
    """How many rows only one of the two has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ((SELECT {columns} FROM plain EXCEPT ALL "  # noqa: S608
            f"SELECT {columns} FROM talks_duty) "
            f"UNION ALL (SELECT {columns} FROM talks_duty EXCEPT ALL SELECT {columns} FROM plain)) either"
        )
        return int(cursor.fetchone()[0])


def _changes(ready: Callable[[Organisation], Callable[[], object]]) -> str:
    """Milliseconds from the change in one branch until all that it concerns is right.

    `ready` looks up what is to be changed, which is not measured.
    """
    found = []
    branches = Organisation.objects.branches().filter(dissolved=None, posts__is_team=True).distinct()
    step = max(1, branches.count() // CHANGES)
    for branch in list(branches.order_by("pk")[::step])[:CHANGES]:
        change = ready(branch)
        start = perf_counter()
        change()
        _sweep()
        found.append((perf_counter() - start) * 1000)
        assert not out_of_date(AS_OF).exists()
    return f"中位 {median(found):.0f} ms，最多 {max(found):.0f} ms"


def _record_talk(branch: Organisation) -> Callable[[], object]:
    leader = Member.objects.filter(posts__organisation=branch, posts__is_team=True).order_by("pk")[0]
    subject = (
        Member.objects.filter(affiliations__organisation=branch).exclude(pk=leader.pk).order_by("-pk")[0]
    )
    return partial(_enter_talk, branch, leader, subject)


def _enter_talk(branch: Organisation, leader: Member, subject: Member) -> None:
    talk = Talk.objects.create(
        code=f"T{branch.pk}",
        held_on=AS_OF,
        state=TalkState.RECORDED,
        recorded_at=AT,
        entered_at=AT,
        recorder=leader,
    )
    Participant.objects.create(talk=talk, member=leader, side=Side.TALKER)
    Participant.objects.create(talk=talk, member=subject, side=Side.SUBJECT)
    mark_participants(talk=talk, at=AT)


def _end_post(branch: Organisation) -> Callable[[], object]:
    post = Post.objects.filter(organisation=branch, is_team=True, until=None).order_by("-pk")[0]
    return partial(end_post, actor=Actor("command", ""), at=AT, post=post, on=AS_OF - timedelta(days=1))


def _queries(organisations: int) -> int:
    """How many it takes to reconcile so many organisations for the first time."""
    with transaction.atomic():
        keys = list(Organisation.objects.order_by("path").values_list("pk", flat=True)[:organisations])
        Duty.objects.filter(organisation__in=keys).delete()
        Reconciliation.objects.filter(pk__in=keys).delete()
        with CaptureQueriesContext(connection) as queries:
            reconcile(organisations=keys, today=AS_OF, at=AT)
        transaction.set_rollback(True)
    return len(queries)


if __name__ == "__main__":
    json.dump(main(), sys.stdout, ensure_ascii=False)
