"""A rule in Chinese words, and to what a draft of one applies first."""

from dataclasses import replace
from datetime import date

import pytest

from talks.rules import presets
from talks.rules.descriptions import (
    FAMILY_ORDER,
    PAIRING_MEANINGS,
    ROLE_MEANINGS,
    application,
    family_of,
    limit_words,
    meaning,
    trigger_words,
    who_words,
)
from talks.rules.drafts import added, changed, ended
from talks.rules.facts import MeetingTrigger, PeriodTrigger, Rule
from talks.rules.words import MeetingKind, Pairing, TalkerRole
from tests.talks.rules.worlds import day, on_event, preset, world, yearly

TODAY = day("3-5")
OWN = yearly(Pairing.COMMITTEE_MEMBER)  # T's, from 2020-01-01


def test_the_families_stand_in_the_order_of_the_page() -> None:
    expected = (
        "三必谈",
        "四个必谈",
        "六必谈",
        "组织生活会前",
        "每年至少一次",
        "吸收新党员",
        "上级自定",
        "本级自定",
    )
    assert expected == FAMILY_ORDER


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("three.team-heads", "三必谈"),
        ("four.signs", "四个必谈"),
        ("six.key-post", "六必谈"),
        ("six-b.care", "六必谈"),
        ("life.member-member", "组织生活会前"),
        ("year.leader-staff", "每年至少一次"),
        ("join.applicant", "吸收新党员"),
    ],
)
def test_the_family_of_a_preset_is_its_set_whoever_made_the_version(code: str, family: str) -> None:
    rule = presets.PRESETS[code]
    assert family_of(rule, origin=None, organisation="B") == family
    assert family_of(replace(rule, organisation="B"), origin="B", organisation="B") == family


def test_the_family_of_another_rule_is_that_of_who_first_made_it() -> None:
    assert family_of(OWN, origin="T", organisation="T") == "本级自定"
    assert family_of(replace(OWN, organisation="B"), origin="T", organisation="B") == "上级自定"


@pytest.mark.parametrize(
    ("rule", "trigger", "who", "limit"),
    [
        (preset("three.team-team"), "民主生活会前", "班子成员之间", "会议前一日"),
        (preset("year.committee-member"), "每年一次", "支委与党员", "本年内"),
        (preset("four.family"), "事件：家庭变故", "班子成员与事件当事人", "知悉后3个工作日内"),
        (preset("four.discipline"), "事件：组织处理", "按干部管理权限，与事件当事人", "知悉后7个自然日内"),
        (
            *(preset("join.applicant"), "事件：递交入党申请"),
            *("班子成员与事件当事人（不限党员）", "知悉后30个自然日内"),
        ),
        (
            *(replace(OWN, trigger=MeetingTrigger(tuple(MeetingKind))), "民主生活会、组织生活会前"),
            *("支委与党员", "会议前一日"),
        ),
        (replace(OWN, trigger=PeriodTrigger(3)), "每季度一次", "支委与党员", "本季度内"),
        (replace(OWN, trigger=PeriodTrigger(6)), "每半年一次", "支委与党员", "本半年内"),
        (replace(OWN, trigger=PeriodTrigger(1)), "每月一次", "支委与党员", "当月内"),
    ],
)
def test_a_rule_in_words(rule: Rule, trigger: str, who: str, limit: str) -> None:
    assert (trigger_words(rule), who_words(rule), limit_words(rule)) == (trigger, who, limit)


def test_every_pairing_and_every_role_is_explained() -> None:
    assert set(PAIRING_MEANINGS) == set(Pairing)
    assert set(ROLE_MEANINGS) == set(TalkerRole)


def test_who_talks_is_told_where_the_pairing_leaves_it_open() -> None:
    assert meaning(preset("year.committee-member")) == (
        "班子以外的每一位党员，由任一支委（班子成员）谈一次。"
    )
    assert meaning(preset("four.family")) == (
        "事件涉及的正式党员或预备党员，由谈话人谈一次。谈话人：本组织任一班子成员（支委）；"
        "谈话对象是主要负责同志，或没有其他班子成员的，由上级谈。"
    )


@pytest.mark.parametrize(
    ("months", "since", "words"),
    [
        (
            *(12, "3-5"),
            "2026年3月5日生效时，2026年的周期已经开始，2026年不适用；"
            "首个适用的周期是2027年（2027年1月1日起）。",
        ),
        (12, "2027-1-1", "首个适用的周期是2027年（2027年1月1日起）。"),
        (
            *(3, "4-2"),
            "2026年4月2日生效时，2026年第2季度的周期已经开始，2026年第2季度不适用；"
            "首个适用的周期是2026年第3季度（2026年7月1日起）。",
        ),
    ],
)
def test_a_period_rule_that_begins_in_the_middle_first_applies_to_the_next(
    months: int, since: str, words: str
) -> None:
    rule = replace(OWN, trigger=PeriodTrigger(months), effective_from=day(since))
    assert application(added(world(), rule, own_roles=(), today=TODAY)) == words


def test_what_replaces_another_leaves_the_running_period_to_it() -> None:
    draft = changed(
        world(OWN),
        "T",
        OWN.code,
        effective_from=day("3-5"),
        terms={"title": "新"},
        own_roles=(),
        today=TODAY,
    )
    assert application(draft) == (
        "2026年3月5日生效时，2026年的周期已经开始，2026年仍按原规则；首个适用的周期是2027年（2027年1月1日起）。"
    )


def test_an_end_leaves_the_running_period() -> None:
    draft = ended(world(OWN), "T", OWN.code, effective_to=day("7-1"), today=TODAY)
    assert application(draft) == (
        "2026年7月1日失效时，2026年的周期已经开始，2026年仍按原规则；自2027年（2027年1月1日）起不再应谈。"
    )
    assert draft.shown == replace(OWN, effective_to=day("7-1"))


def test_what_is_built_in_is_shown_ending_as_it_stands() -> None:
    draft = ended(world(built_in=True), "T", "four.signs", effective_to=day("7-1"), today=TODAY)
    assert draft.version.effective_from == day("6-30")
    assert draft.shown == preset("four.signs", effective_from=date(2019, 1, 1), effective_to=day("7-1"))


def test_events_and_meetings_before_the_day_stay_as_they_are() -> None:
    event = on_event(TalkerRole.TEAM, 3, effective_from=day("4-1"))
    assert application(added(world(), event, own_roles=(), today=TODAY)) == (
        "2026年4月1日及以后知悉的事件适用；在此之前知悉的，不适用。"
    )
    meeting = replace(OWN, trigger=MeetingTrigger((MeetingKind.DEMOCRATIC_LIFE,)), effective_from=day("4-1"))
    assert application(added(world(), meeting, own_roles=(), today=TODAY)) == (
        "会议日期在2026年4月1日及以后的会议适用；会议日期在此之前的，不适用。"
    )
    draft = ended(world(built_in=True), "T", "four.signs", effective_to=day("7-1"), today=TODAY)
    assert application(draft) == "2026年7月1日及以后知悉的事件不再应谈；在此之前知悉的，仍按原规则。"
