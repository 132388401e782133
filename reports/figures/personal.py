"""个人谈话清单: what one leader has still to talk about with whom, for him to carry."""

from datetime import date

from branches.rules.dates import chinese_date
from members.models import Account, Member
from reports.figures.sheets import Cell, Column, Register, Table
from reports.figures.versions import versions_in_force
from talks.figures.worklist import OPEN_TONES, DutyLine, Worklist, persons_of

COLUMNS = (
    Column("序号", 9, "number"),
    Column("谈话对象", 22, "names"),
    Column("职务", 22, "left"),
    Column("应谈事项", 43, "left"),
    Column("期限", 19),
    Column("情况", 19),
    Column("谈话日期", 22),
)
EMPTY = "目前没有由您谈、尚未谈的事项。"
NOTES = (
    "本清单只供本人随身使用，其中可能有需要保密的谈话事由，请妥善保管，用后销毁。",
    "同一事项由几位同志都可以谈的，其中一位谈过即可。谈话后请及时在系统中记录。",
)


def open_duties(account: Account, *, today: date) -> Worklist:
    """The worklist of the account of the year."""
    return Worklist(account, today=today, year=today.year)


def open_lines(account: Account, *, today: date) -> tuple[DutyLine, ...]:
    """What the member of the account has still to hold himself, the most urgent first."""
    worklist = open_duties(account, today=today)
    tones = [*OPEN_TONES, "scheduled"]
    return worklist.lines(worklist.rows.filter(mine=True, about_me=False, tone__in=tones))


def personal_figures(account: Account, *, today: date) -> Register:
    """The list; the columns at the right are to be written into by hand."""
    member = account.member
    assert member is not None, "who belongs to no member owes no talk"
    lines = open_lines(account, today=today)
    home = member.affiliations.in_force(today).select_related("organisation").first()
    place = home.organisation if home else None
    overdue = sum(line.tone == "overdue" for line in lines)
    return Register(
        title="个人谈话清单",
        subtitle=f"{member.name}同志",
        left=f"截至{chinese_date(today)}",
        right=f"应谈{len(lines)}项" + (f"，其中逾期{overdue}项" if overdue else ""),
        as_of=today,
        versions=versions_in_force(place, today) if place else (),
        tables=(
            Table(
                name="个人谈话清单",
                caption="",
                columns=COLUMNS,
                rows=tuple(_row(number, line, member) for number, line in enumerate(lines, 1)),
                empty=EMPTY,
            ),
        ),
        notes=NOTES,
    )


def _row(number: int, line: DutyLine, me: Member) -> tuple[Cell, ...]:
    others = [person.name for person in persons_of(line.duty) if person.pk != me.pk]
    return (
        number,
        "、".join(others),
        line.note,
        line.title,
        line.duty.due_on,
        line.chip.replace("　", ""),
        None,
    )
