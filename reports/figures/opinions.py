"""征求意见汇总表: what was gathered for a meeting, merged, in the organisation's words."""

from datetime import date

from members.models import Account
from reports.figures.sheets import Cell, Column, Register, Table
from reports.figures.versions import versions_in_force
from talks.figures.opinions import opinion_count
from talks.models import Meeting
from talks.permissions import visible_gathered_opinions, visible_merged_opinions

MERGED = (
    Column("序号", 9, "number"),
    Column("意见建议内容", 63, "left"),
    Column("类别", 17),
    Column("针对对象", 19),
    Column("征求方式", 17),
    Column("提出人", 16, "names"),
    Column("责任人", 15, "names"),
)
UNMERGED = (
    Column("序号", 9, "number"),
    Column("意见建议内容", 78, "left"),
    Column("类别", 17),
    Column("针对对象", 19),
    Column("征求方式", 17),
    Column("提出人", 16, "names"),
)
NOT_SIGNED = "—"
NO_MERGED = "没有列入会议材料的意见建议。"
NOTES = (
    "本表只列经谈话人改写后转交的和通过其他方式征求的意见建议；提出人未同意署名的不列姓名。",
    "针对本人的意见建议请以有则改之、无则加勉的态度对待，不得追查提出人。",
)


def opinions_figures(meeting: Meeting, *, account: Account, as_of: date, today: date) -> Register:
    """The merged opinions that go into the papers, and those not merged yet; the counts are of all.

    To be asked for by who gathers them; that they are read is to be in the trail before.
    """
    count = opinion_count(meeting)
    merged = (
        visible_merged_opinions(account, today=today)
        .filter(meeting=meeting, in_report=True)
        .prefetch_related("persons", "sources__speaker")
        .order_by("number")
    )
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            one.text,
            one.category,
            one.about,
            "、".join(one.channels),
            "、".join(one.signed) or NOT_SIGNED,
            "、".join(person.name for person in one.persons.all()),
        )
        for number, one in enumerate(merged, 1)
    ]
    left_over = (
        visible_gathered_opinions(account, today=today)
        .filter(meeting=meeting, merged=None)
        .select_related("speaker")
        .order_by("number")
    )
    others: list[tuple[Cell, ...]] = [
        (number, one.text, one.category, one.about, one.channel, one.signed or NOT_SIGNED)
        for number, one in enumerate(left_over, 1)
    ]
    tables = [
        Table(
            name="征求意见汇总表",
            caption=f"表1　梳理后的意见建议（{len(rows)}条）" if others else "",
            columns=MERGED,
            rows=tuple(rows),
            empty=NO_MERGED,
        )
    ]
    if others:
        caption = f"表2　尚未梳理的意见建议（{len(others)}条）"
        tables.append(Table("尚未梳理", caption, UNMERGED, tuple(others), NO_MERGED))
    return Register(
        title=f"{meeting.year}年度{meeting.kind}征求意见汇总表",
        subtitle="",
        left=meeting.organisation.name,
        right=count.sentence,
        as_of=as_of,
        versions=versions_in_force(meeting.organisation, as_of),
        tables=tuple(tables),
        notes=NOTES,
    )
