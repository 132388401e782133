"""Organisations as rows of a tree: how many party members, and who leads."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from branches.models import Organisation, OrganisationQuerySet
from members.models import Affiliation, Member, Post

# A tree of more organisations is not put together: its rows come a page at a time.
MOST_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation of the tree: how far it is indented, and its party members with all below it.

    `party` is None where the figure is not for the one who looks.
    """

    organisation: Organisation
    indent: int
    is_group: bool
    party: int | None


def tree_of(organisations: OrganisationQuerySet, *, counted: OrganisationQuerySet, today: date) -> list[Line]:
    """The organisations in the order of the tree, siblings by code; two queries and one for `counted`.

    A figure is the sum over those of the organisation and below it that are among `counted`.
    """
    rows = list(organisations.select_related("superior"))
    codes = {row.pk: row.code for row in rows}
    paths = {row.pk: row.path for row in rows}
    groups = {row.superior_id for row in rows}
    sums = dict.fromkeys(counted.order_by().values_list("pk", flat=True), 0)
    for pk, count in _party_counts(counted, today):
        for part in paths.get(pk, "").split("/"):
            if part and int(part) in sums:
                sums[int(part)] += count
    lines = []
    for row in sorted(rows, key=lambda row: _place(row, codes)):
        indent = sum(pk in codes for pk in row.ancestor_ids())
        lines.append(Line(row, indent, row.pk in groups, sums.get(row.pk)))
    return lines


def is_large_tree(organisations: OrganisationQuerySet) -> bool:
    """Whether there are more of them than are put together; one query."""
    keys = organisations.order_by().values_list("pk", flat=True)
    return len(keys[: MOST_TOGETHER + 1]) > MOST_TOGETHER


def lines_of(
    rows: Sequence[Organisation],
    *,
    among: OrganisationQuerySet,
    counted: OrganisationQuerySet,
    today: date,
) -> list[Line]:
    """Some rows of a tree too large to be put together, in their order; three queries.

    Branches that are among `counted` have a figure, what stands above others none.
    """
    above = {pk for row in rows for pk in row.ancestor_ids()}
    known = set(among.order_by().filter(pk__in=above).values_list("pk", flat=True))
    keys = [row.pk for row in rows]
    groups = set(among.order_by().filter(superior__in=keys).values_list("superior", flat=True).distinct())
    leaves = counted.filter(pk__in=[key for key in keys if key not in groups])
    sums = dict.fromkeys(leaves.order_by().values_list("pk", flat=True), 0) | dict(
        _party_counts(leaves, today)
    )
    return [
        Line(row, sum(pk in known for pk in row.ancestor_ids()), row.pk in groups, sums.get(row.pk))
        for row in rows
    ]


def principals_of(organisations: Collection[Organisation], today: date) -> dict[int, str]:
    """The names of the principals of each organisation, by primary key; one query."""
    posts = (
        Post.objects.in_force(today)
        .filter(organisation__in=organisations, is_principal=True)
        .order_by("organisation", "since", "member__code")
        .values_list("organisation", "member__name")
    )
    names: dict[int, list[str]] = {}
    for pk, name in posts:
        names.setdefault(pk, []).append(name)
    return {pk: "、".join(dict.fromkeys(several)) for pk, several in names.items()}


def _party_counts(organisations: OrganisationQuerySet, today: date) -> Iterable[tuple[int, int]]:
    return (
        Affiliation.objects.in_force(today)
        .filter(
            organisation__in=organisations.order_by().values("pk"),
            member__in=Member.objects.party_on(today).order_by().values("pk"),
        )
        .order_by()
        .values_list("organisation")
        .annotate(count=Count("pk"))
    )


def _place(row: Organisation, codes: dict[int, str]) -> tuple[str, ...]:
    return (*(codes.get(pk, "") for pk in row.ancestor_ids()), row.code)
