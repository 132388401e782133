"""Several duties chosen in the list and booked at once: each as a talk of its own, or as one group talk."""

import re
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Member
from talks.models import Duty, Side, Talk
from talks.rules.words import MeetingKind, TalkState
from tests import factories
from tests.conftest import World

ClientOf = Callable[[Account], Client]


def duty_of(rule: str, subject: Member) -> Duty:
    """What is owed under the rule this year."""
    today = timezone.localdate()
    factories.keep_duties(today)
    return Duty.objects.get(rule=rule, subject=subject, withdrawn_on=None, year=today.year)


def address(name: str, *duties: Duty) -> str:
    return reverse(name) + "?" + "&".join(f"duty={duty.pk}" for duty in duties)


def typed(*rows: tuple[Duty, str, str], day: date | None = None, **more: str) -> dict[str, object]:
    """The form of the page: of each row its duty, the talker and the hour."""
    day = day or timezone.localdate()
    data: dict[str, object] = {
        "all-held_on": day.isoformat(),
        "all-minutes": "30",
        "all-form": "面对面",
        "row": [str(duty.pk) for duty, _, _ in rows],
    }
    for duty, talker, hour in rows:
        data |= {
            f"d{duty.pk}-talker": talker,
            f"d{duty.pk}-held_on": day.isoformat(),
            f"d{duty.pk}-starts_at": hour,
            f"d{duty.pk}-place": "测站",
        }
    return data | more


def persons_of(talk: Talk) -> tuple[list[str], list[str]]:
    rows = talk.participants.order_by("member__code")
    return (
        [row.member.name for row in rows if row.side == Side.TALKER],
        [row.member.name for row in rows if row.side == Side.SUBJECT],
    )


@pytest.fixture
def two(world: World) -> tuple[Duty, Duty]:
    """That a 支委 is to talk with the member and with his colleague this year; one with many will do."""
    return (
        duty_of("year.committee-member", world.member),
        duty_of("year.committee-member", world.colleague),
    )


def test_several_are_booked_at_once(world: World, client_of: ClientOf, two: tuple[Duty, Duty]) -> None:
    client = client_of(world.account("secretary"))
    there = address("duties-book", *two)
    html = client.get(there).content.decode()
    assert html.count('value="陆秉川" list="people"') == 2
    response = client.post(there, typed((two[0], "沈若楠", "09:00"), (two[1], "陆秉川", "09:00")))
    assert response.status_code == 302
    talks = Talk.objects.order_by("code")
    assert [persons_of(talk) for talk in talks] == [(["沈若楠"], ["梁志强"]), (["陆秉川"], ["吴桂兰"])]
    assert {(talk.starts_at, talk.place, talk.form, talk.state) for talk in talks} == {
        (time(9), "测站", "面对面", "计划")
    }
    assert set(Duty.objects.filter(planned__in=talks, pk__in=[one.pk for one in two])) == set(two)
    # A second click books nothing more, and says so.
    again = client.post(there, typed((two[0], "沈若楠", "09:00"), (two[1], "陆秉川", "09:00")), follow=True)
    assert "所选各项都已经预约或已经谈过，不需要再预约。" in again.content.decode()
    assert Talk.objects.count() == 2


def test_who_is_engaged_is_said_at_his_row_and_nothing_is_booked(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    today = timezone.localdate()
    other = factories.a_talk([world.colleague], [world.head], held_on=today, state=TalkState.PLANNED)
    Talk.objects.filter(pk=other.pk).update(starts_at=time(9), ends_at=time(10))
    there = address("duties-book", *two)
    html = (
        client_of(world.account("secretary"))
        .post(there, typed((two[0], "沈若楠", "09:30"), (two[1], "陆秉川", "09:30")))
        .content.decode()
    )
    rows = html.split('<fieldset class="sheet appointment">')[1:]
    assert "吴桂兰在这段时间已有其他谈话安排" in rows[1]
    assert "已有其他谈话安排" not in rows[0]
    assert "没有预约任何谈话" in html
    # Of the other talk nothing is told: not with whom, not where.
    assert "谭晓峰" not in html.partition("<datalist")[0]
    assert Talk.objects.get() == other


def test_one_talker_twice_at_one_time_is_refused(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    html = (
        client_of(world.account("secretary"))
        .post(address("duties-book", *two), typed((two[0], "陆秉川", "09:00"), (two[1], "陆秉川", "09:00")))
        .content.decode()
    )
    assert html.count("陆秉川在这段时间已有其他谈话安排") == 1
    assert not Talk.objects.exists()


def test_they_are_laid_one_after_the_other(world: World, client_of: ClientOf, two: tuple[Duty, Duty]) -> None:
    third = duty_of("year.committee-member", world.head)
    day = timezone.localdate() + timedelta(days=1)
    data = typed(
        *((duty, "陆秉川", "") for duty in (*two, third)),
        day=day,
        lay="1",
        **{"all-starts_at": "11:00", "all-place": "会议室"},
    )
    html = (
        client_of(world.account("secretary")).post(address("duties-book", *two, third), data).content.decode()
    )
    hours = re.findall(r'name="d\d+-starts_at" value="([^"]*)"', html)
    # Half an hour each from eleven on; the third would reach into noon.
    assert hours == ["11:00", "11:30", "14:00"]
    assert html.count('value="会议室"') == 4
    assert not Talk.objects.exists()


@time_machine.travel("2026-03-06T09:00:00+08:00")
def test_a_talk_is_offered_for_the_next_working_day_not_for_saturday(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    client = client_of(world.account("secretary"))
    pages = (
        client.get(reverse("talk-book")),
        client.get(address("talk-book", two[0])),
        client.get(address("duties-book", *two)),
        client.get(address("duties-group", *two)),
    )
    # 2026-03-06 is a Friday.
    for page in pages:
        days = re.findall(r'type="date" name="[^"]*held_on" value="([^"]*)"', page.content.decode())
        assert set(days) == {"2026-03-09"}, (page.request["PATH_INFO"], days)


@time_machine.travel("2026-03-06T09:00:00+08:00")
def test_what_is_due_before_the_next_working_day_is_offered_for_today(
    world: World, client_of: ClientOf
) -> None:
    # Due the day before the meeting, a Sunday.
    factories.a_meeting(world.branch, meeting_on=date(2026, 3, 9))
    duty = duty_of("life.committee-member", world.member)
    client = client_of(world.account("secretary"))
    for name in ("talk-book", "duties-book"):
        html = client.get(address(name, duty)).content.decode()
        days = re.findall(r'type="date" name="d?[0-9]*-?held_on" value="([^"]*)"', html)
        assert set(days) == {"2026-03-06"}, name


def test_one_talk_meets_what_the_same_persons_owe_twice(world: World, client_of: ClientOf) -> None:
    factories.a_meeting(world.branch, meeting_on=timezone.localdate() + timedelta(days=4))
    both = [duty_of(rule, world.member) for rule in ("year.committee-member", "life.committee-member")]
    client = client_of(world.account("secretary"))
    html = client.get(address("duties-book", *both)).content.decode()
    assert html.count('<fieldset class="sheet appointment">') == 1
    row = re.search(r'name="row" value="(\d+)"', html)
    assert row
    first = next(duty for duty in both if duty.pk == int(row[1]))
    client.post(address("duties-book", *both), typed((first, "陆秉川", "09:00")))
    talk = Talk.objects.get()
    assert set(Duty.objects.filter(planned=talk)) >= set(both)
    assert (talk.kind, talk.occasion) == ("会前", MeetingKind.ORGANISATION_LIFE)


def test_a_talk_that_would_not_count_is_not_booked(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    # The colleague is no 支委.
    html = (
        client_of(world.account("secretary"))
        .post(address("duties-book", *two), typed((two[0], "谭晓峰", "09:00"), (two[1], "陆秉川", "09:00")))
        .content.decode()
    )
    assert "这样安排不计入“每年至少一次　支委和党员之间”：另一方当日不是规定的谈话人（班子成员）。" in html
    assert not Talk.objects.exists()


def test_a_row_that_is_not_ticked_is_left_out(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    data = typed((two[0], "陆秉川", "09:00"), (two[1], "陆秉川", "09:00")) | {"row": [str(two[1].pk)]}
    client = client_of(world.account("secretary"))
    client.post(address("duties-book", *two), data)
    assert [persons_of(talk) for talk in Talk.objects.all()] == [(["陆秉川"], ["吴桂兰"])]
    html = client.post(address("duties-book", two[0]), {"all-held_on": "", "row": []}).content.decode()
    assert "请至少选择一项。" in html


@pytest.mark.parametrize("name", ["duties-book", "duties-group"])
def test_a_duty_that_one_may_not_know_is_as_if_it_were_not_there(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty], name: str
) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14))
    hidden = duty_of("four.family", world.member)
    for role in ("head", "member", "colleague", "chief", "other_secretary", "staff", "inspector"):
        client = client_of(world.account(role))
        for query in (f"?duty={hidden.pk}", f"?duty={hidden.pk}&duty={two[1].pk}", "?duty=999999999"):
            assert client.get(reverse(name) + query).status_code == 404, (role, query)
    client = client_of(world.account("secretary"))
    assert client.get(address(name, hidden)).status_code == 200
    for query in ("", "?duty=", "?duty=x", f"?duty={two[0].pk}&duty=x", "?duty=" + "9" * 30):
        assert client.get(reverse(name) + query).status_code == 404, query


def test_what_is_to_be_booked_can_be_chosen_and_nothing_else(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14))
    factories.a_talk([world.secretary], [world.colleague], held_on=timezone.localdate())
    hidden = duty_of("four.family", world.member)

    def chosen(role: str) -> set[int]:
        html = client_of(world.account(role)).get(reverse("duties")).content.decode()
        return {int(pk) for pk in re.findall(r'name="duty" value="(\d+)"', html)}

    mine = chosen("secretary")
    assert {two[0].pk, hidden.pk} <= mine
    assert two[1].pk not in mine  # talked to already
    assert chosen("committee_member") >= {two[0].pk, hidden.pk}
    assert hidden.pk not in chosen("head") | chosen("member")
    assert chosen("inspector") == chosen("staff") == set()


# --- one talk with all -----------------------------------------------------------------------------------


def group(*duties: Duty, subjects: list[str], talkers: str = "陆秉川", **more: object) -> dict[str, object]:
    return {
        "talkers": talkers,
        "subjects": subjects,
        "held_on": timezone.localdate().isoformat(),
        "duty": [str(duty.pk) for duty in duties],
        **more,
    }


def test_one_group_talk_meets_what_is_not_one_to_one(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    factories.an_event(world.member, happened_on=timezone.localdate() - timedelta(days=14))
    alone = duty_of("four.family", world.member)
    client = client_of(world.account("secretary"))
    there = address("duties-group", *two, alone)
    html = client.get(there).content.decode()
    # Told, and named: this rule asks for one with one.
    apart = html.partition('class="error apart"')[2].partition("</section>")[0]
    assert "以下1项要求一对一，集体谈话不计入，须分别谈" in apart
    assert "梁志强　四个必谈③　发生家庭变故必谈" in apart
    assert re.findall(r'name="subjects" value="([^"]+)"', html) == ["梁志强", "吴桂兰"]
    assert re.findall(r'name="talkers" value="([^"]+)"', html) == ["陆秉川"]
    client.post(there, group(*two, subjects=["梁志强", "吴桂兰"]))
    talk = Talk.objects.get()
    assert (persons_of(talk), talk.mode) == ((["陆秉川"], ["梁志强", "吴桂兰"]), "一对多")
    assert set(Duty.objects.filter(planned=talk)) == set(two)
    # Before a group talk nothing says what else is owed to one of them.
    assert (talk.kind, talk.occasion, talk.topic) == ("", "", "")


def test_a_group_talk_that_misses_one_names_it_and_is_not_booked(
    world: World, client_of: ClientOf, two: tuple[Duty, Duty]
) -> None:
    client = client_of(world.account("secretary"))
    there = address("duties-group", *two)
    html = client.post(there, group(*two, subjects=["梁志强"])).content.decode()
    assert "吴桂兰　每年至少一次　支委和党员之间：应谈人员未参加。" in html
    html = client.post(there, group(*two, subjects=["梁志强", "吴桂兰"], talkers="谭晓峰")).content.decode()
    for name in ("梁志强", "吴桂兰"):
        assert f"{name}　每年至少一次　支委和党员之间：另一方当日不是规定的谈话人（班子成员）。" in html
    assert not Talk.objects.exists()
    # Who is not ticked need not be there.
    client.post(there, group(two[0], subjects=["梁志强"]))
    assert Duty.objects.get(planned__isnull=False, rule="year.committee-member") == two[0]


def test_where_no_rule_allows_it_there_is_nothing_to_book(world: World, client_of: ClientOf) -> None:
    pair = duty_of("year.committee-committee", world.committee_member)
    html = client_of(world.account("secretary")).get(address("duties-group", pair)).content.decode()
    assert "所选各项都要求一对一" in html
    assert "预约集体谈话</button>" not in html


@pytest.mark.parametrize("name", ["duties-book", "duties-group"])
def test_three_and_twenty_five_cost_the_same(world: World, client_of: ClientOf, name: str) -> None:
    for number in range(25):
        factories.a_member(f"周{number}", world.branch)
    factories.keep_duties(timezone.localdate())
    duties = list(Duty.objects.filter(rule="year.committee-member", subject__name__startswith="周"))
    client = client_of(world.account("secretary"))

    def queries(number: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(name, *duties[:number])).status_code == 200
        return len(captured)

    queries(3)
    assert queries(3) == queries(25)
    assert client.get(address(name, *duties, duty_of("year.member-member", world.member))).status_code == 404
