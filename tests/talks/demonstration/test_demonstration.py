"""The demonstration in its database: who can sign in, that it comes back from the export, what is owed."""

import json
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.test import Client

from branches.models import Organisation
from members.models import Account, Member, Post
from talks.figures.duties import duties_below
from talks.management.demonstration.signins import PASSWORD
from talks.models import Talk
from talks.rules.duties import Duty
from talks.rules.words import DutyState
from vault.models import TrailEntry

TODAY = date(2026, 11, 24)
USERNAMES = {
    *("dangwei", "shuji", "zhiwei", "bumen", "dangyuan", "dangwu", "ducha", "xitong", "anquan", "shenji"),
}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def duties(loaded: str) -> tuple[Duty, ...]:
    return duties_below(Organisation.objects.get(code="SYJ"), year=2026, as_of=TODAY)[1]


def code_of(name: str) -> str:
    return Member.objects.get(name=name).code


def one(duties: tuple[Duty, ...], rule: str, *names: str) -> Duty:
    codes = {code_of(name) for name in names}
    [found] = [duty for duty in duties if duty.rule.code == rule and set(duty.persons) == codes]
    return found


# --- loading ---------------------------------------------------------------------------------------------


def test_it_lists_one_sign_in_for_each_role(loaded: str) -> None:
    assert [name for name in USERNAMES if name not in loaded] == []
    assert PASSWORD in loaded
    assert {account.username for account in Account.objects.filter(is_demonstration=True)} == USERNAMES
    assert Account.objects.filter(is_demonstration=False).count() == 0


@pytest.mark.parametrize("username", sorted(USERNAMES))
def test_each_of_them_can_sign_in(loaded: str, username: str) -> None:
    assert Account.objects.get(username=username).check_password(PASSWORD)


def test_it_goes_through_the_import(loaded: str) -> None:
    assert TrailEntry.objects.filter(action="导入").count() == 1
    assert not Organisation.objects.filter(path="").exists()


def test_secretaries_are_confirmed_from_above(loaded: str) -> None:
    unconfirmed = Post.objects.filter(is_principal=True, confirmed_at=None)
    assert {post.member.name for post in unconfirmed} == {"沈怀川"}


def test_a_second_time_changes_nothing_and_lists_the_sign_ins_again(loaded: str) -> None:
    entries = TrailEntry.objects.count()
    out = StringIO()
    call_command("load_demonstration", yes=True, stdout=out)
    assert "未作改动" in out.getvalue()
    assert out.getvalue().split("演示登录账号")[1] == loaded.split("演示登录账号")[1]
    assert TrailEntry.objects.count() == entries


def test_importing_its_workbook_again_changes_nothing(loaded: str, tmp_path: Path) -> None:
    path = tmp_path / "demonstration.xlsx"
    call_command("load_demonstration", workbook=path, stdout=StringIO())
    assert lines_of_import(path) == set()


@pytest.mark.parametrize("options", [[], ["--with-content"]])
def test_export_and_import_change_nothing(loaded: str, tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "export.xlsx"
    call_command("export_workbook", str(path), *options, stdout=StringIO())
    assert lines_of_import(path) == set()


def lines_of_import(path: Path) -> set[str]:
    """The lines of the sheets in which something is new or changed."""
    out = StringIO()
    call_command("import_workbook", str(path), stdout=out)
    lines = [line for line in out.getvalue().splitlines() if "不变" in line]
    assert len(lines) == 12
    return {line for line in lines if "新增 0，更改 0" not in line}


def test_nothing_sealed_is_printed(loaded: str) -> None:
    sealed = [talk.content for talk in Talk.objects.all() if talk.content] + [
        member.phone for member in Member.objects.all()
    ]
    assert len(sealed) > 600
    assert [text for text in sealed if text in loaded] == []


def test_the_workbench_opens_for_everybody(loaded: str) -> None:
    for username in sorted(USERNAMES):
        client = Client()
        client.force_login(Account.objects.get(username=username))
        assert client.get("/").status_code == 200


# --- what is owed, worked out by hand from the documents ----------------------------------------------------


def test_every_state_occurs(duties: tuple[Duty, ...]) -> None:
    assert {duty.state for duty in duties} == set(DutyState)


def test_most_is_done_and_two_branches_are_poor(duties: tuple[Duty, ...]) -> None:
    owed = Counter(duty.organisation for duty in duties)
    done = Counter(duty.organisation for duty in duties if duty.state in (DutyState.DONE, DutyState.LATE))
    share = {code: done[code] / owed[code] for code in owed}
    assert sum(done.values()) / sum(owed.values()) > 0.65
    assert {code for code, part in share.items() if part < 0.5} == {"SYJ-JJ", "SYJ-WL"}
    overdue = Counter(duty.organisation for duty in duties if duty.state is DutyState.OVERDUE)
    assert overdue.most_common(1)[0][0] == "SYJ-JJ"


def test_the_committee_owes_three_kinds_of_talks(duties: tuple[Duty, ...]) -> None:
    # Seven in the team, one of them principal: 6 pairs with him, 6 × 5 / 2 among the others; 20 heads.
    owed = Counter(duty.rule.code for duty in duties if duty.anchor == "meeting:民主生活会:2026")
    assert owed == {"three.principal-team": 6, "three.team-team": 15, "three.team-heads": 20}


def test_hechuan_owes_talks_with_all_its_members(duties: tuple[Duty, ...]) -> None:
    # 23 party members, 5 of them 支委: 10 pairs, 18 others.
    owed = Counter(
        duty.rule.code
        for duty in duties
        if duty.organisation == "SYJ-HC" and duty.anchor == "meeting:组织生活会:2026"
    )
    assert owed == {
        "life.committee-committee": 10,
        "life.committee-member": 18,
        "life.member-member": 18,
    }


def test_hechuan_has_fewer_days_for_a_change_of_post(duties: tuple[Duty, ...]) -> None:
    mine = [duty for duty in duties if duty.rule.code == "four.post-change"]
    # Known on 10 April: five days in 合川, seven elsewhere (known on 21 September in 河道勘测中心).
    [hechuan] = [duty for duty in mine if duty.organisation == "SYJ-HC"]
    [survey] = [duty for duty in mine if duty.organisation == "SYJ-HD"]
    assert (hechuan.due_on, hechuan.state) == (date(2026, 4, 15), DutyState.DONE)
    assert (survey.due_on, survey.state) == (date(2026, 9, 28), DutyState.DONE)


def test_a_talk_by_a_mere_colleague_does_not_count(duties: tuple[Duty, ...]) -> None:
    # Known on Thursday 15 October: three working days later is Tuesday 20 October.
    [duty] = [duty for duty in duties if duty.rule.code == "four.family" and duty.organisation == "SYJ-SZ"]
    assert (duty.due_on, duty.state) == (date(2026, 10, 20), DutyState.OVERDUE)
    talked = Talk.objects.filter(members__code=duty.subject, held_on__range=(duty.opens_on, duty.due_on))
    assert talked.count() == 1


def test_a_talk_with_several_does_not_count_one_to_one(duties: tuple[Duty, ...]) -> None:
    # Known on Wednesday 21 October: three working days later is Monday 26 October.
    [duty] = [duty for duty in duties if duty.rule.code == "four.signs" and duty.organisation == "SYJ-CS"]
    assert (duty.due_on, duty.state) == (date(2026, 10, 26), DutyState.OVERDUE)
    talk = Talk.objects.annotate(persons=Count("members")).get(
        members__code=duty.subject, held_on__range=(duty.opens_on, duty.due_on)
    )
    assert talk.persons > 2


def test_a_late_talk_is_late(duties: tuple[Duty, ...]) -> None:
    # Known on 1 August, due on the 8th, held on the 14th.
    [duty] = [
        duty for duty in duties if duty.organisation == "SYJ-CS" and duty.rule.code == "four.post-change"
    ]
    assert (duty.state, duty.held_on) == (DutyState.LATE, date(2026, 8, 14))


def test_the_first_of_all_is_met_by_his_superior(duties: tuple[Duty, ...]) -> None:
    duty = one(duties, "six.key-post", "沈怀川")
    assert (duty.state, duty.held_on) == (DutyState.DONE, date(2026, 6, 16))


def test_care_is_switched_on_from_the_new_year(duties: tuple[Duty, ...]) -> None:
    care = {duty.anchor for duty in duties if duty.rule.code == "six-b.care"}
    assert {duty.anchor for duty in duties if duty.rule.code == "four.family"} < care
    assert not [duty for duty in duties if duty.rule.code == "six-b.encourage"]


def test_before_2026_only_one_late_meeting_is_owed_for(loaded: str) -> None:
    duties = duties_below(None, year=2025, as_of=TODAY)[1]
    assert {(duty.organisation, duty.anchor) for duty in duties} == {("SYJ-JS", "meeting:组织生活会:2025")}
    assert {duty.due_on for duty in duties} == {date(2026, 1, 15)}
    # Its three 支委 make three pairs.
    assert Counter(duty.rule.code for duty in duties)["life.committee-committee"] == 3


def test_the_command_says_the_same(loaded: str, duties: tuple[Duty, ...]) -> None:
    out = StringIO()
    call_command(
        "duties", year="2026", organisation="SYJ", as_of=TODAY.isoformat(), format="json", stdout=out
    )
    summary = json.loads(out.getvalue())["summary"]
    states = Counter(duty.state for duty in duties)
    assert summary == {
        "owed": len(duties) - states[DutyState.WAIVED],
        "met": states[DutyState.DONE] + states[DutyState.LATE],
        "overdue": states[DutyState.OVERDUE],
        "waived": states[DutyState.WAIVED],
    }
