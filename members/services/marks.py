"""Marks on the organisations that a change about members concerns (design.md section 6)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from branches.services import mark_stale
from members.models import Affiliation, Post


def mark_members(
    *, members: Collection[int] | QuerySet[Any, int], at: datetime, reaches_others: bool = False
) -> None:
    """Marks every organisation in which one of the members (primary keys) ever was affiliated or held a post.

    Where the change itself moves a member, call it before and after: both places are concerned.
    """
    affiliated = Affiliation.objects.order_by().filter(member__in=members).values_list("organisation")
    posted = Post.objects.order_by().filter(member__in=members).values_list("organisation")
    places = {pk for (pk,) in affiliated.union(posted)}
    mark_stale(organisations=places, at=at, reaches_others=reaches_others)
