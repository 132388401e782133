"""批量导出: the texts of many talks leave the system only once a second person has approved it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from branches.models import Organisation
from members.models import Account, Member
from reports import services, tasks
from reports.models import Approval, Report
from reports.models.approvals import ApprovalQuerySet
from reports.permissions import overseen_approvals
from reports.rules.documents import Format, Kind, is_bulk
from reports.services import approvals, contents
from talks.models import Remedy
from tests import factories
from tests.conftest import PERSONAS, World
from tests.reports.papers import AT, TODAY, order_of, words_of
from tests.talks.test_services import at_once
from vault.models import TrailEntry
from vault.services import Actor

ClientOf = Callable[[Account], Client]
REASON = "年终核对整改，理由梅影"
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _that_day(settings: Settings) -> Iterator[None]:
    """On the day of the tests, where more than two talks are many."""
    settings.BULK_TALKS = 2
    with time_machine.travel(AT, tick=False):
        yield


def released(place: Organisation, talker: Member, subject: Member, text: str) -> Remedy:
    """A talk of the two, with a remedy whose text the talker released to the ledger of the place."""
    talk = factories.a_talk([talker], [subject], held_on=date(2026, 3, 3), remedies=["原话"])
    remedy = talk.remedies.get()
    remedy.organisation, remedy.released_by, remedy.released_on = place, talker, date(2026, 3, 4)
    remedy.released_text = text
    remedy.save()
    return remedy


@pytest.fixture
def three(world: World) -> World:
    """Three talks between the 支委 and others, in which the secretary had no part; and one that was his."""
    for number in range(3):
        released(world.branch, world.committee_member, world.colleague, f"台账松涛{number}")
    released(world.branch, world.secretary, world.member, "书记自己的")
    return world


def ask(
    world: World, by: str = "secretary", reason: str = REASON, kind: Kind = Kind.RECTIFICATION, **more: object
) -> Report:
    wanted: dict[str, object] = {"with_content": True} | more
    if kind is Kind.RECTIFICATION:
        wanted = {"organisation": world.branch, "file_format": Format.EXCEL} | wanted
    return services.ask_for_report(
        actor=Actor(by, ""),
        at=AT,
        today=TODAY,
        account=world.account(by),
        order=order_of(kind, **wanted),
        reason=reason,
    )


def decide(
    world: World, by: str = "chief", *, approves: bool = True, approval: Approval | None = None
) -> None:
    step = approvals.approve_export if approves else approvals.decline_export
    step(
        actor=Actor(by, ""),
        at=AT,
        account=world.account(by),
        approval=approval or Approval.objects.get(outcome=""),
        today=TODAY,
    )


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


def state(report: Report) -> str:
    report.refresh_from_db(fields=["state"])
    return report.state


def test_what_is_many() -> None:
    def bulk(talks: int, before: int = 0, since: str = "2026-01-01", until: str = "2026-12-30") -> bool:
        days = date.fromisoformat(since), date.fromisoformat(until)
        return is_bulk(talks=talks, before=before, since=days[0], until=days[1], most=20)

    assert not bulk(20)
    assert bulk(21)
    # By portions it is as much.
    assert not bulk(10, before=10)
    assert bulk(10, before=11)
    # What tells nothing is not many, whatever went before.
    assert not bulk(0, before=99)
    # A whole year, however little.
    assert bulk(1, until="2026-12-31")
    assert bulk(1, since="2025-12-31", until="2026-12-31")
    assert not bulk(1, since="2026-01-02", until="2027-12-30")
    assert not is_bulk(talks=1, before=0, since=None, until=None, most=20)


def test_it_waits_for_a_second_person_and_is_made_then(three: World, tmp_path: Path) -> None:
    report = ask(three)
    tasks.render_pending()
    assert (state(report), report.talks_told) == ("asked", 3)
    assert refused(lambda: services.open_report_file(actor=Actor("secretary", ""), at=AT, report=report))
    decide(three)
    tasks.render_pending()
    assert state(report) == "done"
    report.refresh_from_db()
    assert "台账松涛2" in words_of(report, tmp_path)


def test_without_content_or_of_few_nobody_is_asked(three: World) -> None:
    assert ask(three, with_content=False).state == "pending"
    Remedy.objects.filter(released_by=three.committee_member).first().delete()  # type: ignore[union-attr]
    assert ask(three).state == "pending"
    assert not Approval.objects.exists()


def test_his_own_talks_do_not_count(three: World) -> None:
    for _ in range(3):
        released(three.branch, three.secretary, three.member, "也是自己的")
    assert ask(three, "committee_member").talks_told == 4
    assert ask(three).talks_told == 3


def test_a_lone_record_of_ones_own_needs_nobody(three: World) -> None:
    talk = factories.a_talk([three.secretary], [three.member], held_on=date(2026, 3, 5), content="本人的")
    report = ask(three, "member", kind=Kind.RECORD, talk=talk)
    assert (report.state, report.talks_told) == ("pending", 0)


def test_by_portions_it_is_as_much(three: World) -> None:
    """Records one by one, of talks that the secretary reads as the principal of his branch."""
    talks = [
        factories.a_talk([three.committee_member], [three.colleague], held_on=date(2026, 3, 5), content="话")
        for _ in range(3)
    ]
    reports = [ask(three, kind=Kind.RECORD, talk=talk) for talk in talks]
    assert [report.state for report in reports] == ["pending", "pending", "asked"]
    assert Approval.objects.get().organisation == three.branch
    # The same once more, in another format, is not more.
    Report.objects.filter(pk=reports[0].pk).update(state="done")
    assert ask(three, kind=Kind.RECORD, talk=talks[0], file_format=Format.WORD).state == "pending"
    # Another day begins anew.
    Report.objects.update(requested_at=AT - timedelta(days=1))
    assert ask(three, kind=Kind.RECORD, talk=talks[2], file_format=Format.WORD).state == "pending"


def test_a_reason_is_asked_for_and_sealed(three: World) -> None:
    assert refused(lambda: ask(three, reason=" ")) == approvals.REASON_MISSING.format(talks=3)
    assert not Report.objects.exists()
    ask(three)
    told = "".join(TrailEntry.objects.values_list("detail", flat=True))
    assert "梅影" not in told
    assert Approval.objects.get().reason == REASON


def test_the_same_is_asked_once(three: World) -> None:
    assert ask(three).pk == ask(three).pk


def test_where_nobody_could_approve_it_is_said_at_once(three: World) -> None:
    three.chief.posts.filter(is_principal=True).delete()
    assert refused(lambda: ask(three)) == approvals.NO_APPROVER.format(talks=3)


def test_who_approves(three: World) -> None:
    factories.a_post(three.colleague, three.branch, "副书记", is_principal=True)
    ask(three)
    may = {role for role in PERSONAS if overseen_approvals(three.account(role), today=TODAY).exists()}
    # The other principal of the branch and the one above; not who asked, nor any mandate.
    assert may == {"chief", "colleague"}
    for role in ("secretary", "staff", "inspector", "security", "other_secretary"):
        assert refused(lambda: decide(three, role)) == approvals.NOT_YOURS  # noqa: B023


def test_one_entered_and_not_confirmed_approves_nothing(three: World) -> None:
    factories.a_post(three.colleague, three.branch, "副书记", is_principal=True, confirmed_at=None)
    ask(three)
    assert refused(lambda: decide(three, "colleague")) == approvals.NOT_YOURS


def test_the_table_refuses_the_asker(three: World) -> None:
    ask(three)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.update(outcome="approved", decided_by=three.account("secretary"), decided_at=AT)


def test_declined_nothing_is_made_and_the_asker_is_told(three: World, client_of: ClientOf) -> None:
    report = ask(three)
    decide(three, approves=False)
    tasks.render_pending()
    assert state(report) == "declined"
    client = client_of(three.account("secretary"))
    assert "批量导出不予批准" in client.get(reverse("workbench")).content.decode()
    page = client.get(reverse("report", args=[report.number])).content.decode()
    assert "郑远航" in page
    assert "文书没有生成" in page
    # Once he has seen it, it is no news.
    assert "批量导出不予批准" not in client.get(reverse("workbench")).content.decode()


def test_what_nobody_decides_in_seven_days_is_void(three: World) -> None:
    report = ask(three)
    assert approvals.lapse_approvals(now=AT + WEEK - timedelta(seconds=1)) == 0
    assert approvals.lapse_approvals(now=AT + WEEK) == 1
    assert approvals.lapse_approvals(now=AT + WEEK) == 0
    assert state(report) == "lapsed"
    assert refused(lambda: decide(three, approval=Approval.objects.get())) == approvals.TOO_LATE


def test_a_void_one_is_not_approved_before_it_is_swept(three: World) -> None:
    ask(three)
    Approval.objects.update(asked_at=AT - WEEK)
    assert refused(lambda: decide(three)) == approvals.TOO_LATE


def test_who_lost_the_right_since_gets_nothing(three: World) -> None:
    report = ask(three, "committee_member", organisation=three.branch)
    assert report.state == "pending"
    released(three.branch, three.secretary, three.colleague, "又一条")
    released(three.branch, three.secretary, three.colleague, "再一条")
    report = ask(three, "committee_member", until=date(2026, 4, 9))
    assert report.state == "asked"
    three.committee_member.posts.update(until=TODAY)
    assert refused(lambda: decide(three)) == approvals.ASKER_HAS_LEFT


def test_each_step_is_in_the_trail(three: World, client_of: ClientOf) -> None:
    report = ask(three)
    client_of(three.account("chief")).get(reverse("approval", args=[report.number]))
    decide(three)
    mine = TrailEntry.objects.filter(target=report.number).order_by("pk")
    assert list(mine.values_list("action", flat=True)) == [
        "申请报告",
        "申请批量导出",
        "查看批量导出理由",
        "批准批量导出",
    ]


def test_nothing_is_read_without_approval_whatever_way_it_came_to_be_made(three: World) -> None:
    report = ask(three)
    Report.objects.filter(pk=report.pk).update(state="pending")
    claimed = services.claim_report(pk=report.pk, now=AT)
    assert claimed is not None
    with pytest.raises(PermissionDenied):
        contents.contents_of(report=claimed, at=AT, today=TODAY)


def test_without_the_guard_it_would_be_read(three: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the one above."""
    monkeypatch.setattr(contents, "_is_let", lambda report, account, today: True)
    report = ask(three)
    Report.objects.filter(pk=report.pk).update(state="pending")
    claimed = services.claim_report(pk=report.pk, now=AT)
    assert claimed is not None
    figures = contents.contents_of(report=claimed, at=AT, today=TODAY)
    assert "台账松涛2" in figures.to_text()


def both(world: World) -> list[str]:
    """The chief approves and declines at once."""
    one, other = (Approval.objects.get() for _ in range(2))
    return sorted(
        at_once(
            lambda: decide(world, "chief", approval=one),
            lambda: decide(world, "colleague", approves=False, approval=other),
        )
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_too_late(three: World) -> None:
    factories.a_post(three.colleague, three.branch, "副书记", is_principal=True)
    ask(three)
    assert both(three) == ["", approvals.TOO_LATE]
    assert TrailEntry.objects.filter(action__in=["批准批量导出", "不予批准批量导出"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_condition_both_would_have_decided(three: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what is decided is taken for undecided."""
    monkeypatch.setattr(ApprovalQuerySet, "undecided", lambda self: self)
    factories.a_post(three.colleague, three.branch, "副书记", is_principal=True)
    ask(three)
    assert both(three) == ["", ""]


def test_the_way_on_screen(three: World, client_of: ClientOf) -> None:
    secretary, chief = client_of(three.account("secretary")), client_of(three.account("chief"))
    page = secretary.get(reverse("reports"), {"kind": "rectification"}).content.decode()
    assert "申请理由" in page
    wanted = {
        "kind": "rectification",
        "organisation": three.branch.pk,
        "since": "2026-01-01",
        "until": "2026-04-10",
        "with_below": "on",
        "file_format": "xlsx",
    }
    told = secretary.get(reverse("report-contents"), wanted).content.decode()
    assert "来自您未参加的3次谈话" in told
    without = secretary.post(reverse("report-ask"), wanted).content.decode()
    assert "请填写申请理由" in without
    answer = secretary.post(reverse("report-ask"), wanted | {"reason": REASON}, follow=True)
    assert "由郑远航批准后生成" in answer.content.decode()
    assert "1项批量导出待您审批" in chief.get(reverse("workbench")).content.decode()
    number = Report.objects.get().number
    assert "整改台账" in chief.get(reverse("approvals")).content.decode()
    page = chief.get(reverse("approval", args=[number])).content.decode()
    for part in ("合川分局党支部", "2026年1月1日至2026年4月10日", "3次谈话", REASON, "陆秉川"):
        assert part in page
    assert "台账松涛" not in page
    assert chief.post(reverse("approval-approve", args=[number])).status_code == 302
    assert Report.objects.get().state == "pending"


def test_a_record_that_is_one_too_many_gets_a_field_for_the_reason(three: World, client_of: ClientOf) -> None:
    talk = factories.a_talk(
        [three.committee_member], [three.colleague], held_on=date(2026, 3, 5), content="话"
    )
    Report.objects.update(talks_told=0)
    for _ in range(2):
        other = factories.a_talk(
            [three.committee_member], [three.colleague], held_on=date(2026, 3, 5), content="话"
        )
        ask(three, kind=Kind.RECORD, talk=other)
    secretary = client_of(three.account("secretary"))
    wanted = {"kind": "record", "talk": talk.code, "with_content": "on", "file_format": "pdf"}
    page = secretary.post(reverse("report-ask"), wanted).content.decode()
    assert 'name="reason"' in page
    secretary.post(reverse("report-ask"), wanted | {"reason": REASON})
    assert Report.objects.get(talk=talk).state == "asked"


def test_the_list_costs_the_same_with_one_and_with_many(three: World, client_of: ClientOf) -> None:
    chief = client_of(three.account("chief"))

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            chief.get(reverse("approvals"))
        return len(found)

    ask(three)
    one = cost()
    for day in range(1, 6):
        ask(three, until=date(2026, 4, day))
    assert cost() == one
