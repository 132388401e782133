"""What is summed below an organisation is what its subordinates' sums add up to, whatever happens."""

import os
from collections import Counter, defaultdict
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from branches.models import Organisation
from branches.services import change_organisation
from talks.figures.keeping import SUM_KEY, SUMMED
from talks.figures.sums import SummedOverview, summed_tally
from talks.figures.worklist import Worklist
from talks.models import BelowSum, Duty, DutySum
from talks.permissions import duties as rights
from talks.services.reconciliation import reconcile
from talks.services.sums import fold_sums, write_sums
from tests import factories
from tests.conftest import World
from tests.processes import outcome, start
from vault.services import Actor

TODAY = date(2026, 6, 17)
AT = datetime(2026, 6, 17, 1, tzinfo=UTC)

Sums = dict[tuple[object, ...], tuple[int, ...]]


def told() -> Sums:
    """What BelowSum says, by organisation, rule, year and last day; what adds up to nothing is not there."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * len(SUMMED))
    for row in BelowSum.objects.values_list(*SUM_KEY, *SUMMED):
        sums = found[row[: len(SUM_KEY)]]
        sums[:] = [a + b for a, b in zip(sums, row[len(SUM_KEY) :], strict=True)]
    return {key: tuple(sums) for key, sums in found.items() if any(sums)}


def added_up() -> Sums:
    """What the sums of the organisations below each one add up to, where they now stand."""
    found: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0] * len(SUMMED))
    for row in DutySum.objects.select_related("organisation"):
        for above in row.organisation.ancestor_ids():
            if above != row.organisation_id:
                sums = found[(above, row.rule, row.year, row.is_meeting, row.due_on)]
                sums[:] = [a + getattr(row, name) for a, name in zip(sums, SUMMED, strict=True)]
    return {key: tuple(sums) for key, sums in found.items() if any(sums)}


def test_every_superior_is_told_the_difference(world: World) -> None:
    """A talk, a newcomer, the next year; folded or not."""
    factories.keep_duties(TODAY)
    first = told()
    assert {key[0] for key in first} == {world.committee.pk}
    assert first == added_up()
    factories.a_talk([world.secretary], [world.member], held_on=TODAY)
    factories.a_member("新转入", world.branch)
    reconcile(organisations=[world.branch.pk], today=TODAY, at=AT)
    assert BelowSum.objects.filter(is_change=True).exists()
    second = told()
    assert second != first
    assert second == added_up()
    assert fold_sums() > 0
    assert told() == second
    assert not BelowSum.objects.filter(is_change=True).exists()
    keys = Counter(BelowSum.objects.values_list(*SUM_KEY))
    assert set(keys.values()) == {1}
    factories.keep_duties(date(2027, 1, 1))
    assert told() == added_up()


def test_nothing_changes_where_nothing_has_changed(world: World) -> None:
    factories.keep_duties(TODAY)
    rows = list(BelowSum.objects.order_by("pk").values_list("pk", flat=True))
    write_sums(organisations=[world.branch.pk, world.other_branch.pk])
    assert fold_sums() == 0
    assert list(BelowSum.objects.order_by("pk").values_list("pk", flat=True)) == rows


def test_who_gets_another_superior_takes_its_sums_along(world: World) -> None:
    """With all that is below it."""
    middle = factories.an_organisation("甲片区党总支", "党总支", superior=world.committee)
    world.branch.refresh_from_db()
    for superior, line in (
        (middle, {world.committee.pk, middle.pk}),
        (world.committee, {world.committee.pk}),
    ):
        change_organisation(
            actor=Actor("staff", ""),
            at=AT,
            organisation=world.branch,
            name=world.branch.name,
            kind=world.branch.kind,
            superior=superior,
        )
        factories.keep_duties(TODAY)
        assert told() == added_up()
        assert {key[0] for key in told()} == line
    owed = Duty.objects.standing().filter(organisation=world.branch, is_event=False, waived_on=None).count()
    assert owed > 0
    change_organisation(
        actor=Actor("staff", ""),
        at=AT,
        organisation=middle,
        name=middle.name,
        kind=middle.kind,
        superior=None,
    )
    factories.keep_duties(TODAY)
    assert told() == added_up()


@pytest.mark.django_db(transaction=True)
def test_the_migration_sums_up_what_is_kept(world: World) -> None:
    """Back and forth over a tree of three levels."""
    below = factories.an_organisation("甲片区党总支", "党总支", superior=world.committee)
    branch = factories.an_organisation("甲片区第一党支部", superior=below)
    factories.a_post(factories.a_member("何书记", branch), branch, "书记", is_principal=True, is_team=True)
    factories.a_post(factories.a_member("何委员", branch), branch, "组织委员", is_team=True)
    factories.keep_duties(TODAY)
    before = told()
    assert {key[0] for key in before} == {world.committee.pk, below.pk}
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()  # of all apps: others may depend
    try:
        executor.migrate([("talks", "0046_talk_calendar")])
    finally:
        MigrationExecutor(connection).migrate(newest)
    assert told() == before
    # A row that is known under its path is not written again.
    rows = set(DutySum.objects.values_list("pk", flat=True))
    write_sums(organisations=list(Organisation.objects.values_list("pk", flat=True)))
    assert set(DutySum.objects.values_list("pk", flat=True)) == rows


def test_a_page_of_a_country_is_read_from_few_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in them is shown: without the rows below, the figures of the branches are missing."""
    factories.keep_duties(TODAY)
    monkeypatch.setattr(rights, "MOST_COUNTED", 0)

    def figures() -> tuple[int, int]:
        worklist = Worklist(world.account("staff"), today=TODAY, year=TODAY.year)
        top = SummedOverview(worklist)[0]
        return sum(number for *_, number in summed_tally(worklist)), top.coverage.owed

    owed = sum(DutySum.objects.filter(year=2026).values_list("owed", flat=True))
    own = sum(DutySum.objects.filter(year=2026, organisation=world.committee).values_list("owed", flat=True))
    assert figures() == (owed, owed)
    assert own < owed
    BelowSum.objects.all().delete()
    assert figures() == (own, own)


# --- two at once ------------------------------------------------------------------------------------------

# One that folds, and waits before it writes until the other has read too, unless a lock keeps it away.
FOLD = """
import sys, time
from pathlib import Path
import django
django.setup()
from django.db.models import QuerySet
from talks.services import sums

mine, other = Path(sys.argv[1]), Path(sys.argv[2])
if "unlocked" in sys.argv:
    QuerySet.select_for_update = lambda rows, **options: rows
add = sums._add_below

def slowly(found, *, is_change):
    mine.touch()
    for _ in range(20):
        if other.exists():
            break
        time.sleep(0.1)
    add(found, is_change=is_change)

sums._add_below = slowly
print(sums.fold_sums())
"""


def fold_twice(folder: "os.PathLike[str]", *options: str) -> list[int]:
    """How many changes each of two processes folded."""
    places = [f"{folder}/one", f"{folder}/other"]
    processes = [start(FOLD, mine, other, *options) for mine, other in (places, places[::-1])]
    return [int(outcome(process)) for process in processes]


@pytest.mark.django_db(transaction=True)
def test_two_that_fold_at_once_lose_and_double_nothing(world: World, tmp_path: "os.PathLike[str]") -> None:
    reconcile(organisations=[world.branch.pk, world.other_branch.pk], today=TODAY, at=AT)
    before, changes = told(), BelowSum.objects.filter(is_change=True).count()
    assert changes > 0
    assert sum(fold_twice(tmp_path)) == changes
    assert told() == before == added_up()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_sums_are_doubled(world: World, tmp_path: "os.PathLike[str]") -> None:
    """The control. SQLite, where IMMEDIATE transactions lock, cannot be made to fail."""
    reconcile(organisations=[world.branch.pk, world.other_branch.pk], today=TODAY, at=AT)
    before = told()
    fold_twice(tmp_path, "unlocked")
    assert (told() == before) == (connection.vendor == "sqlite")
