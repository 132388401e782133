"""会前谈心谈话 of one meeting as a matrix: persons × persons, a cell for each pair that owes a talk."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from members.models import Account, Member, Portfolio, Post
from talks.figures.worklist import OPEN_TONES, TONE_NAMES, TONES, DutyLine, Worklist
from talks.models import Meeting
from talks.permissions import visible_talks
from talks.rules.words import Pairing

MET_TONES = frozenset({"done", "late"})
SETTLED_TONES = MET_TONES | {"waived"}
BY_URGENCY = {tone: place for place, tone in enumerate(TONES)}


@dataclass(frozen=True, slots=True)
class Cell:
    """One duty in its place: `who` as the row, `whom` as the column, or alone for a duty of a role.

    `talk` is the code of the talk that met it, or that is booked, where the account may see it. `more` says
    how many other duties of the same pair stand behind it: the most urgent is shown.
    """

    line: DutyLine
    who: Member
    whom: Member
    place: str = ""
    talk: str = ""
    more: int = 0

    @property
    def state(self) -> str:
        """The state in words, as the legend says it."""
        return TONE_NAMES[self.line.tone]

    @property
    def is_met(self) -> bool:
        """已谈 or 逾期完成."""
        return self.line.tone in MET_TONES


@dataclass(frozen=True, slots=True)
class Row:
    """A person of the matrix: his cells with those above him, then those with the heads he is in charge of.

    `todo` and `rest` are all his cells, also those that stand in the rows of others, the most urgent first:
    what is still to be held, and what was held or need not be. `met` and `owed` count their duties, without
    免予谈话.
    """

    member: Member
    title: str
    cells: tuple[Cell | None, ...]
    blanks: range
    heads: tuple[Cell, ...]
    head_blanks: range
    todo: tuple[Cell, ...]
    rest: tuple[Cell, ...]
    met: int
    owed: int


@dataclass(frozen=True, slots=True)
class Single:
    """A person who is owed a talk by somebody in a role: a cell for each rule."""

    member: Member
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the duties are in one state, for the legend."""

    tone: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """What an account may know of the talks before one meeting."""

    rows: tuple[Row, ...]
    heads: range
    rules: tuple[str, ...]
    singles: tuple[Single, ...]
    legend: tuple[Tally, ...]
    owed: int
    met: int
    unbooked: int

    @property
    def is_done(self) -> bool:
        """Whether every talk that is owed has been held."""
        return self.met == self.owed > 0


def matrix_of(account: Account, meeting: Meeting, *, today: date) -> Matrix:
    """The matrix of the meeting; the state of each duty is computed in the query.

    The number of queries does not grow with the persons.
    """
    worklist = Worklist(account, today=today, year=meeting.year)
    found = worklist.known.filter(
        organisation=meeting.organisation_id,
        anchor=meeting.anchor,
        withdrawn_on=None,
    )
    lines = worklist.lines(found.order_by("urgency", "rule", "persons"))
    # The reference day of rules.md section 3: the last day of the talks is the one before the meeting.
    ref = min(today, meeting.meeting_on - timedelta(days=1))
    sheet = _Sheet(lines, meeting, ref, _codes(account, lines, today))
    numbers = Counter(line.tone for line in lines)
    met = sum(numbers[tone] for tone in MET_TONES)
    rows = sheet.rows()
    return Matrix(
        rows=rows,
        heads=range(sheet.most_heads),
        rules=tuple(sheet.role_rules),
        singles=sheet.singles(),
        legend=tuple(Tally(tone, TONE_NAMES[tone], numbers[tone]) for tone in TONES if numbers[tone]),
        owed=len(lines) - numbers["waived"],
        met=met,
        unbooked=sum(line.tone in OPEN_TONES and not line.is_booked for line in lines),
    )


def _codes(account: Account, lines: Sequence[DutyLine], today: date) -> dict[int, str]:
    """The codes of the talks behind the duties, of those that the account may see."""
    behind = (line.duty.met_by_id or line.duty.planned_id for line in lines)
    talks = {pk for pk in behind if pk is not None}
    seen = visible_talks(account, today=today).filter(pk__in=talks)
    return dict(seen.order_by().values_list("pk", "code"))


class _Sheet:
    """The lines of one meeting, put into their places."""

    def __init__(self, lines: Sequence[DutyLine], meeting: Meeting, ref: date, codes: dict[int, str]) -> None:
        self.codes = codes
        self.role_rules = {line.title: None for line in lines if not line.duty.is_pair}
        self.lines = lines
        persons = {
            pk for line in lines for pk in (line.duty.subject_id, line.duty.counterpart_id) if pk is not None
        }
        posts = Post.objects.in_force(ref).filter(organisation=meeting.organisation_id, member__in=persons)
        self.posts: dict[int, list[Post]] = {}
        for post in posts.select_related("department").order_by(
            "-is_principal", "-is_team", "-is_head", "title"
        ):
            self.posts.setdefault(post.member_id, []).append(post)
        portfolios = Portfolio.objects.in_force(ref).filter(
            department__organisation=meeting.organisation_id, member__in=persons
        )
        self.in_charge = set(portfolios.values_list("member", "department"))
        self.pairs: dict[tuple[int, int], list[DutyLine]] = {}
        self.wide: dict[int, list[Cell]] = {}
        self.members: dict[int, Member] = {}
        for line in lines:
            self._put(line)

    def _put(self, line: DutyLine) -> None:
        subject, other = line.duty.subject, line.duty.counterpart
        if other is None:
            return
        if line.rule and line.rule.pairing == Pairing.TEAM_HEADS:
            leader, head = (subject, other) if self._is_over(subject, other) else (other, subject)
            self.members[leader.pk] = leader
            place = next((post.department for post in self.posts.get(head.pk, ()) if post.is_head), None)
            self.wide.setdefault(leader.pk, []).append(
                self._cell(line, leader, head, place=place.name if place else "")
            )
            return
        self.members |= {subject.pk: subject, other.pk: other}
        self.pairs.setdefault(_key(subject, other), []).append(line)

    def _is_over(self, leader: Member, head: Member) -> bool:
        departments = {post.department_id for post in self.posts.get(head.pk, ()) if post.is_head}
        return any((leader.pk, department) in self.in_charge for department in departments)

    def _cell(self, line: DutyLine, who: Member, whom: Member, *, place: str = "", more: int = 0) -> Cell:
        talk = self.codes.get(line.duty.met_by_id or line.duty.planned_id or 0, "")
        return Cell(line, who, whom, place, talk, more)

    @property
    def most_heads(self) -> int:
        """How many heads a leader is in charge of at most: so many columns they take."""
        return max(map(len, self.wide.values()), default=0)

    def rows(self) -> tuple[Row, ...]:
        """The persons by rank: principals, the team, then by code."""
        order = sorted(self.members.values(), key=self._rank)
        return tuple(self._row(number, order) for number in range(len(order)))

    def _rank(self, member: Member) -> tuple[bool, bool, str]:
        first = next(iter(self.posts.get(member.pk, ())), None)
        return (not (first and first.is_principal), not (first and first.is_team), member.code)

    def _row(self, number: int, order: Sequence[Member]) -> Row:
        member = order[number]
        heads = sorted(self.wide.get(member.pk, ()), key=lambda cell: (cell.place, cell.whom.code))
        pairs = [self._pair(member, other) for other in order if other != member]
        # Where he is himself a head, the cell stands in the row of whoever is in charge.
        as_head = [
            self._cell(cell.line, member, cell.who)
            for pk, cells in self.wide.items()
            for cell in cells
            if pk != member.pk and cell.whom.pk == member.pk
        ]
        every = [*filter(None, pairs), *heads, *as_head]
        every.sort(key=lambda cell: BY_URGENCY[cell.line.tone])
        lines = [
            *(line for key, found in self.pairs.items() if member.pk in key for line in found),
            *(cell.line for cell in (*heads, *as_head)),
        ]
        first = next(iter(self.posts.get(member.pk, ())), None)
        return Row(
            member=member,
            title=first.title if first else "",
            cells=tuple(self._pair(member, other) for other in order[:number]),
            blanks=range(len(order) - number - 1),
            heads=tuple(heads),
            head_blanks=range(self.most_heads - len(heads)),
            todo=tuple(cell for cell in every if cell.line.tone not in SETTLED_TONES),
            rest=tuple(cell for cell in every if cell.line.tone in SETTLED_TONES),
            met=sum(line.tone in MET_TONES for line in lines),
            owed=sum(line.tone != "waived" for line in lines),
        )

    def _pair(self, who: Member, whom: Member) -> Cell | None:
        found = self.pairs.get(_key(who, whom))
        return self._cell(found[0], who, whom, more=len(found) - 1) if found else None

    def singles(self) -> tuple[Single, ...]:
        """Those whom somebody in a role owes a talk, by code."""
        by_member: dict[str, list[DutyLine]] = {}
        for line in self.lines:
            if not line.duty.is_pair:
                by_member.setdefault(line.duty.subject.code, []).append(line)
        return tuple(self._single(by_member[code]) for code in sorted(by_member))

    def _single(self, lines: Iterable[DutyLine]) -> Single:
        by_rule = {line.title: line for line in lines}
        member = next(iter(by_rule.values())).duty.subject
        return Single(
            member,
            tuple(
                self._cell(by_rule[rule], member, member) if rule in by_rule else None
                for rule in self.role_rules
            ),
        )


def _key(one: Member, other: Member) -> tuple[int, int]:
    return (min(one.pk, other.pk), max(one.pk, other.pk))
