"""Keeping the duties right: facts in, the engine's duties out, and only the difference written.

Level-triggered (design.md section 6): whatever happened meanwhile, an organisation that is reconciled is
right. Every organisation's `Reconciliation` row is locked while its duties are compared, and a unique key
stands behind: run twice at once, nothing is created twice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import StringIO
from typing import Any

from django.db import connection, transaction

from branches.models import Organisation, Stale
from branches.services import mark_stale
from talks.figures.facts import Keys, load_keyed_facts
from talks.figures.keeping import (
    KEPT,
    KEY,
    out_of_date,
    stored_duties,
    stored_ledgers,
    stored_reliances,
)
from talks.models import Duty, LedgerTalk, Reconciliation, Reliance, ledgers_by_facts
from talks.rules.anchors import year_of
from talks.rules.facts import Facts
from talks.rules.keeping import Kept, consulted, keep, next_changes
from talks.rules.withdrawals import withdrawal
from talks.services.chasing import chase
from talks.services.sums import fold_sums, write_sums

# Organisations whose facts are held in memory at once.
BATCH = 200
ROWS = 1000
NEVER = date.min
PERSONS = "+"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# What never changes in a row, beside its key.
FIXED = ("rule", "year", "is_event", "subject_id", "counterpart_id", "role")
COLUMNS = (*KEY, *KEPT, *FIXED)

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How many duties were new, how many changed, how many of these were withdrawn; and the notices of it."""

    organisations: int = 0
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    notices: int = 0

    def __add__(self, other: "Difference") -> "Difference":
        return Difference(
            self.organisations + other.organisations,
            self.new + other.new,
            self.changed + other.changed,
            self.withdrawn + other.withdrawn,
            self.notices + other.notices,
        )


def reconcile_due(*, today: date, at: datetime) -> Difference:
    """Brings the duties of every organisation that is marked, or that time has changed, to those of today.

    In batches, each a transaction of its own: what is stopped goes on with the rest the next time.
    """
    total = Difference()
    due = list(out_of_date(today).order_by("path").values_list("pk", flat=True))
    for start in range(0, len(due), BATCH):
        total += reconcile(organisations=due[start : start + BATCH], today=today, at=at)
    if due:
        fold_sums()
    return total


@transaction.atomic
def reconcile(*, organisations: Collection[int], today: date, at: datetime) -> Difference:
    """Brings the duties of the organisations (primary keys) to what they owe today, where they are not.

    A constant number of queries. Who is right already, by another meanwhile perhaps, is left alone.
    """
    _lock(organisations, at)
    places = list(out_of_date(today).filter(pk__in=organisations).order_by("path"))
    if not places:
        return Difference()
    keys = [place.pk for place in places]
    _pass_on(keys, at)
    marks = list(Stale.objects.filter(organisation__in=keys).values_list("pk", flat=True))
    facts, known = load_keyed_facts(places)
    codes = [place.code for place in places]
    kept = keep(facts, organisations=codes, as_of=today)
    difference = _write(facts, known, places, kept, today)
    write_sums(organisations=keys)
    _write_ledgers(keys)
    _write_reliances(known, keys, consulted(facts))
    ahead = next_changes(facts, organisations=codes, as_of=today)
    Reconciliation.objects.bulk_create(
        (Reconciliation(pk=place.pk, as_of=today, at=at, next_on=ahead[place.code]) for place in places),
        update_conflicts=True,
        unique_fields=["organisation"],
        update_fields=["as_of", "at", "next_on"],
    )
    if difference.new or difference.changed:
        # In the same transaction: a reminder is there as soon as what it is about.
        notices = chase(organisations=keys, today=today, at=at)
        difference = replace(difference, notices=notices)
    # Only the marks that were there before the facts were read: a later one may mean a later fact.
    Stale.objects.filter(pk__in=marks).delete()
    return difference


def _lock(organisations: Collection[int], at: datetime) -> None:
    """Holds the organisations' rows until the end of the transaction; of two at once the second waits."""
    ordered = sorted(organisations)
    Reconciliation.objects.bulk_create(
        (Reconciliation(pk=pk, as_of=NEVER, at=at, next_on=NEVER) for pk in ordered), ignore_conflicts=True
    )
    list(Reconciliation.objects.select_for_update().filter(pk__in=ordered).order_by("pk").values_list("pk"))


def _pass_on(organisations: Collection[int], at: datetime) -> None:
    """Marks those who rely on the posts where these have changed: their turn may come in another batch."""
    changed = Stale.objects.filter(organisation__in=organisations, reaches_others=True).values("organisation")
    relying = Reliance.objects.filter(on__in=changed).values_list("organisation", flat=True)
    mark_stale(organisations=set(relying), at=at)


def _write(
    facts: Facts, known: Keys, places: Sequence[Organisation], kept: Iterable[Kept], today: date
) -> Difference:
    """Writes what differs from the rows that stand."""
    stored = stored_duties([place.pk for place in places], today)
    wanted = dict(_row(one, known) for one in kept)
    new = [(*key, *values) for key, values in wanted.items() if key not in stored]
    changed = [
        (*key, *values)
        for key, values in wanted.items()
        if key in stored and stored[key].values != values[: len(KEPT)]
    ]
    gone = [row.pk for key, row in stored.items() if key not in wanted and row.stands]
    _insert(new)
    Duty.objects.bulk_create(
        (Duty(**dict(zip(COLUMNS, row, strict=True))) for row in changed),
        update_conflicts=True,
        unique_fields=["organisation", "version", "anchor", "persons"],
        update_fields=list(KEPT),
        batch_size=ROWS,
    )
    _withdraw(facts, gone, today)
    return Difference(len(places), len(new), len(changed) + len(gone), len(gone))


def _withdraw(facts: Facts, gone: Collection[int], today: date) -> None:
    """Withdraws the rows, each with its reason."""
    rows = list(Duty.objects.filter(pk__in=gone).select_related("organisation", "subject", "counterpart"))
    for row in rows:
        pair = (row.counterpart,) if row.counterpart else ()
        row.withdrawn_on = today
        row.withdrawal = withdrawal(
            facts,
            organisation=row.organisation.code,
            version=row.version,
            anchor=row.anchor,
            persons=tuple(member.code for member in (*pair, row.subject)),
            as_of=today,
        )
    Duty.objects.bulk_update(rows, ["withdrawn_on", "withdrawal"], batch_size=ROWS)


def _row(one: Kept, known: Keys) -> tuple[Values, Values]:
    """The key of the duty's row, and the values of KEPT and FIXED."""
    duty, members = one.duty, known.members
    key = (
        known.organisations[duty.organisation],
        duty.rule.version,
        duty.anchor,
        PERSONS.join(duty.persons),
    )
    return key, (
        duty.opens_on,
        duty.due_on,
        one.holders.group.value if one.holders.group else "",
        known.organisations[one.holders.at] if one.holders.at else None,
        members[one.responsible.member] if one.responsible.member else None,
        known.organisations[one.responsible.at] if one.responsible.at else None,
        known.talks[duty.talk] if duty.talk else None,
        duty.held_on,
        known.talks[duty.planned] if duty.planned else None,
        duty.planned_on,
        one.waived_on,
        None,
        "",
        duty.rule.code,
        year_of(duty.anchor, duty.opens_on),
        duty.is_event,
        members[duty.subject],
        members[duty.counterpart] if duty.counterpart else None,
        duty.role.value if duty.role else "",
    )


def _insert(rows: Sequence[Values]) -> None:
    """Writes new rows: on PostgreSQL by COPY, which for a country's worth of rows is many times faster."""
    if connection.vendor != "postgresql":
        Duty.objects.bulk_create(
            (Duty(**dict(zip(COLUMNS, row, strict=True))) for row in rows), batch_size=ROWS
        )
    elif rows:
        columns = ", ".join(f'"{name}"' for name in COLUMNS)
        lines = StringIO("".join("\t".join(map(_cell, row)) + "\n" for row in rows))
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {Duty._meta.db_table} ({columns}) FROM STDIN", lines)


def _cell(value: object) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    return str(value)


def _write_ledgers(keys: Collection[int]) -> None:
    """Makes the ledgers of the organisations those that their facts now say."""
    stored, wanted = stored_ledgers(keys), ledgers_by_facts(organisations=keys)
    gone = [pk for pair, pk in stored.items() if pair not in wanted]
    for start in range(0, len(gone), ROWS):
        LedgerTalk.objects.filter(pk__in=gone[start : start + ROWS]).delete()
    LedgerTalk.objects.bulk_create(
        (
            LedgerTalk(organisation_id=organisation, talk_id=talk)
            for organisation, talk in sorted(wanted - stored.keys())
        ),
        batch_size=ROWS,
    )


def _write_reliances(known: Keys, keys: Collection[int], found: Mapping[str, Collection[str]]) -> None:
    """Makes the reliances of the organisations those found."""
    stored = stored_reliances(keys)
    wanted = {
        (known.organisations[code], known.organisations[other])
        for code, others in found.items()
        for other in others
        if known.organisations[code] in keys
    }
    for organisation, on in stored - wanted:
        Reliance.objects.filter(organisation=organisation, on=on).delete()
    Reliance.objects.bulk_create(
        (Reliance(organisation_id=organisation, on_id=on) for organisation, on in sorted(wanted - stored)),
        batch_size=ROWS,
    )
