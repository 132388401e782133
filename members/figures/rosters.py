"""The people of a roster, in the order of the tree of organisations."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch

from members.figures.pages import UncountedPages
from members.models import Account, Affiliation, Member
from members.models.people import MemberQuerySet
from members.permissions import listed_otherwise, lists_many, roster_affiliations, visible_members

# Of a search that finds no more, the database begins with those found; of others with the rosters.
FEW_FOUND = 200


Narrow = Callable[[MemberQuerySet], MemberQuerySet]


class Roster(Sequence[Member]):
    """Members organisation by organisation, each by number, and after them those listed for another reason.

    What a Paginator cuts: the database walks the tree and stops at the page. To put all in the order of their
    numbers it would have to bring the people of every organisation together first. Each member has
    `current_affiliations`, with their organisations.
    """

    def __init__(self, account: Account, narrow: Narrow, *, today: date) -> None:
        """`narrow` leaves of members those that are looked for."""
        rows = roster_affiliations(account, today=today).filter(member__in=narrow(Member.objects.order_by()))
        self._affiliations = rows.order_by("organisation__path", "member__code")
        self._account, self._narrow, self._today = account, narrow, today

    @cached_property
    def _others(self) -> MemberQuerySet:
        """Put together only where the rosters are over: few pages need it."""
        listed = listed_otherwise(self._account, today=self._today)
        return _with_affiliations(self._narrow(listed), self._today)

    def __len__(self) -> int:
        """Two queries."""
        return self._affiliations.count() + self._others.count()

    def __getitem__(self, wanted: Any) -> Any:
        """Of a slice with an end, the members; one query, and where the rosters are over up to three."""
        start, stop = wanted.start or 0, wanted.stop
        rows = list(self._affiliations.select_related("member", "organisation")[start:stop])
        for row in rows:
            # As the prefetch of the others leaves it there.
            vars(row.member)["current_affiliations"] = [row]
        found = [row.member for row in rows]
        if start + len(found) < stop:
            before = start + len(found) if found or not start else self._affiliations.count()
            first = max(start - before, 0)
            found += self._others[first : first + stop - start - len(found)]
        return found


def roster_pages(
    account: Account, narrow: Narrow, *, is_named: bool, size: int, today: date
) -> Paginator[Member]:
    """The pages of the members that the account may see and `narrow` leaves.

    `is_named`: a name or number is looked for, which few may bear: then those come by number. Where they
    are of very many organisations, they are not counted.
    """
    if not lists_many(account, today=today):
        return Paginator(Roster(account, narrow, today=today), size)
    if is_named:
        found = narrow(Member.objects.order_by()).values_list("pk", flat=True)[: FEW_FOUND + 1]
        if len(found) <= FEW_FOUND:
            visible = visible_members(account, today=today).filter(pk__in=list(found))
            return Paginator(_with_affiliations(visible, today), size)
    return UncountedPages(Roster(account, narrow, today=today), size)


def _with_affiliations(members: MemberQuerySet, today: date) -> MemberQuerySet:
    here = Affiliation.objects.in_force(today).select_related("organisation")
    return members.order_by("code").prefetch_related(
        Prefetch("affiliations", here, to_attr="current_affiliations")
    )
