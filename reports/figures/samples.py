"""抽查: talks drawn at random, as facts; never what was said."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from branches.models import Organisation
from branches.rules.dates import chinese_date
from reports.figures.sheets import Column, Register, Table
from reports.rules.samples import drawn
from talks.models import Side, Talk
from talks.models.requests import COUNTING
from talks.models.talks import TalkQuerySet
from talks.permissions import PEOPLE

COLUMNS = (
    Column("序号", 12, "number"),
    Column("谈话编号", 22),
    Column("谈话时间", 22),
    Column("谈话人", 35, "names"),
    Column("谈话对象", 35, "names"),
    Column("谈话方式", 20),
    Column("谈话地点", 35, "left"),
    Column("录入时间", 22),
    Column("状态", 20),
    Column("核实情况", 40, "left"),
)
EMPTY = "这段时间没有已记录的谈话。"
NOTES = (
    "同一抽查编号、同一范围和期间，抽出的谈话相同；每次抽取都记入审计日志。",
    "申请人本人参加或者记录的谈话不在抽取范围内；本表不含谈话内容。",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, and from how many."""

    number: int
    talks: tuple[Talk, ...]


def sample_of(talks: TalkQuerySet, *, since: date, until: date, size: int, seed: str) -> Sample:
    """So many of the talks that were recorded as held in the days (both included); three queries."""
    held = talks.filter(state__in=COUNTING, held_on__gte=since, held_on__lte=until).order_by()
    every = list(held.values_list("code", flat=True))
    codes = drawn(every, size=size, seed=seed)
    rows = Talk.objects.filter(code__in=codes).defer("topic", "content", "cancel_reason")
    found = {talk.code: talk for talk in rows.prefetch_related(PEOPLE)}
    return Sample(len(every), tuple(found[code] for code in codes if code in found))


def sample_sheet(
    sample: Sample, place: Organisation, *, since: date, until: date, seed: str, today: date
) -> Register:
    """The sample as a list to take along, with the seed that draws it again and room for what was found."""
    return Register(
        title="谈心谈话随机抽查表",
        subtitle=f"{place.name}及所属党组织",
        left=f"抽查编号{seed}　{chinese_date(since)}至{chinese_date(until)}",
        right=f"已记录谈话{sample.number}次，抽取{len(sample.talks)}次",
        as_of=today,
        versions=(),
        tables=(
            Table(
                "随机抽查",
                "",
                COLUMNS,
                tuple(_row(number, talk) for number, talk in enumerate(sample.talks, 1)),
                EMPTY,
            ),
        ),
        notes=NOTES,
        is_wide=True,
    )


def _row(number: int, talk: Talk) -> tuple[str | int | date | None, ...]:
    people = list(talk.participants.all())
    outside = [talk.external_talker] if talk.external_talker else []
    talkers = [row.member.name for row in people if row.side == Side.TALKER]
    subjects = [row.member.name for row in people if row.side == Side.SUBJECT]
    return (
        number,
        talk.code,
        talk.held_on,
        "、".join([*outside, *talkers]),
        "、".join(subjects),
        talk.form,
        talk.place,
        timezone.localtime(talk.entered_at).date(),
        talk.state,
        "",
    )
