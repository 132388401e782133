"""Figures of many organisations, out of the sums that reconciliation keeps of each (talks.models.DutySum).

They say what counting the duties would say, without those of events, and stand as of the same day.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeVar, overload

from django.db.models import Count, F, Q, Sum

from branches.models import Organisation
from members.permissions.organisations import reported
from members.permissions.standing import Place, Standing
from talks.figures.charts import tally_of
from talks.figures.coverage import Coverage
from talks.figures.desk import OverviewRow
from talks.figures.keeping import SUMMED, add_sums
from talks.figures.worklist import Tally, Worklist
from talks.models import BelowSum, DutySum
from talks.permissions import EventSum
from talks.rules.words import DutyState

Placed = TypeVar("Placed", Organisation, Place)


def tally_of_all(worklist: Worklist) -> Tally:
    """The duties of the year of all that the account answers for, but those of events."""
    if worklist.is_wide:
        return summed_tally(worklist)
    answered_for = reported(worklist.standing, "organisation__")
    return tally_of(worklist.rows.filter(answered_for, is_event=False))


def summed_tally(worklist: Worklist) -> Tally:
    """The duties of the year of all that the account answers for, by rule, last day and state."""
    return [
        (rule, due_on, state, number)
        for rule, due_on, *sums in kept_sums(worklist)
        for state, number in states_of(sums, is_past=due_on < worklist.today).items()
        if number
    ]


def kept_sums(worklist: Worklist) -> list[tuple[Any, ...]]:
    """Rule, last day and SUMMED of the year, of all that the account answers for; asked for once.

    Of the organisations at the top and of all below them, less those that are left out.
    """
    if worklist.kept_sums is None:
        tops, out = _tops_and_left_out(worklist.standing)
        found: dict[tuple[str, date], list[int]] = {}
        for model, keys, sign in ((DutySum, tops, 1), (BelowSum, tops, 1), (DutySum, out, -1)):
            rows = model.objects.order_by().filter(_of_year(worklist.year), organisation__in=keys)
            summed = rows.values_list("rule", "due_on").annotate(*(Sum(name) for name in SUMMED))
            for rule, due_on, *sums in summed:
                add_sums(found.setdefault((rule, due_on), [0] * len(SUMMED)), sums, sign)
        worklist.kept_sums = [(*key, *sums) for key, sums in found.items() if any(sums)]
    return worklist.kept_sums


class SummedOverview(Sequence[OverviewRow]):
    """The `overview` of very many organisations; a page is reckoned when it is shown."""

    def __init__(self, worklist: Worklist) -> None:
        self.worklist = worklist
        self.organisations = Organisation.objects.filter(reported(worklist.standing)).order_by("path", "code")

    def __len__(self) -> int:
        return self._number

    @cached_property
    def _number(self) -> int:
        return self.organisations.count()

    @overload
    def __getitem__(self, place: int) -> OverviewRow: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[OverviewRow]: ...
    def __getitem__(self, place: int | slice) -> OverviewRow | Sequence[OverviewRow]:
        if isinstance(place, int):
            return self._rows([self.organisations[place]])[0]
        return self._rows(list(self.organisations[place]))

    def _rows(self, shown: list[Organisation]) -> list[OverviewRow]:
        keys = {one.pk for one in shown}
        found = self._sums(keys)
        events = self._events(shown)
        over = self.organisations.filter(superior__in=keys).order_by().values_list("superior", flat=True)
        groups = set(over.distinct())
        top = self._top() if shown else 0
        return [
            OverviewRow(
                organisation=one,
                depth=one.depth - top,
                is_group=one.pk in groups,
                coverage=Coverage(*found[one.pk]) if one.pk in found else Coverage(),
                events=EventSum(one.code, events[one.pk], None, None) if events[one.pk] else None,
            )
            for one in shown
        ]

    def _events(self, shown: list[Organisation]) -> Counter[int]:
        """How many events that it may not know by name are owed in each of those shown and below it."""
        owed = self.worklist.masked.exclude(state=DutyState.WAIVED.value)
        found: Counter[int] = Counter()
        tops = list(_outermost(shown))
        if len(tops) == 1:
            # Of the whole country it is one number, and what is split by organisation is a small part of it.
            found[tops[0].pk] = owed.filter(organisation__path__startswith=tops[0].path).count()
            shown = [one for one in shown if one != tops[0]]
            tops = list(_outermost(shown))
        below = Q(pk__in=[])
        for one in tops:
            below |= Q(organisation__path__startswith=one.path)
        numbers = _by_line(owed.filter(below), {one.pk for one in shown}, {"number": Count("pk")})
        found.update({pk: number for pk, (number,) in numbers.items()})
        return found

    def _sums(self, keys: set[int]) -> dict[int, list[int]]:
        """The fields of Coverage of each of the organisations with all below it, less what is left out."""
        _, out = _tops_and_left_out(self.worklist.standing)
        return sums_with_below(keys, out, _of_year(self.worklist.year), today=self.worklist.today)

    def _top(self) -> int:
        """The least depth of all."""
        standing = self.worklist.standing
        own = {place.pk for place in standing.own}
        if own.isdisjoint(place.pk for place in standing.inspected):
            tops = (*standing.staff, *standing.led, *standing.inspected)
            return min(place.path.count("/") for place in tops) - 2
        # The top of a mandate may be left out, for its holder belongs to it.
        return min(path.count("/") for path in self.organisations.values_list("path", flat=True)) - 2


def sums_with_below(
    keys: Collection[int], out: Collection[int], of_year: Q, *, today: date
) -> dict[int, list[int]]:
    """The fields of Coverage of each of the organisations `keys` and all below it, without those of `out`.

    All by primary key; `of_year` is a condition on DutySum and BelowSum. Three queries.
    """
    summed = coverage_sums(today)
    found: dict[int, list[int]] = {}
    for model in (DutySum, BelowSum):
        rows = model.objects.order_by().filter(of_year, organisation__in=keys)
        for pk, *sums in rows.values_list("organisation").annotate(**summed):
            add_sums(found.setdefault(pk, [0] * len(summed)), sums)
    left_out = DutySum.objects.order_by().filter(of_year, organisation__in=out)
    for path, *sums in left_out.values_list("organisation__path").annotate(**summed):
        for pk in _line(path).intersection(keys):
            add_sums(found.setdefault(pk, [0] * len(summed)), sums, -1)
    return found


def coverage_sums(today: date) -> dict[str, Sum]:
    """The fields of Coverage, in their order, out of rows of DutySum; overdue is unmet after its last day."""
    is_past = Q(due_on__lt=today)
    unmet = F("owed") - F("done") - F("late")
    return {
        "all_owed": Sum("owed"),
        "all_met": Sum(F("done") + F("late")),
        "all_scheduled": Sum("planned", filter=~is_past, default=0),
        "all_overdue": Sum(unmet, filter=is_past, default=0),
        "all_waived": Sum("waived"),
    }


def _by_line(rows: Any, keys: set[int], summed: Mapping[str, Any]) -> dict[int, list[int]]:
    """The sums of each of the organisations (primary keys) and all below it.

    Each organisation's own rows are found by itself, all others by their superior, of which there are fewer.
    """
    found: dict[int, list[int]] = {}
    own = rows.filter(organisation__in=keys).values_list("organisation").annotate(**summed)
    others = rows.values_list("organisation__superior__path").annotate(**summed)
    for line, sums in [({pk}, sums) for pk, *sums in own] + [(_line(path), sums) for path, *sums in others]:
        for pk in line & keys:
            before = found.get(pk)
            found[pk] = [a + b for a, b in zip(before, sums, strict=True)] if before else sums
    return found


def _outermost(organisations: Iterable[Placed]) -> Iterator[Placed]:
    """Those that are below none of the others; given in the order of the tree."""
    last = None
    for one in organisations:
        if last is None or not one.path.startswith(last.path):
            last = one
            yield one


def _line(path: str | None) -> set[int]:
    path = path or ""
    return {int(part) for part in path.split("/") if part}


def sums_of(worklist: Worklist) -> Any:
    """The sums of the year of each organisation that the account answers for."""
    answered_for = reported(worklist.standing, "organisation__")
    return DutySum.objects.order_by().filter(_of_year(worklist.year), answered_for)


def _of_year(year: int) -> Q:
    """As `talks.figures.worklist.of_year` says of duties."""
    return Q(year=year) | Q(is_meeting=True, due_on__gte=date(year, 1, 1), year=year - 1)


def _tops_and_left_out(standing: Standing) -> tuple[set[int], set[int]]:
    """Whom the account answers for (`reported`): all from these on downwards, without those.

    Left out is where an inspector belongs himself, unless he leads or keeps it.
    """
    kept = (*standing.staff, *standing.led)
    tops = list(_outermost(sorted((*kept, *standing.inspected), key=lambda place: place.path)))
    out = {own.pk for own in standing.own if _is_below(own, standing.inspected) and not _is_below(own, kept)}
    return {place.pk for place in tops}, out


def _is_below(place: Place, others: Iterable[Place]) -> bool:
    return any(place.path.startswith(other.path) for other in others)


def states_of(sums: Sequence[int], *, is_past: bool) -> Counter[DutyState]:
    """One row of SUMMED as numbers of duties in each state."""
    owed, done, late, planned, waived = sums
    unmet = owed - done - late
    return Counter(
        {
            DutyState.DONE: done,
            DutyState.LATE: late,
            DutyState.WAIVED: waived,
            DutyState.OVERDUE: unmet if is_past else 0,
            DutyState.SCHEDULED: 0 if is_past else planned,
            DutyState.PENDING: 0 if is_past else unmet - planned,
        }
    )
