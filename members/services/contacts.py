"""Writes of 分管 and 联系党员: who is in charge of what, and who keeps in contact with whom."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from branches.models import RANGE_EMPTY, Department
from branches.services import mark_stale
from members.models import Affiliation, Liaison, Member, Portfolio, Post
from members.models.dated import shares_a_day
from members.services.marks import mark_members
from vault.services import Actor, enter_trail

NOT_OF_THE_TEAM = "分管人应是该部门单位所属党组织的班子成员，请先录入其任职。"
PORTFOLIO_TWICE = "这段时间的分管已经录入，请修改原有的一条。"
NOT_A_COMMITTEE_MEMBER = "联系人应是该党员所在党组织的班子成员（支委），请先录入其任职。"
WITH_ONESELF = "联系人和被联系人不能是同一人。"
LIAISON_TWICE = "这段时间的联系关系已经录入，请修改原有的一条。"


@transaction.atomic
def assign_portfolio(
    *,
    actor: Actor,
    at: datetime,
    member: Member,
    department: Department,
    since: date,
    until: date | None = None,
) -> Portfolio:
    """分管 of a department by a team member of its organisation.

    Refuses with ValidationError one who is on no day of the time a team member there, and the same twice.
    """
    portfolio = Portfolio(member=member, department=department, since=since, until=until)
    _check_portfolio(portfolio)
    portfolio.save()
    mark_stale(organisations=[department.organisation_id], at=at)
    _enter(actor, at, "新增", portfolio)
    return portfolio


@transaction.atomic
def change_portfolio(
    *, actor: Actor, at: datetime, portfolio: Portfolio, since: date, until: date | None
) -> Portfolio:
    """Other dates of a 分管; an `until` ends it."""
    current = (
        Portfolio.objects.select_for_update().select_related("member", "department").get(pk=portfolio.pk)
    )
    current.since, current.until = since, until
    _check_portfolio(current)
    current.save()
    mark_stale(organisations=[current.department.organisation_id], at=at)
    _enter(actor, at, "修改", current)
    return current


@transaction.atomic
def remove_portfolio(*, actor: Actor, at: datetime, portfolio: Portfolio) -> None:
    """Deletes a 分管 that was entered by mistake."""
    current = Portfolio.objects.select_related("member", "department").get(pk=portfolio.pk)
    current.delete()
    mark_stale(organisations=[current.department.organisation_id], at=at)
    _enter(actor, at, "删除", current)


@transaction.atomic
def assign_liaison(
    *,
    actor: Actor,
    at: datetime,
    committee_member: Member,
    member: Member,
    since: date,
    until: date | None = None,
) -> Liaison:
    """联系党员: a team member keeps in contact with a member of his organisation.

    Leaving the team later does not end it (rules.md section 2). Refuses with ValidationError oneself, one who
    is no team member where the member is affiliated on the first day, and the same twice.
    """
    liaison = Liaison(committee_member=committee_member, member=member, since=since, until=until)
    _check_liaison(liaison)
    liaison.save()
    mark_members(members=[member.pk], at=at)
    _enter(actor, at, "新增", liaison)
    return liaison


@transaction.atomic
def change_liaison(
    *, actor: Actor, at: datetime, liaison: Liaison, since: date, until: date | None
) -> Liaison:
    """Other dates of a 联系党员; an `until` ends it."""
    rows = Liaison.objects.select_for_update().select_related("member", "committee_member")
    current = rows.get(pk=liaison.pk)
    began = current.since
    current.since, current.until = since, until
    _check_liaison(current, began_anew=since != began)
    current.save()
    mark_members(members=[current.member_id], at=at)
    _enter(actor, at, "修改", current)
    return current


@transaction.atomic
def remove_liaison(*, actor: Actor, at: datetime, liaison: Liaison) -> None:
    """Deletes a 联系党员 that was entered by mistake."""
    current = Liaison.objects.select_related("member", "committee_member").get(pk=liaison.pk)
    current.delete()
    mark_members(members=[current.member_id], at=at)
    _enter(actor, at, "删除", current)


def _check_range(since: date, until: date | None) -> None:
    if until is not None and until <= since:
        raise ValidationError({"until": RANGE_EMPTY})


def _check_portfolio(portfolio: Portfolio) -> None:
    since, until = portfolio.since, portfolio.until
    _check_range(since, until)
    team = Post.objects.filter(
        shares_a_day(since, until),
        member=portfolio.member,
        organisation=portfolio.department.organisation_id,
        is_team=True,
    )
    if not team.exists():
        raise ValidationError({"member": NOT_OF_THE_TEAM})
    # One at a time changes the 分管 of a department: two at once would not see each other.
    Department.objects.select_for_update().get(pk=portfolio.department_id)
    same = Portfolio.objects.filter(
        shares_a_day(since, until), member=portfolio.member, department=portfolio.department
    )
    if same.exclude(pk=portfolio.pk).exists():
        raise ValidationError(PORTFOLIO_TWICE)


def _check_liaison(liaison: Liaison, *, began_anew: bool = True) -> None:
    since, until = liaison.since, liaison.until
    _check_range(since, until)
    if liaison.committee_member_id == liaison.member_id:
        raise ValidationError({"member": WITH_ONESELF})
    if began_anew:
        there = Affiliation.objects.in_force(since).filter(member=liaison.member).values("organisation")
        team = Post.objects.in_force(since).filter(
            member=liaison.committee_member, organisation__in=there, is_team=True
        )
        if not team.exists():
            raise ValidationError({"committee_member": NOT_A_COMMITTEE_MEMBER})
    Member.objects.select_for_update().get(pk=liaison.member_id)
    same = Liaison.objects.filter(
        shares_a_day(since, until), committee_member=liaison.committee_member, member=liaison.member
    )
    if same.exclude(pk=liaison.pk).exists():
        raise ValidationError(LIAISON_TWICE)


def _enter(actor: Actor, at: datetime, action: str, row: Portfolio | Liaison) -> None:
    if isinstance(row, Portfolio):
        target, detail = row.member.code, {"单位编码": row.department.code}
    else:
        target, detail = row.member.code, {"支委编号": row.committee_member.code}
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind=str(row._meta.verbose_name),
        target=target,
        detail=detail,
    )
