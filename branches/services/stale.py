"""Marks on organisations whose facts have changed."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from branches.models import Organisation, Stale


@transaction.atomic
def mark_stale(
    *, organisations: QuerySet[Organisation] | Collection[int], at: datetime, reaches_others: bool = False
) -> None:
    """Leaves a mark on each of the organisations (a queryset, or primary keys) that its facts have changed.

    Call it in the transaction of the change. `reaches_others` with a change of posts, or of the tree.
    """
    keys = (
        organisations.values_list("pk", flat=True) if isinstance(organisations, QuerySet) else organisations
    )
    Stale.objects.bulk_create(
        (Stale(organisation_id=pk, at=at, reaches_others=reaches_others) for pk in sorted(set(keys))),
        batch_size=5000,
    )
