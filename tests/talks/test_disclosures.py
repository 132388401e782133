"""调阅: who may ask, approve and read; how long; who is told; two at once; what the table refuses."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, MandateKind
from talks.figures.disclosures import unread_disclosures
from talks.figures.own import readings_of
from talks.models import Disclosure, DisclosureNotice, Participant, Talk
from talks.models.disclosures import DisclosureQuerySet
from talks.permissions import decidable_disclosures, disclosable_talks, open_disclosures
from talks.rules.disclosures import DisclosureState, disclosure_state
from talks.services import disclosures as services
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.test_services import at_once
from vault.models import TrailEntry
from vault.services import Actor

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 2, tzinfo=UTC)
ACTOR = Actor(account="tests", address="127.0.0.1")
CONTENT = "谈到夜间值守的安排，约定下月调整。"


def a_record(world: World, **more: Any) -> Talk:
    """What the 支委 of the branch wrote down of a talk with the member."""
    more = {"content": CONTENT, "topic": "值守", **more}
    return factories.a_talk([world.committee_member], [world.member], held_on=date(2026, 6, 1), **more)


def come_from_a_request(world: World, talk: Talk) -> None:
    """The member had asked for this talk."""
    factories.a_request(
        world.member, world.committee_member, code="Q1", asked_on=TODAY, talk=talk, state="已接受"
    )


def ask(world: World, talk: Talk, at: datetime = AT, by: str = "inspector") -> Disclosure:
    return services.ask_disclosure(
        actor=ACTOR, at=at, account=world.account(by), talk=talk, reason="核对雷同。", today=TODAY
    )


def approve(world: World, made: Disclosure, by: str = "chief", at: datetime = AT, minutes: int = 30) -> None:
    services.approve_disclosure(
        actor=ACTOR, at=at, disclosure=made, account=world.account(by), minutes=minutes, today=TODAY
    )


def read(world: World, made: Disclosure, at: datetime = AT, by: str = "inspector") -> str:
    return services.open_disclosed(
        actor=ACTOR, at=at, disclosure=made, account=world.account(by), today=TODAY
    ).content


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


# --- who may ask -------------------------------------------------------------------------------------------


def test_only_who_inspects_may_ask(world: World) -> None:
    talk = a_record(world)
    asking = {role for role in PERSONAS if disclosable_talks(world.account(role), today=TODAY).exists()}
    assert asking == {"inspector"}
    assert refused(lambda: ask(world, talk, by="staff")) == services.NOT_INSPECTED


@pytest.mark.parametrize("state", ["计划", "已谈", "取消"])
def test_what_is_not_recorded_cannot_be_asked_for(world: World, state: str) -> None:
    talk = a_record(world, state=state)
    assert refused(lambda: ask(world, talk)) == services.NOT_INSPECTED


def test_an_inspector_does_not_ask_for_a_talk_in_which_he_had_a_part(world: World) -> None:
    mandate = factories.a_mandate(world.account("stranger"), MandateKind.INSPECTOR, world.committee)
    assert mandate.account == world.account("stranger")
    his = factories.a_talk(
        [world.committee_member], [world.member], held_on=date(2026, 6, 1), recorder=world.stranger
    )
    other = a_record(world)
    assert list(disclosable_talks(world.account("stranger"), today=TODAY)) == [other]
    assert refused(lambda: ask(world, his, by="stranger")) == services.NOT_INSPECTED


def test_an_administrator_with_a_mandate_asks_for_nothing(world: World) -> None:
    a_record(world)
    factories.a_mandate(world.account("inspector"), MandateKind.SECURITY)
    assert not disclosable_talks(world.account("inspector"), today=TODAY).exists()


def test_it_asks_for_a_reason_and_waits_once(world: World) -> None:
    talk = a_record(world)
    with pytest.raises(ValidationError):
        services.ask_disclosure(
            actor=ACTOR, at=AT, account=world.account("inspector"), talk=talk, reason=" ", today=TODAY
        )
    ask(world, talk)
    assert refused(lambda: ask(world, talk)) == services.ALREADY_ASKED


# --- who may approve ---------------------------------------------------------------------------------------


def deciders(world: World) -> set[str]:
    return {
        role for role in PERSONAS if decidable_disclosures(world.account(role), at=AT, today=TODAY).exists()
    }


def test_a_principal_of_o_or_above_who_took_no_part_approves(world: World) -> None:
    ask(world, a_record(world))
    assert deciders(world) == {"chief", "secretary"}


def test_who_took_part_does_not(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 6, 1), content=CONTENT)
    made = ask(world, talk)
    assert deciders(world) == {"chief"}
    assert refused(lambda: approve(world, made, by="secretary")) == services.OWN_DISCLOSURE


def test_a_principal_whose_entry_nobody_confirmed_does_not(world: World) -> None:
    world.secretary.posts.update(confirmed_at=None)
    ask(world, a_record(world))
    assert deciders(world) == {"chief"}


def test_an_administrator_does_not_even_where_he_leads(world: World) -> None:
    factories.a_mandate(world.account("chief"), MandateKind.SYSTEM)
    ask(world, a_record(world))
    assert deciders(world) == {"secretary"}


@pytest.mark.parametrize("role", ["inspector", "staff", "deputy", "other_secretary", "stranger", "system"])
def test_nobody_else_approves(world: World, role: str) -> None:
    made = ask(world, a_record(world))
    assert refused(lambda: approve(world, made, by=role)) == services.OWN_DISCLOSURE
    assert DisclosureNotice.objects.count() == 0


def test_an_inspector_who_became_a_principal_above_does_not_approve_his_own(world: World) -> None:
    made = ask(world, a_record(world))
    account = world.account("chief")
    Disclosure.objects.filter(pk=made.pk).update(asked_by=account)
    assert refused(lambda: approve(world, made, by="chief")) == services.OWN_DISCLOSURE


def test_where_the_mandate_has_ended_nothing_is_approved(world: World) -> None:
    made = ask(world, a_record(world))
    world.account("inspector").mandates.all().delete()
    assert refused(lambda: approve(world, made)) == services.ASKER_HAS_LEFT


@pytest.mark.parametrize("limit", ["participants_only", "request"])
def test_a_talk_kept_to_the_participants_waits_for_nobody(world: World, limit: str) -> None:
    talk = a_record(world, participants_only=limit == "participants_only")
    if limit == "request":
        factories.a_request(
            world.member, world.committee_member, code="Q1", asked_on=TODAY, talk=talk, state="已接受"
        )
    made = ask(world, talk)
    assert deciders(world) == set()
    assert refused(lambda: approve(world, made)) == services.OWN_DISCLOSURE
    # Who asked sees what he sees of any request that nobody has decided yet.
    assert made.state_at(AT) is DisclosureState.WAITING
    assert made.state_at(AT + timedelta(days=7)) is DisclosureState.LAPSED


# --- reading, for so long ----------------------------------------------------------------------------------


def test_it_is_read_for_the_minutes_from_the_approval_on_and_then_gone(world: World) -> None:
    made = ask(world, a_record(world))
    assert refused(lambda: read(world, made)) == services.OVER
    approve(world, made)
    last = AT + timedelta(minutes=30) - timedelta(seconds=1)
    assert [read(world, made), read(world, made, at=last)] == [CONTENT, CONTENT]
    assert refused(lambda: read(world, made, at=AT + timedelta(minutes=30))) == services.OVER


def test_nobody_is_given_more_than_thirty_minutes(world: World) -> None:
    made = ask(world, a_record(world))
    approve(world, made, minutes=600)
    assert made.minutes == 30
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=made.pk).update(minutes=31)
    late = AT + timedelta(minutes=31)
    # The rule holds even where the table did not: without the lesser of the two it would be open.
    state = disclosure_state(asked_at=AT, approved_at=AT, minutes=600, ending="", at=late)
    assert state is DisclosureState.OVER


def test_a_clock_that_was_put_back_opens_nothing(world: World) -> None:
    made = ask(world, a_record(world))
    approve(world, made)
    assert refused(lambda: read(world, made, at=AT - timedelta(seconds=1))) == services.OVER


@pytest.mark.parametrize("role", sorted(set(PERSONAS) - {"inspector"}))
def test_nobody_else_reads_under_it(world: World, role: str) -> None:
    made = ask(world, a_record(world))
    approve(world, made)
    assert refused(lambda: read(world, made, by=role)) == services.OVER
    assert not open_disclosures(world.account(role), [made.talk_id], at=AT, today=TODAY)


@pytest.mark.parametrize("change", ["mandate", "account", "mark", "request", "post", "administrator"])
def test_it_is_gone_at_the_next_request_where_the_right_is(world: World, change: str) -> None:
    talk = a_record(world)
    made = ask(world, talk)
    approve(world, made)
    account = world.account("inspector")
    assert read(world, made) == CONTENT
    if change == "mandate":
        account.mandates.update(until=TODAY)
    elif change == "account":
        Account.objects.filter(pk=account.pk).update(is_active=False)
    elif change == "mark":
        Talk.objects.filter(pk=talk.pk).update(participants_only=True)
    elif change == "request":
        factories.a_request(
            world.member, world.committee_member, code="Q1", asked_on=TODAY, talk=talk, state="已接受"
        )
    elif change == "post":
        member = factories.a_member("督查员", world.branch)
        Account.objects.filter(pk=account.pk).update(member=member)
    else:
        factories.a_mandate(account, MandateKind.AUDITOR)
    assert refused(lambda: read(world, made)) == services.OVER
    assert not open_disclosures(Account.objects.get(pk=account.pk), [talk.pk], at=AT, today=TODAY)


def test_another_record_stays_closed(world: World) -> None:
    made = ask(world, a_record(world))
    other = ask(world, a_record(world))
    approve(world, made)
    assert refused(lambda: read(world, other)) == services.OVER


# --- the trail, and who is told ----------------------------------------------------------------------------


def test_each_look_is_in_the_trail_before_anything_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = a_record(world)
    made = ask(world, talk)
    approve(world, made)
    read(world, made)
    read(world, made)
    looks = TrailEntry.objects.filter(action="调阅谈话内容", target_kind="谈话", target=talk.code)
    assert [(entry.account, entry.address) for entry in looks] == [("tests", "127.0.0.1")] * 2
    assert "核对雷同" not in "".join(TrailEntry.objects.values_list("detail", flat=True))

    def broken(**_: object) -> None:
        raise OSError

    monkeypatch.setattr(services, "enter_trail", broken)
    with pytest.raises(OSError):  # noqa: PT011  any: nothing was given
        read(world, made)


def test_talkers_subjects_and_the_recorder_are_told_once_it_is_approved(world: World) -> None:
    talk = a_record(world, recorder=world.colleague)
    made = ask(world, talk)
    assert DisclosureNotice.objects.count() == 0
    approve(world, made)
    told = {notice.member for notice in DisclosureNotice.objects.all()}
    assert told == {world.committee_member, world.member, world.colleague}
    assert unread_disclosures(world.account("member"), today=TODAY) == 1
    assert unread_disclosures(world.account("other_member"), today=TODAY) == 0


def test_they_see_each_look_under_who_has_read_my_records(world: World) -> None:
    made = ask(world, a_record(world))
    approve(world, made)
    services.open_disclosed(
        actor=Actor("inspector", "10.0.0.7"),
        at=AT,
        disclosure=made,
        account=world.account("inspector"),
        today=TODAY,
    )
    for role in ("member", "committee_member"):
        assert [entry.action for entry in readings_of(world.account(role))] == ["调阅谈话内容"]


# --- refused, taken back, revoked, asked again --------------------------------------------------------------


def test_it_is_declined_with_a_reason_and_may_be_asked_for_again(world: World) -> None:
    talk = a_record(world)
    made = ask(world, talk)
    decline = {"actor": ACTOR, "at": AT, "disclosure": made, "today": TODAY}
    assert services.REASON_MISSING in refused(
        lambda: services.decline_disclosure(**decline, account=world.account("chief"), reason=" ")
    )
    services.decline_disclosure(**decline, account=world.account("chief"), reason="请先约谈核实。")
    assert made.state_at(AT) is DisclosureState.DECLINED
    assert refused(lambda: approve(world, made)) == services.TOO_LATE
    assert Disclosure.objects.get(pk=made.pk).ending_reason == "请先约谈核实。"
    assert ask(world, talk).number == 2


def test_who_asked_takes_it_back(world: World) -> None:
    made = ask(world, a_record(world))
    back = {"actor": ACTOR, "at": AT, "disclosure": made}
    assert (
        refused(lambda: services.take_back_disclosure(**back, account=world.account("chief")))
        == services.NOT_THE_ASKER
    )
    services.take_back_disclosure(**back, account=world.account("inspector"))
    assert refused(lambda: approve(world, made)) == services.TOO_LATE
    assert refused(lambda: read(world, made)) == services.OVER


def test_who_approved_revokes_it_at_once(world: World) -> None:
    made = ask(world, a_record(world))
    approve(world, made)
    back = {"actor": ACTOR, "at": AT + timedelta(minutes=1), "disclosure": made}
    assert (
        refused(lambda: services.revoke_disclosure(**back, account=world.account("secretary")))
        == services.NOT_THE_APPROVER
    )
    services.revoke_disclosure(**back, account=world.account("chief"))
    assert refused(lambda: read(world, made, at=AT + timedelta(minutes=1))) == services.OVER
    assert made.state_at(AT) is DisclosureState.REVOKED


def test_a_request_that_nobody_approves_in_seven_days_is_void_and_may_be_asked_again(world: World) -> None:
    talk = a_record(world)
    made = ask(world, talk)
    later = AT + timedelta(days=7)
    assert refused(lambda: approve(world, made, at=later)) == services.TOO_LATE
    assert ask(world, talk, at=later).number == 2
    made.refresh_from_db()
    assert made.ending == "逾期未批准"


def test_while_it_is_open_it_is_not_asked_for_again_and_afterwards_it_may_be(world: World) -> None:
    talk = a_record(world)
    made = ask(world, talk)
    approve(world, made)
    assert refused(lambda: ask(world, talk)) == services.STILL_OPEN
    assert ask(world, talk, at=AT + timedelta(minutes=30)).number == 2


# --- what the table refuses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        {"approved_by": "asker", "approved_at": AT, "minutes": 30},
        {"approved_by": "chief", "approved_at": AT, "minutes": 0},
        {"approved_by": "chief", "approved_at": AT, "minutes": None},
        {"approved_by": None, "approved_at": AT, "minutes": 30},
        {"approved_by": "chief", "approved_at": AT - timedelta(seconds=1), "minutes": 30},
        {"ending": "不予批准", "ended_by": "asker", "ended_at": AT},
        {"ending": "申请已撤回", "ended_by": "chief", "ended_at": AT},
        {"ending": "批准已收回", "ended_by": "chief", "ended_at": AT},
        {"ending": "不予批准", "ended_by": None, "ended_at": AT},
    ],
)
def test_the_table_refuses(world: World, columns: dict[str, object]) -> None:
    made = ask(world, a_record(world))
    people = {"asker": world.account("inspector"), "chief": world.account("chief")}
    values = {name: people.get(str(value), value) for name, value in columns.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Disclosure.objects.filter(pk=made.pk).update(**values)


def test_the_reason_is_sealed(world: World) -> None:
    made = ask(world, a_record(world))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM talks_disclosure WHERE id = %s", [made.pk])
        assert "核对雷同".encode() not in bytes(cursor.fetchone()[0])


# --- two at once -------------------------------------------------------------------------------------------


def both(world: World, made: Disclosure) -> list[str]:
    """Two principals approve at once."""
    one, other = (Disclosure.objects.get(pk=made.pk) for _ in range(2))
    return sorted(
        at_once(
            lambda: approve(world, one, by="chief", minutes=10),
            lambda: approve(world, other, by="secretary", minutes=30),
        )
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_is_told_that_he_is_late(world: World) -> None:
    made = ask(world, a_record(world))
    assert both(world, made) == ["", services.TOO_LATE]
    assert DisclosureNotice.objects.count() == 2
    assert TrailEntry.objects.filter(action="批准调阅").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_both_would_approve(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the lock is left, the condition of the UPDATE is taken out."""
    monkeypatch.setattr(DisclosureQuerySet, "waiting", lambda self, at: self)
    monkeypatch.setattr(services.DisclosureNotice.objects, "bulk_create", lambda rows: list(rows))
    made = ask(world, a_record(world))
    assert both(world, made) == ["", ""]
    assert TrailEntry.objects.filter(action="批准调阅").count() == 2


@pytest.mark.django_db(transaction=True)
def test_approved_and_taken_back_at_once_it_is_one_of_the_two(world: World) -> None:
    made = ask(world, a_record(world))
    outcomes = at_once(
        lambda: approve(world, Disclosure.objects.get(pk=made.pk)),
        lambda: services.take_back_disclosure(
            actor=ACTOR,
            at=AT,
            disclosure=Disclosure.objects.get(pk=made.pk),
            account=world.account("inspector"),
        ),
    )
    made.refresh_from_db()
    assert sorted(outcomes) == ["", services.TOO_LATE]
    assert bool(made.ending) is (outcomes[1] == "")
    assert (made.approved_at is None) is (outcomes[1] == "")


# --- on screen ---------------------------------------------------------------------------------------------


def open_now(world: World, **more: Any) -> Disclosure:
    """Approved a minute ago by the clock of the machine."""
    now = timezone.now() - timedelta(minutes=1)
    today = timezone.localdate(now)
    made = services.ask_disclosure(
        actor=ACTOR,
        at=now,
        account=world.account("inspector"),
        talk=a_record(world, **more),
        reason="核对雷同。",
        today=today,
    )
    services.approve_disclosure(
        actor=ACTOR, at=now, disclosure=made, account=world.account("chief"), minutes=30, today=today
    )
    return made


ClientOf = Callable[[Account], Client]


def test_the_whole_way_on_screen(world: World, client_of: ClientOf) -> None:
    talk = a_record(world)
    inspector, chief = client_of(world.account("inspector")), client_of(world.account("chief"))
    assert (
        reverse("talk-disclose", args=[talk.code])
        in inspector.get(reverse("talk", args=[talk.code])).content.decode()
    )
    page = inspector.post(reverse("talk-disclose", args=[talk.code]), {"reason": "核对雷同。"}, follow=True)
    assert "郑远航、陆秉川可以批准" in page.content.decode()
    made = Disclosure.objects.get()
    assert "审批调阅申请：" in chief.get(reverse("workbench")).content.decode()
    assert "核对雷同。" in chief.get(reverse("disclosure", args=[made.pk])).content.decode()
    chief.post(reverse("disclosure-approve", args=[made.pk]), {"minutes": "10"})
    shown = inspector.get(reverse("disclosure-read", args=[made.pk]))
    text = shown.content.decode()
    assert CONTENT in text
    assert "调阅人督查员" in text
    assert "no-store" in shown.headers["Cache-Control"]
    told = client_of(world.account("member")).get(reverse("notices")).content.decode()
    assert "您参加的2026年6月1日谈话的记录已批准调阅" in told
    Disclosure.objects.update(asked_at=AT, approved_at=AT)
    after = inspector.get(reverse("disclosure-read", args=[made.pk]), follow=True).content.decode()
    assert CONTENT not in after
    assert services.OVER in after


def test_who_asked_is_told_on_the_first_screen_while_the_time_runs(world: World, client_of: ClientOf) -> None:
    """The minutes are counted from the approval: who is not told of it finds them gone."""
    inspector = client_of(world.account("inspector"))

    def told() -> bool:
        page = inspector.get(reverse("workbench")).text
        assert ("沈若楠与梁志强的谈话" in page) == ("已批准调阅" in page)
        return "已批准调阅" in page

    made = ask(world, a_record(world), at=timezone.now())
    assert not told()
    now = timezone.now()
    approve(world, made, at=now, minutes=10)
    end = timezone.localtime(now + timedelta(minutes=10))
    assert told()
    page = inspector.get(reverse("workbench")).text
    assert f"可以查看至{end.hour}:{end:%M}" in page
    assert reverse("disclosure", args=[made.pk]) in page
    for other in ("chief", "member", "committee_member"):
        assert "已批准调阅" not in client_of(world.account(other)).get(reverse("workbench")).text
    services.revoke_disclosure(
        actor=ACTOR, at=timezone.now(), disclosure=made, account=world.account("chief")
    )
    assert not told()


def test_nothing_but_the_content_is_shown(world: World, client_of: ClientOf) -> None:
    made = open_now(world, topic="主题某某", opinions=["意见某某"], remedies=["措施某某"])
    row = Participant.objects.get(talk=made.talk, member=world.committee_member)
    row.private_notes = "笔记某某"
    row.save()
    page = client_of(world.account("inspector")).get(reverse("disclosure-read", args=[made.pk]))
    assert CONTENT in page.content.decode()
    assert "某某" not in page.content.decode()


def test_the_page_of_the_talk_stays_closed(world: World, client_of: ClientOf) -> None:
    made = open_now(world)
    inspector = client_of(world.account("inspector"))
    assert CONTENT not in inspector.get(reverse("talk", args=[made.talk.code])).content.decode()


def test_what_is_typed_without_a_reason_is_refused_in_words(world: World, client_of: ClientOf) -> None:
    talk = a_record(world)
    page = client_of(world.account("inspector")).post(
        reverse("talk-disclose", args=[talk.code]), {"reason": ""}
    )
    assert "请填写理由" in page.content.decode()


def test_the_list_costs_the_same_with_three_and_with_thirty(
    world: World, client_of: ClientOf, django_assert_max_num_queries: Any
) -> None:
    inspector = client_of(world.account("inspector"))

    def queries() -> int:
        with django_assert_max_num_queries(100) as counted:
            assert inspector.get(reverse("disclosures")).status_code == 200
        return len(counted.captured_queries)

    for _ in range(3):
        ask(world, a_record(world))
    few = queries()
    for _ in range(17):
        ask(world, a_record(world))
    assert queries() == few
