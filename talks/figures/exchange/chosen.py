"""Which rows an export holds, and the rows themselves, with a number of queries that does not grow."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from branches.models import Department, Organisation
from members.models import Account, Affiliation, Event, Liaison, Portfolio, Post
from members.models.dated import in_force
from members.permissions import visible_events, visible_members
from talks.figures.exchange.fields import (
    AFFILIATION_FIELDS,
    FIELDS,
    MEMBER_FIELDS,
    OPINIONS,
    REMEDIES,
    talk_values,
    values_of,
)
from talks.models import Meeting, Participant, Rule, Talk, TalkRequest, Waiver
from talks.permissions import visible_requests, visible_talks, visible_waivers
from talks.rules.exchange.cells import Value
from talks.rules.exchange.columns import MEMBERS, SHEETS, TALKS, Column, SheetForm

Chosen = Mapping[str, QuerySet[Any]]
KINDS = ("谈话类型", "谈话契机")
_CHUNK = 2_000


def chosen_rows(organisations: QuerySet[Organisation] | None) -> dict[str, QuerySet[Any]]:
    """By sheet, the rows that belong to the organisations; all rows for None.

    A member belongs to an organisation with which he is or was affiliated, and his row there to it; a talk
    where one of its participants was affiliated with, or held a post in, one of them on its day; 联系党员,
    事件 and 约谈申请 where one of the persons belongs. Persons from elsewhere are named by their codes only.
    """
    rows: dict[str, QuerySet[Any]] = {
        "党组织": Organisation.objects.select_related("superior").order_by("path"),
        "部门单位": Department.objects.select_related("organisation").order_by("code"),
        "党员": Affiliation.objects.select_related("member", "organisation").order_by(
            "member__code", "since"
        ),
        "任职": Post.objects.select_related("member", "organisation", "department").order_by(
            "organisation__code", "member__code", "since", "title"
        ),
        "分管": Portfolio.objects.select_related("member", "department").order_by(
            "member__code", "department__code", "since"
        ),
        "联系党员": Liaison.objects.select_related("committee_member", "member").order_by(
            "committee_member__code", "member__code", "since"
        ),
        "事件": Event.objects.select_related("member").order_by("code"),
        "会议": Meeting.objects.select_related("organisation").order_by("organisation__code", "kind", "year"),
        "规则": Rule.objects.select_related("organisation").order_by(
            "code", "organisation__code", "effective_from"
        ),
        "谈话": Talk.objects.select_related("recorder").order_by("code"),
        "约谈申请": TalkRequest.objects.select_related("requester", "asked", "talk").order_by("code"),
        "免予谈话": Waiver.objects.approved()
        .select_related("organisation", "subject", "counterpart", "asked_by", "approved_by")
        .order_by("rule", "organisation__code", "anchor", "persons"),
    }
    if organisations is None:
        return rows
    for sheet, condition in _conditions(organisations).items():
        rows[sheet] = rows[sheet].filter(condition)
    return rows


def rows_for(
    account: Account, organisations: QuerySet[Organisation], *, today: date
) -> dict[str, QuerySet[Any]]:
    """The rows of the organisations that the account may see one by one."""
    seen = {
        "党员": ("member__in", visible_members(account, today=today)),
        "事件": ("pk__in", visible_events(account, today=today)),
        "谈话": ("pk__in", visible_talks(account, today=today)),
        "约谈申请": ("pk__in", visible_requests(account, today=today)),
        "免予谈话": ("pk__in", visible_waivers(account, today=today)),
    }
    rows = chosen_rows(organisations)
    for sheet, (field, visible) in seen.items():
        rows[sheet] = rows[sheet].filter(**{field: visible.order_by().values("pk")})
    return rows


def _conditions(organisations: QuerySet[Organisation]) -> dict[str, Q | Exists]:
    ids = organisations.order_by().values("pk")
    here = Q(organisation__in=ids)

    def of_person(field: str) -> Q:
        return Q(Exists(Affiliation.objects.filter(here, member=OuterRef(field))))

    then = in_force(OuterRef("talk__held_on"))
    takes_part = Participant.objects.filter(talk=OuterRef("pk")).filter(
        Exists(Affiliation.objects.filter(here & then, member=OuterRef("member")))
        | Exists(Post.objects.filter(here & then, member=OuterRef("member")))
    )
    return {
        "党组织": Q(pk__in=ids),
        "部门单位": here,
        "党员": here,
        "任职": here,
        "分管": Q(department__organisation__in=ids),
        "联系党员": of_person("member") | of_person("committee_member"),
        "事件": of_person("member"),
        "会议": here,
        "规则": here,
        "谈话": Exists(takes_part),
        "约谈申请": of_person("requester") | of_person("asked"),
        "免予谈话": here,
    }


def rows_of(form: SheetForm, rows: QuerySet[Any], columns: Collection[str]) -> Iterator[dict[str, Value]]:
    """The rows of a sheet as values of the columns. Rows come in portions, each with the same few queries."""
    if form is TALKS:
        rows = rows.prefetch_related("participants__member")
        if OPINIONS in columns:
            rows = rows.prefetch_related("opinions")
        if REMEDIES in columns:
            rows = rows.prefetch_related("remedies")
        for talk in rows.iterator(_CHUNK):
            yield talk_values(talk, columns)
        return
    for row in rows.iterator(_CHUNK):
        if form is MEMBERS:
            member = values_of(row.member, form, MEMBER_FIELDS, columns)
            yield member | values_of(row, form, AFFILIATION_FIELDS, columns)
        else:
            yield values_of(row, form, FIELDS[form.name], columns)


def exported_sheets(
    chosen: Chosen, *, with_content: bool, with_kinds: bool = True
) -> Iterator[tuple[SheetForm, tuple[Column, ...], Iterator[dict[str, Value]]]]:
    """All sheets with their columns and rows; without content the withheld columns are left out.

    Without kinds the 类型 and 契机 of talks are too: they tell of the events behind the talks.
    """
    for form in SHEETS:
        columns = tuple(
            column
            for column in form.columns
            if (with_content or not column.withheld) and (with_kinds or column.name not in KINDS)
        )
        names = frozenset(column.name for column in columns)
        yield form, columns, rows_of(form, chosen[form.name], names)
