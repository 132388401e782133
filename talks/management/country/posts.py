"""Who holds which office: teams, heads and key posts; portfolios; who keeps in contact with whom."""

from collections.abc import Iterator
from datetime import date

from members.models import Liaison, Portfolio, Post
from talks.management.country.days import any_day
from talks.management.country.organisations import YEAR, Branch, Committee, Country
from talks.management.country.tables import Row, Rows

_BRANCH_TITLES = ("党支部书记", "党支部副书记", "组织委员", "宣传委员", "纪检委员", "青年委员", "统战委员")
_KEY_TITLES = ("物资采购员", "出纳", "资产管理员", "工程管理员")
ELECTED = date(YEAR, 1, 5)
# Of the branches, those that have a liaison for everybody.
_WITH_LIAISONS = 0.7


def post_rows(country: Country) -> Rows:
    """Posts, portfolios and liaisons."""
    for branch in country.branches:
        for row in _branch_posts(country, branch):
            yield Post, row
        if has_liaisons(country, branch):
            for place, number in enumerate(range(branch.team.stop, branch.members.stop)):
                yield Liaison, (branch.team[place % branch.team_size], number, ELECTED)
    for committee in country.committees:
        for row in _committee_posts(country, committee):
            yield Post, row
        for office in committee.offices:
            yield Portfolio, (office.leader, office.pk, ELECTED)


def has_liaisons(country: Country, branch: Branch) -> bool:
    """Whether its committee has shared out the members."""
    return country.chance("联系党员", branch.pk).random() < _WITH_LIAISONS


def key_people(country: Country, branch: Branch) -> list[int]:
    """Those with a key post in the branch."""
    chance = country.chance("重点岗位", branch.pk)
    return [number for number in branch.ordinary if chance.random() < 0.02]


def _branch_posts(country: Country, branch: Branch) -> Iterator[Row]:
    for place, number in enumerate(branch.team):
        since = branch.established if branch.established > ELECTED else ELECTED
        if branch.changed_on and number == branch.team[-1]:
            before, title = branch.ordinary[0], _BRANCH_TITLES[place]
            yield _post(before, branch.pk, title, since=since, until=branch.changed_on, is_team=True)
            since = branch.changed_on
        yield _post(number, branch.pk, _BRANCH_TITLES[place], since=since, is_team=True, leads=place == 0)
    for number in key_people(country, branch):
        title = _KEY_TITLES[number % len(_KEY_TITLES)]
        yield _post(number, branch.pk, title, since=ELECTED, is_key=True)


def _committee_posts(country: Country, committee: Committee) -> Iterator[Row]:
    chance = country.chance("任职", committee.pk)
    long_ago = date(YEAR - 4, 1, 1)
    for place, number in enumerate(committee.leaders):
        since = any_day(long_ago, ELECTED, chance)
        title = f"{committee.kind.value}{'委员' if place else '书记'}"
        yield _post(number, committee.pk, title, since=since, is_team=True, leads=place == 0)
    for office in committee.offices:
        for place, number in enumerate(office.people):
            title = f"{office.name}{'科员' if place else '负责人'}"
            since, is_key = any_day(long_ago, ELECTED, chance), place == 0 and office.name == "财务处"
            yield _post(number, committee.pk, title, office.pk, since, heads=place == 0, is_key=is_key)


def _post(
    member: int,
    organisation: int,
    title: str,
    department: int | None = None,
    since: date = ELECTED,
    until: date | None = None,
    *,
    is_team: bool = False,
    leads: bool = False,
    heads: bool = False,
    is_key: bool = False,
) -> Row:
    return (member, organisation, department, title, is_team, leads, heads, is_key, since, until)
