"""rules.md section 3: what is done to a rule on screen, from which day, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest

from talks.rules import drafts
from talks.rules.drafts import Draft, Terms, added, changed, ended, is_maker, switched_on
from talks.rules.facts import Facts, PeriodTrigger, Rule
from talks.rules.words import Pairing, TalkerRole
from tests.talks.rules.worlds import day, on_event, preset, world, yearly

TODAY = day("3-5")
OWN = on_event(TalkerRole.PRINCIPAL, 7)  # T's, from 2020-01-01
SIGNS = "four.signs"  # built in: 3 working days, one-to-one, from 2019-01-01


def facts(*rules: Rule) -> Facts:
    return world(*rules, built_in=True)


def change(standing: Facts, organisation: str, code: str, since: str, **terms: object) -> Draft:
    wanted: Terms = terms  # type: ignore[assignment]
    return changed(
        standing, organisation, code, effective_from=day(since), terms=wanted, own_roles=(), today=TODAY
    )


def end(standing: Facts, organisation: str, code: str, on: str) -> Draft:
    return ended(standing, organisation, code, effective_to=day(on), today=TODAY)


# --- a new version ------------------------------------------------------------------------------------------


def test_a_new_version_takes_over_what_it_does_not_change() -> None:
    draft = change(facts(), "B", SIGNS, "4-1", days=2, basis="本级规定")
    assert draft.reasons == ()
    assert draft.replaced == preset(SIGNS, effective_from=date(2019, 1, 1))
    assert draft.version == preset(
        SIGNS, organisation="B", effective_from=day("4-1"), days=2, basis="本级规定"
    )
    assert (draft.since, draft.is_end, draft.goes_on) == (day("4-1"), False, True)


def test_changed_days_are_no_longer_called_the_default_in_the_basis() -> None:
    source = "谈心谈话“四个必谈”：发生苗头性问题必谈。"
    default = f"{source}天数为系统默认值，原文要求“及时”。"
    assert change(facts(), "T", SIGNS, "4-1", days=2, basis=default).version.basis == source
    assert change(facts(), "T", SIGNS, "4-1", title="苗头", basis=default).version.basis == default


def test_it_takes_over_from_the_version_that_stands_when_it_begins() -> None:
    """A change of the superior's that is planned already: what the lower one makes after it builds on it."""
    planned = preset(SIGNS, organisation="T", effective_from=day("7-1"), one_to_one=False, days=5)
    before, after = (change(facts(planned), "B", SIGNS, since, days=2) for since in ("6-30", "7-2"))
    assert (before.version.one_to_one, after.version.one_to_one) == (True, False)
    assert before.reasons == after.reasons == ()


def test_rights_are_those_of_the_versions() -> None:
    assert change(facts(), "B", SIGNS, "4-1", days=4).reasons == (
        "规则「four.signs」由上级党组织制定，天数只能减少：应不多于3个工作日",
    )
    assert "不能更改一对一" in change(facts(), "B", SIGNS, "4-1", one_to_one=False).reasons[0]
    assert change(facts(), "T", SIGNS, "4-1", days=9, one_to_one=False).reasons == ()


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        ("3-4", drafts.BEGINS_EARLY),
        ("3-5", None),
        ("2036-12-31", None),
        ("2037-1-1", drafts.TOO_LATE.format(day="2036年12月31日")),
    ],
)
def test_a_version_begins_today_or_later_and_within_ten_years(since: str, reason: str | None) -> None:
    assert change(facts(), "T", SIGNS, since, days=2).reasons == ((reason,) if reason else ())


def test_what_changes_nothing_is_refused() -> None:
    assert change(facts(), "B", SIGNS, "4-1", days=3).reasons == (drafts.NOTHING_CHANGED,)


def test_a_second_version_of_one_day_is_refused() -> None:
    lower = preset(SIGNS, organisation="B", effective_from=day("4-1"), days=2)
    assert change(facts(lower), "B", SIGNS, "4-1", days=1).reasons == (
        "规则「four.signs」的新版本应晚于它所替换的版本（2026年4月1日起生效）",
    )
    assert change(facts(lower), "B", SIGNS, "4-2", days=1).reasons == ()
    of_the_superior = replace(lower, organisation="T")
    assert change(facts(of_the_superior), "B", SIGNS, "4-1", days=1).reasons == (
        "规则「four.signs」的新版本应晚于它所替换的版本（2026年4月1日起生效）",
    )


def test_of_an_unknown_code_or_before_its_first_version_there_is_nothing_to_change() -> None:
    later = replace(OWN, effective_from=day("7-1"))
    for code, since in (("nowhere", "4-1"), (OWN.code, "6-30")):
        with pytest.raises(KeyError):
            change(facts(later), "T", code, since, days=2)


def test_the_maker_of_an_ended_rule_may_make_it_anew_and_nobody_else() -> None:
    gone = replace(OWN, effective_to=day("2-1"))
    anew = change(facts(gone), "T", OWN.code, "4-1", effective_to=None)
    assert (anew.reasons, anew.goes_on) == ((), False)
    assert change(facts(gone), "B", OWN.code, "4-1", days=2).reasons == (
        "规则「own.event」已于2026年2月1日失效，只有制定该规则的党组织可以重新制定",
    )


@pytest.mark.parametrize(
    ("rules", "organisation", "code", "expected"),
    [
        ((), "T", SIGNS, True),  # the top of the tree counts as the maker of what is built in
        ((), "B", SIGNS, False),
        ((OWN,), "T", OWN.code, True),
        ((OWN,), "M", OWN.code, False),
        ((replace(OWN, organisation="M"),), "M", OWN.code, True),
        ((replace(OWN, organisation="M"), replace(OWN, effective_from=day("9-1"))), "M", OWN.code, False),
    ],
)
def test_who_is_the_maker(rules: tuple[Rule, ...], organisation: str, code: str, expected: bool) -> None:
    assert is_maker(facts(*rules), organisation, code) is expected


# --- the second list and own rules -------------------------------------------------------------------------


def test_a_preset_is_switched_on_from_a_day() -> None:
    draft = switched_on(facts(), "B", "six-b.care", effective_from=day("3-5"), today=TODAY)
    assert (draft.reasons, draft.replaced, draft.goes_on) == ((), None, False)
    assert draft.version == preset("six-b.care", organisation="B", effective_from=day("3-5"))
    with pytest.raises(KeyError):
        switched_on(facts(), "B", SIGNS, effective_from=day("3-5"), today=TODAY)


@pytest.mark.parametrize(
    ("maker", "since", "until", "organisation", "reason"),
    [
        ("T", "1-1", None, "B", drafts.ALREADY_ON.format(day="2026年4月1日")),
        ("B", "1-1", None, "B", drafts.ALREADY_ON.format(day="2026年4月1日")),
        ("C", "1-1", None, "B", None),  # elsewhere
        ("B", "5-1", None, "T", None),  # below: the superior's replaces it
        ("B", "1-1", "4-1", "B", None),  # one's own that has ended may be switched on again
        (
            *("T", "1-1", "4-1", "B"),
            "规则「six-b.care」已于2026年4月1日失效，只有制定该规则的党组织可以重新制定",
        ),
    ],
)
def test_what_is_on_already_is_not_switched_on(
    maker: str, since: str, until: str | None, organisation: str, reason: str | None
) -> None:
    on = preset("six-b.care", organisation=maker, effective_from=day(since))
    if until:
        on = replace(on, effective_to=day(until))
    draft = switched_on(facts(on), organisation, "six-b.care", effective_from=day("4-1"), today=TODAY)
    assert draft.reasons == ((reason,) if reason else ())


def test_an_own_rule_begins_today_or_later() -> None:
    for since, reasons in (("3-4", (drafts.BEGINS_EARLY,)), ("3-5", ())):
        assert (
            added(facts(), replace(OWN, effective_from=day(since)), own_roles=(), today=TODAY).reasons
            == reasons
        )


def test_an_own_rule_has_a_sound_shape() -> None:
    rule = yearly(Pairing.KEY_POST, effective_from=day("4-1"))
    assert added(facts(), rule, own_roles=(), today=TODAY).reasons == ("配对「重点岗位」应填写谈话人",)


# --- the end -----------------------------------------------------------------------------------------------


def test_ones_own_version_gets_its_day() -> None:
    draft = end(facts(OWN), "T", OWN.code, "4-1")
    assert draft.reasons == ()
    assert draft.version == replace(OWN, effective_to=day("4-1"))
    assert (draft.since, draft.is_end, draft.goes_on) == (day("4-1"), True, True)


def test_what_is_built_in_ends_by_a_version_of_one_day() -> None:
    draft = end(facts(), "T", SIGNS, "4-1")
    assert draft.reasons == ()
    assert draft.version == preset(
        SIGNS, organisation="T", effective_from=day("3-31"), effective_to=day("4-1")
    )


@pytest.mark.parametrize(
    ("rules", "organisation", "code", "on", "reason"),
    [
        ((OWN,), "T", OWN.code, "3-5", None),
        ((OWN,), "T", OWN.code, "3-4", drafts.ENDS_EARLY.format(day="2026年3月5日")),
        ((OWN,), "T", OWN.code, "1-1-1", drafts.ENDS_EARLY.format(day="2026年3月5日")),
        ((), "T", SIGNS, "3-6", None),
        ((), "T", SIGNS, "3-5", drafts.ENDS_EARLY.format(day="2026年3月6日")),
        ((OWN,), "T", OWN.code, "2037-1-1", drafts.TOO_LATE.format(day="2036年12月31日")),
        # another day for an end that has not come, not for one that has
        ((replace(OWN, effective_to=day("9-1")),), "T", OWN.code, "4-1", None),
        ((replace(OWN, effective_to=day("9-1")),), "T", OWN.code, "10-1", None),
        ((replace(OWN, effective_to=day("9-1")),), "T", OWN.code, "9-1", drafts.NOTHING_CHANGED),
        (
            *((replace(OWN, effective_to=day("3-4")),), "T", OWN.code, "4-1"),
            drafts.ENDED_BEFORE.format(day="2026年3月4日"),
        ),
        # not begun by then
        (
            *((replace(OWN, effective_from=day("3-5")),), "T", OWN.code, "3-5"),
            drafts.NOTHING_BEFORE.format(day="2026年3月5日"),
        ),
        ((replace(OWN, effective_from=day("3-5")),), "T", OWN.code, "3-6", None),
        # a planned version would bring it back
        (
            *((OWN, replace(OWN, days=3, effective_from=day("7-1"))), "T", OWN.code, "5-1"),
            drafts.FOLLOWED.format(day="2026年7月1日"),
        ),
        ((OWN, replace(OWN, days=3, effective_from=day("7-1"))), "T", OWN.code, "8-1", None),
        # a lower organisation never removes a superior's, by its own version of it either
        ((OWN,), "B", OWN.code, "4-1", "规则「own.event」由上级党组织制定，{only}"),
        ((), "B", SIGNS, "4-1", "规则「four.signs」由上级党组织制定，{only}"),
        (
            *((OWN, replace(OWN, organisation="B", days=3, effective_from=day("1-1"))), "B", OWN.code, "4-1"),
            "规则「own.event」由上级党组织制定，{only}",
        ),
    ],
)
def test_when_a_rule_may_be_ended(
    rules: tuple[Rule, ...], organisation: str, code: str, on: str, reason: str | None
) -> None:
    only = "本级只能更改规则名称、依据和天数，不能更改失效日期"
    expected = (reason.format(only=only),) if reason else ()
    assert end(facts(*rules), organisation, code, on).reasons == expected


def test_an_unknown_code_has_no_end() -> None:
    with pytest.raises(KeyError):
        end(facts(), "T", "nowhere", "4-1")


def test_another_period_is_another_trigger() -> None:
    own = yearly(Pairing.COMMITTEE_MEMBER)
    assert change(facts(own), "T", own.code, "4-1", trigger=PeriodTrigger(6)).reasons == ()
    assert "不能更改触发" in change(facts(own), "B", own.code, "4-1", trigger=PeriodTrigger(6)).reasons[0]
