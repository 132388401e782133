"""What calls for talks in the country: events, and the meetings of the year."""

from dataclasses import dataclass
from datetime import date, timedelta

from branches.rules import OrganisationKind
from members.models import Event
from talks.management.country.days import workday
from talks.management.country.organisations import AS_OF, YEAR, Branch, Committee, Country
from talks.management.country.tables import Rows
from talks.models import Meeting
from talks.rules.anchors import DAYS_OF_TALKS
from talks.rules.presets import EVENT_KINDS
from talks.rules.words import MeetingKind

APPLICATION = "递交入党申请"
_KINDS = tuple(kind for kind in EVENT_KINDS if kind != APPLICATION)


@dataclass(frozen=True, slots=True)
class Incident:
    """An event of a member."""

    code: str
    member: int
    kind: str
    happened_on: date
    known_on: date


@dataclass(frozen=True, slots=True)
class Gathering:
    """The meeting of the year of a branch or committee."""

    kind: MeetingKind
    on: date
    talks_from: date | None

    @property
    def opens_on(self) -> date:
        """The first day of the window of its talks."""
        return self.talks_from or self.on - timedelta(days=DAYS_OF_TALKS)

    @property
    def due_on(self) -> date:
        """The last one."""
        return self.on - timedelta(days=1)


def matter_rows(country: Country) -> Rows:
    """Events and meetings."""
    for branch in country.branches:
        for event in incidents(country, branch):
            yield Event, (event.code, event.member, event.kind, event.happened_on, event.known_on)
    for place in country.places:
        meeting = gathering(country, place)
        if meeting is not None:
            yield Meeting, (place.pk, meeting.kind.value, YEAR, meeting.on, meeting.talks_from)


def incidents(country: Country, branch: Branch) -> list[Incident]:
    """The events of its members: of about one in thirty."""
    chance = country.chance("事件", branch.pk)
    found = []
    for number in branch.members:
        applies = number >= branch.first + branch.party_size and chance.random() < 0.3
        if not applies and chance.random() > 0.03:
            continue
        kind = APPLICATION if applies else _KINDS[int(chance.random() * len(_KINDS))]
        happened_on = workday(date(YEAR, 1, 4), AS_OF, chance)
        known_on = min(AS_OF, happened_on + timedelta(days=int(chance.random() * 4)))
        found.append(Incident(f"E{number:07}", number, kind, happened_on, known_on))
    return found


def gathering(country: Country, place: Branch | Committee) -> Gathering | None:
    """Its 组织生活会 or 民主生活会; a 党总支 has none."""
    if place.kind == OrganisationKind.GENERAL_BRANCH:
        return None
    chance = country.chance("会议", place.pk)
    if isinstance(place, Branch):
        on = workday(date(YEAR, 10, 15), date(YEAR, 12, 31), chance)
        kind, early = MeetingKind.ORGANISATION_LIFE, chance.random() < 0.1
    else:
        on = workday(date(YEAR, 11, 10), date(YEAR + 1, 1, 20), chance)
        kind, early = MeetingKind.DEMOCRATIC_LIFE, chance.random() < 0.5
    return Gathering(kind, on, on - timedelta(days=45) if early else None)
