"""A small but complete world, and who lives in it.

    上游局党委 (SYJ)  office 办公室, division 业务科
    ├── 合川分局党支部 (HC)
    ├── 沿江支队党支部 (YJ)
    外埠党委 (WB)                      another tree
    └── 外埠党支部 (WB1)

Every post and affiliation began on 2020-01-01, so that all tests may choose their own days.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from branches.models import Department, Organisation
from branches.rules import OrganisationKind
from members.models import Account, Affiliation, Mandate, MandateKind, Member, Post
from members.rules import Category, pinyin_of
from members.views.confirmation import CONFIRMED
from members.views.limits import WATCH
from tests import factories


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Takes the guard against deleting from the trail out: tests of real transactions empty every table.

    tests/vault/ puts it back for the tests that are about it.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        where = " ON vault_trailentry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER vault_trail_no_delete{where}")


@dataclass(frozen=True, slots=True)
class World:
    """The organisations, persons and accounts of the tests; an account has the name of its person."""

    committee: Organisation  # 上游局党委
    branch: Organisation  # 合川分局党支部
    other_branch: Organisation  # 沿江支队党支部
    foreign_committee: Organisation  # 外埠党委, another tree
    foreign_branch: Organisation  # 外埠党支部
    office: Department  # 办公室 of the committee, in the portfolio of the deputy
    division: Department  # 业务科 of the committee

    chief: Member  # 党委书记, affiliated with other_branch
    deputy: Member  # 党委委员, in charge of the office, affiliated with other_branch
    head: Member  # 办公室主任, affiliated with branch
    secretary: Member  # 书记 of branch
    committee_member: Member  # 支委 of branch
    member: Member  # ordinary member of branch, in liaison with committee_member
    colleague: Member  # another ordinary member of branch
    applicant: Member  # 入党申请人 of branch
    other_secretary: Member  # 书记 of other_branch
    other_member: Member  # ordinary member of other_branch
    stranger: Member  # 书记 of foreign_branch

    accounts: dict[str, Account]

    def account(self, role: str) -> Account:
        """The account of a role: a person's name above, or staff, inspector, system, security, auditor."""
        return self.accounts[role]


ADMINISTRATORS = ("system", "security", "auditor")
# By role the name of the account, and whether its mandate is over the committee.
OFFICES = {
    "staff": ("党务管理员", True),
    "inspector": ("督查员", True),
    "system": ("系统管理员", False),
    "security": ("安全管理员", False),
    "auditor": ("安全审计员", False),
}
PERSONAS = (
    *("chief", "deputy", "head", "secretary", "committee_member", "member", "colleague", "applicant"),
    *("other_secretary", "other_member", "stranger"),
    *("staff", "inspector", *ADMINISTRATORS),
)


@pytest.fixture
def world(db: None) -> World:
    """The world above, with an account for every persona."""
    return make_world()


def make_world() -> World:
    """The rows of the world, a table at a time: every second test begins with them."""
    places = _organisations()
    committee, branch, other_branch, _, foreign_branch = places
    office, division = Department.objects.bulk_create(
        Department(code=code, name=name, organisation=committee)
        for code, name in (("SYJ-BGS", "办公室"), ("SYJ-YWK", "业务科"))
    )
    homes = {
        "chief": ("郑远航", "P001", other_branch),
        "deputy": ("何静宜", "P002", other_branch),
        "head": ("谭晓峰", "P003", branch),
        "secretary": ("陆秉川", "P011", branch),
        "committee_member": ("沈若楠", "P012", branch),
        "member": ("梁志强", "P013", branch),
        "colleague": ("吴桂兰", "P014", branch),
        "applicant": ("孙雨晴", "P015", branch),
        "other_secretary": ("邹凯", "P021", other_branch),
        "other_member": ("马建国", "P022", other_branch),
        "stranger": ("石磊", "P091", foreign_branch),
    }
    people = _people(homes)
    posts = (
        ("chief", committee, "党委书记", {"is_principal": True, "is_team": True}),
        ("deputy", committee, "党委委员", {"is_team": True}),
        ("head", committee, "办公室主任", {"department": office, "is_head": True}),
        ("secretary", branch, "支部书记", {"is_principal": True, "is_team": True}),
        ("committee_member", branch, "组织委员", {"is_team": True}),
        ("other_secretary", other_branch, "支部书记", {"is_principal": True, "is_team": True}),
        ("stranger", foreign_branch, "支部书记", {"is_principal": True, "is_team": True}),
    )
    Post.objects.bulk_create(
        Post(
            member=people[role],
            organisation=place,
            title=title,
            since=factories.LONG_AGO,
            confirmed_at=datetime(2020, 1, 1, tzinfo=UTC),
            **more,
        )
        for role, place, title, more in posts
    )
    factories.a_portfolio(people["deputy"], office)
    factories.a_liaison(people["committee_member"], people["member"])
    return World(*places, office, division, *people.values(), accounts=_accounts(people, committee))


def _organisations() -> list[Organisation]:
    """The five of the tree, with their paths."""
    rows = (
        ("SYJ", "上游局党委", OrganisationKind.COMMITTEE, None),
        ("HC", "合川分局党支部", OrganisationKind.BRANCH, "SYJ"),
        ("YJ", "沿江支队党支部", OrganisationKind.BRANCH, "SYJ"),
        ("WB", "外埠党委", OrganisationKind.COMMITTEE, None),
        ("WB1", "外埠党支部", OrganisationKind.BRANCH, "WB"),
    )
    made: dict[str, Organisation] = {}
    for code, name, kind, superior in rows:
        made[code] = Organisation(code=code, name=name, kind=kind)
        if superior is not None:
            made[code].superior = made[superior]
        made[code].save()
        above = made[superior].path if superior else "/"
        made[code].path = f"{above}{made[code].pk}/"
    Organisation.objects.bulk_update(made.values(), ["path"])
    return list(made.values())


def _people(homes: Mapping[str, tuple[str, str, Organisation]]) -> dict[str, Member]:
    """By role the person of the name and code, affiliated with the organisation."""
    spelt = [(name, code, *pinyin_of(name)) for name, code, _ in homes.values()]
    members = Member.objects.bulk_create(
        Member(name=name, code=code, pinyin=pinyin, initials=initials, category=Category.FULL)
        for name, code, pinyin, initials in spelt
    )
    people = dict(zip(homes, members, strict=True))
    people["applicant"].category = Category.APPLICANT
    people["applicant"].save(update_fields=["category"])
    Affiliation.objects.bulk_create(
        Affiliation(member=people[role], organisation=home, since=factories.LONG_AGO)
        for role, (_, _, home) in homes.items()
    )
    return people


def _accounts(people: Mapping[str, Member], committee: Organisation) -> dict[str, Account]:
    """The account of each person, and those of the offices with their mandates; all have one password."""
    password = make_password(factories.PASSWORD)
    persons = [
        Account(username=role, name=person.name, member=person, password=password)
        for role, person in people.items()
    ]
    offices = [Account(username=role, name=name, password=password) for role, (name, _) in OFFICES.items()]
    accounts = {account.username: account for account in Account.objects.bulk_create([*persons, *offices])}
    Mandate.objects.bulk_create(
        Mandate(
            account=accounts[role],
            kind=MandateKind(role),
            organisation=committee if has_place else None,
            since=factories.LONG_AGO,
        )
        for role, (_, has_place) in OFFICES.items()
    )
    return accounts


def signed_in(account: Account) -> Client:
    """A browser in which the account has just signed in."""
    client = Client()
    client.force_login(account)
    session = client.session
    session[CONFIRMED] = timezone.now().isoformat()
    # Never over: tests travel through the years.
    session[WATCH] = {"since": "9000-01-01T00:00:00+00:00", "seen": "9000-01-01T00:00:00+00:00"}
    session.save()
    return client


@pytest.fixture
def client_of() -> Callable[[Account], Client]:
    """A function that gives a browser in which the account has just signed in."""
    return signed_in
