"""Who is reminded of what, and when: worked out by hand from rules.md sections 4 and 8.

The member of the branch has a 家庭变故 known on Monday 2026-03-02: three working days, so due on Thursday
the 5th. The 支委 who is in liaison with the member is responsible, the 书记 leads the branch, the 党委书记
stands above.
"""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from members.models import MandateKind, Member
from talks.models import Chase, Duty, Notice
from talks.rules.chasing import OPENED, due_days_with_news, message, newest_step, standing_words, talk_words
from talks.services.chasing import chase, chase_due
from tests import factories
from tests.conftest import World
from tests.talks.notices.sweeps import at, days, sweep, told

MONDAY = date(2026, 3, 2)
DUE = date(2026, 3, 5)
LIAISON, SECRETARY, CHIEF = "沈若楠", "陆秉川", "郑远航"
EVERYBODY = (LIAISON, SECRETARY, CHIEF)


@pytest.fixture
def family(world: World) -> Member:
    """Something befell the member."""
    factories.an_event(world.member, "家庭变故", happened_on=MONDAY)
    return world.member


def family_duty() -> Duty:
    return Duty.objects.get(rule="four.family")


# --- plain values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "step"),
    [
        *((-8, None), (-7, -7), (-4, -7), (-3, -3), (-2, -3), (-1, -1), (0, -1), (1, 1), (2, 1), (3, 3)),
        *((6, 3), (7, 7), (13, 7), (14, 14), (37, 35)),
    ],
)
def test_the_newest_step(after: int, step: int | None) -> None:
    assert newest_step(after) == step


def test_the_due_days_with_news_of_one_night() -> None:
    today = date(2026, 3, 20)
    found = due_days_with_news(since=today - timedelta(days=1), today=today, oldest=date(2026, 2, 20))
    # In 7, 3 and 1 days; 1, 3, 7, 14, 21 and 28 days ago.
    assert [(today - day).days for day in found] == [-7, -3, -1, 1, 3, 7, 14, 21, 28]


def test_after_a_week_of_silence_every_day_has_news() -> None:
    today = date(2026, 3, 20)
    found = due_days_with_news(since=today - timedelta(days=7), today=today, oldest=date(2026, 3, 1))
    assert [(today - day).days for day in found] == list(range(-7, 20))


def test_words() -> None:
    assert standing_words(DUE, DUE + timedelta(days=3)) == "已逾期3天"
    assert standing_words(DUE, DUE) == "今天到期"
    assert standing_words(DUE, DUE - timedelta(days=1)) == "还有1天到期"
    assert talk_words(["梁志强"], takes_part=True) == "与梁志强同志的谈话"
    assert talk_words(["梁志强"], takes_part=False) == "对梁志强同志的谈话"
    assert talk_words(["陆秉川", "沈若楠"], takes_part=False) == "陆秉川同志与沈若楠同志的谈话"
    assert talk_words([], takes_part=False) == "对您的谈话"


def test_a_message_has_counts_and_a_link() -> None:
    link = "https://talks.example.com/notices/"
    assert message(owed=3, address=link) == f"您有3项应谈事项，请登录系统查看：{link}"


# --- an event -------------------------------------------------------------------------------------------


def test_an_event_is_chased_from_its_first_day_until_it_ends(family: Member) -> None:
    known: set[tuple[int, str]] = set()
    new: dict[date, set[tuple[int, str]]] = {}
    for day in days(MONDAY, date(2026, 3, 20)):
        sweep(day)
        if found := told(family_duty()) - known:
            new[day] = found
            known |= found
    assert new == {
        # Three days before the due day it opens: one reminder, not two.
        date(2026, 3, 2): {(OPENED, LIAISON)},
        date(2026, 3, 4): {(-1, LIAISON)},
        date(2026, 3, 6): {(1, LIAISON)},
        date(2026, 3, 8): {(3, LIAISON), (3, SECRETARY)},
        date(2026, 3, 12): {(7, name) for name in EVERYBODY},
        date(2026, 3, 19): {(14, name) for name in EVERYBODY},
    }


def test_it_is_told_as_soon_as_it_is_known(family: Member) -> None:
    chase_due(today=MONDAY, at=at(MONDAY, 1))
    assert not Notice.objects.exists()
    factories.keep_duties(MONDAY)
    assert told(family_duty()) == {(OPENED, LIAISON)}


def test_who_becomes_responsible_is_told_at_once(world: World, family: Member) -> None:
    sweep(date(2026, 3, 6))
    world.member.liaisons.all().delete()
    factories.a_liaison(world.secretary, world.member)
    factories.keep_duties(date(2026, 3, 7))
    assert told(family_duty()) == {(1, LIAISON), (1, SECRETARY)}


def test_a_machine_that_was_off_tells_the_newest_step_only(family: Member) -> None:
    sweep(MONDAY)
    sweep(date(2026, 4, 11))  # 37 days after the due day
    assert told(family_duty()) == {(OPENED, LIAISON), *((35, name) for name in EVERYBODY)}


def test_a_sweep_run_again_tells_nothing_again(world: World, family: Member) -> None:
    day = date(2026, 3, 12)
    sweep(day)
    before = Notice.objects.count()
    assert before > 0
    assert chase_due(today=day, at=at(day, 2)) == 0
    Chase.objects.update(day=None)
    assert chase_due(today=day, at=at(day, 3)) == 0
    assert chase(organisations=[world.branch.pk, world.committee.pk], today=day, at=at(day, 4)) == 0
    assert Notice.objects.count() == before


@pytest.mark.parametrize(
    "ended",
    [{"met_on": date(2026, 3, 9)}, {"waived_on": date(2026, 3, 9)}, {"withdrawn_on": date(2026, 3, 9)}],
)
def test_what_has_ended_is_not_chased(family: Member, ended: dict[str, date]) -> None:
    sweep(date(2026, 3, 8))
    before = told(family_duty())
    reason = {"withdrawal": "已撤销"} if "withdrawn_on" in ended else {}
    Duty.objects.filter(rule="four.family").update(**ended, **reason)
    chase_due(today=date(2026, 3, 12), at=at(date(2026, 3, 12)))
    assert told(family_duty()) == before


def test_a_waiver_of_a_later_day_does_not_end_it_yet(family: Member) -> None:
    sweep(date(2026, 3, 8))
    Duty.objects.filter(rule="four.family").update(waived_on=date(2026, 3, 13))
    chase_due(today=date(2026, 3, 12), at=at(date(2026, 3, 12)))
    assert (7, CHIEF) in told(family_duty())


def test_nobody_is_reminded_of_his_own_event(world: World) -> None:
    """The 书记 has a 苗头性问题: the role is the principal above, who is also responsible."""
    factories.an_event(world.secretary, "苗头性问题", happened_on=MONDAY)
    for day in days(MONDAY, date(2026, 3, 12)):
        sweep(day)
    duty = Duty.objects.get(rule="four.signs")
    assert told(duty) == {(step, CHIEF) for step in (OPENED, -1, 1, 3, 7)}


# --- other duties ---------------------------------------------------------------------------------------


def test_a_yearly_talk_is_reminded_of_from_seven_days_before(world: World) -> None:
    for day in (date(2026, 12, 23), date(2026, 12, 24), date(2026, 12, 28), date(2026, 12, 31)):
        sweep(day)
    duty = Duty.objects.get(rule="year.committee-committee", year=2026, organisation=world.branch)
    assert told(duty) == {(-7, SECRETARY), (-3, SECRETARY), (-1, SECRETARY)}


def test_a_step_before_the_window_opens_does_not_exist(world: World) -> None:
    """Meeting on June 16th, due on the 15th, talks from the 13th: of the steps before, only the last."""
    factories.a_meeting(world.branch, meeting_on=date(2026, 6, 16), talks_from=date(2026, 6, 13))
    sweep(date(2026, 6, 13))
    assert told(rule="life.committee-committee") == set()
    sweep(date(2026, 6, 14))
    assert told(rule="life.committee-committee") == {(-1, SECRETARY)}


def test_a_step_on_the_day_the_window_opens_exists(world: World) -> None:
    factories.a_meeting(world.branch, meeting_on=date(2026, 6, 16), talks_from=date(2026, 6, 12))
    sweep(date(2026, 6, 12))
    assert told(rule="life.committee-committee") == {(-3, SECRETARY)}


def test_above_is_the_nearest_that_has_a_principal(world: World) -> None:
    between = factories.an_organisation("流域党总支", world.committee.kind, superior=world.committee)
    low = factories.an_organisation("泵站党支部", superior=between)
    person = factories.a_member("丁一", low)
    factories.a_post(factories.a_member("戊五", low), low, "支部书记", is_principal=True)
    factories.an_event(person, "家庭变故", happened_on=MONDAY)
    sweep(date(2026, 3, 12))
    duty = Duty.objects.get(rule="four.family")
    assert told(duty) == {(7, "戊五"), (7, CHIEF)}


@pytest.mark.parametrize("as_member", [False, True])
def test_where_nobody_leads_the_staff_are_told(db: None, as_member: bool) -> None:
    alone = factories.an_organisation("无书记党支部")
    person = factories.a_member("丁一", alone)
    keeper = factories.an_account(factories.a_member("己六") if as_member else None, username="keeper")
    gone = factories.an_account(username="gone", is_active=False)
    ended = factories.an_account(username="ended")
    factories.a_mandate(keeper, MandateKind.STAFF, alone)
    factories.a_mandate(gone, MandateKind.STAFF, alone)
    factories.a_mandate(ended, MandateKind.STAFF, alone, until=MONDAY)
    factories.an_event(person, "苗头性问题", happened_on=MONDAY)
    sweep(MONDAY)
    assert told(rule="four.signs") == {(OPENED, "己六" if as_member else "keeper")}


def test_periods_of_closed_years_are_not_chased(world: World) -> None:
    """As of March 2026 those of 2025 are still kept, those of 2024 no more."""
    sweep(MONDAY)
    duty = Duty.objects.filter(rule="year.committee-committee", year=2025).get()
    assert told(duty) == {(56, SECRETARY), (56, CHIEF)}  # 61 days since 2025-12-31
    Notice.objects.all().delete()
    Duty.objects.filter(pk=duty.pk).update(year=2024)
    Chase.objects.update(day=None)
    chase_due(today=MONDAY, at=at(MONDAY))
    assert told(duty) == set()


# --- rows and statements --------------------------------------------------------------------------------


def test_a_notice_has_one_addressee(world: World, family: Member) -> None:
    sweep(MONDAY)
    row = {"duty": family_duty(), "step": 5, "noticed_on": MONDAY}
    for addressees in ({}, {"member": world.chief, "account": world.account("staff")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.create(**row, **addressees)


def test_one_sweep_costs_the_same_whatever_there_is_to_tell(world: World) -> None:
    """The members come on a day without news, so that the sweep of the step finds all there is to tell."""
    counts = []
    for number, before, day in (
        (3, date(2026, 12, 20), date(2026, 12, 24)),
        (30, date(2026, 12, 25), date(2026, 12, 28)),
    ):
        for _ in range(number):
            factories.a_member("周平", world.branch)
        sweep(before)
        with CaptureQueriesContext(connection) as queries:
            made = chase_due(today=day, at=at(day))
        assert made >= number
        counts.append(len(queries))
    assert counts[0] == counts[1]
