"""Which column is which attribute of which row, and how a stored value is written in a workbook."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db import models
from django.utils import timezone

from talks.rules.exchange.cells import Value, lines_of, settled
from talks.rules.exchange.columns import (
    DEPARTMENTS,
    EVENTS,
    LIAISONS,
    MEETINGS,
    ORGANISATIONS,
    PORTFOLIOS,
    POSTS,
    REQUESTS,
    RULES,
    TALKS,
    WAIVERS,
    Column,
    Shape,
    SheetForm,
)
from talks.rules.words import (
    PAIRING_NAMES,
    ROLE_NAMES,
    Pairing,
    TalkerRole,
    parse_pairing,
    parse_role,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column and its attribute. `reference`: the attribute is a row of which the workbook has the code.

    `read` turns the stored value into the workbook's, `write` the workbook's into the stored one.
    """

    column: str
    attribute: str
    reference: bool = False
    read: Callable[[Any], Value] | None = None
    write: Callable[[Any], object] | None = None


def local_moment(moment: datetime | None) -> datetime | None:
    """A stored moment as the clocks here show it, to the second, without a zone."""
    if moment is None:
        return None
    return timezone.localtime(moment).replace(microsecond=0, tzinfo=None)


def stored_moment(moment: datetime | None) -> datetime | None:
    """The reverse of `local_moment`."""
    return timezone.make_aware(moment) if moment else None


FIELDS: dict[str, tuple[Field, ...]] = {
    ORGANISATIONS.name: (
        Field("组织编码", "code"),
        Field("组织名称", "name"),
        Field("组织类型", "kind"),
        Field("上级组织编码", "superior", reference=True),
        Field("成立日期", "established"),
        Field("撤销日期", "dissolved"),
    ),
    DEPARTMENTS.name: (
        Field("单位编码", "code"),
        Field("单位名称", "name"),
        Field("所属组织编码", "organisation", reference=True),
    ),
    POSTS.name: (
        Field("党员编号", "member", reference=True),
        Field("组织编码", "organisation", reference=True),
        Field("职务", "title"),
        Field("单位编码", "department", reference=True),
        Field("班子成员", "is_team"),
        Field("主要负责同志", "is_principal"),
        Field("部门主要负责人", "is_head"),
        Field("重点岗位", "is_key"),
        Field("任职日期", "since"),
        Field("免职日期", "until"),
    ),
    PORTFOLIOS.name: (
        Field("党员编号", "member", reference=True),
        Field("单位编码", "department", reference=True),
        Field("开始日期", "since"),
        Field("结束日期", "until"),
    ),
    LIAISONS.name: (
        Field("支委编号", "committee_member", reference=True),
        Field("党员编号", "member", reference=True),
        Field("开始日期", "since"),
        Field("结束日期", "until"),
    ),
    EVENTS.name: (
        Field("事件编号", "code"),
        Field("党员编号", "member", reference=True),
        Field("事件类型", "kind"),
        Field("发生日期", "happened_on"),
        Field("知悉日期", "known_on"),
        Field("情况说明", "note"),
    ),
    MEETINGS.name: (
        Field("组织编码", "organisation", reference=True),
        Field("会议类型", "kind"),
        Field("年度", "year"),
        Field("会议日期", "meeting_on"),
        Field("谈话开始日期", "talks_from"),
        Field("主题", "theme"),
    ),
    RULES.name: (
        Field("规则代码", "code"),
        Field("规则名称", "title"),
        Field("适用组织编码", "organisation", reference=True),
        Field("适用类型", "applies_to"),
        Field("触发", "trigger"),
        Field("天数", "days"),
        Field("天数单位", "unit"),
        Field(
            "配对",
            "pairing",
            read=lambda word: PAIRING_NAMES[Pairing(word)],
            write=lambda name: parse_pairing(name).value,
        ),
        Field(
            "谈话人",
            "talker_role",
            read=lambda word: ROLE_NAMES[TalkerRole(word)] if word else "",
            write=lambda name: parse_role(name).value if name else "",
        ),
        Field("一对一", "one_to_one"),
        Field("生效日期", "effective_from"),
        Field("失效日期", "effective_to"),
        Field("依据", "basis"),
    ),
    # The persons, 意见建议 and 整改措施 are rows of their own: see `people_of`, `joined`.
    TALKS.name: (
        Field("谈话编号", "code"),
        Field("谈话日期", "held_on"),
        Field("开始时间", "starts_at"),
        Field("结束时间", "ends_at"),
        Field("外部谈话人", "external_talker"),
        Field("记录人编号", "recorder", reference=True),
        Field("谈话方式", "form"),
        Field("谈话形式", "mode"),
        Field("谈话类型", "kind"),
        Field("谈话契机", "occasion"),
        Field("地点", "place"),
        Field("状态", "state"),
        Field("主题", "topic"),
        Field("谈话内容", "content"),
        Field("录入时间", "stated_entry", read=local_moment, write=stored_moment),
    ),
    REQUESTS.name: (
        Field("申请编号", "code"),
        Field("申请人编号", "requester", reference=True),
        Field("约谈对象编号", "asked", reference=True),
        Field("申请日期", "asked_on"),
        Field("事由", "reason"),
        Field("期望时间", "wished_time"),
        Field("状态", "state"),
        Field("答复日期", "answered_on"),
        Field("谈话编号", "talk", reference=True),
    ),
    WAIVERS.name: (
        Field("规则代码", "rule"),
        Field("组织编码", "organisation", reference=True),
        Field("事由标识", "anchor"),
        Field("谈话对象编号", "subject", reference=True),
        Field("对方编号", "counterpart", reference=True),
        Field("理由", "reason"),
        Field("申请人编号", "asked_by", reference=True),
        Field("批准人编号", "approved_by", reference=True),
        Field("批准日期", "approved_on"),
    ),
}
MEMBER_FIELDS: tuple[Field, ...] = (
    Field("党员编号", "code"),
    Field("姓名", "name"),
    Field("党员类别", "category"),
    Field("性别", "sex"),
    Field("民族", "ethnicity"),
    Field("出生日期", "born_on"),
    Field("学历", "education"),
    Field("入党日期", "joined_on"),
    Field("转正日期", "full_on"),
    Field("手机号码", "phone"),
    Field("公民身份号码", "identity_number"),
    Field("工作岗位", "job"),
    Field("流动党员", "is_floating"),
    Field("困难党员", "is_in_difficulty"),
    Field("年老体弱", "is_frail"),
    Field("备注", "remark"),
)
AFFILIATION_FIELDS: tuple[Field, ...] = (
    Field("党员编号", "member", reference=True),
    Field("所在组织编码", "organisation", reference=True),
    Field("转入日期", "since"),
    Field("转出日期", "until"),
)
TALKERS, SUBJECTS, OPINIONS, REMEDIES = "谈话人编号", "谈话对象编号", "意见建议", "整改措施"


def values_of(
    row: models.Model, form: SheetForm, fields: Sequence[Field], columns: Collection[str]
) -> dict[str, Value]:
    """The stored row as values of those of the columns that are among the fields.

    References must be loaded with the row.
    """
    values: dict[str, Value] = {}
    for field in fields:
        if field.column in columns:
            column = form.column(field.column)
            assert column is not None
            values[field.column] = _value(getattr(row, field.attribute), field, column)
    return values


def _value(stored: Any, field: Field, column: Column) -> Value:
    if field.reference:
        return str(stored.code) if stored is not None else ""
    if field.read is not None:
        stored = field.read(stored)
    if isinstance(stored, str):
        return settled(stored, column)
    if column.shape is Shape.TIME and isinstance(stored, time):
        return stored.replace(second=0, microsecond=0)
    assert stored is None or isinstance(stored, bool | int | date | datetime)
    return stored


def talk_values(talk: Any, columns: Collection[str]) -> dict[str, Value]:
    """A talk as values of the columns; participants, opinions and remedies must be loaded where asked for."""
    values = values_of(talk, TALKS, FIELDS[TALKS.name], columns)
    for column, side in ((TALKERS, "talker"), (SUBJECTS, "subject")):
        if column in columns:
            people = (person for person in talk.participants.all() if person.side == side)
            values[column] = tuple(sorted(person.member.code for person in people))
    if OPINIONS in columns:
        values[OPINIONS] = joined(talk.opinions.all())
    if REMEDIES in columns:
        values[REMEDIES] = joined(talk.remedies.all())
    return values


def joined(rows: Any) -> str:
    """The texts of opinions or remedies by their numbers, a line each."""
    texts = (row.text for row in sorted(rows, key=lambda row: row.number))
    return "\n".join(line for text in texts for line in lines_of(text))
