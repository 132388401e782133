"""The talks of the country: most of what is owed, held in the windows of the meetings or over the year."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from random import Random

from talks.management.country.days import workday
from talks.management.country.matters import Gathering, gathering, incidents
from talks.management.country.organisations import AS_OF, YEAR, Branch, Committee, Country
from talks.management.country.posts import key_people
from talks.management.country.tables import Rows
from talks.models import Participant, Talk
from talks.models.records import Side
from talks.rules.facts import EventTrigger
from talks.rules.presets import BUILT_IN
from talks.rules.words import TalkerRole, TalkState

_FIRST = date(YEAR, 1, 6)
_STARTS = tuple(time(hour, minute) for hour in (9, 10, 14, 15, 16) for minute in (0, 30))
_FORMS = ("面对面", "面对面", "面对面", "面对面", "面对面", "电话", "微信网聊", "上门走访")
_PLACES = ("党员活动室", "会议室", "办公室", "工作现场")
# The kinds of events whose talk is held 按照干部管理权限.
_BY_AUTHORITY = frozenset(
    kind
    for rule in BUILT_IN
    if rule.talker_role == TalkerRole.AUTHORITY and isinstance(rule.trigger, EventTrigger)
    for kind in rule.trigger.kinds
)


def talk_rows(country: Country) -> Rows:
    """Talks with those who took part, branches first."""
    book = Book()
    for branch in country.branches:
        yield from _branch_talks(country, branch, book)
    for committee in country.committees:
        yield from _committee_talks(country, committee, book)


class Book:
    """Numbers the talks, and knows whom those to come engage at which hour."""

    def __init__(self) -> None:
        self.number = 0
        self._engaged: set[tuple[int, date, time]] = set()

    def enter(
        self,
        held_on: date,
        talkers: Sequence[int],
        subjects: Sequence[int],
        chance: Random,
        *,
        kind: str = "交流",
        occasion: str = "",
        recorders: Sequence[int] = (),
    ) -> Rows:
        """One talk: recorded where its day has come, else planned. Few are cancelled."""
        self.number += 1
        draw = chance.random()
        state = _state(held_on, draw)
        recorder = recorders[int(draw * len(recorders))] if recorders and draw < 0.4 else None
        if recorder in talkers or recorder in subjects:
            recorder = None
        entered = datetime.combine(min(held_on, AS_OF), time(10), UTC) + timedelta(days=int(draw * 3))
        wanted = _STARTS[self.number % len(_STARTS)]
        persons = {*talkers, *subjects, *([recorder] if recorder else ())}
        start = self._free_hour(held_on, persons, wanted) if state is TalkState.PLANNED else wanted
        confirmed = state in (TalkState.CONFIRMED, TalkState.CLOSED)
        yield (
            Talk,
            (
                *(self.number, f"T{self.number:08}", held_on, start),
                start.replace(minute=start.minute + 25) if start else None,
                *(recorder, _FORMS[int(draw * len(_FORMS))], "一对多" if len(subjects) > 1 else "一对一"),
                *(kind, occasion, _PLACES[self.number % len(_PLACES)], state.value, entered),
                entered if state in (TalkState.RECORDED, TalkState.CONFIRMED, TalkState.CLOSED) else None,
            ),
        )
        for number in talkers:
            yield Participant, (self.number, number, Side.TALKER.value, None)
        for number in subjects:
            yield Participant, (self.number, number, Side.SUBJECT.value, entered if confirmed else None)

    def _free_hour(self, day: date, persons: set[int], wanted: time) -> time | None:
        """An hour at which nobody is engaged, the wanted one if it is; None where the day is full."""
        for hour in (wanted, *_STARTS):
            taken = {(number, day, hour) for number in persons}
            if not taken & self._engaged:
                self._engaged |= taken
                return hour
        return None


def _state(held_on: date, draw: float) -> TalkState:
    if held_on > AS_OF:
        return TalkState.PLANNED
    if draw < 0.6:
        return TalkState.RECORDED
    if draw < 0.85:
        return TalkState.CONFIRMED
    return TalkState.CLOSED if draw < 0.985 else TalkState.CANCELLED


def _branch_talks(country: Country, branch: Branch, book: Book) -> Rows:
    chance = country.chance("谈话", branch.pk)
    meeting = gathering(country, branch)
    assert meeting is not None
    window = _open_window(meeting)
    team, share = branch.team, branch.diligence

    def talk(one: int, other: int, in_window: bool) -> Rows:
        """One with one: before the meeting, or some time in the year."""
        held_on = workday(*(window if window and in_window else (_FIRST, AS_OF)), chance)
        occasion = meeting.kind.value if window and in_window else ""
        return book.enter(held_on, (one,), (other,), chance, occasion=occasion, recorders=team)

    for one, other in combinations(team, 2):
        if chance.random() < share:
            yield from talk(one, other, chance.random() < 0.9)
    for place, number in enumerate(branch.ordinary):
        draw = chance.random() / share
        keeper = team[place % len(team)]
        if draw < 0.35:
            yield from talk(keeper, number, False)
        if 0.2 < draw < 1:
            yield from talk(keeper, number, True)
        elif meeting.due_on > AS_OF and draw > 1.1:
            held_on = workday(AS_OF + timedelta(days=1), meeting.due_on, chance)
            yield from book.enter(held_on, (keeper,), (number,), chance, occasion=meeting.kind.value)
    for one, other in zip(branch.ordinary[::2], branch.ordinary[1::2], strict=False):
        if chance.random() < share:
            yield from talk(one, other, chance.random() < 0.85)
    if len(branch.ordinary) > 4 and chance.random() < 0.3:
        held_on = workday(_FIRST, AS_OF, chance)
        yield from book.enter(
            held_on, team[:1], branch.ordinary[:12], chance, kind="廉政", recorders=team[1:]
        )
    yield from _talks_by_rank(country, branch, chance, book)


def _talks_by_rank(country: Country, branch: Branch, chance: Random, book: Book) -> Rows:
    """About events and with holders of key posts: with whoever is over the person."""
    for number in key_people(country, branch):
        talker = _over(country, branch, number, by_authority=True)
        if talker and chance.random() < branch.diligence:
            held_on = workday(_FIRST, AS_OF, chance)
            yield from book.enter(held_on, (talker,), (number,), chance, kind="廉政")
    for event in incidents(country, branch):
        talker = _over(country, branch, event.member, by_authority=event.kind in _BY_AUTHORITY)
        draw = chance.random()
        held_on = event.known_on + timedelta(days=int(draw * 4) if draw < 0.9 else 20)
        if talker and held_on <= AS_OF and chance.random() < 0.95:
            yield from book.enter(held_on, (talker,), (event.member,), chance, kind="关怀")


def _over(country: Country, branch: Branch, number: int, *, by_authority: bool) -> int | None:
    """The principal of the branch, or of the committee in which the person leads; who is that himself is
    talked with by the next one up.
    """
    place: Branch | Committee | None = branch
    if by_authority:
        place = country.leading.get(number, branch)
    while place is not None:
        leaders = place.team if isinstance(place, Branch) else place.leaders
        if leaders and leaders[0] != number:
            return leaders[0]
        place = place.superior
    return None


def _committee_talks(country: Country, committee: Committee, book: Book) -> Rows:
    meeting = gathering(country, committee)
    window = _open_window(meeting) if meeting else None
    if meeting is None or window is None:
        return
    chance = country.chance("谈话", committee.pk)
    for one, other in _facing(committee):
        if chance.random() < committee.diligence:
            held_on = workday(*window, chance)
            yield from book.enter(held_on, (one,), (other,), chance, kind="会前", occasion=meeting.kind.value)


def _facing(committee: Committee) -> Iterator[tuple[int, int]]:
    """Leaders among each other, and each with the heads of the departments in his portfolio."""
    yield from combinations(committee.leaders, 2)
    for office in committee.offices:
        if office.people:
            yield office.leader, office.people[0]


def _open_window(meeting: Gathering) -> tuple[date, date] | None:
    """The days of the window that have come."""
    return (meeting.opens_on, min(meeting.due_on, AS_OF)) if meeting.opens_on <= AS_OF else None
