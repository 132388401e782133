"""Talks within the branches: most do nearly all of theirs, two do little, one copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations
from random import Random

from talks.management.demonstration.diary import PLANNED_FROM, RECORDED_UNTIL, Diary, Said, Talk, workdays
from talks.management.demonstration.meetings import LIFE_2025, LIFE_2026, Meeting
from talks.management.demonstration.organisations import BRANCHES, FIELD_BRANCH, Branch
from talks.management.demonstration.people import Person, Roster
from talks.management.demonstration.posts import LIAISON_BRANCH, liaison_of, ordinary_of, team_of
from talks.management.demonstration.speech import Speech

Side = tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a branch goes about it: which part of the yearly talks it held, which part of those before
    the meeting it has held so far, and which part of the rest it has booked."""

    year: float = 0.9
    life: float = 0.5
    booked: float = 0.4
    year_from: date = date(2026, 3, 2)
    copies: bool = False


_POOR = ("SYJ-JJ", "SYJ-WL")
_PLANS: dict[str, Plan] = {
    "SYJ-JG1": Plan(year=0.1, life=0.97),
    "SYJ-HC": Plan(year=0.9, life=0.55, booked=0.35),
    "SYJ-SQ": Plan(year=0.1, life=0.95, year_from=date(2026, 6, 22)),
    "SYJ-JJ": Plan(year=0.3, life=0.2, booked=0.0, year_from=date(2026, 9, 14)),
    "SYJ-JG2": Plan(year=0.5, life=0.8, booked=0.8),
    "SYJ-HQ": Plan(year=0.6, life=0.75, booked=0.6),
    "SYJ-XX": Plan(life=0.6, booked=0.5, year_from=date(2026, 9, 2)),
    "SYJ-SZ": Plan(life=0.5),
    "SYJ-JG3": Plan(year=0.1, life=0.98),
    "SYJ-BB": Plan(year=0.9, life=0.5, booked=0.1, copies=True),
    "SYJ-HD": Plan(life=0.25, booked=0.3),
    "SYJ-JS": Plan(life=0.35, booked=0.4),
    "SYJ-CS": Plan(life=0.3, booked=0.3, year_from=date(2026, 8, 11)),
    "SYJ-LT": Plan(life=0.15, booked=0.3),
    "SYJ-WL": Plan(year=0.15, life=0.0, booked=0.05),
    "SYJ-NX": Plan(year=0.95),
    FIELD_BRANCH: Plan(year=0.95, year_from=date(2026, 3, 9)),
}
_YEAR_UNTIL = date(2026, 10, 9)
# Word for word the same, with other names and days: what an inspector faults first.
_COPIED = Said(
    "组织生活会前谈心谈话",
    "该同志能够认真学习党的理论知识，工作积极主动，团结同志，遵守各项规章制度。"
    "不足之处是理论学习的深度不够，工作中创新意识不强。"
    "希望今后加强学习，发扬成绩，克服不足，争取更大进步。",
    "建议支部多组织学习活动。",
    "加强学习，提高认识。",
)
_COPIED_BY_OTHERS = Said(
    "谈心谈话",
    "双方交流了思想，交换了意见，肯定了成绩，指出了不足，达到了相互提醒、共同提高的目的。",
)
# All entered on one evening, though their days spread over more than a month.
_BATCH = datetime.combine(date(2026, 11, 19), time(19, 40))
_BATCH_FROM = date(2026, 9, 14)
# Held on the days after the meeting: too late for what it was owed for.
_AFTER_MEETING = ("SYJ-JG1", "SYJ-JJ")


class BranchTalks:
    """Writes the talks of all branches into a diary."""

    def __init__(self, roster: Roster, diary: Diary, speech: Speech) -> None:
        self._roster = roster
        self._diary = diary
        self._speech = speech
        self._random = Random("支部谈话")
        self._batch = _BATCH

    def write(self) -> None:
        """The talks of the year, those before the meetings, and those that are booked."""
        for branch in BRANCHES:
            plan = _PLANS[branch.code]
            self._through_the_year(branch, plan)
            self._before(LIFE_2026[branch.code], branch, plan)
        late = next(branch for branch in BRANCHES if branch.code == LIFE_2025.organisation)
        self._before(LIFE_2025, late, Plan(life=0.95, booked=0.0))

    def _through_the_year(self, branch: Branch, plan: Plan) -> None:
        days = workdays(plan.year_from, _YEAR_UNTIL)
        team, ordinary = team_of(self._roster, branch).members, self._ordinary(branch)
        for pair in combinations(team, 2):
            if self._random.random() < plan.year:
                self._put(branch, (pair[0],), (pair[1],), "committee", days, plan)
        for number, group in enumerate(_parts(ordinary, 4)):
            if self._random.random() < plan.year:
                talker = team[number % len(team)]
                self._put(branch, (talker,), group, "group", days, plan)
        self._random.shuffle(ordinary)
        for first, *others in _parts(ordinary, 2):
            if self._random.random() < plan.year:
                self._put(branch, (first,), tuple(others) or (ordinary[0],), "pair", days, plan)

    def _before(self, meeting: Meeting, branch: Branch, plan: Plan) -> None:
        """One talk for each pair and member before the meeting: held, booked or nothing yet."""
        held = workdays(meeting.opens_on, min(meeting.last_day, RECORDED_UNTIL))
        ahead = workdays(max(PLANNED_FROM, meeting.opens_on), meeting.last_day)
        after = workdays(meeting.on, RECORDED_UNTIL) if branch.code in _AFTER_MEETING else []
        team, ordinary = team_of(self._roster, branch).members, self._ordinary(branch)
        owed: list[tuple[Side, Side, str]] = [((a,), (b,), "committee") for a, b in combinations(team, 2)]
        owed += [
            ((self._keeper(branch, team, person, number),), (person,), "member")
            for number, person in enumerate(ordinary)
        ]
        self._random.shuffle(ordinary)
        owed += [
            ((first,), tuple(others) or (ordinary[0],), "pair") for first, *others in _parts(ordinary, 2)
        ]
        for talkers, subjects, purpose in owed:
            chance, booking = self._random.random(), self._random.random()
            if held and chance < plan.life:
                self._put(branch, talkers, subjects, purpose, held, plan, meeting)
            elif ahead and booking < plan.booked:
                self._put(branch, talkers, subjects, purpose, ahead, plan, meeting, planned=True)
            elif after and booking < 0.2:
                self._put(branch, talkers, subjects, purpose, after, plan, meeting)

    def _ordinary(self, branch: Branch) -> list[Person]:
        """Ordinary party members who belong to the branch all the year."""
        return [person for person in ordinary_of(self._roster, branch) if not _came_this_year(person)]

    def _keeper(self, branch: Branch, team: Side, person: Person, number: int) -> Person:
        if branch.code == LIAISON_BRANCH:
            return liaison_of(self._roster, self._roster.of(branch.code).index(person))
        return team[number % len(team)]

    def _put(
        self,
        branch: Branch,
        talkers: Side,
        subjects: Side,
        purpose: str,
        days: Sequence[date],
        plan: Plan,
        meeting: Meeting | None = None,
        *,
        planned: bool = False,
    ) -> None:
        subject = subjects[0]
        form, place = self._form(branch, subject)
        day = self._diary.any_of(days)
        talk = Talk(
            held_on=day,
            talkers=talkers,
            subjects=subjects,
            said=self._said(branch, plan, purpose, subject, day, before_meeting=meeting is not None),
            kind="会前" if meeting else "交流",
            occasion="组织生活会" if meeting else self._random.choice(("", "", "主题党日", "民主评议")),
            form=form,
            mode="一对一" if len(subjects) == 1 else "一对多",
            place=place,
            state="计划" if planned else self._random.choice(("已记录", "已记录", "已确认", "办结")),
        )
        if planned:
            talk.said = Said(talk.said.topic)
        elif plan.copies and day >= _BATCH_FROM:
            self._batch += timedelta(minutes=3)
            talk.entered = self._batch
        self._diary.put(talk, within=days)

    def _said(
        self, branch: Branch, plan: Plan, purpose: str, subject: Person, day: date, *, before_meeting: bool
    ) -> Said:
        if plan.copies and before_meeting:
            return _COPIED
        if branch.code in _POOR and self._random.random() < 0.4:
            return _COPIED_BY_OTHERS
        return self._speech.in_branch(purpose, subject, day)

    def _form(self, branch: Branch, subject: Person) -> tuple[str, str]:
        """Floating members are telephoned, frail ones and those in difficulty visited."""
        if subject.floating:
            return self._random.choice(("电话", "微信网聊", "视频")), ""
        if subject.frail or subject.in_difficulty:
            return "上门走访", "家中"
        if branch.code == FIELD_BRANCH and self._random.random() < 0.3:
            return "电话", ""
        return "面对面", self._random.choice(branch.places)


def _came_this_year(person: Person) -> bool:
    organisation, since, _ = person.stays[-1]
    return bool(since) and organisation != FIELD_BRANCH


def _parts(persons: Sequence[Person], size: int) -> list[tuple[Person, ...]]:
    return [tuple(persons[start : start + size]) for start in range(0, len(persons), size)]
