"""Keeping the sums of duties right, each organisation's own and those of all below its superiors."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from django.db import transaction

from branches.models import Organisation
from talks.figures.keeping import SUM_KEY, SUMMED, StoredSum, add_sums, counted_sums, stored_sums
from talks.models import BelowSum, DutySum

ROWS = 1000
# Changes that are folded in one transaction.
FOLDED = 20_000
COLUMNS = (*SUM_KEY, *SUMMED)

Key = tuple[Any, ...]
Changes = dict[Key, list[int]]


@transaction.atomic
def write_sums(*, organisations: Collection[int]) -> None:
    """Makes the sums of the organisations (primary keys) those of the duties that now stand.

    The caller holds their rows of Reconciliation. Those of the superiors are not locked: each is told the
    difference by a row more, so that two branches never wait for each other.
    """
    places = Organisation.objects.filter(pk__in=organisations).order_by()
    paths = dict(places.values_list("pk", "path"))
    stored, wanted = stored_sums(organisations), counted_sums(organisations)
    gone = {key: row for key, row in stored.items() if row != (row.pk, wanted.get(key), paths[key[0]])}
    new = {key: values for key, values in wanted.items() if key not in stored or key in gone}
    DutySum.objects.filter(pk__in=[row.pk for row in gone.values()]).delete()
    DutySum.objects.bulk_create(
        (
            DutySum(**dict(zip(COLUMNS, (*key, *values), strict=True)), under=paths[key[0]])
            for key, values in new.items()
        ),
        batch_size=ROWS,
    )
    _add_below(_changes(gone, new, paths), is_change=True)


def _changes(gone: dict[Key, StoredSum], new: dict[Key, tuple[int, ...]], paths: dict[int, str]) -> Changes:
    """By what BelowSum is known by: how much more there is than before."""
    found: Changes = defaultdict(lambda: [0] * len(SUMMED))
    for key, row in gone.items():
        for above in _above(row.under):
            add_sums(found[(above, *key[1:])], row.values, -1)
    for key, values in new.items():
        for above in _above(paths[key[0]]):
            add_sums(found[(above, *key[1:])], values)
    return found


def _above(path: str) -> Iterator[int]:
    """The primary keys of the superiors of the organisation with this path; none of an empty one."""
    return map(int, path.split("/")[1:-2])


def _add_below(sums: Changes, *, is_change: bool) -> None:
    BelowSum.objects.bulk_create(
        (
            BelowSum(**dict(zip(COLUMNS, (*key, *values), strict=True)), is_change=is_change)
            for key, values in sums.items()
            if any(values)
        ),
        batch_size=ROWS,
    )


def fold_sums() -> int:
    """Makes one row of all that add up to one sum below; gives back how many changes there were.

    What is shown is the same before, meanwhile and after; of two at once each folds what it got hold of.
    """
    total = 0
    while changes := _fold():
        total += changes
    return total


@transaction.atomic
def _fold() -> int:
    changes = BelowSum.objects.filter(is_change=True).order_by("pk")
    rows = list(_columns(changes.select_for_update(skip_locked=True)[:FOLDED]))
    number = len(rows)
    keys = {key for _, key, _ in rows}
    folded = BelowSum.objects.filter(is_change=False, organisation__in={key[0] for key in keys})
    met = [pk for pk, key, _ in _columns(folded.order_by()) if key in keys]
    # Whoever folds the same sum at once waits here, and then no longer finds it: his is a row beside it.
    for start in range(0, len(met), ROWS):
        some = BelowSum.objects.filter(pk__in=met[start : start + ROWS]).order_by("pk")
        rows += _columns(some.select_for_update())
    sums: Changes = defaultdict(lambda: [0] * len(SUMMED))
    for _, key, values in rows:
        add_sums(sums[key], values)
    for start in range(0, len(rows), ROWS):
        BelowSum.objects.filter(pk__in=[pk for pk, _, _ in rows[start : start + ROWS]]).delete()
    _add_below(sums, is_change=False)
    return number


def _columns(rows: Any) -> Iterator[tuple[int, Key, tuple[int, ...]]]:
    """Primary key, what it is known by, the values of SUMMED."""
    end = 1 + len(SUM_KEY)
    for row in rows.values_list("pk", *COLUMNS):
        yield row[0], row[1:end], row[end:]
