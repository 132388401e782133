"""整改: who may know, read and do what; progress, the ledger, 销号; what was agreed in talks is chased.

The 支委 (沈若楠) talked with the member (梁志强) of the branch on 2 March 2026; the member is to see to the
remedy by the 20th. The 书记 (陆秉川) leads the branch, the 党委书记 (郑远航) stands above.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from branches.rules import OrganisationKind
from members.models import Member
from talks.models import Notice, Remedy, Settlement, Talk, homes_of
from talks.permissions import (
    assignable_remedies,
    decidable_settlements,
    known_remedies,
    ledger_remedies,
    overseen_settlements,
    progressing_remedies,
    releasable_remedies,
    retractable_remedies,
    settleable_remedies,
    visible_progress,
    visible_remedies,
    visible_settlements,
)
from talks.rules.words import RemedyState, SettlementState, TalkState
from talks.services import remedies as services
from talks.services.chasing import chase_due, chase_talks
from talks.services.exchange.talks import REMEDIES_UNDER_WAY
from talks.services.records import REMEDY_UNDER_WAY, RecordText, RemedyLine, correct_record
from talks.services.talks import Circumstances
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.exchange.books import imported
from tests.talks.notices.sweeps import at, days, sweep
from tests.talks.test_services import at_once
from vault.models import TrailEntry
from vault.services import Actor

HELD = date(2026, 3, 2)
DUE = date(2026, 3, 20)
TODAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
ACTOR = Actor(account="tests", address="127.0.0.1")
TEXT = "每月到测站检查一次安全用电"
RELEASED = "定期检查基层用电安全"

Rights = Callable[..., Any]


@pytest.fixture
def remedy(world: World) -> Remedy:
    """As above."""
    return a_remedy(world)


def a_remedy(world: World, owner: Member | None = None, due_on: date | None = DUE, **more: Any) -> Remedy:
    talkers = more.pop("talkers", [world.committee_member])
    subjects = more.pop("subjects", [world.member])
    talk = factories.a_talk(talkers, subjects, held_on=more.pop("held_on", HELD), remedies=[TEXT], **more)
    remedy = talk.remedies.get()
    remedy.owner, remedy.due_on = owner or world.member, due_on
    remedy.save(update_fields=["owner", "due_on"])
    return remedy


def release(remedy: Remedy, by: Member, text: str = RELEASED) -> Remedy:
    services.release_remedy(actor=ACTOR, at=AT, remedy=remedy, released_by=by, text=text)
    return remedy


def ask(remedy: Remedy, by: Member, result: str = "已检查三次。") -> Settlement:
    return services.ask_settlement(actor=ACTOR, at=AT, remedy=remedy, asked_by=by, result=result)


def approve(settlement: Settlement, by: Member) -> None:
    services.approve_settlement(actor=ACTOR, at=AT, settlement=settlement, approved_by=by)


def send_back(settlement: Settlement, by: Member, reason: str = "请补充检查记录。") -> None:
    services.return_settlement(actor=ACTOR, at=AT, settlement=settlement, returned_by=by, reason=reason)


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


def those_who(rights: Rights, world: World) -> set[str]:
    return {role for role in PERSONAS if rights(world.account(role), today=TODAY).exists()}


def trail() -> list[tuple[str, str]]:
    return list(TrailEntry.objects.order_by("number").values_list("action", "target"))


# --- which organisation sees to it ----------------------------------------------------------------------


def test_the_organisation_that_sees_to_it(world: World) -> None:
    on = HELD
    # Of the branch both.
    inside = factories.a_talk([world.secretary], [world.member], held_on=on)
    # Both are of the committee's team, and both affiliated with the other branch: the committee's.
    leaders = factories.a_talk([world.chief], [world.deputy], held_on=on)
    # A leader of the committee with a member of a branch: neither ledger holds both, the talker's it is.
    across = factories.a_talk([world.chief], [world.member], held_on=on)
    outside = factories.a_talk([], [world.member], held_on=on, external_talker="上级组织部　周主任")
    nowhere = factories.a_talk([factories.a_member("无处")], [factories.a_member("亦无")], held_on=on)
    assert homes_of([inside.pk, leaders.pk, across.pk, outside.pk, nowhere.pk]) == {
        inside.pk: world.branch.pk,
        leaders.pk: world.committee.pk,
        across.pk: world.committee.pk,
        outside.pk: world.branch.pk,
    }
    assert homes_of([]) == {}


# --- who may what ---------------------------------------------------------------------------------------


def test_an_unreleased_remedy_is_for_its_talk_and_its_owner(world: World, remedy: Remedy) -> None:
    # The 书记 reads the talks of his branch (design.md section 4).
    assert those_who(known_remedies, world) == {"committee_member", "member", "secretary"}
    assert those_who(visible_remedies, world) == {"committee_member", "member", "secretary"}
    assert those_who(ledger_remedies, world) == set()


def test_an_owner_who_took_no_part_knows_of_it_and_reads_what_is_released(world: World) -> None:
    remedy = a_remedy(world, owner=world.colleague)
    assert "colleague" in those_who(known_remedies, world)
    assert "colleague" not in those_who(visible_remedies, world)
    release(remedy, world.committee_member)
    assert "colleague" in those_who(ledger_remedies, world)


def test_a_released_remedy_stands_in_the_ledger(world: World, remedy: Remedy) -> None:
    release(remedy, world.committee_member)
    remedy.refresh_from_db()
    assert (remedy.organisation, remedy.released_text) == (world.branch, RELEASED)
    read = {"committee_member", "member", "secretary", "chief"}
    assert those_who(ledger_remedies, world) == read
    # Whoever keeps or inspects the organisation is told that there is one, not what it says.
    assert those_who(known_remedies, world) == {*read, "staff", "inspector"}
    assert those_who(visible_remedies, world) == {"committee_member", "member", "secretary"}


def test_a_draft_is_no_remedy(world: World) -> None:
    remedy = a_remedy(world, state=TalkState.HELD)
    assert those_who(known_remedies, world) == set()
    Talk.objects.filter(pk=remedy.talk_id).update(state=TalkState.RECORDED)
    assert those_who(known_remedies, world) == {"committee_member", "member", "secretary"}


def test_who_works_on_it(world: World, remedy: Remedy) -> None:
    assert those_who(progressing_remedies, world) == {"committee_member", "member"}
    assert those_who(releasable_remedies, world) == {"committee_member"}
    assert those_who(settleable_remedies, world) == {"member"}
    assert those_who(assignable_remedies, world) == set()
    assert those_who(retractable_remedies, world) == set()
    Remedy.objects.update(owner=None)
    assert those_who(settleable_remedies, world) == {"committee_member"}
    assert those_who(assignable_remedies, world) == {"committee_member"}


def test_who_decides(world: World, remedy: Remedy) -> None:
    ask(remedy, world.member)
    # A principal of O or above who neither asked nor took part (design.md section 4a).
    assert those_who(decidable_settlements, world) == {"secretary", "chief"}
    assert those_who(visible_settlements, world) == {"secretary", "chief", "committee_member", "member"}
    assert "chief" in those_who(known_remedies, world)
    assert "chief" not in those_who(visible_remedies, world)
    assert those_who(settleable_remedies, world) == set()
    approve(Settlement.objects.get(), world.chief)
    assert those_who(decidable_settlements, world) == set()
    assert those_who(overseen_settlements, world) == {"secretary", "chief"}
    # He decided it: that much he still knows.
    assert "chief" in those_who(known_remedies, world)
    assert those_who(progressing_remedies, world) == set()


def test_the_secretary_who_talked_decides_not(world: World) -> None:
    remedy = a_remedy(world, talkers=[world.secretary])
    ask(remedy, world.member)
    assert those_who(decidable_settlements, world) == {"chief"}


def test_an_unconfirmed_principal_decides_nothing(world: World, remedy: Remedy) -> None:
    world.secretary.posts.update(confirmed_at=None)
    ask(remedy, world.member)
    assert those_who(decidable_settlements, world) == {"chief"}


def test_progress_is_for_those_who_work_on_it(world: World, remedy: Remedy) -> None:
    release(remedy, world.committee_member)
    services.note_progress(
        actor=ACTOR, at=AT, remedy=remedy, noted_by=world.member, noted_on=TODAY, text="检查了一次。"
    )
    assert those_who(visible_progress, world) == {"committee_member", "member", "secretary"}
    ask(remedy, world.member)
    assert those_who(visible_progress, world) == {"committee_member", "member", "secretary", "chief"}


# --- progress, owner and limit --------------------------------------------------------------------------


def test_progress_is_noted_by_number_and_sealed(world: World, remedy: Remedy) -> None:
    for text in ("检查了一次。", " 检查了两次。 "):
        services.note_progress(
            actor=ACTOR, at=AT, remedy=remedy, noted_by=world.member, noted_on=TODAY, text=text
        )
    assert [(row.number, row.text) for row in remedy.progress.all()] == [
        (1, "检查了一次。"),
        (2, "检查了两次。"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM talks_progress")
        assert all("检查".encode() not in bytes(row[0]) for row in cursor.fetchall())
    assert trail() == [("填写进展", f"{remedy.talk.code}·1")] * 2
    assert "检查" not in str(list(TrailEntry.objects.values()))


@pytest.mark.parametrize(
    ("noted_on", "text", "reason"),
    [
        (TODAY, "  ", services.TEXT_MISSING),
        (TODAY + timedelta(days=1), "检查。", services.AHEAD),
    ],
)
def test_progress_that_is_refused(
    world: World, remedy: Remedy, noted_on: date, text: str, reason: str
) -> None:
    assert (
        refused(
            lambda: services.note_progress(
                actor=ACTOR, at=AT, remedy=remedy, noted_by=world.member, noted_on=noted_on, text=text
            )
        )
        == reason
    )
    assert not remedy.progress.exists()


def test_owner_and_limit_are_named_where_the_record_named_none(world: World) -> None:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=HELD, remedies=[TEXT])
    remedy = talk.remedies.get()

    def assign(owner: Member | None = None, due_on: date | None = None) -> None:
        services.assign_remedy(actor=ACTOR, at=AT, remedy=remedy, owner=owner, due_on=due_on)

    assert refused(assign) == services.NOTHING_NAMED
    assert refused(lambda: assign(due_on=HELD - timedelta(days=1))) == services.LIMIT_EARLY
    assign(owner=world.member)
    assign(due_on=DUE)
    assert (remedy.owner, remedy.due_on) == (world.member, DUE)
    # What is named stays.
    assert refused(lambda: assign(owner=world.colleague, due_on=DUE)) == services.NOTHING_NAMED
    assert trail() == [("明确责任", f"{talk.code}·1")] * 2


def test_progress_stays_with_its_remedy_when_the_record_is_corrected(world: World, remedy: Remedy) -> None:
    services.note_progress(
        actor=ACTOR, at=AT, remedy=remedy, noted_by=world.member, noted_on=TODAY, text="检查了一次。"
    )

    def correct(*lines: RemedyLine) -> None:
        talk = Talk.objects.get(pk=remedy.talk_id)
        correct_record(
            actor=ACTOR,
            at=AT,
            talk=talk,
            revision=talk.revision,
            today=TODAY,
            circumstances=Circumstances(held_on=HELD),
            text=RecordText(content="谈了用电安全。", remedies=lines),
        )

    assert refused(lambda: correct(RemedyLine("另一项"))) == REMEDY_UNDER_WAY
    correct(RemedyLine("另一项"), RemedyLine("每月检查一次", world.member, DUE, 1))
    rows = list(Remedy.objects.filter(talk=remedy.talk_id))
    assert [(row.pk == remedy.pk, row.number, row.text) for row in rows] == [
        (True, 1, "每月检查一次"),
        (False, 2, "另一项"),
    ]
    assert rows[0].progress.get().text == "检查了一次。"
    correct(RemedyLine("每月检查一次", world.member, DUE, 1))
    assert Remedy.objects.filter(talk=remedy.talk_id).count() == 1


def test_an_import_rewrites_no_remedy_that_is_under_way(world: World, remedy: Remedy) -> None:
    header = ["谈话编号", "谈话日期", "谈话人编号", "谈话对象编号", "状态", "整改措施"]
    row = [remedy.talk.code, "2026-03-02", "P012", "P013", "已记录"]
    services.note_progress(
        actor=ACTOR, at=AT, remedy=remedy, noted_by=world.member, noted_on=TODAY, text="检查了一次。"
    )
    for text in ("", "另一项"):
        outcome = imported({"谈话": [header, [*row, text]]})
        assert [line.partition(": ")[2] for line in outcome.error_lines] == [REMEDIES_UNDER_WAY]
    assert not imported({"谈话": [header, [*row, TEXT]]}).errors
    assert remedy.progress.exists()


# --- the ledger -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", services.RELEASE_MISSING),
        ("每月到测站，检查一次安全用电。", services.NOT_REWORDED),
        ("按吴桂兰的意见检查用电", services.NAMES_SUBJECT.format(name="吴桂兰")),
    ],
)
def test_what_is_not_released(world: World, text: str, reason: str) -> None:
    remedy = a_remedy(world, subjects=[world.colleague])
    assert refused(lambda: release(remedy, world.committee_member, text)) == reason
    remedy.refresh_from_db()
    assert not remedy.is_released


def test_a_remedy_is_released_once_and_taken_out_again(world: World, remedy: Remedy) -> None:
    release(remedy, world.committee_member)
    assert refused(lambda: release(remedy, world.committee_member)) == services.RELEASED_ALREADY
    services.retract_remedy(actor=ACTOR, at=AT, remedy=remedy)
    remedy.refresh_from_db()
    assert (remedy.organisation, remedy.released_text) == (None, None)
    assert trail() == [("列入台账", f"{remedy.talk.code}·1"), ("撤出台账", f"{remedy.talk.code}·1")]


def test_reading_the_texts_leaves_one_entry(world: World, remedy: Remedy) -> None:
    release(remedy, world.committee_member)
    other = a_remedy(world)
    rows = list(Remedy.objects.select_related("talk"))
    texts = services.read_remedies(
        actor=ACTOR, at=AT, remedies=rows, originals=[other.pk], released=[remedy.pk]
    )
    assert texts == {remedy.pk: RELEASED, other.pk: TEXT}
    assert trail()[-1] == ("查看整改措施", "2项")
    number = TrailEntry.objects.count()
    assert services.read_remedies(actor=ACTOR, at=AT, remedies=rows, originals=[], released=[]) == {}
    assert TrailEntry.objects.count() == number


# --- 销号 -----------------------------------------------------------------------------------------------


def test_settled_with_the_approval_of_another(world: World, remedy: Remedy) -> None:
    settlement = ask(remedy, world.member)
    assert refused(lambda: ask(remedy, world.member)) == services.ASKED_ALREADY
    assert refused(lambda: approve(settlement, world.member)) == services.OWN_SETTLEMENT
    assert refused(lambda: approve(settlement, world.committee_member)) == services.TOOK_PART
    assert refused(lambda: send_back(settlement, world.secretary, " ")) == services.REASON_MISSING
    send_back(settlement, world.secretary)
    assert (settlement.state, settlement.ending_reason) == (SettlementState.RETURNED, "请补充检查记录。")
    again = ask(remedy, world.member, "已检查三次，记录附后。")
    assert again.number == 2
    approve(again, world.secretary)
    remedy.refresh_from_db()
    assert remedy.settled_on == TODAY
    assert refused(lambda: send_back(again, world.chief)) == services.TOO_LATE
    assert refused(lambda: ask(remedy, world.member)) == services.SETTLED_ALREADY
    assert [action for action, _ in trail()] == ["申请销号", "退回销号", "申请销号", "批准销号"]
    assert "检查" not in str(list(TrailEntry.objects.values()))


def test_the_owner_decides_not_even_where_another_asked(world: World) -> None:
    remedy = a_remedy(world, owner=world.secretary)
    settlement = ask(remedy, world.committee_member)
    assert refused(lambda: approve(settlement, world.secretary)) == services.OWN_SETTLEMENT


def test_the_asker_takes_it_back(world: World, remedy: Remedy) -> None:
    settlement = ask(remedy, world.member)

    def take_back(by: Member) -> None:
        services.take_back_settlement(actor=ACTOR, at=AT, settlement=settlement, taken_back_by=by)

    assert refused(lambda: take_back(world.secretary)) == services.NOT_THE_ASKER
    take_back(world.member)
    assert settlement.state is SettlementState.TAKEN_BACK
    assert refused(lambda: approve(settlement, world.secretary)) == services.TOO_LATE


def test_a_remedy_of_nobodys_organisation_says_what_to_do(world: World) -> None:
    nobody = factories.a_member("无处")
    remedy = a_remedy(world, talkers=[nobody], subjects=[factories.a_member("亦无")], owner=nobody)
    assert refused(lambda: ask(remedy, nobody)) == services.NO_HOME


def test_the_table_refuses_an_asker_who_decides(world: World, remedy: Remedy) -> None:
    settlement = ask(remedy, world.member)
    for ending in ("已销号", "已退回"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Settlement.objects.filter(pk=settlement.pk).update(
                ending=ending, ended_by=world.member, ended_on=TODAY
            )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told(world: World) -> None:
    settlement = ask(a_remedy(world), world.member)

    def decide(by: Member, action: Callable[[Settlement, Member], None]) -> Callable[[], None]:
        def act() -> None:
            action(Settlement.objects.select_related("remedy__talk").get(pk=settlement.pk), by)

        return act

    answers = at_once(decide(world.secretary, approve), decide(world.chief, send_back))
    assert sorted(answers) == sorted(["", services.TOO_LATE])
    settled = Remedy.objects.get().settled_on is not None
    assert settled == (Settlement.objects.get().state is SettlementState.SETTLED)


# --- states ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 3, 12), RemedyState.OPEN),
        (date(2026, 3, 13), RemedyState.NEAR),
        (DUE, RemedyState.NEAR),
        (date(2026, 3, 21), RemedyState.OVERDUE),
    ],
)
def test_states(world: World, remedy: Remedy, today: date, state: RemedyState) -> None:
    assert Remedy.objects.with_state(today).get().state == state  # type: ignore[attr-defined]


def test_waiting_and_settled_hide_the_limit(world: World, remedy: Remedy) -> None:
    later = DUE + timedelta(days=30)
    settlement = ask(remedy, world.member)
    assert Remedy.objects.with_state(later).get().state == RemedyState.WAITING  # type: ignore[attr-defined]
    send_back(settlement, world.secretary)
    assert Remedy.objects.with_state(later).get().state == RemedyState.OVERDUE  # type: ignore[attr-defined]
    approve(ask(remedy, world.member), world.secretary)
    assert Remedy.objects.with_state(later).get().state == RemedyState.SETTLED  # type: ignore[attr-defined]


# --- chased ---------------------------------------------------------------------------------------------


def told_of(**what: Any) -> set[tuple[int, str]]:
    rows = [
        (one.step, one.member.name if one.member else "")
        for one in Notice.objects.filter(**what).select_related("member")
    ]
    assert len(rows) == len(set(rows))
    return set(rows)


MEMBER, COMMITTEE, SECRETARY, CHIEF = "梁志强", "沈若楠", "陆秉川", "郑远航"


def test_a_remedy_is_chased_as_duties_are(world: World, remedy: Remedy) -> None:
    for day in days(HELD, DUE + timedelta(days=14)):
        sweep(day)
        sweep(day)
    assert told_of(remedy=remedy) == {
        *((step, MEMBER) for step in (-7, -3, -1, 1, 3, 7, 14)),
        *((step, SECRETARY) for step in (3, 7, 14)),
        *((step, CHIEF) for step in (7, 14)),
    }


def test_after_silence_there_is_one_step(world: World, remedy: Remedy) -> None:
    sweep(HELD)
    sweep(DUE + timedelta(days=40))
    assert told_of(remedy=remedy) == {(35, MEMBER), (35, SECRETARY), (35, CHIEF)}


def test_a_settled_remedy_is_chased_no_more(world: World, remedy: Remedy) -> None:
    approve(ask(remedy, world.member), world.secretary)
    for day in days(TODAY, DUE + timedelta(days=8)):
        sweep(day)
    assert told_of(remedy=remedy) == set()


def test_what_is_not_chased(world: World) -> None:
    a_remedy(world, due_on=None)
    a_remedy(world, state=TalkState.HELD)
    for day in days(DUE, DUE + timedelta(days=8)):
        sweep(day)
    assert told_of(remedy__isnull=False) == set()


def test_without_an_owner_the_talkers_are_told(world: World, remedy: Remedy) -> None:
    Remedy.objects.update(owner=None)
    sweep(DUE - timedelta(days=1))
    assert told_of(remedy=remedy) == {(-1, COMMITTEE)}


def test_the_owner_hears_of_it_when_the_record_is_written(world: World, remedy: Remedy) -> None:
    near = DUE - timedelta(days=2)
    sweep(near)
    Notice.objects.all().delete()
    assert chase_talks(talks=[remedy.talk_id], today=near, at=at(near)) == 1
    assert chase_talks(talks=[remedy.talk_id], today=near, at=at(near)) == 0
    assert told_of(remedy=remedy) == {(-3, MEMBER)}


def test_a_follow_up_is_chased_until_they_have_talked_again(world: World) -> None:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=HELD)
    Talk.objects.filter(pk=talk.pk).update(follow_up_on=DUE)
    for day in days(HELD, DUE + timedelta(days=7)):
        sweep(day)
    assert told_of(follow_up=talk) == {
        *((step, COMMITTEE) for step in (-7, -3, -1, 1, 3, 7)),
        *((step, SECRETARY) for step in (3, 7)),
        (7, CHIEF),
    }
    open_before = Notice.objects.of(world.account("committee_member")).open(TODAY)
    assert open_before.filter(follow_up=talk).exists()
    # The member came to him: on which side they sit does not matter.
    factories.a_talk([world.member], [world.committee_member], held_on=DUE + timedelta(days=8))
    for day in days(DUE + timedelta(days=9), DUE + timedelta(days=15)):
        sweep(day)
    assert {step for step, _ in told_of(follow_up=talk)} == {-7, -3, -1, 1, 3, 7}
    assert not Notice.objects.open(TODAY).filter(follow_up=talk).exists()


def test_what_does_not_meet_a_follow_up(world: World) -> None:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=HELD)
    Talk.objects.filter(pk=talk.pk).update(follow_up_on=DUE)
    later = HELD + timedelta(days=5)
    # Another talker, both on one side, a talk that is only booked, one of the same day.
    factories.a_talk([world.secretary], [world.member], held_on=later)
    factories.a_talk([world.secretary], [world.committee_member, world.member], held_on=later)
    factories.a_talk([world.committee_member], [world.member], held_on=later, state=TalkState.PLANNED)
    factories.a_talk([world.committee_member], [world.member], held_on=HELD)
    sweep(DUE)
    assert told_of(follow_up=talk) == {(-1, COMMITTEE)}
    assert Notice.objects.open(DUE).filter(follow_up=talk).exists()


def test_leaders_above_a_committee_hear_nothing_where_nobody_stands_above(world: World) -> None:
    remedy = a_remedy(world, talkers=[world.chief], subjects=[world.deputy], owner=world.deputy)
    for day in days(DUE, DUE + timedelta(days=7)):
        sweep(day)
    # The committee's own principal at the third day; none stands above it.
    assert told_of(remedy=remedy) == {
        *((step, "何静宜") for step in (-1, 1, 3, 7)),
        *((step, CHIEF) for step in (3, 7)),
    }


def test_the_sweep_costs_the_same_with_many(world: World) -> None:
    def cost(day: date) -> int:
        with CaptureQueriesContext(connection) as found:
            assert chase_due(today=day, at=at(day))
        return len(found)

    a_remedy(world)
    sweep(HELD)
    few = cost(DUE - timedelta(days=7))
    for _ in range(10):
        a_remedy(world)
    assert cost(DUE - timedelta(days=3)) <= few


def test_a_committee_below_another_tells_its_superior(world: World) -> None:
    above = factories.an_organisation("水文局党委", OrganisationKind.COMMITTEE)
    top = factories.a_member("秦岳")
    factories.a_post(top, above, "党委书记", is_principal=True)
    world.committee.superior = above
    world.committee.path = f"{above.path}{world.committee.pk}/"
    world.committee.save()
    remedy = a_remedy(world, talkers=[world.chief], subjects=[world.deputy], owner=world.deputy)
    sweep(DUE + timedelta(days=7))
    assert told_of(remedy=remedy) == {(7, "何静宜"), (7, CHIEF), (7, "秦岳")}
