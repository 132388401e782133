"""Every change of a fact marks all organisations that it concerns: after it nothing is left to find.

Each change is made by its service on a world whose duties are right. Then the marked organisations are
reconciled, and a second look at all of them, marked or not, must find nothing. With the marks taken out the
second look does find something: the change was one that mattered.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from openpyxl import Workbook

from branches import services as branches
from branches.models import Organisation, Stale
from branches.rules import OrganisationKind
from members.models import Affiliation, Event, Liaison, Portfolio, Post
from members.rules import Category
from members.services import contacts, events, people, posts
from members.services.posts import Terms
from talks.excel import read_workbook
from talks.models import Meeting, Reconciliation, Talk
from talks.rules.words import MeetingKind, TalkState
from talks.services import meetings, records, talks
from talks.services.exchange import import_workbook
from talks.services.reconciliation import Difference, reconcile_due
from talks.services.records import RecordText
from talks.services.talks import Circumstances, Persons
from tests import factories
from tests.conftest import World
from vault.services import Actor

pytestmark = pytest.mark.django_db
ACTOR = Actor("tests", "")
TODAY = date(2026, 12, 1)
AT = datetime(2026, 12, 1, 2, tzinfo=UTC)
KINDS = ("家庭变故", "岗位变动", "组织处理", "苗头性问题")


def reconcile() -> Difference:
    """What is marked, or due by time."""
    return reconcile_due(today=TODAY, at=AT)


def second_look() -> Difference:
    """All organisations, as if nothing were known of them."""
    Reconciliation.objects.all().delete()
    return reconcile()


@pytest.fixture
def settled(world: World) -> World:
    """The world of conftest with something of every pairing, reconciled."""
    factories.a_meeting(world.branch, meeting_on=date(2026, 12, 20), talks_from=date(2026, 11, 20))
    factories.a_meeting(
        world.committee,
        MeetingKind.DEMOCRATIC_LIFE,
        meeting_on=date(2026, 12, 25),
        talks_from=date(2026, 11, 25),
    )
    factories.a_post(world.colleague, world.branch, "资金管理", is_key=True)
    # An event of a branch secretary looks upwards: to the principals of the committee.
    factories.an_event(world.secretary, "苗头性问题", happened_on=date(2026, 11, 30), code="E-UP")
    factories.an_event(world.member, "家庭变故", happened_on=date(2026, 11, 30), code="E-IN")
    factories.an_event(world.head, "岗位变动", happened_on=date(2026, 11, 30), code="E-HEAD")
    for number, (talker, subject, state) in enumerate(
        [
            (world.committee_member, world.member, TalkState.RECORDED),
            (world.committee_member, world.colleague, TalkState.PLANNED),
            (world.chief, world.deputy, TalkState.RECORDED),
        ]
    ):
        factories.a_talk([talker], [subject], held_on=TODAY, state=state, code=f"T-{number}")
    reconcile()
    assert second_look() == Difference(organisations=5)
    return world


def a_change(**values: object) -> Terms:
    return Terms(**{"title": "委员", "since": factories.LONG_AGO, **values})  # type: ignore[arg-type]


def the_post(world: World, title: str) -> Post:
    return Post.objects.get(title=title, organisation__in=[world.branch, world.committee])


def who_and_when(talker: object, subject: object) -> dict[str, object]:
    return {
        "persons": Persons([talker], [subject]),  # type: ignore[list-item]
        "circumstances": Circumstances(TODAY),
    }


def imported(**sheets: list[list[object]]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    outcome = import_workbook(
        actor=ACTOR, at=AT, today=TODAY, tables=read_workbook(file.getvalue(), 10**7), dry_run=False
    )
    assert not outcome.errors


def _record(world: World) -> None:
    records.record_talk(
        actor=ACTOR,
        at=AT,
        talk=Talk.objects.get(code="T-1"),
        revision=1,
        today=TODAY,
        circumstances=Circumstances(TODAY),
        text=RecordText(content="谈了近况"),
    )


def _redepartment(world: World) -> None:
    Post.objects.filter(title="办公室主任").update(is_head=False, department=None)
    Reconciliation.objects.all().delete()
    reconcile()
    branches.change_department(
        actor=ACTOR, at=AT, department=world.office, name="办公室", organisation=world.foreign_committee
    )


CHANGES: dict[str, Callable[[World], object]] = {
    "a new member": lambda w: people.add_member(
        actor=ACTOR, at=AT, organisation=w.branch, name="新同志", category=Category.FULL
    ),
    "another category": lambda w: people.change_member(
        actor=ACTOR, at=AT, member=w.member, name=w.member.name, category=Category.MASSES
    ),
    "a transfer": lambda w: people.transfer_member(
        actor=ACTOR, at=AT, member=w.member, organisation=w.other_branch, on=TODAY
    ),
    "an affiliation corrected": lambda w: people.change_affiliation(
        actor=ACTOR,
        at=AT,
        affiliation=Affiliation.objects.get(member=w.member),
        organisation=w.other_branch,
        since=None,
        until=None,
    ),
    "an affiliation removed": lambda w: (
        factories.an_affiliation(w.stranger, w.branch, since=date(2019, 1, 1), until=date(2020, 1, 1)),
        Affiliation.objects.filter(member=w.stranger, organisation=w.foreign_branch).update(
            until=date(2025, 1, 1)
        ),
        factories.an_affiliation(w.stranger, w.other_branch, since=date(2025, 1, 1)),
        Reconciliation.objects.all().delete(),
        reconcile(),
        people.remove_affiliation(
            actor=ACTOR,
            at=AT,
            affiliation=Affiliation.objects.get(member=w.stranger, organisation=w.other_branch),
        ),
    ),
    "a member removed": lambda w: (
        factories.a_member("误录", w.branch, code="X1"),
        Reconciliation.objects.all().delete(),
        reconcile(),
        people.remove_member(actor=ACTOR, at=AT, member=Affiliation.objects.get(member__code="X1").member),
    ),
    "a 支委 appointed": lambda w: posts.appoint(
        actor=ACTOR,
        at=AT,
        member=w.member,
        organisation=w.branch,
        terms=a_change(is_team=True),
        is_confirmed=True,
    ),
    "a post changed": lambda w: posts.change_post(
        actor=ACTOR,
        at=AT,
        post=the_post(w, "组织委员"),
        terms=a_change(title="组织委员", is_team=False),
        is_confirmed=True,
    ),
    "a post ended": lambda w: posts.end_post(actor=ACTOR, at=AT, post=the_post(w, "组织委员"), on=TODAY),
    "a post removed": lambda w: posts.remove_post(actor=ACTOR, at=AT, post=the_post(w, "组织委员")),
    "a superior's principal ended": lambda w: posts.end_post(
        actor=ACTOR, at=AT, post=the_post(w, "党委书记"), on=TODAY
    ),
    "a second principal above": lambda w: posts.appoint(
        actor=ACTOR,
        at=AT,
        member=w.other_member,
        organisation=w.committee,
        terms=a_change(title="党委副书记", is_team=True, is_principal=True),
        is_confirmed=True,
    ),
    "a portfolio assigned": lambda w: (
        factories.a_post(w.other_member, w.committee, "科长", department=w.division, is_head=True),
        Reconciliation.objects.all().delete(),
        reconcile(),
        contacts.assign_portfolio(
            actor=ACTOR, at=AT, member=w.deputy, department=w.division, since=factories.LONG_AGO
        ),
    ),
    "a portfolio ended": lambda w: contacts.change_portfolio(
        actor=ACTOR, at=AT, portfolio=Portfolio.objects.get(), since=factories.LONG_AGO, until=TODAY
    ),
    "a portfolio removed": lambda w: contacts.remove_portfolio(
        actor=ACTOR, at=AT, portfolio=Portfolio.objects.get()
    ),
    "a liaison assigned": lambda w: contacts.assign_liaison(
        actor=ACTOR,
        at=AT,
        committee_member=w.committee_member,
        member=w.colleague,
        since=factories.LONG_AGO,
    ),
    "a liaison ended": lambda w: contacts.change_liaison(
        actor=ACTOR, at=AT, liaison=Liaison.objects.get(), since=factories.LONG_AGO, until=TODAY
    ),
    "a liaison removed": lambda w: contacts.remove_liaison(actor=ACTOR, at=AT, liaison=Liaison.objects.get()),
    "an event entered": lambda w: events.enter_event(
        actor=ACTOR,
        at=AT,
        member=w.colleague,
        kind="家庭变故",
        happened_on=TODAY,
        today=TODAY,
        known_kinds=KINDS,
    ),
    "an event corrected": lambda w: events.change_event(
        actor=ACTOR,
        at=AT,
        event=Event.objects.get(code="E-IN"),
        kind="组织处理",
        happened_on=TODAY,
        today=TODAY,
        known_kinds=KINDS,
    ),
    "an event removed": lambda w: events.remove_event(
        actor=ACTOR, at=AT, event=Event.objects.get(code="E-IN")
    ),
    "a meeting entered": lambda w: meetings.add_meeting(
        actor=ACTOR,
        at=AT,
        organisation=w.other_branch,
        kind=MeetingKind.ORGANISATION_LIFE,
        year=2026,
        meeting_on=date(2026, 12, 28),
    ),
    "a meeting moved": lambda w: meetings.change_meeting(
        actor=ACTOR,
        at=AT,
        meeting=Meeting.objects.get(organisation=w.branch),
        meeting_on=date(2026, 12, 22),
        talks_from=None,
        theme="",
    ),
    "a meeting removed": lambda w: meetings.remove_meeting(
        actor=ACTOR, at=AT, meeting=Meeting.objects.get(organisation=w.branch)
    ),
    "a talk booked": lambda w: talks.plan_talk(
        actor=ACTOR, at=AT, booked_by=None, **who_and_when(w.secretary, w.head)
    ),
    "a talk changed": lambda w: talks.change_plan(
        actor=ACTOR,
        at=AT,
        talk=Talk.objects.get(code="T-1"),
        revision=1,
        topic=None,
        **who_and_when(w.secretary, w.head),
    ),
    "a talk cancelled": lambda w: talks.cancel_talk(
        actor=ACTOR, at=AT, talk=Talk.objects.get(code="T-1"), revision=1, reason="出差"
    ),
    "a talk held": lambda w: records.hold_talk(
        actor=ACTOR,
        at=AT,
        talk=Talk.objects.get(code="T-1"),
        revision=1,
        today=TODAY,
        circumstances=Circumstances(TODAY),
        text=RecordText(),
    ),
    "a talk recorded": _record,
    "an organisation dissolved": lambda w: branches.dissolve_organisation(
        actor=ACTOR, at=AT, organisation=w.branch, on=date(2026, 11, 1)
    ),
    "an organisation of another kind": lambda w: branches.change_organisation(
        actor=ACTOR,
        at=AT,
        organisation=w.branch,
        name=w.branch.name,
        kind=OrganisationKind.GENERAL_BRANCH,
        superior=w.committee,
    ),
    "an organisation under another superior": lambda w: branches.change_organisation(
        actor=ACTOR,
        at=AT,
        organisation=w.branch,
        name=w.branch.name,
        kind=OrganisationKind.BRANCH,
        superior=w.foreign_committee,
    ),
    # The limit of E-IN was Thursday, 3 December.
    "a working day taken off": lambda w: branches.add_working_day(
        actor=ACTOR, at=AT, day=date(2026, 12, 2), is_working=False, name="放假"
    ),
    "an import of a post": lambda w: imported(
        任职=[
            ["党员编号", "组织编码", "职务", "班子成员", "主要负责同志", "任职日期"],
            [w.other_member.code, w.committee.code, "党委副书记", "是", "是", "2020-01-01"],
        ]
    ),
    "an import of a transfer": lambda w: imported(
        党员=[
            ["党员编号", "姓名", "党员类别", "所在组织编码", "转入日期", "转出日期"],
            [w.member.code, w.member.name, "正式党员", "HC", "2020-01-01", "2026-12-01"],
            [w.member.code, w.member.name, "正式党员", "YJ", "2026-12-01", ""],
        ]
    ),
    "an import of another member's event": lambda w: imported(
        事件=[
            ["事件编号", "党员编号", "事件类型", "发生日期"],
            ["E-IN", w.other_member.code, "家庭变故", "2026-11-30"],
        ]
    ),
    "an import of a talk": lambda w: imported(
        谈话=[
            ["谈话编号", "谈话日期", "谈话人编号", "谈话对象编号", "状态"],
            ["T-9", "2026-12-01", w.secretary.code, w.colleague.code, "已记录"],
        ]
    ),
    "an import of other persons in a talk": lambda w: imported(
        谈话=[
            ["谈话编号", "谈话日期", "谈话人编号", "谈话对象编号", "状态"],
            ["T-0", "2026-12-01", w.other_secretary.code, w.other_member.code, "已记录"],
        ]
    ),
    "an import of a meeting": lambda w: imported(
        会议=[["组织编码", "会议类型", "年度", "会议日期"], ["YJ", "组织生活会", 2026, "2026-12-28"]]
    ),
    "an import of a rule": lambda w: imported(
        规则=[
            [
                "规则代码",
                "规则名称",
                "适用组织编码",
                "适用类型",
                "触发",
                "配对",
                "谈话人",
                "一对一",
                "生效日期",
            ],
            [
                "own.quarter",
                "每季度谈",
                "SYJ",
                "全部",
                "周期:3",
                "支委与党员",
                "班子成员",
                "否",
                "2026-01-01",
            ],
        ]
    ),
    "an import of a waiver": lambda w: imported(
        免予谈话=[
            [
                *("规则代码", "组织编码", "事由标识", "谈话对象编号", "理由"),
                *("申请人编号", "批准人编号", "批准日期"),
            ],
            [
                *("year.committee-member", "HC", "period:2026", w.head.code, "长期住院"),
                *(w.secretary.code, w.chief.code, "2026-12-01"),
            ],
        ]
    ),
    "an import of an organisation": lambda w: imported(
        党组织=[
            ["组织编码", "组织名称", "组织类型", "上级组织编码"],
            ["HC", "合川分局党支部", "党支部", "WB"],
        ]
    ),
    "an import of a portfolio": lambda w: imported(
        分管=[
            ["党员编号", "单位编码", "开始日期", "结束日期"],
            [w.deputy.code, w.office.code, "2020-01-01", "2026-12-01"],
        ]
    ),
    "an import of a liaison": lambda w: imported(
        联系党员=[
            ["支委编号", "党员编号", "开始日期"],
            [w.committee_member.code, w.colleague.code, "2020-01-01"],
        ]
    ),
    "a department of another organisation": _redepartment,
}
# 办公室 has no head when it moves: nothing is owed for it before or after; a member takes his duties along.
WITHOUT_CONSEQUENCE = {"a department of another organisation", "a member removed"}


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_is_left_to_find(settled: World, name: str) -> None:
    CHANGES[name](settled)
    assert Stale.objects.exists()
    reconcile()
    assert not Stale.objects.exists()
    assert second_look() == Difference(organisations=5)


@pytest.mark.parametrize("name", sorted(CHANGES.keys() - WITHOUT_CONSEQUENCE))
def test_without_the_marks_there_would_be(settled: World, name: str) -> None:
    """The negative control of the test above."""
    CHANGES[name](settled)
    Stale.objects.all().delete()
    reconcile()
    found = second_look()
    assert found.new + found.changed > 0


def test_a_change_in_one_branch_leaves_the_country_alone(settled: World) -> None:
    _record(settled)
    assert set(Stale.objects.values_list("organisation", flat=True)) == {settled.branch.pk}
    assert reconcile().organisations == 1


def test_a_change_above_concerns_only_those_who_look_up(settled: World) -> None:
    """The event of the secretary of one branch is for the principal above; the other branch asks nobody."""
    posts.end_post(actor=ACTOR, at=AT, post=the_post(settled, "党委书记"), on=TODAY)
    assert reconcile_due(today=TODAY, at=AT).organisations == 3
    up_to_date = set(Reconciliation.objects.filter(at=AT).values_list("organisation", flat=True))
    assert {settled.committee.pk, settled.branch.pk} <= up_to_date
    assert Organisation.objects.count() == 5
