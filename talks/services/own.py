"""What a member reads and takes away of his own; each is in the trail."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from members.models import Account, Affiliation, Member, Post
from talks.figures.own import (
    OpinionLine,
    opinion_lines,
    own_opinions,
    own_talks,
    reading_lines,
    readings_of,
)
from talks.models import Opinion, Participant, Side, Talk
from talks.permissions import reading_of, visible_requests
from talks.rules.exchange.cells import Value
from talks.rules.exchange.columns import SheetForm
from talks.rules.own_data import OPINIONS, PERSON, PLACES, READINGS, REQUESTS, TALKS
from vault.services import Actor, enter_trail

Rows = list[Mapping[str, Value]]


@transaction.atomic
def read_own_opinions(
    *, actor: Actor, at: datetime, opinions: QuerySet[Opinion], today: date
) -> list[OpinionLine]:
    """The member's own opinions in plain text; given only where the trail could be written."""
    lines = opinion_lines(opinions, today=today)
    for code in dict.fromkeys(line.opinion.talk.code for line in lines):
        enter_trail(actor=actor, at=at, action="查看谈话内容", target_kind="谈话", target=code)
    return lines


@transaction.atomic
def take_own_data(
    *, actor: Actor, at: datetime, account: Account, today: date
) -> list[tuple[SheetForm, Rows]]:
    """All that the system holds of the member and he may read, sheet by sheet.

    Of a talk he gets what its page shows him: not the notes of others, nor of a group talk what others said.
    """
    member = account.member
    assert member is not None
    sheets: list[tuple[SheetForm, Rows]] = [
        (PERSON, _person(member)),
        (PLACES, _places(member)),
        (TALKS, [_talk(account, talk, today) for talk in own_talks(account)]),
        (OPINIONS, _opinions(account, today)),
        (REQUESTS, _requests(account, today)),
        (READINGS, _readings(account)),
    ]
    enter_trail(
        actor=actor, at=at, action="下载本人数据", target_kind="党员", target=member.code,
        detail={"行数": {form.name: len(rows) for form, rows in sheets}},
    )  # fmt: skip
    return sheets


def _person(member: Member) -> Rows:
    names = (
        *("code", "name", "category", "sex", "ethnicity", "born_on", "education", "joined_on", "full_on"),
        *("phone", "identity_number", "job", "is_floating", "is_in_difficulty", "is_frail", "remark"),
    )
    rows: Rows = []
    words = {field.name: str(field.verbose_name) for field in Member._meta.fields}
    for name in names:
        value = getattr(member, name)
        text = "是" if value is True else "否" if value is False else str(value or "")
        rows.append({"项目": words[name], "内容": text})
    return rows


def _places(member: Member) -> Rows:
    rows: Rows = [
        {"党组织": one.organisation.name, "事项": "组织关系", "开始日期": one.since, "结束日期": one.until}
        for one in Affiliation.objects.filter(member=member).select_related("organisation")
    ]
    rows += [
        {"党组织": one.organisation.name, "事项": one.title, "开始日期": one.since, "结束日期": one.until}
        for one in Post.objects.filter(member=member).select_related("organisation")
    ]
    return rows


def _talk(account: Account, talk: Talk, today: date) -> Mapping[str, Value]:
    reading = reading_of(account, talk, today=today)
    people = list(talk.participants.all())
    mine = next(row for row in people if row.member_id == account.member_id)
    return {
        "谈话编号": talk.code,
        "谈话日期": talk.held_on,
        "身份": Side(mine.side).label,
        "谈话人": _names(people, Side.TALKER, talk.external_talker),
        "谈话对象": _names(people, Side.SUBJECT),
        "方式": talk.form,
        "状态": talk.state,
        "主题": talk.topic if reading.whole else "",
        "谈话内容": talk.content if reading.whole else "",
        "本人所谈": mine.said if mine.pk in reading.said else "",
        "私人笔记": mine.private_notes if mine.pk == reading.notes else "",
    }


def _names(people: list[Participant], side: Side, outside: str = "") -> str:
    names = [row.member.name for row in people if row.side == side]
    return "、".join(filter(None, (outside, *names)))


def _opinions(account: Account, today: date) -> Rows:
    return [
        {"谈话编号": line.opinion.talk.code, "意见建议": line.opinion.text, "办理情况": line.outcome}
        for line in opinion_lines(own_opinions(account, today=today), today=today)
    ]


def _requests(account: Account, today: date) -> Rows:
    made = visible_requests(account, today=today).filter(requester=account.member_id)
    return [
        {
            "申请编号": one.code,
            "约谈对象": one.asked.name,
            "申请日期": one.asked_on,
            "期望时间": one.wished_time,
            "方式": one.form,
            "事由": one.reason,
            "状态": one.state,
            "答复日期": one.answered_on,
        }
        for one in made.select_related("asked")
    ]


def _readings(account: Account) -> Rows:
    return [
        {"时间": line.at.replace(tzinfo=None), "查看人": line.who, "操作": line.what, "对象": line.about}
        for line in reading_lines(list(readings_of(account)))
    ]
