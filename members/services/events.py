"""Writes of events. That an event exists is confidential: the trail names its code and nobody."""

import secrets
from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from branches.rules.cells import DAY_OUT_OF_RANGE, is_of_our_time
from members.models import Account, Event, Member
from members.rules import CODE_SIGNS
from members.services.marks import mark_members
from vault.services import Actor, enter_trail

KIND_UNKNOWN = "没有这种事件类型，请从列表中选择。"
HAPPENS_LATER = "发生日期不能晚于今天。"
KNOWN_LATER = "知悉日期不能晚于今天。"
KNOWN_BEFORE = "知悉日期不能早于发生日期。"
NOBODY_NAMED = "请填写或勾选党员。"
CODE_TAKEN = "这个事件编号已经有人使用，请另填一个，或留空由系统编号。"

# Codes are drawn, not counted: a number in a row would tell how much happens, and when.
CODE_LENGTH = 8


@transaction.atomic
def enter_event(
    *,
    actor: Actor,
    at: datetime,
    member: Member,
    kind: str,
    happened_on: date,
    today: date,
    known_kinds: Collection[str],
    known_on: date | None = None,
    note: str = "",
    code: str = "",
    entered_by: Account | None = None,
) -> Event:
    """An event about a member, known on the day it happened unless said otherwise.

    `known_kinds` are the kinds of rules.md section 7 and those that the organisation's own rules name.
    Refuses with ValidationError, by field: another kind, days after `today`, known before it happened, a code
    that is taken.
    """
    event = Event(
        code=code.strip() or _drawn_code(),
        member=member,
        kind=kind,
        happened_on=happened_on,
        known_on=known_on or happened_on,
        note=note.strip(),
        entered_by=entered_by,
    )
    _check(event, today, known_kinds)
    if Event.objects.filter(code=event.code).exists():
        raise ValidationError({"code": CODE_TAKEN})
    _save(event)
    mark_members(members=[member.pk], at=at)
    _enter(actor, at, "新增", event)
    return event


@transaction.atomic
def enter_events(
    *,
    actor: Actor,
    at: datetime,
    members: Collection[Member],
    kind: str,
    happened_on: date,
    today: date,
    known_kinds: Collection[str],
    known_on: date | None = None,
    note: str = "",
    entered_by: Account | None = None,
) -> tuple[Event, ...]:
    """The same event of several members (机构改革), each a row with an entry of its own: all or none.

    Refuses with ValidationError, as `enter_event`, and where nobody is named.
    """
    if not members:
        raise ValidationError({"member": NOBODY_NAMED})
    return tuple(
        enter_event(
            actor=actor,
            at=at,
            member=member,
            kind=kind,
            happened_on=happened_on,
            today=today,
            known_kinds=known_kinds,
            known_on=known_on,
            note=note,
            entered_by=entered_by,
        )
        for member in members
    )


@transaction.atomic
def change_event(
    *,
    actor: Actor,
    at: datetime,
    event: Event,
    kind: str,
    happened_on: date,
    today: date,
    known_kinds: Collection[str],
    known_on: date | None = None,
    note: str | None = None,
) -> Event:
    """Corrects an event; its code and its member stay, and without a `note` its note."""
    current = Event.objects.select_for_update().get(pk=event.pk)
    wanted: dict[str, object] = {
        "kind": kind,
        "happened_on": happened_on,
        "known_on": known_on or happened_on,
    }
    if note is not None:
        wanted["note"] = note.strip()
    changed = [field for field, value in wanted.items() if getattr(current, field) != value]
    for field in changed:
        setattr(current, field, wanted[field])
    _check(current, today, {*known_kinds, event.kind})
    if changed:
        _save(current)
        mark_members(members=[current.member_id], at=at)
        _enter(actor, at, "修改", current, changed)
    return current


@transaction.atomic
def remove_event(*, actor: Actor, at: datetime, event: Event) -> None:
    """Deletes an event that was entered by mistake; what it made due is withdrawn with it."""
    event.delete()
    mark_members(members=[event.member_id], at=at)
    _enter(actor, at, "删除", event)


@transaction.atomic
def read_event(*, actor: Actor, at: datetime, event: Event) -> str:
    """The sealed note of an event; it is given only where the trail could be written."""
    _enter(actor, at, "查看情况说明", event)
    note: str = event.note
    return note


def _check(event: Event, today: date, known_kinds: Collection[str]) -> None:
    if event.kind not in known_kinds:
        raise ValidationError({"kind": KIND_UNKNOWN})
    if not is_of_our_time(event.happened_on):
        raise ValidationError({"happened_on": DAY_OUT_OF_RANGE})
    if event.happened_on > today:
        raise ValidationError({"happened_on": HAPPENS_LATER})
    if event.known_on > today:
        raise ValidationError({"known_on": KNOWN_LATER})
    if event.known_on < event.happened_on:
        raise ValidationError({"known_on": KNOWN_BEFORE})


def _drawn_code() -> str:
    return "E" + "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))


def _save(event: Event) -> None:
    event.clean_fields()
    try:
        with transaction.atomic():
            event.save()
    except IntegrityError as error:
        if "code" in str(error):
            raise ValidationError({"code": CODE_TAKEN}) from error
        raise


def _enter(actor: Actor, at: datetime, action: str, event: Event, changed: Collection[str] = ()) -> None:
    names = {field.name: str(field.verbose_name) for field in event._meta.fields}
    enter_trail(
        actor=actor,
        at=at,
        action=action,
        target_kind="事件",
        target=event.code,
        detail={"字段": [names[field] for field in changed]} if changed else None,
    )
