"""会前谈心谈话一览表 of a meeting, with its matrix: who with whom, when, whether it was held."""

from dataclasses import dataclass
from datetime import date

from branches.rules.dates import chinese_date
from members.models import Post
from reports.figures.sheets import Column, MatrixRow, Overview, Table
from reports.figures.versions import used_versions
from reports.rules import set_rank
from talks.figures.duties import duties_of
from talks.models import Meeting, Talk
from talks.rules.duties import Duty
from talks.rules.facts import Facts
from talks.rules.words import ROLE_NAMES, DutyState, MeetingKind, Pairing

COLUMNS = (
    Column("序号", 8, "number"),
    Column("谈话人", 18, "names"),
    Column("谈话对象", 18, "names"),
    Column("关系", 42, "left"),
    Column("计划时间", 18.5),
    Column("完成时间", 18.5),
    Column("地点", 20, "left"),
    Column("是否完成", 13),
)
RELATIONS = {
    Pairing.PRINCIPAL_TEAM: "主要负责同志和班子成员",
    Pairing.TEAM_TEAM: "班子成员相互之间",
    Pairing.TEAM_HEADS: "班子成员和分管部门、单位主要负责同志",
    Pairing.COMMITTEE_COMMITTEE: "支委之间",
    Pairing.COMMITTEE_MEMBER: "支委和党员之间",
    Pairing.MEMBER_MEMBER: "党员和党员之间",
}
DRAWN = (Pairing.PRINCIPAL_TEAM, Pairing.TEAM_TEAM, Pairing.COMMITTEE_COMMITTEE)
SIGNS = {
    DutyState.DONE: "√",
    DutyState.LATE: "√",
    DutyState.SCHEDULED: "◎",
    DutyState.OVERDUE: "×",
    DutyState.PENDING: "○",
    DutyState.WAIVED: "—",
}
# So many fit beside each other on a page.
MOST_DRAWN = 12
EMPTY = "会前没有应谈事项。"
NOTES = ("每对只计一次；谈话人、谈话对象不分先后。同一次谈话可以满足几项应谈。",)


@dataclass(frozen=True, slots=True)
class MeetingDuties:
    """What is owed before a meeting, as the engine says it on a day."""

    meeting: Meeting
    as_of: date
    facts: Facts
    duties: tuple[Duty, ...]
    names: dict[str, str]

    def of(self, *pairings: Pairing) -> list[Duty]:
        """Those of the pairings."""
        return [duty for duty in self.duties if duty.rule.pairing in pairings]


def meeting_duties(meeting: Meeting, *, as_of: date) -> MeetingDuties:
    """The duties before the meeting; none of them comes from an event."""
    facts, found = duties_of([meeting.organisation], year=meeting.year, as_of=as_of)
    duties = [duty for duty in found if duty.anchor == meeting.anchor and not duty.is_event]
    duties.sort(key=lambda duty: (*set_rank(duty.rule.code), duty.order))
    names = {member.code: member.name for member in facts.members}
    return MeetingDuties(meeting, as_of, facts, tuple(duties), names)


def is_met(duty: Duty) -> bool:
    """已谈 or 逾期完成."""
    return duty.state in (DutyState.DONE, DutyState.LATE)


def overview_figures(found: MeetingDuties) -> Overview:
    """The list of the duties and, of those of a team among itself, the matrix."""
    meeting = found.meeting
    owed = [duty for duty in found.duties if duty.state != DutyState.WAIVED]
    met = sum(map(is_met, owed))
    places = dict(
        Talk.objects.filter(code__in=[code for duty in owed if (code := duty.talk or duty.planned)])
        .order_by()
        .values_list("code", "place")
    )
    rows = tuple(_row(number, duty, found.names, places) for number, duty in enumerate(found.duties, 1))
    caption, names, matrix = _matrix(found)
    return Overview(
        title=f"{meeting.year}年度{meeting.kind}会前谈心谈话一览表",
        subtitle="",
        left=meeting.organisation.name,
        right=f"会前谈心谈话：{chinese_date(meeting.opens_on)}至{chinese_date(meeting.meeting_on)}",
        as_of=found.as_of,
        versions=used_versions(found.facts, found.duties, [], found.as_of),
        tables=(
            Table(
                name="一览表",
                caption=f"表{2 if matrix else 1}　应谈事项（{len(owed)}项，已谈{met}项）" if rows else "",
                columns=COLUMNS,
                rows=rows,
                empty=EMPTY,
            ),
        ),
        notes=NOTES,
        names=names,
        matrix=matrix,
        matrix_caption=caption,
        key="√ 已谈（附日期）　◎ 已约（附日期）　○ 待谈　× 逾期　— 免予谈话　斜线为本人。" if matrix else "",
    )


def _row(
    number: int, duty: Duty, names: dict[str, str], places: dict[str, str]
) -> tuple[str | int | date | None, ...]:
    if duty.counterpart:
        who, whom = names[duty.counterpart], names[duty.subject]
    else:
        role = ROLE_NAMES[duty.role] if duty.role else ""
        is_committee = duty.rule.pairing is Pairing.COMMITTEE_MEMBER
        who, whom = "支委" if is_committee else role, names[duty.subject]
    planned = None if duty.held_on else duty.planned_on
    return (
        number,
        who,
        whom,
        RELATIONS.get(duty.rule.pairing, duty.rule.title),
        planned,
        duty.held_on,
        places.get(duty.talk or duty.planned or "", ""),
        duty.state.value,
    )


def _matrix(found: MeetingDuties) -> tuple[str, tuple[str, ...], tuple[MatrixRow, ...]]:
    """Persons × persons by rank; nothing where there is no pair, or too many persons for a page."""
    pairs: dict[frozenset[str], Duty] = {}
    for duty in found.of(*DRAWN):
        pairs.setdefault(frozenset(duty.persons), duty)
    codes = {code for pair in pairs for code in pair}
    if not 2 <= len(codes) <= MOST_DRAWN:
        return "", (), ()
    day = min(found.as_of, found.meeting.meeting_on)
    posts: dict[str, tuple[bool, str]] = {}
    held = Post.objects.in_force(day).filter(organisation=found.meeting.organisation, is_team=True)
    for code, is_principal, title in held.order_by("-is_principal").values_list(
        "member__code", "is_principal", "title"
    ):
        posts.setdefault(code, (is_principal, title))
    order = sorted(codes, key=lambda code: (not posts.get(code, (False, ""))[0], code))
    rows = tuple(_matrix_row(code, order, pairs, found.names, posts) for code in order)
    is_branch = found.meeting.kind == MeetingKind.ORGANISATION_LIFE
    who = "支委之间" if is_branch else "主要负责同志和班子成员、班子成员相互之间"
    return f"表1　{who}（{len(pairs)}对）", tuple(found.names[code] for code in order), rows


def _matrix_row(
    code: str,
    order: list[str],
    pairs: dict[frozenset[str], Duty],
    names: dict[str, str],
    posts: dict[str, tuple[bool, str]],
) -> MatrixRow:
    cells: list[tuple[str, str] | None] = []
    mine = [duty for pair, duty in pairs.items() if code in pair and duty.state != DutyState.WAIVED]
    for other in order:
        duty = pairs.get(frozenset((code, other)))
        if other == code:
            cells.append(None)
        elif duty is None:
            cells.append(("", ""))
        else:
            day = duty.held_on or duty.planned_on
            cells.append((SIGNS[duty.state], f"{day.month}.{day.day}" if day else ""))
    return MatrixRow(
        name=names[code],
        post=posts.get(code, (False, ""))[1],
        cells=tuple(cells),
        met=f"{sum(map(is_met, mine))}/{len(mine)}",
    )
