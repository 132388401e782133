"""The tree of the country: branches of realistic sizes, and committees above them up to one at the top."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from random import Random

from branches.models import Department, Organisation
from branches.rules import OrganisationKind
from talks.management.country.tables import Rows

YEAR = 2026
# The day as of which the country stands: what was held is recorded up to it, what is planned comes after it.
AS_OF = date(YEAR, 11, 24)
ESTABLISHED = date(YEAR, 1, 1)
SMALLEST, LARGEST = 3, 300
# Of the logarithm of a branch's size: about 50 members on average, half of the branches below 36.
LOCATION, SPREAD = 3.57, 0.85
# Up to so many branches or committees stand directly below the top.
WIDEST = 30
TOP_CODE, TOP_NAME = "QG", "测量用虚构党委"
_PLACES = tuple("东南西北中江河山川平安宁和兴新长清明永丰金石云龙阳高林城湖海")
_OFFICES = ("办公室", "组织人事处", "宣传处", "财务处", "业务处", "工程处", "信息中心", "后勤中心", "监督处")


@dataclass(slots=True, eq=False)
class Place:
    """An organisation: a `Branch`, or a `Committee` with others below it."""

    kind: OrganisationKind
    pk: int = 0
    code: str = TOP_CODE
    name: str = TOP_NAME
    path: str = ""
    superior: "Committee | None" = None
    # The share of its talks that it holds.
    diligence: float = 0.0


@dataclass(slots=True, eq=False)
class Branch(Place):
    """A branch. Its members are numbered from `first`: the team, ordinary party members, those not in it.

    `changed_on`: the day on which the last of the team followed the first ordinary member in his post.
    """

    size: int = 0
    team_size: int = 0
    party_size: int = 0
    first: int = 0
    established: date = ESTABLISHED
    dissolved: date | None = None
    changed_on: date | None = None

    @property
    def team(self) -> range:
        """Its committee as it stands, the 书记 first."""
        return range(self.first, self.first + self.team_size)

    @property
    def ordinary(self) -> range:
        """Party members who are not in the team."""
        return range(self.first + self.team_size, self.first + self.party_size)

    @property
    def members(self) -> range:
        """Everybody."""
        return range(self.first, self.first + self.size)


@dataclass(frozen=True, slots=True)
class Office:
    """A department of a committee, who has it in his portfolio, and who works there, the head first."""

    pk: int
    code: str
    name: str
    leader: int
    people: Sequence[int]


@dataclass(slots=True, eq=False)
class Committee(Place):
    """A committee; its leaders, the principal first, and those in its offices are members below it."""

    lower: "list[Branch | Committee]" = field(default_factory=list)
    leaders: Sequence[int] = ()
    offices: Sequence[Office] = ()


class Country:
    """The tree with who leads what in it; the same for the same number of members and seed."""

    def __init__(self, members: int, seed: int) -> None:
        self.seed = seed
        chance = self.chance("党组织")
        top = _grouped(_branches(members, chance), chance)
        places = list(_numbered(top, chance))
        # In the order of the tree, in which members are numbered too.
        self.branches = [place for place in places if isinstance(place, Branch)]
        self.committees = [place for place in places if isinstance(place, Committee)]
        self.places = places
        taken: set[int] = set()
        offices = 0
        for committee in self.committees:
            offices += _staff(committee, offices, taken, chance)
        # The committee in which somebody leads something: one at most.
        self.leading = {
            person: committee
            for committee in self.committees
            for person in chain(committee.leaders, *(office.people[:1] for office in committee.offices))
        }

    def chance(self, matter: str, number: int = 0) -> Random:
        """Random numbers for one matter, so that a change in one does not shift the others."""
        return Random(f"{self.seed}:{matter}:{number}")


def organisation_rows(country: Country) -> Rows:
    """Organisations, superiors first."""
    for place in country.places:
        established, dissolved = ESTABLISHED, None
        if isinstance(place, Branch):
            established, dissolved = place.established, place.dissolved
        superior = place.superior.pk if place.superior else None
        yield (
            Organisation,
            (
                *(place.pk, place.code, place.name, place.kind.value, superior),
                *(established, dissolved, place.path),
            ),
        )


def department_rows(country: Country) -> Rows:
    """Departments of the committees."""
    for committee in country.committees:
        for office in committee.offices:
            yield Department, (office.pk, office.code, office.name, committee.pk)


def _branches(members: int, chance: Random) -> list[Branch]:
    """Branches that have so many members together."""
    sizes: list[int] = []
    left = members
    while left > 0:
        size = min(LARGEST, max(SMALLEST, round(chance.lognormvariate(LOCATION, SPREAD))))
        sizes.append(left if left - size < SMALLEST else size)
        left -= sizes[-1]
    return [_branch(size, chance) for size in sizes]


def _branch(size: int, chance: Random) -> Branch:
    kind = OrganisationKind.BRANCH
    if size < 10 and chance.random() < 0.3:
        kind = OrganisationKind.JOINT_BRANCH
    elif chance.random() < 0.01:
        kind = OrganisationKind.TEMPORARY_BRANCH
    steps = ((7, 1), (15, 3), (30, 3 + 2 * (chance.random() < 0.4)), (120, 5))
    team = next((number for below, number in steps if size < below), 7)
    branch = Branch(kind, size=size, team_size=min(team, size))
    branch.party_size = size - (round(size * 0.03 * chance.random()) if size >= 10 else 0)
    branch.diligence = 0.6 + chance.random() * 0.4
    if chance.random() < 0.03:
        branch.established = date(YEAR, 3, 1 + int(chance.random() * 28))
    elif chance.random() < 0.005:
        branch.dissolved = date(YEAR, 9, 1 + int(chance.random() * 28))
    if team > 1 and len(branch.ordinary) > 1 and chance.random() < 0.08:
        branch.changed_on = date(YEAR, 6, 1 + int(chance.random() * 28))
    return branch


def _grouped(branches: "list[Branch]", chance: Random) -> Committee:
    """The top over the branches: some below a 党总支, all below 党委 in as many levels as it takes."""
    places: list[Branch | Committee] = []
    rest = iter(branches)
    for branch in rest:
        places.append(branch)
        if len(branches) > WIDEST and chance.random() < 0.14:
            lower = [branch, *_next(rest, 2 + int(chance.random() * 5))]
            places[-1] = Committee(OrganisationKind.GENERAL_BRANCH, lower=lower)
    while len(places) > WIDEST:
        rest_of = iter(places)
        places = [
            Committee(_kind(chance), lower=[place, *_next(rest_of, 3 + int(chance.random() * 10))])
            for place in rest_of
        ]
    return Committee(OrganisationKind.COMMITTEE, lower=places)


def _next(places: "Iterator[Branch | Committee]", number: int) -> "list[Branch | Committee]":
    return [place for _, place in zip(range(number), places, strict=False)]


def _kind(chance: Random) -> OrganisationKind:
    draw = chance.random()
    if draw < 0.8:
        return OrganisationKind.COMMITTEE
    return OrganisationKind.GROUP if draw < 0.9 else OrganisationKind.AGENCY_COMMITTEE


def _numbered(top: Committee, chance: Random) -> "Iterator[Branch | Committee]":
    """Every place from the top down, each with its number, code, name and path."""
    member = 1
    waiting: list[Branch | Committee] = [top]
    number = 0
    while waiting:
        place = waiting.pop()
        number += 1
        place.pk = number
        place.path = f"{place.superior.path if place.superior else '/'}{number}/"
        if isinstance(place, Branch):
            place.first = member
            member += place.size
        else:
            place.diligence = 0.6 + chance.random() * 0.4
            for at, lower in enumerate(place.lower, start=1):
                lower.superior = place
                lower.code = f"{place.code}-{at:02}"
                region = chance.choice(_PLACES) + chance.choice(_PLACES)
                lower.name = f"{region}{'' if isinstance(lower, Committee) else f'第{at}'}{lower.kind.value}"
            waiting += reversed(place.lower)
        yield place


def _staff(committee: Committee, offices: int, taken: set[int], chance: Random) -> int:
    """Gives the committee its leaders and offices (numbered after the others); how many offices it has."""
    below = list(_branches_below(committee))

    def found(number: int) -> list[int]:
        """Up to so many party members below who lead nothing yet."""
        people: list[int] = []
        for _ in range(number * 4):
            branch = chance.choice(below)
            person = branch.first + int(chance.random() * branch.party_size)
            if person not in taken:
                taken.add(person)
                people.append(person)
                if len(people) == number:
                    break
        return people

    small = committee.kind == OrganisationKind.GENERAL_BRANCH
    committee.leaders = found(5 + int(chance.random() * (3 if small else 7)))
    numbers = range(1, (2 if small else len(_OFFICES)) + 1)
    committee.offices = [
        Office(
            offices + number,
            f"{committee.code}-D{number:02}",
            _OFFICES[number - 1],
            committee.leaders[number % len(committee.leaders)],
            found(3),
        )
        for number in numbers
        if committee.leaders
    ]
    return len(committee.offices)


def _branches_below(committee: Committee) -> Iterator[Branch]:
    for place in committee.lower:
        if isinstance(place, Branch):
            yield place
        else:
            yield from _branches_below(place)
