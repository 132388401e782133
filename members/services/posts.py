"""Writes of posts, and of their confirmation (design.md section 4a)."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from branches.models import RANGE_EMPTY, Department, Organisation
from members.models import Member, Post
from members.models.posts import HEAD_NEEDS_DEPARTMENT, PRINCIPAL_IS_TEAM
from members.services.marks import mark_members
from vault.services import Actor, enter_trail

TITLE_MISSING = "请填写职务。"
DEPARTMENT_OF_ANOTHER = "所选部门单位不属于任职组织，请另选。"
POST_TWICE = "这项任职已经录入（同一人、同一组织、同一职务、同一任职日期）。"
LONGER = "新的免职日期晚于原来的日期，请在“修改任职”中更正。"
NOT_A_PRINCIPAL = "只有主要负责同志的任职需要确认。"
NOT_ONESELF = "本人的任职应由上级或本组织其他主要负责同志确认。"
CHANGED_SINCE = "这项任职刚才有修改，本次没有确认，请核对后再确认。"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a post says: title, department, flags, and from when until when."""

    title: str
    since: date
    until: date | None = None
    department: Department | None = None
    is_team: bool = False
    is_principal: bool = False
    is_head: bool = False
    is_key: bool = False


@transaction.atomic
def appoint(
    *,
    actor: Actor,
    at: datetime,
    member: Member,
    organisation: Organisation,
    terms: Terms,
    is_confirmed: bool,
) -> Post:
    """A new post.

    `is_confirmed` where the one who enters it could confirm it himself: a principal entered by staff stays
    unconfirmed, and reads nothing before the confirmation. Refuses with ValidationError, by field: a
    principal who is no team member, a head without a department, a department of another organisation, a post
    that is entered already.
    """
    post = Post(member=member, organisation=organisation, **_values(terms))
    _check(post)
    post.confirmed_at = at if post.is_principal and is_confirmed else None
    _save(post)
    _mark(post, at)
    _enter(actor, at, "任职", post)
    return post


@transaction.atomic
def change_post(*, actor: Actor, at: datetime, post: Post, terms: Terms, is_confirmed: bool) -> Post:
    """Corrects a post. Member and organisation never change: that is another post.

    A confirmation is void once the post says principal for a day that was not confirmed.
    """
    current = Post.objects.select_for_update().select_related("member", "organisation").get(pk=post.pk)
    values = _values(terms)
    changed = [field for field, value in values.items() if getattr(current, field) != value]
    stands = current.is_principal and _covers(current, terms)
    for field in changed:
        setattr(current, field, values[field])
    _check(current)
    if not current.is_principal:
        current.confirmed_at = None
    elif not stands:
        current.confirmed_at = at if is_confirmed else None
    if changed:
        _save(current)
        _mark(current, at)
        _enter(actor, at, "修改", current, changed)
    return current


@transaction.atomic
def end_post(*, actor: Actor, at: datetime, post: Post, on: date) -> Post:
    """免职: the post is in force until the day, and no longer on it."""
    current = Post.objects.select_for_update().select_related("member", "organisation").get(pk=post.pk)
    if on <= current.since:
        raise ValidationError({"until": RANGE_EMPTY})
    if current.is_principal and current.until is not None and on > current.until:
        # A later end is a longer right to read; it is entered as a change, which asks for confirmation.
        raise ValidationError({"until": LONGER})
    current.until = on
    _save(current)
    _mark(current, at)
    _enter(actor, at, "免职", current, ["until"])
    return current


@transaction.atomic
def remove_post(*, actor: Actor, at: datetime, post: Post) -> None:
    """Deletes a post that was entered by mistake."""
    current = Post.objects.select_related("member", "organisation").get(pk=post.pk)
    _mark(current, at)
    current.delete()
    _enter(actor, at, "删除", current)


@transaction.atomic
def confirm_post(*, actor: Actor, at: datetime, post: Post, by: Member, seen: str | None = None) -> Post:
    """Confirms that a principal entered by staff is one, which gives the right to read.

    Who may is asked before (members.permissions.confirmable_posts); refuses the person himself and a post
    that is no principal's. `seen` is what the confirming person was shown (`Post.as_shown`): where it is
    another now, ValidationError with the code "changed". None where nothing was shown, as to a command.
    """
    current = Post.objects.select_for_update().select_related("member", "organisation").get(pk=post.pk)
    if not current.is_principal:
        raise ValidationError(NOT_A_PRINCIPAL)
    if current.member_id == by.pk:
        raise ValidationError(NOT_ONESELF)
    if seen is not None and seen != current.as_shown:
        # The days are those of which he will read: nobody answers for others than he saw.
        raise ValidationError(CHANGED_SINCE, code="changed")
    if current.confirmed_at is None:
        current.confirmed_at = at
        current.save(update_fields=["confirmed_at"])
        _enter(actor, at, "确认任职", current)
    return current


def _mark(post: Post, at: datetime) -> None:
    """A post may decide who talks with whom in other organisations than its own."""
    mark_members(members=[post.member_id], at=at, reaches_others=True)


def _values(terms: Terms) -> dict[str, object]:
    values = {field.name: getattr(terms, field.name) for field in fields(terms)}
    return values | {"title": terms.title.strip()}


def _covers(post: Post, terms: Terms) -> bool:
    """Whether what was entered before holds all days that the terms hold."""
    ends_later = post.until is not None and (terms.until is None or terms.until > post.until)
    return terms.since >= post.since and not ends_later


def _check(post: Post) -> None:
    if not post.title:
        raise ValidationError({"title": TITLE_MISSING})
    if post.until is not None and post.until <= post.since:
        raise ValidationError({"until": RANGE_EMPTY})
    if post.is_principal and not post.is_team:
        raise ValidationError({"is_team": PRINCIPAL_IS_TEAM})
    if post.is_head and post.department is None:
        raise ValidationError({"department": HEAD_NEEDS_DEPARTMENT})
    if post.department is not None and post.department.organisation_id != post.organisation_id:
        raise ValidationError({"department": DEPARTMENT_OF_ANOTHER})
    same = Post.objects.filter(
        member=post.member_id, organisation=post.organisation_id, title=post.title, since=post.since
    )
    if same.exclude(pk=post.pk).exists():
        raise ValidationError({"title": POST_TWICE})


# What the database says when it refuses what was right a moment before: SQLite names the columns, PostgreSQL
# the constraint.
LAST_LINE = {
    "post_department_of_organisation": DEPARTMENT_OF_ANOTHER,
    "post_once": POST_TWICE,
    "members_post.title": POST_TWICE,
}


def _save(post: Post) -> None:
    post.clean_fields()
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError as error:
        for sign, words in LAST_LINE.items():
            if sign in str(error):
                raise ValidationError(words) from error
        raise


def _enter(actor: Actor, at: datetime, action: str, post: Post, changed: Collection[str] = ()) -> None:
    names = {field.name: str(field.verbose_name) for field in post._meta.fields}
    detail: dict[str, object] = {"组织编码": post.organisation.code, "职务": post.title}
    if changed:
        detail["字段"] = [names[field] for field in changed]
    enter_trail(actor=actor, at=at, action=action, target_kind="任职", target=post.member.code, detail=detail)
