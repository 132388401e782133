"""The command `duties`, and the loading of the facts behind it."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Organisation
from branches.rules import OrganisationKind
from members.models import Member
from members.rules import Category
from talks.figures.duties import duties_below, duties_of
from talks.models import Rule, Waiver
from talks.rules.duties import Duty
from talks.rules.words import MeetingKind, TalkState
from tests import factories

pytestmark = pytest.mark.django_db


def answer(*arguments: str, year: str = "2026") -> dict[str, Any]:
    out = StringIO()
    call_command("duties", "--year", year, *arguments, "--format", "json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def committee() -> Organisation:
    """SYJ: principal P001, team P002 and P003, a 民主生活会 on 20 December; T17 between P003 and P002."""
    syj = factories.an_organisation("上游局党委", OrganisationKind.COMMITTEE, code="SYJ")
    people = [factories.a_member(f"江{n}", code=f"P00{n}") for n in (1, 2, 3)]
    for member in people:
        factories.a_post(member, syj, "班子", is_team=True, is_principal=member.code == "P001")
    factories.a_meeting(syj, MeetingKind.DEMOCRATIC_LIFE, meeting_on=date(2026, 12, 20))
    factories.a_talk([people[2]], [people[1]], held_on=date(2026, 12, 2), code="T17")
    return syj


def test_json_is_that_of_the_page(committee: Organisation) -> None:
    found = answer("--organisation", "SYJ", "--as-of", "2026-12-31")
    assert list(found) == ["as_of", "year", "organisation", "duties", "summary"]
    assert (found["as_of"], found["year"], found["organisation"]) == ("2026-12-31", 2026, "SYJ")
    window = {"opens_on": "2026-11-20", "due_on": "2026-12-19"}
    common = {"organisation": "SYJ", "anchor": "meeting:民主生活会:2026", "role": None, **window}
    overdue = {"state": "逾期", "talk": None, "held_on": None}
    assert found["duties"] == [
        {"rule": "three.principal-team", **common, "subject": "P002", "counterpart": "P001", **overdue},
        {"rule": "three.principal-team", **common, "subject": "P003", "counterpart": "P001", **overdue},
        {
            "rule": "three.team-team",
            **common,
            "subject": "P003",
            "counterpart": "P002",
            "state": "已谈",
            "talk": "T17",
            "held_on": "2026-12-02",
        },
    ]
    columns = "rule organisation anchor subject counterpart role opens_on due_on state talk held_on"
    assert " ".join(found["duties"][0]) == columns
    assert found["summary"] == {"owed": 3, "met": 1, "overdue": 2, "waived": 0}


def test_a_role_duty_has_no_counterpart() -> None:
    branch = factories.an_organisation(code="HC")
    factories.a_post(factories.a_member(code="Q1"), branch, "书记", is_principal=True)
    factories.a_member(code="Q2", organisation=branch)
    (duty,) = answer("--organisation", "HC", "--as-of", "2026-06-30")["duties"]
    assert (duty["rule"], duty["subject"], duty["counterpart"], duty["role"], duty["state"]) == (
        *("year.committee-member", "Q2", None, "team"),
        "待谈",
    )


def test_the_summary_counts_each_state(committee: Organisation) -> None:
    asker, approver = factories.a_member(), factories.a_member()
    Waiver.objects.create(
        rule="three.principal-team",
        organisation=committee,
        anchor="meeting:民主生活会:2026",
        subject=Member.objects.get(code="P001"),
        counterpart=Member.objects.get(code="P002"),
        persons="P001+P002",
        reason="长期住院",
        asked_by=asker,
        approved_by=approver,
        approved_on=date(2026, 12, 1),
    )
    before = answer("--as-of", "2026-11-30")
    assert before["summary"] == {"owed": 3, "met": 0, "overdue": 0, "waived": 0}
    after = answer("--as-of", "2026-12-31")
    assert after["summary"] == {"owed": 2, "met": 1, "overdue": 1, "waived": 1}
    assert [duty["state"] for duty in after["duties"]] == ["免予谈话", "逾期", "已谈"]


def test_the_organisation_and_all_below_it_or_all(committee: Organisation) -> None:
    for code, superior in (("HC", committee), ("WB", None)):
        branch = factories.an_organisation(code=code, superior=superior)
        for number in (1, 2):
            member = factories.a_member(code=f"{code}{number}")
            factories.a_post(member, branch, "支委", is_team=True, is_principal=number == 1)
    everything = answer("--as-of", "2026-06-30")
    assert everything["organisation"] is None
    assert [duty["organisation"] for duty in everything["duties"]] == ["HC", "WB"]
    below = answer("--organisation", "SYJ", "--as-of", "2026-06-30")
    assert [duty["organisation"] for duty in below["duties"]] == ["HC"]
    assert answer("--organisation", "WB", "--as-of", "2026-06-30")["summary"]["owed"] == 1


def test_today_in_shanghai_where_no_day_is_given(committee: Organisation) -> None:
    with time_machine.travel("2026-12-19 16:30+00:00"):
        assert answer()["as_of"] == "2026-12-20"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--year", "2026", "--organisation", "NOWHERE"], "组织编码「NOWHERE」不存在。"),
        (["--year", "今年"], "年度「今年」无法识别，应写作四位数字，例如 2026。"),
        (["--year", "0"], "年度「0」无法识别，应写作四位数字，例如 2026。"),
        (["--year", "2026", "--as-of", "2026-02-30"], "日期「2026-02-30」无法识别，应写作 2026-03-05。"),
    ],
)
def test_what_cannot_be_read_is_a_clear_line(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("duties", *arguments, "--format", "json", stdout=StringIO())
    assert str(refused.value) == message
    assert refused.value.returncode == 1


def test_the_table_reads_in_chinese_and_names_nobody(committee: Organisation) -> None:
    out = StringIO()
    arguments = ("--year", "2026", "--organisation", "SYJ", "--as-of", "2026-12-31", "--format", "table")
    call_command("duties", *arguments, stdout=out)
    header, *rows, summary = out.getvalue().splitlines()
    columns = "必谈规则 党组织 事由 谈话对象 对方或谈话人 起 止 状态 谈话 谈话日期"
    assert " ".join(header.split()) == columns
    assert rows[2].split() == [
        *("三必谈②", "班子成员相互之间必谈", "上游局党委", "2026年度民主生活会", "P003", "P002"),
        *("2026-11-20", "2026-12-19", "已谈", "T17", "2026-12-02"),
    ]
    assert len(rows) == 3
    assert summary == "截至2026年12月31日：应谈3，已谈1，逾期2，免予谈话0。"
    assert "江1" not in out.getvalue()


def test_an_empty_table_says_so() -> None:
    out = StringIO()
    call_command("duties", "--year", "2026", "--as-of", "2026-12-31", "--format", "table", stdout=out)
    assert out.getvalue().splitlines()[0] == "没有应谈事项。"


def test_it_reads_only(committee: Organisation) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer("--as-of", "2026-12-31")
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}


# The facts behind it


@pytest.fixture
def tree() -> dict[str, Organisation]:
    """SYJ > M > HC and SYJ > YJ, persons who lead, led and were affiliated across them, talks and events."""
    syj = factories.an_organisation("上游局党委", OrganisationKind.COMMITTEE, code="SYJ")
    m = factories.an_organisation("中心党总支", OrganisationKind.GENERAL_BRANCH, syj, code="M")
    hc = factories.an_organisation("合川分局党支部", superior=m, code="HC")
    yj = factories.an_organisation("沿江支队党支部", superior=syj, code="YJ")
    office = factories.a_department(syj, "办公室", code="D1")
    person = {code: factories.a_member(code=code, organisation=hc) for code in ("a", "b", "x", "y", "z")}
    person |= {code: factories.a_member(code=code, organisation=yj) for code in ("s", "t", "m", "q")}
    factories.a_post(person["s"], syj, "书记", is_principal=True)
    factories.a_post(person["t"], syj, "委员", is_team=True)
    factories.a_post(person["m"], m, "书记", is_principal=True)
    factories.a_post(person["a"], hc, "书记", is_principal=True)
    factories.a_post(person["b"], hc, "支委", is_team=True)
    factories.a_post(person["q"], yj, "书记", is_principal=True)
    # x led the office of SYJ until the day of his event; z is a clerk there.
    factories.a_post(person["x"], syj, "主任", department=office, is_head=True, until=date(2026, 5, 10))
    factories.a_post(person["z"], syj, "科员", department=office, is_key=True)
    factories.a_portfolio(person["t"], office)
    factories.a_liaison(person["q"], person["y"])  # once of the team of HC, now of another branch
    factories.an_event(person["x"], "岗位变动", happened_on=date(2026, 5, 10), code="E1")
    factories.an_event(person["a"], "苗头性问题", happened_on=date(2026, 5, 10), code="E2")
    factories.an_event(person["s"], "重大风险", happened_on=date(2026, 5, 10), code="E3")
    factories.a_meeting(hc, meeting_on=date(2026, 12, 20))
    factories.a_meeting(syj, MeetingKind.DEMOCRATIC_LIFE, meeting_on=date(2026, 12, 20))
    for code, pairing, role, trigger, kinds in (
        ("year.leader-staff", "portfolio-staff", "leader", "周期:12", "党委、党总支"),
        ("own.liaison", "committee-member", "", "周期:6", "党支部"),
        ("own.care", "event", "liaison", "事件:工作挫折", "全部"),
    ):
        Rule.objects.create(
            code=code,
            title=code,
            organisation=syj,
            applies_to=kinds,
            trigger=trigger,
            days=5 if role == "liaison" else None,
            unit="自然日" if role == "liaison" else "",
            pairing=pairing,
            talker_role=role,
            one_to_one=False,
            effective_from=date(2025, 12, 1),
        )
    factories.an_event(person["y"], "工作挫折", happened_on=date(2026, 6, 1), code="E4")
    factories.a_talk([person["s"]], [person["x"]], held_on=date(2026, 5, 12), code="T1")
    factories.a_talk([person["m"]], [person["a"]], held_on=date(2026, 5, 12), code="T2")
    factories.a_talk([], [person["s"]], held_on=date(2026, 5, 12), external_talker="省局书记", code="T3")
    factories.a_talk([person["q"]], [person["y"]], held_on=date(2026, 6, 2), code="T4")
    factories.a_talk([person["t"]], [person["z"]], held_on=date(2026, 6, 2), code="T5")
    factories.a_talk([person["a"]], [person["b"]], held_on=date(2026, 12, 30), state=TalkState.PLANNED)
    return {"SYJ": syj, "M": m, "HC": hc, "YJ": yj}


def met_by(duties: tuple[Duty, ...]) -> dict[str, str | None]:
    return {f"{duty.rule.code} {duty.organisation} {'-'.join(duty.persons)}": duty.talk for duty in duties}


def test_the_loaded_facts_decide_every_role(tree: dict[str, Organisation]) -> None:
    """Each organisation loaded by itself: the holders of roles elsewhere must come along."""
    _, of_branch = duties_of([tree["HC"]], year=2026, as_of=date(2026, 12, 31))
    found = met_by(of_branch)
    assert found["four.post-change HC x"] == "T1"  # authority: led the office of SYJ the day before
    assert found["four.signs HC a"] == "T2"  # the principal himself: the one above
    assert found["own.care HC y"] == "T4"  # the liaison from another branch
    _, of_committee = duties_of([tree["SYJ"]], year=2026, as_of=date(2026, 12, 31))
    found = met_by(of_committee)
    assert found["year.leader-staff SYJ z"] == "T5"
    assert found["six.key-post SYJ z"] is None
    _, of_other = duties_of([tree["YJ"]], year=2026, as_of=date(2026, 12, 31))
    assert met_by(of_other)["six.major-risk YJ s"] is None  # the principal of YJ holds the role: T3 is none


def test_an_organisation_by_itself_is_judged_as_within_the_whole(tree: dict[str, Organisation]) -> None:
    for as_of in (date(2026, 3, 1), date(2026, 5, 20), date(2026, 12, 31)):
        _, whole = duties_below(None, year=2026, as_of=as_of)
        assert len(whole) > 10
        for code, organisation in tree.items():
            _, alone = duties_of([organisation], year=2026, as_of=as_of)
            assert alone == tuple(duty for duty in whole if duty.organisation == code)
        _, below = duties_below(tree["M"], year=2026, as_of=as_of)
        assert below == tuple(duty for duty in whole if duty.organisation in ("M", "HC"))


def test_without_a_year_the_years_before_are_there(tree: dict[str, Organisation]) -> None:
    _, duties = duties_of([tree["HC"]], year=None, as_of=date(2026, 12, 31))
    years = [duty.anchor for duty in duties if duty.rule.code == "year.committee-committee"]
    assert years == [f"period:{year}" for year in range(2020, 2027)]  # the posts began in 2020


def test_no_organisation_owes_nothing() -> None:
    assert duties_below(None, year=2026, as_of=date(2026, 12, 31))[1] == ()


def test_the_number_of_queries_does_not_grow(tree: dict[str, Organisation]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            duties_below(None, year=2026, as_of=date(2026, 12, 31))
        return len(found)

    before = queries()
    for _ in range(10):
        branch = factories.an_organisation(superior=tree["M"])
        secretary = factories.a_member(organisation=branch)
        factories.a_post(secretary, branch, "书记", is_principal=True)
        applicant = factories.a_member(organisation=branch, category=Category.APPLICANT)
        factories.an_event(applicant, "递交入党申请", happened_on=date(2026, 3, 1))
        factories.a_talk([secretary], [applicant], held_on=date(2026, 3, 2))
        factories.a_meeting(branch, meeting_on=date(2026, 12, 1))
    assert queries() == before <= 20
