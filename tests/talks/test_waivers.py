"""免予谈话: who may do what, the life of a waiver, two who decide at once, what the table refuses."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from branches.rules import OrganisationKind
from members.models import Account, Member
from talks.models import Duty, Waiver
from talks.models.waivers import WaiverQuerySet
from talks.permissions import (
    decidable_waivers,
    known_waivers,
    overseen_waivers,
    readable_waivers,
    retractable_waivers,
    revocable_waivers,
    visible_waivers,
    waivable_duties,
    waiver_approvers,
)
from talks.rules.words import DutyState, WaiverState
from talks.services import waivers as services
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.test_services import at_once
from vault.models import TrailEntry
from vault.services import Actor

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 2, tzinfo=UTC)
ACTOR = Actor(account="tests", address="127.0.0.1")
REASON = "长期住院，无法谈话。"

Rights = Callable[..., WaiverQuerySet]


def duty_of(member: Member, rule: str = "year.committee-member") -> Duty:
    """The duty of 2026 of the rule about the member, as it is kept."""
    factories.keep_duties(TODAY)
    return Duty.objects.get(rule=rule, subject=member, year=2026)


def ask(world: World, duty: Duty | None = None, by: Member | None = None, reason: str = REASON) -> Waiver:
    """The 书记 asks that nobody need talk with the member this year."""
    return services.ask_waiver(
        actor=ACTOR, at=AT, asked_by=by or world.secretary, duty=duty or duty_of(world.member), reason=reason
    )


def approve(waiver: Waiver, by: Member, at: datetime = AT) -> None:
    services.approve_waiver(actor=ACTOR, at=at, waiver=waiver, approved_by=by)


def decline(waiver: Waiver, by: Member, reason: str = "可以到医院谈。") -> None:
    services.decline_waiver(actor=ACTOR, at=AT, waiver=waiver, declined_by=by, reason=reason)


def take_back(waiver: Waiver, by: Member) -> None:
    services.take_back_waiver(actor=ACTOR, at=AT, waiver=waiver, taken_back_by=by)


def revoke(waiver: Waiver, by: Member, reason: str = "已经出院。") -> None:
    services.revoke_waiver(actor=ACTOR, at=AT, waiver=waiver, revoked_by=by, reason=reason)


def refused(action: Callable[[], object]) -> str:
    """What the action is refused with."""
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


def state_of(duty: Duty, day: date) -> str:
    """The state of the duty on the day, its organisation reconciled before."""
    factories.keep_duties(day)
    return str(Duty.objects.with_state(day).get(pk=duty.pk).state)


# --- the life of a waiver --------------------------------------------------------------------------------


def test_it_counts_from_the_day_of_its_approval(world: World) -> None:
    duty = duty_of(world.member)
    waiver = ask(world, duty)
    assert waiver.state is WaiverState.WAITING
    assert state_of(duty, TODAY) == DutyState.PENDING
    # Half past midnight of the 17th in Shanghai.
    approve(waiver, world.chief, at=datetime(2026, 6, 16, 16, 30, tzinfo=UTC))
    assert (waiver.state, waiver.approved_on) == (WaiverState.APPROVED, date(2026, 6, 17))
    assert state_of(duty, date(2026, 6, 17)) == DutyState.WAIVED
    assert Duty.objects.with_state(date(2026, 6, 16)).get(pk=duty.pk).state == DutyState.PENDING


def test_it_is_approved_although_facts_have_changed_since(world: World) -> None:
    """The rows are brought up to date before the approval counts: with it nothing would be left to waive."""
    duty = duty_of(world.member)
    waiver = ask(world, duty)
    factories.a_member("新转入", world.branch)
    approve(waiver, world.chief)
    assert state_of(duty, TODAY) == DutyState.WAIVED
    assert Duty.objects.with_state(TODAY).filter(subject__name="新转入", year=2026).exists()


def test_it_is_of_one_period_and_no_other(world: World) -> None:
    duty = duty_of(world.member)
    approve(ask(world, duty), world.chief)
    factories.keep_duties(date(2027, 1, 1))
    found = Duty.objects.with_state(date(2027, 1, 1)).filter(rule=duty.rule, subject=world.member)
    assert dict(found.values_list("anchor", "state")) == {
        "period:2025": DutyState.OVERDUE,
        "period:2026": DutyState.WAIVED,
        "period:2027": DutyState.PENDING,
    }


def test_a_refusal_says_why_and_it_may_be_asked_again(world: World) -> None:
    duty = duty_of(world.member)
    first = ask(world, duty)
    decline(first, world.chief)
    assert state_of(duty, TODAY) == DutyState.PENDING
    second = ask(world, duty, reason="已转院，谢绝探视。")
    approve(second, world.chief)
    assert state_of(duty, TODAY) == DutyState.WAIVED
    told = [(row.number, row.state, row.reason, row.ending_reason) for row in Waiver.objects.all()]
    assert told == [
        (1, WaiverState.DECLINED, REASON, "可以到医院谈。"),
        (2, WaiverState.APPROVED, "已转院，谢绝探视。", None),
    ]


def test_who_asked_may_take_it_back_and_ask_again(world: World) -> None:
    duty = duty_of(world.member)
    waiver = ask(world, duty)
    assert refused(lambda: take_back(waiver, world.chief)) == services.NOT_THE_ASKER
    take_back(waiver, world.secretary)
    assert waiver.state is WaiverState.TAKEN_BACK
    assert refused(lambda: approve(waiver, world.chief)) == services.TOO_LATE
    assert ask(world, duty).number == 2


def test_with_the_approval_revoked_the_duty_returns(world: World) -> None:
    duty = duty_of(world.member)
    waiver = ask(world, duty)
    approve(waiver, world.chief)
    assert state_of(duty, TODAY) == DutyState.WAIVED
    revoke(waiver, world.chief)
    assert (waiver.state, waiver.ending_reason) == (WaiverState.REVOKED, "已经出院。")
    assert state_of(duty, TODAY) == DutyState.PENDING
    # A year later it is overdue since the last day of its year.
    assert state_of(duty, date(2027, 1, 1)) == DutyState.OVERDUE
    assert refused(lambda: revoke(waiver, world.chief)) == services.TOO_LATE


def test_nothing_is_asked_twice(world: World) -> None:
    duty = duty_of(world.member)
    waiver = ask(world, duty)
    assert refused(lambda: ask(world, duty)) == services.ALREADY_ASKED
    approve(waiver, world.chief)
    assert refused(lambda: ask(world, duty)) == services.ALREADY_WAIVED


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_wanted(world: World, reason: str) -> None:
    duty = duty_of(world.member)
    assert refused(lambda: ask(world, duty, reason=reason)) == services.REASON_MISSING
    waiver = ask(world, duty)
    assert refused(lambda: decline(waiver, world.chief, reason)) == services.REASON_MISSING
    approve(waiver, world.chief)
    assert refused(lambda: revoke(waiver, world.chief, reason)) == services.REASON_MISSING


@pytest.mark.parametrize("step", [approve, decline, revoke])
def test_neither_who_asked_nor_who_is_named_decides(world: World, step: Callable[..., None]) -> None:
    factories.a_post(world.colleague, world.branch, "支部书记", is_principal=True)
    factories.keep_duties(TODAY)
    pair = Duty.objects.get(rule="year.committee-committee", persons="P011+P012", year=2026)
    waiver = ask(world, pair, by=world.colleague)
    if step is revoke:
        approve(waiver, world.chief)
    assert refused(lambda: step(waiver, world.colleague)) == services.OWN_WAIVER
    assert refused(lambda: step(waiver, world.secretary)) == services.TOOK_PART
    assert refused(lambda: step(waiver, world.committee_member)) == services.TOOK_PART
    step(waiver, world.chief)


def test_what_is_met_is_not_waived(world: World) -> None:
    """A waiver comes first in rules.md section 6: it would hide the talk that was held."""
    duty = duty_of(world.member)
    waiver = ask(world, duty)
    factories.a_talk([world.committee_member], [world.member], held_on=TODAY)
    assert refused(lambda: approve(waiver, world.chief)) == services.SETTLED
    assert Waiver.objects.get().state is WaiverState.WAITING
    take_back(waiver, world.secretary)
    assert refused(lambda: ask(world, duty)) == services.SETTLED


def test_a_closed_year_is_not_waived(world: World) -> None:
    duty = duty_of(world.member)
    later = datetime(2028, 1, 3, 2, tzinfo=UTC)
    assert duty in Duty.objects.waivable(date(2027, 12, 31))
    with pytest.raises(ValidationError, match=services.SETTLED):
        services.ask_waiver(actor=ACTOR, at=later, asked_by=world.secretary, duty=duty, reason=REASON)


def test_the_trail_tells_no_reason_and_of_an_event_no_person(world: World) -> None:
    factories.an_event(world.member, happened_on=TODAY, code="E1")
    for duty in (duty_of(world.member), duty_of(world.member, "four.family")):
        waiver = ask(world, duty)
        decline(waiver, world.chief)
        waiver = ask(world, duty)
        approve(waiver, world.chief)
        revoke(waiver, world.chief)
        services.read_waiver(actor=ACTOR, at=AT, waiver=waiver)
    entries = list(TrailEntry.objects.order_by("number").values_list("action", "detail"))
    each = ["申请", "不予批准", "申请", "批准", "撤回批准", "查看理由"]
    assert [action for action, _ in entries] == each * 2
    ordinary = {
        "党组织": "HC",
        "规则代码": "year.committee-member",
        "事由标识": "period:2026",
        "人员": "P013",
    }
    details = [json.loads(detail) if isinstance(detail, str) else detail for _, detail in entries]
    assert details == [ordinary] * 6 + [{"党组织": "HC"}] * 6


# --- two at once -----------------------------------------------------------------------------------------


def decide_at_once(world: World, waiver: Waiver) -> list[str]:
    """Two principals, of the branch and above, decide at once: one declines, the other approves."""
    return at_once(
        lambda: decline(Waiver.objects.get(pk=waiver.pk), world.colleague),
        lambda: approve(Waiver.objects.get(pk=waiver.pk), world.chief),
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(world: World) -> None:
    factories.a_post(world.colleague, world.branch, "支部副书记", is_principal=True)
    waiver = ask(world)
    outcomes = decide_at_once(world, waiver)
    assert sorted(outcomes) == ["", services.TOO_LATE]
    won = (WaiverState.DECLINED, WaiverState.APPROVED)[outcomes.index("")]
    assert Waiver.objects.get().state is won
    assert TrailEntry.objects.filter(target_kind="免予谈话").count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_both_would_win(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above: a step that does not ask for the state lets both through.

    The table's own constraint, that what is declined is not approved, stands behind and is taken out too.
    """
    factories.a_post(world.colleague, world.branch, "支部副书记", is_principal=True)
    waiver = ask(world)

    def careless(waiver: Waiver, before: WaiverState, **columns: object) -> None:
        columns.pop("approved_on", None)
        columns.pop("approved_by", None)
        Waiver.objects.filter(pk=waiver.pk).update(**columns) if columns else None
        waiver.refresh_from_db()

    monkeypatch.setattr(services, "_step", careless)
    assert decide_at_once(world, waiver) == ["", ""]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_at_once_one_is_told(world: World) -> None:
    factories.a_post(world.colleague, world.branch, "支部副书记", is_principal=True)
    duty = duty_of(world.member)
    outcomes = at_once(lambda: ask(world, duty), lambda: ask(world, duty, by=world.colleague))
    assert sorted(outcomes) == ["", services.ALREADY_ASKED]
    assert Waiver.objects.count() == 1


# --- who may -------------------------------------------------------------------------------------------


def those(world: World, rights: Rights, waiver: Waiver, **more: object) -> set[str]:
    """The roles that have the right to the waiver."""
    return {role for role in PERSONAS if waiver in rights(world.account(role), **more)}


ORDINARY = {"rule": "year.committee-member", "anchor": "period:2026"}
OF_EVENT = {"rule": "four.family", "anchor": "event:E1"}
ANSWERING = {"secretary", "chief", "staff", "inspector"}


@pytest.mark.parametrize("kind", [ORDINARY, OF_EVENT])
def test_who_knows_of_one_that_waits(world: World, kind: dict[str, str]) -> None:
    waiver = factories.a_waiver(world.branch, world.member, asked_by=world.secretary, **kind)  # type: ignore[arg-type]
    is_event = kind is OF_EVENT
    assert those(world, visible_waivers, waiver, today=TODAY) == ({"secretary"} if is_event else ANSWERING)
    assert those(world, known_waivers, waiver, today=TODAY) == (
        {"secretary", "chief"} if is_event else ANSWERING
    )
    assert those(world, decidable_waivers, waiver, today=TODAY) == {"chief"}
    assert those(world, readable_waivers, waiver, today=TODAY) == {"secretary", "chief"}
    assert those(world, revocable_waivers, waiver, today=TODAY) == set()
    assert those(world, retractable_waivers, waiver) == {"secretary"}


@pytest.mark.parametrize("kind", [ORDINARY, OF_EVENT])
def test_who_knows_of_one_that_is_approved(world: World, kind: dict[str, str]) -> None:
    waiver = factories.a_waiver(
        world.branch,
        world.member,
        asked_by=world.secretary,
        approved_by=world.chief,
        **kind,  # type: ignore[arg-type]
    )
    is_event = kind is OF_EVENT
    assert those(world, visible_waivers, waiver, today=TODAY) == ({"secretary"} if is_event else ANSWERING)
    assert those(world, known_waivers, waiver, today=TODAY) == (
        {"secretary", "chief"} if is_event else ANSWERING
    )
    assert those(world, decidable_waivers, waiver, today=TODAY) == set()
    assert those(world, readable_waivers, waiver, today=TODAY) == {"secretary", "chief"}
    assert those(world, revocable_waivers, waiver, today=TODAY) == {"chief"}
    assert those(world, retractable_waivers, waiver) == set()


def test_of_an_event_that_was_decided_by_another_nobody_above_hears(world: World) -> None:
    factories.a_post(world.colleague, world.branch, "支部副书记", is_principal=True)
    waiver = factories.a_waiver(
        world.branch,
        world.member,
        asked_by=world.secretary,
        approved_by=world.colleague,
        **OF_EVENT,  # type: ignore[arg-type]
    )
    assert those(world, known_waivers, waiver, today=TODAY) == {"secretary", "colleague"}
    assert those(world, readable_waivers, waiver, today=TODAY) == {"secretary", "colleague"}
    assert those(world, revocable_waivers, waiver, today=TODAY) == {"colleague"}


def test_whom_the_event_concerns_learns_nothing_even_where_he_would_approve(world: World) -> None:
    waiver = factories.a_waiver(
        world.other_branch,
        world.chief,
        asked_by=world.other_secretary,
        **OF_EVENT,  # type: ignore[arg-type]
    )
    for rights in (visible_waivers, known_waivers):
        assert those(world, rights, waiver, today=TODAY) == {"other_secretary"}
    for rights in (decidable_waivers, overseen_waivers):
        assert those(world, rights, waiver, today=TODAY) == set()


def test_whoever_entered_the_event_knows_it_by_name(world: World) -> None:
    factories.an_event(world.member, happened_on=TODAY, code="E1", entered_by=world.account("deputy"))
    waiver = factories.a_waiver(
        world.branch,
        world.member,
        asked_by=world.secretary,
        **OF_EVENT,  # type: ignore[arg-type]
    )
    assert those(world, visible_waivers, waiver, today=TODAY) == {"secretary", "deputy"}
    assert those(world, readable_waivers, waiver, today=TODAY) == {"secretary", "chief"}


def test_a_principal_who_is_not_confirmed_decides_nothing(world: World) -> None:
    above = factories.an_organisation("流域党委", OrganisationKind.COMMITTEE, code="LY")
    factories.a_post(world.stranger, above, "党委书记", is_principal=True)
    world.committee.superior = above
    world.committee.path = f"{above.path}{world.committee.pk}/"
    world.committee.save()
    world.branch.path = f"{world.committee.path}{world.branch.pk}/"
    world.branch.save()
    waiver = factories.a_waiver(world.branch, world.member, asked_by=world.secretary)
    assert those(world, decidable_waivers, waiver, today=TODAY) == {"chief", "stranger"}
    world.chief.posts.update(confirmed_at=None)
    assert those(world, decidable_waivers, waiver, today=TODAY) == {"stranger"}
    assert those(world, readable_waivers, waiver, today=TODAY) == {"secretary", "stranger"}
    approvers = waiver_approvers(waiver, asked_by=world.secretary.pk, today=TODAY)
    assert list(approvers) == [world.stranger]


def test_a_principal_asks_for_his_own_organisation_and_not_about_what_concerns_himself(world: World) -> None:
    factories.an_event(
        world.secretary, "家庭变故", happened_on=TODAY, code="E1", entered_by=world.account("secretary")
    )
    factories.an_event(world.member, "家庭变故", happened_on=TODAY, code="E2")
    factories.keep_duties(TODAY)

    def may(account: Account) -> set[tuple[str, str]]:
        found = waivable_duties(account, today=TODAY).filter(is_event=True)
        return {(duty.anchor, duty.subject.code) for duty in found}

    assert may(world.account("secretary")) == {("event:E2", "P013")}
    ordinary = duty_of(world.member)
    who = {role for role in PERSONAS if ordinary in waivable_duties(world.account(role), today=TODAY)}
    assert who == {"secretary"}


# --- what the table refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        {"approved_by": "chief"},
        {"approved_on": TODAY},
        {"ending": "不予批准", "ended_on": TODAY},
        {"ending": "不予批准", "ended_by": "chief"},
        {"ending": "申请已撤回", "ended_by": "chief", "ended_on": TODAY},
        {"ending": "批准已撤回", "ended_by": "chief", "ended_on": TODAY},
        {"ended_by": "chief", "ended_on": TODAY},
        {
            "ending": "不予批准",
            "ended_by": "chief",
            "ended_on": TODAY,
            "approved_by": "chief",
            "approved_on": TODAY,
        },
    ],
)
def test_the_table_takes_no_waiver_that_cannot_be(world: World, columns: dict[str, Any]) -> None:
    waiver = factories.a_waiver(world.branch, world.member, asked_by=world.secretary)
    given = {
        name: getattr(world, value) if name.endswith("_by") else value for name, value in columns.items()
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.filter(pk=waiver.pk).update(**given)


BY_ASKER = {"approved_by": "secretary", "approved_on": TODAY}
BY_SUBJECT = {"approved_by": "chief", "approved_on": TODAY}
BY_COUNTERPART = {"approved_by": "deputy", "approved_on": TODAY}
DECLINED = {"ending": "不予批准", "ended_on": TODAY}


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        (BY_ASKER, "waiver_not_approved_by_asker"),
        (BY_SUBJECT, "waiver_not_approved_by_person"),
        (BY_COUNTERPART, "waiver_not_approved_by_person"),
        ({"ended_by": "secretary", **DECLINED}, "waiver_not_decided_by_asker"),
        ({"ended_by": "chief", **DECLINED}, "waiver_not_decided_by_person"),
        ({"ended_by": "deputy", **DECLINED}, "waiver_not_decided_by_person"),
    ],
)
def test_the_table_lets_no_one_decide_what_is_his_own(
    world: World, columns: dict[str, Any], constraint: str
) -> None:
    """Neither who asked nor one of the pair; anybody else's name in their place is taken."""
    waiver = factories.a_waiver(
        world.branch, world.chief, counterpart=world.deputy, persons="P001+P002", asked_by=world.secretary
    )
    rows = Waiver.objects.filter(pk=waiver.pk)

    def write(who: dict[str, Member]) -> None:
        rows.update(**columns | who)

    name = "approved_by" if "approved_by" in columns else "ended_by"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write({name: getattr(world, columns[name])})
    write({name: world.head})


@pytest.mark.parametrize("step", [approve, decline])
def test_where_the_service_forgot_to_ask_the_table_still_refuses(
    world: World, monkeypatch: pytest.MonkeyPatch, step: Callable[..., None]
) -> None:
    """The guard of the service taken out: it is what tells people why, the table is what holds."""
    waiver = ask(world)
    monkeypatch.setattr(services, "_refuse_part", lambda waiver, decider: None)
    for person in (world.secretary, world.member):
        with pytest.raises(IntegrityError), transaction.atomic():
            step(waiver, person)
    assert Waiver.objects.get().state is WaiverState.WAITING


@pytest.mark.parametrize("number", [1, 2])
def test_of_one_duty_one_waiver_lives(world: World, number: int) -> None:
    factories.a_waiver(world.branch, world.member, asked_by=world.secretary)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.a_waiver(world.branch, world.member, asked_by=world.secretary, number=number)


# --- the migration --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth_over_rows_of_every_kind(world: World) -> None:
    """Backwards only what is approved and in force stays, which is what the table held before."""
    duty = duty_of(world.member)
    decline(ask(world, duty), world.chief)
    approve(ask(world, duty, reason="第二次申请。"), world.chief)
    approve(ask(world, duty_of(world.colleague), reason="第一次就批准。"), world.chief)
    revoked = ask(world, duty_of(world.head))
    approve(revoked, world.chief)
    revoke(revoked, world.chief)
    factories.a_waiver(world.branch, world.applicant, asked_by=world.secretary)
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()  # of all apps: others may depend
    try:
        executor.migrate([("talks", "0004_duties")])
        old = executor.loader.project_state([("talks", "0004_duties")]).apps.get_model("talks", "Waiver")
        kept = old._default_manager.order_by("persons").values_list("persons", "approved_on")
        assert list(kept) == [("P013", TODAY), ("P014", TODAY)]
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)
    told = {row.persons: (row.state, row.number, row.reason) for row in Waiver.objects.all()}
    assert told == {
        "P013": (WaiverState.APPROVED, 1, "第二次申请。"),
        "P014": (WaiverState.APPROVED, 1, "第一次就批准。"),
    }
