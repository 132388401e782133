"""整改台账: the remedies that were released to the ledgers of organisations."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Max, Q

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account, Post
from reports.figures.sheets import Cell, Column, Register, Table
from reports.figures.versions import versions_in_force
from talks.models import Progress, Remedy
from talks.models.records import RemedyQuerySet
from talks.permissions import known_remedies
from talks.rules.words import RemedyState

ONE = (
    Column("序号", 8, "number"),
    Column("整改措施", 53, "left"),
    Column("责任部门", 21, "left"),
    Column("责任人", 16, "names"),
    Column("整改时限", 18.5),
    Column("完成情况", 21, "left"),
    Column("销号时间", 18.5),
)
SEVERAL = (ONE[0], Column("党组织", 26, "left"), Column("整改措施", 48, "left"), *ONE[3:])
EMPTY = "本期没有列入台账的整改措施。"
HIDDEN = "内容不在此列出"
NOTES = (
    "整改措施来自谈心谈话，经谈话人改写后列入台账；不列谈话双方。未列入台账的措施由谈话双方掌握。",
    "完成情况以统计日期为准；销号由未参加谈话的上级或者本级主要负责同志批准。",
)


def listed_remedies(
    places: Collection[Organisation], *, since: date, until: date, account: Account | None, today: date
) -> RemedyQuerySet:
    """Those in the ledgers of the places on a day of the period, of which the account may know."""
    known = known_remedies(account, today=today) if account else Remedy.objects.agreed()
    return known.filter(
        Q(settled_on=None) | Q(settled_on__gte=since), organisation__in=places, released_on__lte=until
    )


def rectification_figures(
    organisation: Organisation,
    places: Collection[Organisation],
    remedies: Collection[Remedy],
    *,
    texts: Mapping[int, str],
    since: date,
    until: date,
    as_of: date,
) -> Register:
    """The remedies, in the order of their limits; `texts` are the released ones that may be read, by key."""
    several = len(places) > 1
    owners = {remedy.owner_id for remedy in remedies if remedy.owner_id}
    posts = Post.objects.in_force(as_of).filter(member__in=owners, department__isnull=False)
    departments = dict(posts.order_by("is_head").values_list("member", "department__name"))
    last = dict(
        Progress.objects.filter(remedy__in=[row.pk for row in remedies], noted_on__lte=as_of)
        .order_by()
        .values_list("remedy")
        .annotate(last=Max("noted_on"))
    )
    rows: list[tuple[Cell, ...]] = []
    for remedy in remedies:
        place = remedy.organisation.name if remedy.organisation else ""
        department = departments.get(remedy.owner_id, "") if remedy.owner_id else ""
        text = texts.get(remedy.pk, HIDDEN)
        rows.append(
            (
                len(rows) + 1,
                *((place, text) if several else (text, department)),
                remedy.owner.name if remedy.owner else "",
                remedy.due_on,
                _standing(remedy, last.get(remedy.pk), as_of),
                remedy.settled_on,
            )
        )
    settled = sum(1 for remedy in remedies if remedy.settled_on)
    return Register(
        title="整改台账",
        subtitle=f"{organisation.name}{f'及所属{len(places) - 1}个党组织' if several else ''}",
        left=f"{chinese_date(since)}至{chinese_date(until)}",
        right=f"整改措施{len(rows)}项，已销号{settled}项",
        as_of=as_of,
        versions=versions_in_force(organisation, as_of),
        tables=(
            Table(
                name="整改台账",
                caption="",
                columns=SEVERAL if several else ONE,
                rows=tuple(rows),
                empty=EMPTY,
            ),
        ),
        notes=NOTES,
    )


def _standing(remedy: Remedy, last: date | None, as_of: date) -> str:
    if remedy.settled_on and remedy.settled_on <= as_of:
        return RemedyState.SETTLED.value
    if remedy.due_on and remedy.due_on < as_of:
        return RemedyState.OVERDUE.value
    return f"{RemedyState.OPEN.value}，{last.month}月{last.day}日有进展" if last else RemedyState.OPEN.value
