"""The people of a roster, or their accounts, in the order of the tree of organisations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet

from members.figures.pages import UncountedPages
from members.models import Account, Affiliation, Member
from members.models.people import MemberQuerySet
from members.permissions import (
    accounts_otherwise,
    kept_affiliations,
    listed_otherwise,
    lists_many,
    looks_after_all,
    roster_affiliations,
    visible_accounts,
    visible_members,
)

# Of a search that finds no more, the database begins with those found; of others with the rosters.
FEW_FOUND = 200


@dataclass(frozen=True, slots=True)
class Roster(Sequence[Any]):
    """Rows organisation by organisation, and after them those listed for another reason.

    What a Paginator cuts: the database walks the tree and stops at the page. To put all in the order of their
    numbers it would have to bring the people of every organisation together first. `row`: what is shown of an
    affiliation; `others` is asked only on the page that shows them. Each member has `current_affiliations`.
    """

    affiliations: QuerySet[Affiliation]
    row: Callable[[Affiliation], Any]
    others: Callable[[], QuerySet[Any]]

    def __len__(self) -> int:
        """Two queries."""
        return self.affiliations.count() + self.others().count()

    def __getitem__(self, wanted: Any) -> Any:
        """Of a slice with an end, the rows; one query, and where the rosters are over a few more."""
        start, stop = wanted.start or 0, wanted.stop
        here = list(self.affiliations[start:stop])
        for affiliation in here:
            # As the prefetch of the others leaves it there.
            vars(affiliation.member)["current_affiliations"] = [affiliation]
        found = [self.row(affiliation) for affiliation in here]
        if start + len(found) < stop:
            before = start + len(found) if found or not start else self.affiliations.count()
            first = max(start - before, 0)
            found += self.others()[first : first + stop - start - len(found)]
        return found


def roster_pages(
    account: Account,
    narrow: Callable[[MemberQuerySet], MemberQuerySet],
    *,
    is_named: bool,
    size: int,
    today: date,
) -> Paginator[Member]:
    """The pages of the members that the account may see and `narrow` leaves.

    `is_named`: a name or number is looked for, which few may bear: then those come by number. Where they
    are of very many organisations, they are not counted.
    """
    here = current_affiliations("affiliations", today=today)
    many = lists_many(account, today=today)
    found = _few(narrow(Member.objects.order_by())) if many and is_named else None
    if found is not None:
        visible = visible_members(account, today=today).filter(pk__in=found)
        return Paginator(visible.order_by("code").prefetch_related(here), size)
    affiliations = roster_affiliations(account, today=today)
    affiliations = affiliations.filter(member__in=narrow(Member.objects.order_by()))
    roster = Roster(
        affiliations.select_related("member", "organisation").order_by("organisation__path", "member__code"),
        lambda affiliation: affiliation.member,
        lambda: narrow(listed_otherwise(account, today=today)).order_by("code").prefetch_related(here),
    )
    return (UncountedPages if many else Paginator)(roster, size)


def account_pages(
    account: Account,
    narrow: Callable[[QuerySet[Account]], QuerySet[Account]],
    *,
    is_named: bool,
    size: int,
    today: date,
) -> Paginator[Account]:
    """The pages of the accounts that the account looks after and `narrow` leaves, as those of the members."""
    here = current_affiliations("member__affiliations", today=today)
    many, all_there_are = lists_many(account, today=today), looks_after_all(account, today=today)
    found = _few(narrow(Account.objects.order_by())) if is_named and (many or all_there_are) else None
    if found is not None or all_there_are:
        visible = visible_accounts(account, today=today)
        visible = narrow(visible) if found is None else visible.filter(pk__in=found)
        visible = visible.order_by("username").select_related("member").prefetch_related(here)
        return (UncountedPages if is_named and found is None else Paginator)(visible, size)
    affiliations = kept_affiliations(account, today=today)
    affiliations = affiliations.filter(member__account__in=narrow(Account.objects.order_by()))
    roster = Roster(
        affiliations.select_related("member__account", "organisation").order_by(
            "organisation__path", "member__account__username"
        ),
        lambda affiliation: affiliation.member.account,
        lambda: (
            narrow(accounts_otherwise(account, today=today))
            .order_by("username")
            .select_related("member")
            .prefetch_related(here)
        ),
    )
    return (UncountedPages if many else Paginator)(roster, size)


def _few(rows: QuerySet[Any]) -> list[int] | None:
    """The primary keys of the rows; None where they are not few."""
    found = list(rows.values_list("pk", flat=True)[: FEW_FOUND + 1])
    return found if len(found) <= FEW_FOUND else None


def current_affiliations(of: str, *, today: date) -> "Prefetch[str, QuerySet[Affiliation], str]":
    """Of members the affiliation in force, as `current_affiliations`; `of` leads to the affiliations."""
    rows = Affiliation.objects.in_force(today).select_related("organisation")
    return Prefetch(of, queryset=rows, to_attr="current_affiliations")
