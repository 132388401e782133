"""Writes about members: who they are, and with which organisation they are affiliated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from branches.models import RANGE_EMPTY, Organisation, OrganisationQuerySet
from branches.rules import following_code
from members.models import Affiliation, Member
from members.models.dated import shares_a_day
from members.rules import Category, pinyin_of, tidy_name
from members.services.marks import mark_members
from vault.services import Actor, enter_trail

# What may be said of a member beside code, name, category and affiliation.
FACTS = (
    *("sex", "ethnicity", "born_on", "education", "joined_on", "full_on", "phone", "identity_number", "job"),
    *("is_floating", "is_in_difficulty", "is_frail", "remark"),
)

NAME_MISSING = "请填写姓名。"
CODE_TAKEN = "这个党员编号已经有人使用，请另填一个，或留空由系统编号。"
FULL_BEFORE_JOINED = "转正日期不能早于入党日期。"
ORGANISATION_DISSOLVED = "该组织在这一天已经撤销，请另选组织。"
ALREADY_THERE = "该同志的组织关系已在这个组织，不需要转接。"
KEPT_ELSEWHERE = "该同志在这一天的组织关系在其他组织，请由该组织或其党务管理员办理转出。"
OVERLAP = "该同志在这段时间已有其他组织关系，同一天只能有一个；请先填写原组织关系的转出日期。"
MEMBER_IN_USE = "该同志已有任职、联系、事件、谈话或账号等资料，不能删除；转出的请填写转出日期。"
LAST_AFFILIATION = "这是该同志唯一的组织关系，不能删除；转出的请填写转出日期。"


@dataclass(frozen=True, slots=True)
class Contact:
    """What is sealed about a member: his numbers."""

    phone: str
    identity_number: str


@transaction.atomic
def add_member(
    *,
    actor: Actor,
    at: datetime,
    organisation: Organisation,
    name: str,
    category: Category | str,
    code: str = "",
    since: date | None = None,
    facts: Mapping[str, object] | None = None,
) -> Member:
    """A new member with his first affiliation, from `since` on (None: it always was).

    `facts` are values of FACTS. Without a code the member is numbered in the organisation (HC-001). Refuses
    with ValidationError, by field: a code that is taken, an organisation dissolved by then, 转正 before 入党.
    """
    member = Member(
        code=code.strip() or _free_code(organisation), name=tidy_name(name), category=Category(category)
    )
    _put(member, facts or {})
    if Member.objects.filter(code=member.code).exists():
        raise ValidationError({"code": CODE_TAKEN})
    _save_member(member)
    affiliation = Affiliation(member=member, organisation=organisation, since=since)
    _check_affiliation(affiliation)
    _save_affiliation(affiliation)
    mark_members(members=[member.pk], at=at)
    _enter(actor, at, "新增", member, member)
    return member


@transaction.atomic
def change_member(
    *,
    actor: Actor,
    at: datetime,
    member: Member,
    name: str,
    category: Category | str,
    facts: Mapping[str, object] | None = None,
) -> Member:
    """Other facts about a member; those of FACTS not given stay as they are, and the code never changes."""
    current = Member.objects.select_for_update().get(pk=member.pk)
    wanted = {"name": tidy_name(name), "category": Category(category), **(facts or {})}
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    _put(current, wanted)
    if changed:
        _save_member(current)
        mark_members(members=[current.pk], at=at)
        _enter(actor, at, "修改", current, current, changed)
    return current


@transaction.atomic
def transfer_member(
    *,
    actor: Actor,
    at: datetime,
    member: Member,
    organisation: Organisation,
    on: date,
    kept: OrganisationQuerySet | None = None,
) -> Affiliation:
    """组织关系转接: the affiliation in force on the day ends with it, the next begins.

    `kept`: the organisations whose affiliations may be ended, all where it is None. Who keeps a member today
    does not rewrite where he was before: the principal of a branch reads the talks among its people of a day.
    One who is affiliated nowhere on the day only begins. Refuses with ValidationError the organisation where
    the member is already, one dissolved by then, a day on which the affiliation began, and one before another
    affiliation that is already entered.
    """
    Member.objects.select_for_update().get(pk=member.pk)
    last = Affiliation.objects.in_force(on).filter(member=member).first()
    if last is not None:
        if last.organisation_id == organisation.pk:
            raise ValidationError({"organisation": ALREADY_THERE})
        _refuse_kept_elsewhere(last, kept)
        last.until = on
        _check_affiliation(last)
        _save_affiliation(last)
    affiliation = Affiliation(member=member, organisation=organisation, since=on)
    _check_affiliation(affiliation)
    _save_affiliation(affiliation)
    mark_members(members=[member.pk], at=at)
    _enter(actor, at, "转接", affiliation, member)
    return affiliation


@transaction.atomic
def change_affiliation(
    *,
    actor: Actor,
    at: datetime,
    affiliation: Affiliation,
    organisation: Organisation,
    since: date | None,
    until: date | None,
) -> Affiliation:
    """Corrects where and when a member was affiliated; 转出日期 ends an affiliation."""
    current = Affiliation.objects.select_for_update().select_related("member").get(pk=affiliation.pk)
    wanted: dict[str, object] = {"organisation": organisation, "since": since, "until": until}
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    current.organisation, current.since, current.until = organisation, since, until
    _check_affiliation(current, moved="organisation" in changed)
    if changed:
        mark_members(members=[current.member_id], at=at)
        _save_affiliation(current)
        mark_members(members=[current.member_id], at=at)
        _enter(actor, at, "修改", current, current.member, changed)
    return current


@transaction.atomic
def remove_affiliation(*, actor: Actor, at: datetime, affiliation: Affiliation) -> None:
    """Deletes an affiliation that was entered by mistake; a member keeps at least one."""
    member = Member.objects.select_for_update().get(pk=affiliation.member_id)
    if not Affiliation.objects.filter(member=member).exclude(pk=affiliation.pk).exists():
        raise ValidationError(LAST_AFFILIATION)
    mark_members(members=[member.pk], at=at)
    affiliation.delete()
    _enter(actor, at, "删除", affiliation, member)


@transaction.atomic
def remove_member(*, actor: Actor, at: datetime, member: Member) -> None:
    """Deletes a member entered by mistake, with his affiliations; refused once anything else names him."""
    mark_members(members=[member.pk], at=at)
    try:
        with transaction.atomic():
            Affiliation.objects.filter(member=member).delete()
            member.delete()
    except ProtectedError as error:
        raise ValidationError(MEMBER_IN_USE) from error
    _enter(actor, at, "删除", member, member)


@transaction.atomic
def read_contact(*, actor: Actor, at: datetime, member: Member) -> Contact:
    """The sealed numbers of a member; they are given only where the trail could be written."""
    enter_trail(
        actor=actor,
        at=at,
        action="查看联系方式",
        target_kind="党员",
        target=member.code,
        detail={"字段": ["手机号码", "公民身份号码"]},
    )
    return Contact(member.phone, member.identity_number)


def _put(member: Member, values: Mapping[str, object]) -> None:
    unknown = values.keys() - {"name", "category", *FACTS}
    if unknown:
        raise ValueError(f"no facts about a member: {', '.join(sorted(unknown))}")
    for field, value in values.items():
        setattr(member, field, value)
    if not member.name:
        raise ValidationError({"name": NAME_MISSING})
    if member.joined_on and member.full_on and member.full_on < member.joined_on:
        raise ValidationError({"full_on": FULL_BEFORE_JOINED})
    member.pinyin, member.initials = pinyin_of(member.name)


def _check_affiliation(affiliation: Affiliation, *, moved: bool = True) -> None:
    """What the database would refuse, said in words; and an organisation that is no more."""
    since, until = affiliation.since, affiliation.until
    if since and until and until <= since:
        raise ValidationError(RANGE_EMPTY)
    dissolved = affiliation.organisation.dissolved
    if moved and dissolved and (until is None or until > dissolved) and (since is None or since >= dissolved):
        raise ValidationError({"organisation": ORGANISATION_DISSOLVED})
    others = Affiliation.objects.filter(shares_a_day(since, until), member=affiliation.member_id)
    if others.exclude(pk=affiliation.pk).exists():
        raise ValidationError(OVERLAP)


def _refuse_kept_elsewhere(last: Affiliation, kept: OrganisationQuerySet | None) -> None:
    if kept is not None and not kept.filter(pk=last.organisation_id).exists():
        raise ValidationError({"on": KEPT_ELSEWHERE})


def _free_code(organisation: Organisation) -> str:
    # The organisation's row is locked, so that no two get the same number.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    prefix = f"{organisation.code}-"
    codes = Member.objects.filter(code__startswith=prefix).order_by().values_list("code", flat=True)
    return following_code(codes, prefix, 3)


def _save_member(member: Member) -> None:
    member.clean_fields()
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as error:
        if "code" in str(error):
            raise ValidationError({"code": CODE_TAKEN}) from error
        raise


def _save_affiliation(affiliation: Affiliation) -> None:
    try:
        with transaction.atomic():
            affiliation.save()
    except IntegrityError as error:
        # Somebody else entered another affiliation in the meantime.
        if "affiliation_once_a_day" in str(error):
            raise ValidationError(OVERLAP) from error
        raise


def _enter(
    actor: Actor,
    at: datetime,
    action: str,
    row: Member | Affiliation,
    member: Member,
    changed: Collection[str] = (),
) -> None:
    names = {field.name: str(field.verbose_name) for field in row._meta.fields}
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind=str(row._meta.verbose_name),
        target=member.code,
        detail={"字段": [names[field] for field in changed]} if changed else None,
    )
