"""A small but complete world, and who lives in it.

    上游局党委 (SYJ)  office 办公室, division 业务科
    ├── 合川分局党支部 (HC)
    ├── 沿江支队党支部 (YJ)
    外埠党委 (WB)                      another tree
    └── 外埠党支部 (WB1)

Every post and affiliation began on 2020-01-01, so that all tests may choose their own days.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from branches.models import Department, Organisation
from branches.rules import OrganisationKind
from members.models import Account, MandateKind, Member
from members.rules import Category
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
PERSONAS = (
    *("chief", "deputy", "head", "secretary", "committee_member", "member", "colleague", "applicant"),
    *("other_secretary", "other_member", "stranger"),
    *("staff", "inspector", *ADMINISTRATORS),
)


@pytest.fixture
def world(db: None) -> World:
    """The world above, with an account for every persona."""
    committee = factories.an_organisation("上游局党委", OrganisationKind.COMMITTEE, code="SYJ")
    branch = factories.an_organisation("合川分局党支部", superior=committee, code="HC")
    other_branch = factories.an_organisation("沿江支队党支部", superior=committee, code="YJ")
    foreign_committee = factories.an_organisation("外埠党委", OrganisationKind.COMMITTEE, code="WB")
    foreign_branch = factories.an_organisation("外埠党支部", superior=foreign_committee, code="WB1")
    office = factories.a_department(committee, "办公室", code="SYJ-BGS")
    division = factories.a_department(committee, "业务科", code="SYJ-YWK")

    chief = factories.a_member("郑远航", other_branch, code="P001")
    deputy = factories.a_member("何静宜", other_branch, code="P002")
    head = factories.a_member("谭晓峰", branch, code="P003")
    secretary = factories.a_member("陆秉川", branch, code="P011")
    committee_member = factories.a_member("沈若楠", branch, code="P012")
    member = factories.a_member("梁志强", branch, code="P013")
    colleague = factories.a_member("吴桂兰", branch, code="P014")
    applicant = factories.a_member("孙雨晴", branch, code="P015", category=Category.APPLICANT)
    other_secretary = factories.a_member("邹凯", other_branch, code="P021")
    other_member = factories.a_member("马建国", other_branch, code="P022")
    stranger = factories.a_member("石磊", foreign_branch, code="P091")

    factories.a_post(chief, committee, "党委书记", is_principal=True)
    factories.a_post(deputy, committee, "党委委员", is_team=True)
    factories.a_post(head, committee, "办公室主任", department=office, is_head=True)
    factories.a_post(secretary, branch, "支部书记", is_principal=True)
    factories.a_post(committee_member, branch, "组织委员", is_team=True)
    factories.a_post(other_secretary, other_branch, "支部书记", is_principal=True)
    factories.a_post(stranger, foreign_branch, "支部书记", is_principal=True)
    factories.a_portfolio(deputy, office)
    factories.a_liaison(committee_member, member)

    people = {
        "chief": chief,
        "deputy": deputy,
        "head": head,
        "secretary": secretary,
        "committee_member": committee_member,
        "member": member,
        "colleague": colleague,
        "applicant": applicant,
        "other_secretary": other_secretary,
        "other_member": other_member,
        "stranger": stranger,
    }
    accounts = {role: factories.an_account(person, username=role) for role, person in people.items()}
    for role, name in (
        ("staff", "党务管理员"),
        ("inspector", "督查员"),
        ("system", "系统管理员"),
        ("security", "安全管理员"),
        ("auditor", "安全审计员"),
    ):
        accounts[role] = factories.an_account(username=role, name=name)
    factories.a_mandate(accounts["staff"], MandateKind.STAFF, committee)
    factories.a_mandate(accounts["inspector"], MandateKind.INSPECTOR, committee)
    for role in ADMINISTRATORS:
        factories.a_mandate(accounts[role], MandateKind(role))
    return World(
        committee=committee,
        branch=branch,
        other_branch=other_branch,
        foreign_committee=foreign_committee,
        foreign_branch=foreign_branch,
        office=office,
        division=division,
        chief=chief,
        deputy=deputy,
        head=head,
        secretary=secretary,
        committee_member=committee_member,
        member=member,
        colleague=colleague,
        applicant=applicant,
        other_secretary=other_secretary,
        other_member=other_member,
        stranger=stranger,
        accounts=accounts,
    )


@pytest.fixture
def client_of() -> Callable[[Account], Client]:
    """A function that gives a browser in which the account has just signed in."""

    def signed_in(account: Account) -> Client:
        client = Client()
        client.force_login(account)
        session = client.session
        session[CONFIRMED] = timezone.now().isoformat()
        # Never over: tests travel through the years.
        session[WATCH] = {"since": "9000-01-01T00:00:00+00:00", "seen": "9000-01-01T00:00:00+00:00"}
        session.save()
        return client

    return signed_in
