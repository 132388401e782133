"""How the rows reach the database: COPY on PostgreSQL, bulk inserts elsewhere; a few thousand at a time."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Field, Model

from branches.models import Department, Organisation
from members.models import Affiliation, Event, Liaison, Member, Portfolio, Post
from talks.models import Meeting, Participant, Talk
from vault.models import SealedBinaryField, SealedTextField

Row = tuple[object, ...]
# A model, and the values of its columns below.
Rows = Iterator[tuple[type[Model], Row]]

# What the generator says of each; every other column has its default. A row refers only to rows of models
# that stand further up, or to earlier ones of its own.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Organisation: (*("id", "code", "name", "kind", "superior_id", "established", "dissolved", "path"),),
    Department: ("id", "code", "name", "organisation_id"),
    Member: (
        *("id", "code", "name", "pinyin", "initials", "category", "sex", "ethnicity", "born_on"),
        *("education", "joined_on", "full_on", "job", "is_floating", "is_in_difficulty", "is_frail"),
    ),
    Affiliation: ("member_id", "organisation_id", "since", "until"),
    Post: (
        *("member_id", "organisation_id", "department_id", "title", "is_team", "is_principal", "is_head"),
        *("is_key", "since", "until"),
    ),
    Portfolio: ("member_id", "department_id", "since"),
    Liaison: ("committee_member_id", "member_id", "since"),
    Event: ("code", "member_id", "kind", "happened_on", "known_on"),
    Meeting: ("organisation_id", "kind", "year", "meeting_on", "talks_from"),
    Talk: (
        *("id", "code", "held_on", "starts_at", "ends_at", "recorder_id", "form", "mode", "kind", "occasion"),
        *("place", "state", "entered_at", "recorded_at"),
    ),
    Participant: ("talk_id", "member_id", "side", "confirmed_at"),
}
BATCH = 20_000


def write(rows: Rows) -> Counter[type[Model]]:
    """Writes the rows, all of them or none, and gives back how many of each model."""
    store = _copy if connection.vendor == "postgresql" else _insert
    written: Counter[type[Model]] = Counter()
    waiting: dict[type[Model], list[Row]] = {model: [] for model in COLUMNS}

    def flush() -> None:
        for model, values in waiting.items():
            if values:
                store(model, values)
                written[model] += len(values)
                values.clear()

    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Checked with each batch: put off to the end, the checks of millions of rows pile up.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for number, (model, row) in enumerate(rows, start=1):
            waiting[model].append(row)
            if number % BATCH == 0:
                flush()
        flush()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(COLUMNS)):
                cursor.execute(statement)
    return written


def analyse() -> None:
    """Lets PostgreSQL look at what its tables now hold, before it is asked about them."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _insert(model: type[Model], rows: Sequence[Row]) -> None:
    names = COLUMNS[model]
    model._base_manager.bulk_create(
        (model(**dict(zip(names, row, strict=True))) for row in rows), batch_size=1_000
    )


def _copy(model: type[Model], rows: Sequence[Row]) -> None:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    given = [by_name[name] for name in COLUMNS[model]]
    others = [field for field in by_name.values() if field not in given and not field.primary_key]
    defaults = tuple(_default(field) for field in others)
    fields = [*given, *others]
    quoted = {field: connection.ops.quote_name(str(field.column)) for field in fields}
    # CSV has one empty value: in a column that may not be null it is the empty text.
    not_null = ", ".join(quoted[field] for field in fields if not field.null)
    file = StringIO()
    csv.writer(file).writerows(row + defaults for row in rows)
    file.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {connection.ops.quote_name(model._meta.db_table)} ({', '.join(quoted.values())}) "
            f"FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({not_null}))",
            file,
        )


def _default(field: "Field[object, object]") -> object:
    # What is sealed stays empty: nothing was written.
    return "" if isinstance(field, (SealedTextField, SealedBinaryField)) else field.get_default()
