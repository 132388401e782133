"""Rules on screen: looked at, switched on, changed, added, ended, each with what it would owe."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from branches.models import Organisation, Stale
from branches.rules import BRANCH_KINDS
from members.models import Account
from talks.models import Duty, Rule
from talks.permissions import OwnRoles, visible_duties
from talks.rules.drafts import ALREADY_ON, BEGINS_EARLY, NOTHING_CHANGED, OWN_ROLE
from talks.rules.words import ROLE_NAMES, MeetingKind, Pairing, TalkerRole
from tests import factories as make
from tests.conftest import World
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
Data = Mapping[str, object]
Known = dict[tuple[str, str, str], str]
TODAY = date(2026, 3, 5)
START = {"effective_from": "2026-03-05"}
# In 合川 P003, P013 and P014 are ordinary members, in 沿江 P001, P002 and P022: one talk is owed with each.
HALF_YEARLY = {
    **START,
    "title": "每半年谈一次",
    "trigger": "period",
    "months": "6",
    "pairing": "committee-member",
    "applies_to": ["党支部"],
    "basis": "党委会议纪要〔2026〕3号",
}


@pytest.fixture(autouse=True)
def _in_march() -> Any:
    with time_machine.travel("2026-03-05 10:00+08:00", tick=False):
        yield


@pytest.fixture
def staff(world: World, client_of: Browser) -> Client:
    return client_of(world.account("staff"))


def address(name: str, code: str = "", organisation: str = "SYJ") -> str:
    return f"{reverse(name, args=[code] if code else [])}?organisation={organisation}"


def page(client: Client, name: str, code: str = "", organisation: str = "SYJ", more: str = "") -> str:
    response = client.get(address(name, code, organisation) + more)
    assert response.status_code == 200
    return response.content.decode()


def queries(client: Client, where: str, data: Data | None = None) -> int:
    with CaptureQueriesContext(connection) as found:
        assert (client.get(where) if data is None else client.post(where, data)).status_code == 200
    return len(found)


def section(text: str, heading: str) -> str:
    """The part of the page under a heading."""
    return text.split(f">{heading}<", 1)[1].split("</section>", 1)[0]


# --- looking -----------------------------------------------------------------------------------------------


def test_a_branch_sees_its_own_and_inherited_rules_with_basis_and_version(
    world: World, client_of: Browser
) -> None:
    make.a_rule(
        world.branch, "hc.own", title="驻站轮换谈话", trigger="周期:3", effective_from=date(2026, 1, 1)
    )
    make.a_rule(world.committee, "syj.own", title="防汛值守谈话", applies_to="党支部")
    make.a_rule(world.other_branch, "yj.own", title="沿江自定谈话")
    make.a_rule(
        *(world.branch, "four.family"),
        title="四个必谈③ 发生家庭变故必谈",
        trigger="事件:家庭变故",
        days=2,
        pairing=Pairing.EVENT,
        effective_from=date(2026, 2, 1),
    )
    text = page(client_of(world.account("member")), "rules", organisation="HC")
    own, above = section(text, "本级自定"), section(text, "上级自定")
    assert "驻站轮换谈话" in own
    assert "每季度一次" in own
    assert "合川分局党支部制定" in own
    assert "2026年1月1日" in own
    assert "防汛值守谈话" in above
    assert "上游局党委制定" in above
    four = section(text, "四个必谈")
    assert "四个必谈③　发生家庭变故必谈" in four
    assert "知悉后2个自然日内" in four  # one's own version
    assert "知悉后3个工作日内" in four  # 苗头性问题, built in
    assert "系统内置" in four
    assert "天数为系统默认值" in four  # the basis
    # What is for committees, for another branch, and what a member may do nothing about.
    for absent in ("三必谈①", "沿江自定谈话", "可以启用", "新增规则"):
        assert absent not in text


def test_who_leads_an_organisation_sees_its_rules_first(world: World, client_of: Browser) -> None:
    """The 党委书记 is affiliated with a branch, and staff makes the rules."""
    text = client_of(world.account("chief")).get(reverse("rules")).content.decode()
    assert '<option value="SYJ" selected>' in text


def test_a_committee_sees_what_applies_only_below_it(staff: Client) -> None:
    text = page(staff, "rules")
    assert "适用于所属支部" in section(text, "每年至少一次")
    assert "适用于所属" not in section(text, "三必谈")


def test_the_rules_of_another_day(world: World, staff: Client) -> None:
    make.a_rule(world.committee, "a", title="旧规则", effective_to=date(2026, 3, 5))
    make.a_rule(world.committee, "b", title="新规则", effective_from=date(2026, 3, 6))
    text = page(staff, "rules")
    assert "旧规则" not in text
    assert "新规则" in section(text, "还没有生效")
    text = page(staff, "rules", more="&on=2026-03-04")
    assert "旧规则" in section(text, "本级自定")
    assert "旧规则" not in page(staff, "rules", more="&on=2026-03-06")
    assert "新规则" in section(page(staff, "rules", more="&on=2026-03-06"), "本级自定")
    # A day that cannot be read is today.
    assert "新规则" in section(page(staff, "rules", more="&on=2026-02-30"), "还没有生效")


def test_all_versions_of_a_rule_are_listed_the_latest_first(world: World, staff: Client) -> None:
    make.a_rule(world.committee, "own", title="第一版")
    make.a_rule(world.committee, "own", title="第二版", effective_from=date(2026, 2, 1))
    make.a_rule(world.committee, "own", title="第三版", effective_from=date(2026, 4, 1))
    text = page(staff, "rule", "own")
    assert "<h1>第二版</h1>" in text
    history = section(text, "历次版本").split("<tbody>")[1]
    assert history.index("第三版") < history.index("第二版") < history.index("第一版")
    assert history.count("现行</span>") == 1
    assert history.count(">删除<") == 1  # of the third, which has not begun
    assert "<h1>第一版</h1>" in page(staff, "rule", "own", more="&on=2026-01-31")


def test_many_organisations_are_found_by_name(world: World, staff: Client) -> None:
    for number in range(100):
        make.an_organisation(f"水文站第{number:03}党支部", superior=world.committee, code=f"SW{number:03}")
    text = page(staff, "rules", more="&q=第007")
    assert "<option" not in text
    assert "?organisation=SW007&amp;on=2026-03-05" in text
    assert "水文站第008党支部" not in text
    assert "没有找到" in page(staff, "rules", more="&q=nobody")
    assert "外埠党" not in page(staff, "rules", more="&q=外埠")


def test_as_many_queries_for_3_rules_as_for_30(world: World, staff: Client) -> None:
    for number in range(3):
        make.a_rule(world.committee, "own", effective_from=date(2026, 1, 1 + number))
        make.a_rule(world.committee)
    where = (address("rules"), address("rule", "own"))
    three = [queries(staff, each) for each in where]
    for number in range(27):
        make.a_rule(world.committee, "own", effective_from=date(2026, 2, 1 + number))
        make.a_rule(world.committee)
    assert [queries(staff, each) for each in where] == three


def test_the_navigation_leads_there(world: World, client_of: Browser) -> None:
    text = page(client_of(world.account("secretary")), "rules", organisation="HC")
    assert '<a href="/rules/" aria-current="page">规则</a>' in text
    workbench = client_of(world.account("system")).get(reverse("workbench")).content.decode()
    assert ">规则</a>" not in workbench


# --- what it would owe -------------------------------------------------------------------------------------


def owed(code: str, day: date) -> Known:
    """The duties of the rule as they are stored once they have been kept on the day, with their versions."""
    make.keep_duties(day)
    rows = Duty.objects.standing().filter(rule=code)
    return {row[:3]: row[3] for row in rows.values_list("organisation__name", "anchor", "persons", "version")}


def difference(before: Known, after: Known) -> dict[str, tuple[int, int, int]]:
    """By organisation how many come, go, and stay under another version."""
    added = Counter(key[0] for key in after.keys() - before.keys())
    removed = Counter(key[0] for key in before.keys() - after.keys())
    carried = Counter(key[0] for key in after.keys() & before.keys() if after[key] != before[key])
    return {name: (added[name], removed[name], carried[name]) for name in {*added, *removed, *carried}}


HC, YJ, SYJ = "合川分局党支部", "沿江支队党支部", "上游局党委"
CARE = {"kinds": ["工作挫折"], "days": "5", "unit": "工作日", "talker_role": "principal"}
STEPS: dict[str, tuple[str, str, Data, str, dict[str, tuple[int, int, int]]]] = {
    # Three members in each branch from the second half of the year on.
    "own": (
        *("rule-add", "", HALF_YEARLY, "将新增6项应谈。"),
        {HC: (3, 0, 0), YJ: (3, 0, 0)},
    ),
    # P013 works in the office, which the deputy is in charge of; from 2027 on.
    "switched on": ("rule-switch", "year.leader-staff", START, "将新增1项应谈。", {SYJ: (1, 0, 0)}),
    # Twice a year instead of once: from July on three more in each branch.
    "shorter": (
        *("rule-change", "year.committee-member", HALF_YEARLY, "将新增6项应谈。"),
        {HC: (3, 0, 0), YJ: (3, 0, 0)},
    ),
    # The 组织生活会 of 合川: each of the three owes under the new version what was owed under the old.
    "before a meeting": (
        *("rule-change", "life.member-member"),
        {
            **START,
            "title": "会前党员之间",
            "trigger": "meeting",
            "meetings": ["组织生活会"],
            "applies_to": ["党支部"],
            "one_to_one": "on",
        },
        "应谈事项没有增减；3项改按新版本。",
        {HC: (0, 0, 3)},
    ),
    # For 党委 instead of branches, where nobody is affiliated.
    "for others": (
        *("rule-change", "year.committee-committee"),
        {
            **START,
            "title": "班子之间",
            "trigger": "period",
            "months": "12",
            "applies_to": ["党委"],
            "one_to_one": "on",
        },
        # In 合川 the secretary and P012; in 沿江 one alone; in the committee its 书记 and the deputy.
        "将新增1项应谈，减少1项。",
        {SYJ: (1, 0, 0), HC: (0, 1, 0)},
    ),
    "ended": (
        *("rule-end", "year.member-member", {"effective_to": "2026-07-01"}, "将减少6项应谈。"),
        {HC: (0, 3, 0), YJ: (0, 3, 0)},
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_the_preview_is_what_is_stored_once_it_is_kept(world: World, staff: Client, name: str) -> None:
    step, code, data, sentence, expected = STEPS[name]
    make.a_post(world.member, world.committee, department=world.office)
    make.a_meeting(world.branch, MeetingKind.ORGANISATION_LIFE, meeting_on=date(2026, 12, 20))
    response = staff.post(address(step, code), data)
    preview = response.context["preview"]
    assert sentence in response.content.decode()
    assert {one.name: (one.added, one.removed, one.carried) for one in preview.changes} == expected

    before = owed(code or "SYJ-R01", preview.as_of)
    response = staff.post(address(step, code), {**data, "step": "keep"})
    assert response.status_code == 302
    assert difference(before, owed(code or "SYJ-R01", preview.as_of)) == expected


def test_an_event_is_counted_for_who_may_know_of_it(world: World, client_of: Browser) -> None:
    member = make.a_member("江一帆", world.foreign_branch)
    make.an_event(member, "工作挫折", happened_on=TODAY)
    stranger, where = client_of(world.account("stranger")), address("rule-switch", "six-b.care", "WB1")
    response = stranger.post(where, START)
    assert "将新增1项应谈。" in response.content.decode()
    before = owed("six-b.care", TODAY)
    stranger.post(where, {**START, "step": "keep"})
    assert difference(before, owed("six-b.care", TODAY)) == {"外埠党支部": (1, 0, 0)}


def test_staff_is_not_told_of_events_by_the_figures(world: World, staff: Client) -> None:
    make.an_event(world.member, "工作挫折", happened_on=TODAY)
    text = staff.post(address("rule-switch", "six-b.care"), START).content.decode()
    assert "应谈事项没有增减。" in text
    assert "只计入您有权查看的事件" in text
    staff.post(address("rule-switch", "six-b.care"), {**START, "step": "keep"})
    assert len(owed("six-b.care", TODAY)) == 1


@pytest.mark.parametrize("name", STEPS)
def test_a_preview_writes_nothing(world: World, staff: Client, name: str) -> None:
    step, code, data, *_ = STEPS[name]
    make.keep_duties(TODAY)
    before = (TrailEntry.objects.count(), Stale.objects.count(), list(Duty.objects.values()))
    with CaptureQueriesContext(connection) as found:
        assert "preview" in staff.post(address(step, code), data).context
        assert "preview" not in staff.post(address(step, code), {**data, "step": "back"}).context
    assert {query["sql"].split()[0] for query in found} == {"SELECT"}
    assert Rule.objects.count() == 0
    assert (TrailEntry.objects.count(), Stale.objects.count(), list(Duty.objects.values())) == before


def test_as_many_queries_for_3_organisations_as_for_30(world: World, staff: Client) -> None:
    """For what is previewed, whatever there is in them."""
    make.a_meeting(world.branch, MeetingKind.ORGANISATION_LIFE, meeting_on=date(2026, 12, 20))
    three = queries(staff, address("rule-add"), HALF_YEARLY)
    for _ in range(27):
        organisation = make.an_organisation(superior=world.committee)
        make.a_post(make.a_member(organisation=organisation), organisation, is_principal=True)
        make.a_member(organisation=organisation)
        make.a_rule(organisation, "own")
    assert queries(staff, address("rule-add"), HALF_YEARLY) == three
    response = staff.post(address("rule-add"), HALF_YEARLY)
    assert "将新增33项应谈。" in response.content.decode()
    assert "其余4个党组织" in response.content.decode()


def test_what_is_too_much_to_reckon_is_said(
    world: World, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talks.figures.rules.MOST_ORGANISATIONS", 1)
    text = staff.post(address("rule-add"), HALF_YEARLY).content.decode()
    assert "将新增3项应谈。" in text
    assert "只计算了前1个，其余1个没有计入" in text


def test_a_superior_is_told_whose_versions_are_replaced(world: World, staff: Client) -> None:
    staff.post(
        address("rule-change", "four.signs", "HC"),
        {**START, "title": "本级苗头性问题必谈", "days": "2", "step": "keep"},
    )
    data = {
        "title": "苗头性问题必谈",
        **CARE,
        "trigger": "event",
        "kinds": ["苗头性问题"],
        "applies_to": ["党支部"],
        "effective_from": "2026-03-06",
    }
    text = staff.post(address("rule-change", "four.signs"), data).content.decode()
    assert "同时代替下级党组织自行制定的版本：合川分局党支部（知悉后2个工作日内）" in text
    # And the branch of what its superior has planned.
    staff.post(address("rule-change", "four.signs"), {**data, "step": "keep"})
    text = staff.post(
        address("rule-change", "four.signs", "YJ"), {**START, "title": "苗头", "days": "1"}
    ).content.decode()
    assert "上游局党委已制定自" in text


# --- keeping -----------------------------------------------------------------------------------------------


def test_what_is_added_stands_under_its_own_heading_and_others_are_not_touched(
    world: World, staff: Client, client_of: Browser
) -> None:
    make.keep_duties(TODAY)
    assert not Stale.objects.exists()
    response = staff.post(address("rule-add"), {**HALF_YEARLY, "step": "keep"}, follow=True)
    assert response.redirect_chain == [(address("rule", "SYJ-R01"), 302)]
    assert "规则已新增。" in response.content.decode()
    rule = Rule.objects.get()
    assert (rule.organisation, rule.applies_to, rule.trigger) == (world.committee, "党支部", "周期:6")
    assert (rule.pairing, rule.talker_role, rule.one_to_one) == ("committee-member", "team", False)
    assert "每半年谈一次" in section(page(staff, "rules"), "本级自定")
    assert "每半年谈一次" in section(page(staff, "rules", organisation="HC"), "上级自定")
    assert set(Stale.objects.values_list("organisation__code", flat=True)) == {"SYJ", "HC", "YJ"}
    assert "每半年谈一次" not in page(client_of(world.account("stranger")), "rules", organisation="WB1")
    assert difference({}, owed("SYJ-R01", date(2026, 7, 1))) == {HC: (3, 0, 0), YJ: (3, 0, 0)}


def test_a_branch_makes_rules_for_itself_alone(world: World, staff: Client) -> None:
    assert 'name="applies_to"' not in page(staff, "rule-add", organisation="HC")
    staff.post(address("rule-add", organisation="HC"), {**HALF_YEARLY, "step": "keep"})
    rule = Rule.objects.get()
    assert (rule.code, rule.organisation) == ("HC-R01", world.branch)
    assert set(rule.applies_to.split("、")) == BRANCH_KINDS
    assert difference({}, owed("HC-R01", date(2026, 7, 1))) == {HC: (3, 0, 0)}


def test_an_event_of_a_new_kind_can_be_entered_from_then_on(
    world: World, staff: Client, client_of: Browser
) -> None:
    data = {
        **HALF_YEARLY,
        **CARE,
        "trigger": "event",
        "pairing": "event",
        "kinds": [],
        "other_kinds": "驻站轮换、 防汛值守",
    }
    staff.post(address("rule-add"), {**data, "step": "keep"})
    rule = Rule.objects.get()
    assert (rule.trigger, rule.days, rule.unit, rule.talker_role) == (
        *("事件:驻站轮换,防汛值守", 5, "工作日", "principal"),
    )
    assert "防汛值守" in client_of(world.account("secretary")).get(reverse("event-add")).content.decode()


@pytest.mark.parametrize("step", ["", "keep"])
def test_nobody_lets_himself_hear_of_events_by_a_rule(world: World, client_of: Browser, step: str) -> None:
    """Staff who are ordinary members of a branch: in its role they would be told whom an event is about."""
    account = world.account("staff")
    account.member = make.a_member("敖雪梅", world.branch, code="STAFF")
    account.save()
    data = {**HALF_YEARLY, **CARE, "trigger": "event", "pairing": "event", "talker_role": "ordinary"}
    client = client_of(account)
    html = client.post(address("rule-add"), {**data, "step": step}, follow=True).content.decode()
    assert OWN_ROLE.format(role="普通党员") in html
    assert not Rule.objects.exists()
    own = {**data, "talker_role": "principal"}
    client.post(address("rule-add"), {**own, "step": "keep"})
    wider = {**data, "effective_from": "2026-03-06", "step": step}
    html = client.post(address("rule-change", "SYJ-R01"), wider, follow=True).content.decode()
    assert OWN_ROLE.format(role="普通党员") in html
    assert [rule.talker_role for rule in Rule.objects.all()] == ["principal"]
    # Members are in the role of nothing else that is confidential; and an end tells nobody.
    of_period = {**HALF_YEARLY, "trigger": "period", "pairing": "key-post", "talker_role": "ordinary"}
    client.post(address("rule-add"), {**of_period, "step": "keep"})
    assert Rule.objects.filter(code="SYJ-R02").exists()


SEATS: dict[str, tuple[str, set[str]]] = {
    # Whose team, and by which roles he would hear by a rule of 合川分局党支部.
    "there": ("branch", {"班子成员", "联系支委", "分管领导"}),
    "above": ("committee", {"班子成员", "联系支委", "分管领导"}),
    "beside": ("other_branch", set()),
    "in contact": ("", {"联系支委"}),
}


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
@pytest.mark.parametrize("seat", SEATS)
def test_staff_with_a_seat_hears_of_no_event_by_his_own_rule(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch, seat: str, guarded: bool
) -> None:
    """As 支委 he would be told whom the events of a rule are about that names his role.

    The control: without the question for his own roles the rule is made, and he sees the duty with the name.
    """
    if not guarded:
        monkeypatch.setattr("talks.views.rules.own_roles", lambda *_, **__: OwnRoles())
    place, refused = SEATS[seat]
    account = world.account("staff")
    account.member = make.a_member("敖雪梅", world.other_branch, code="STAFF")
    account.save()
    if place:
        make.a_post(account.member, getattr(world, place), is_team=True, since=date(2026, 1, 1))
    else:
        make.a_liaison(account.member, world.member, since=date(2026, 1, 1))
    client = client_of(account)
    for role, name in ROLE_NAMES.items():
        data = {**HALF_YEARLY, **CARE, "trigger": "event", "pairing": "event", "talker_role": role.value}
        html = client.post(
            address("rule-add", organisation=world.branch.code),
            {**data, "title": name, "step": "keep"},
            follow=True,
        ).content.decode()
        assert (OWN_ROLE.format(role=name) in html) == (guarded and name in {*refused, "普通党员"})
    made = {*Rule.objects.values_list("title", flat=True)}
    assert made == ({*ROLE_NAMES.values()} - {*refused, "普通党员"} if guarded else {*ROLE_NAMES.values()})
    # Of a 书记 the team above hears.
    for subject in (world.member, world.secretary):
        make.an_event(subject, kind="工作挫折", happened_on=TODAY, known_on=TODAY)
    make.keep_duties(TODAY)
    to_him = Rule.objects.filter(title__in=refused).values("code")
    seen = visible_duties(account, today=TODAY).filter(is_event=True, rule__in=to_him)
    assert seen.exists() == (not guarded and bool(refused))


def test_staff_with_a_seat_may_hasten_what_he_hears_as_it_is(world: World, client_of: Browser) -> None:
    """A change by which nobody hears of more is open to him; one that adds a kind of event is not."""
    account = world.account("staff")
    account.member = make.a_member("敖雪梅", world.branch, code="STAFF")
    account.save()
    make.a_post(account.member, world.branch, is_team=True, since=date(2026, 1, 1))
    make.a_rule(
        world.committee,
        "SYJ-R01",
        trigger="事件:工作挫折",
        days=7,
        pairing=Pairing.EVENT,
        talker_role=TalkerRole.TEAM,
    )
    data = {
        **HALF_YEARLY,
        **CARE,
        "trigger": "event",
        "pairing": "event",
        "talker_role": "team",
        "step": "keep",
    }
    client = client_of(account)
    wider = {**data, "kinds": ["工作挫折", "家庭变故"]}
    html = client.post(address("rule-change", "SYJ-R01"), wider, follow=True).content.decode()
    assert OWN_ROLE.format(role="班子成员") in html
    client.post(address("rule-change", "SYJ-R01"), data)
    assert [rule.days for rule in Rule.objects.order_by("effective_from")] == [7, 5]


def test_what_was_typed_stays_and_each_fault_stands_at_its_field(world: World, staff: Client) -> None:
    response = staff.post(
        address("rule-add"), {"title": "驻站轮换谈话", "trigger": "event", "effective_from": "2026-03-04"}
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert "还不能预览，您填写的内容都还在" in text
    assert 'value="驻站轮换谈话"' in text
    assert set(response.context["form"].errors) == {
        *("effective_from", "kinds", "days", "pairing", "applies_to"),
    }
    assert BEGINS_EARLY in text
    assert Rule.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"pairing": "event"}, "pairing"),
        ({"pairing": "key-post"}, "talker_role"),
        ({"trigger": "meeting"}, "meetings"),
        ({**CARE, "trigger": "event", "pairing": "event", "days": ""}, "days"),
        ({**CARE, "trigger": "event", "pairing": "event", "days": "367"}, "days"),
        (
            {**CARE, "trigger": "event", "pairing": "event", "kinds": [], "other_kinds": "长" * 41},
            "other_kinds",
        ),
        ({**CARE, "trigger": "event", "pairing": "committee-member"}, "pairing"),
        ({"effective_to": "2026-03-05"}, "effective_to"),
        ({"effective_from": "2037-01-01"}, "effective_from"),
        ({"effective_from": "明天"}, "effective_from"),
        ({"months": "5"}, "months"),
        ({"applies_to": ["党小组"]}, "applies_to"),
        ({"title": "  "}, "title"),
    ],
)
def test_what_does_not_go_together_is_refused_where_it_stands(
    world: World, staff: Client, data: Data, field: str
) -> None:
    response = staff.post(address("rule-add"), {**HALF_YEARLY, **data, "step": "keep"})
    assert list(response.context["form"].errors) == [field]
    assert Rule.objects.count() == 0


def test_an_inherited_rule_is_not_edited_below_but_for_title_basis_and_fewer_days(
    world: World, staff: Client
) -> None:
    where = address("rule-change", "four.family", "HC")
    text = page(staff, "rule-change", "four.family", "HC")
    assert 'name="days"' in text
    for absent in ("trigger", "pairing", "one_to_one", "applies_to", "talker_role", "unit", "effective_to"):
        assert f'name="{absent}"' not in text
    assert staff.get(address("rule-end", "four.family", "HC")).status_code == 404
    assert "结束规则" not in page(staff, "rule", "four.family", "HC")

    more = {**START, "title": "家庭变故必谈", "days": "4"}
    response = staff.post(where, {**more, "step": "keep"})
    assert "应不多于3个工作日" in response.context["form"].errors["days"][0]
    # What the form does not offer is not read.
    staff.post(where, {**more, "days": "2", "one_to_one": "", "trigger": "period", "step": "keep"})
    rule = Rule.objects.get()
    assert (rule.organisation, rule.days, rule.unit, rule.one_to_one, rule.trigger) == (
        *(world.branch, 2, "工作日", True, "事件:家庭变故"),
    )
    assert page(staff, "rule", "four.family", "YJ").count("知悉后3个工作日内") == 2


def test_a_change_that_changes_nothing_is_refused(staff: Client) -> None:
    form = staff.get(address("rule-change", "four.family", "HC")).context["form"]
    data = {name: form.initial[name] for name in form.fields}
    text = staff.post(address("rule-change", "four.family", "HC"), data).content.decode()
    assert NOTHING_CHANGED in text


def test_a_preset_that_is_on_is_not_offered_again(world: World, staff: Client) -> None:
    where = address("rule-switch", "six-b.care")
    assert "关怀谈话" in section(page(staff, "rules"), "可以启用")
    assert "启用规则" in page(staff, "rule", "six-b.care")
    assert "“关怀谈话”已启用。" in staff.post(where, {**START, "step": "keep"}, follow=True).content.decode()
    text = page(staff, "rules")
    assert "关怀谈话" not in section(text, "可以启用")
    assert "关怀谈话" in section(text, "六必谈")
    assert "启用规则" not in page(staff, "rule", "six-b.care")
    response = staff.post(where, {**START, "step": "keep"})
    assert ALREADY_ON.format(day="2026年3月5日") in response.content.decode()
    assert Rule.objects.count() == 1
    # Below it is on as well, and another's to end.
    assert "关怀谈话" not in section(page(staff, "rules", organisation="HC"), "可以启用")


def test_an_end_is_kept_and_nothing_comes_back(world: World, staff: Client) -> None:
    make.a_rule(world.committee, "own", title="每年谈话")
    where = address("rule-end", "own")
    response = staff.post(where, {"effective_to": "2026-03-04", "step": "keep"})
    assert "失效日期不能早于2026年3月5日" in response.content.decode()
    response = staff.post(where, {"effective_to": "2026-03-05", "step": "keep"}, follow=True)
    assert "“每年谈话”的失效日期已保存。" in response.content.decode()
    assert Rule.objects.get().effective_to == TODAY
    assert "每年谈话" not in page(staff, "rules")
    text = page(staff, "rule", "own")
    assert "已经失效" in text
    assert "结束规则" not in text
    assert "修改规则" in text  # its maker may make it anew
    assert staff.get(address("rule-change", "own", "HC")).status_code == 404


def test_a_version_that_has_not_begun_is_deleted_after_a_question(world: World, staff: Client) -> None:
    rule = make.a_rule(world.committee, "own", title="四月起", effective_from=date(2026, 4, 1))
    where = reverse("rule-remove", args=[rule.pk])
    assert "删除“四月起”自2026年4月1日起的版本？" in staff.get(where).content.decode()
    assert Rule.objects.count() == 1
    assert "已删除" in staff.post(where, follow=True).content.decode()
    assert Rule.objects.count() == 0
    begun = make.a_rule(world.committee, "own", effective_from=TODAY)
    assert staff.post(reverse("rule-remove", args=[begun.pk])).status_code == 404
    foreign = make.a_rule(world.foreign_branch, effective_from=date(2026, 4, 1))
    assert staff.post(reverse("rule-remove", args=[foreign.pk])).status_code == 404
    assert Rule.objects.count() == 2


@pytest.mark.parametrize("name", ["rule-add", "rule-change", "rule-switch", "rule-end"])
def test_rules_of_other_organisations_are_not_made(world: World, client_of: Browser, name: str) -> None:
    code = {"rule-add": "", "rule-switch": "six-b.care"}.get(name, "four.family")
    for role, organisation in (("staff", "WB1"), ("secretary", "HC"), ("stranger", "HC"), ("stranger", "WB")):
        client = client_of(world.account(role))
        for data in ({}, {**HALF_YEARLY, "effective_to": "2026-07-01", "step": "keep"}):
            assert client.post(address(name, code, organisation), data).status_code == 404
    assert Rule.objects.count() == 0


def test_a_dissolved_organisation_has_no_rules_made(world: World, staff: Client) -> None:
    Organisation.objects.filter(pk=world.branch.pk).update(dissolved=TODAY)
    assert staff.get(address("rule-add", organisation="HC")).status_code == 404
    assert "新增规则" not in page(staff, "rules", organisation="HC")
