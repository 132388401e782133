"""疑点: swept, explained, dismissed; who sees which."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account
from reports import tasks
from reports.figures.findings import found_on
from reports.models import Finding, FindingStep, Sweep
from reports.permissions import dismissable_findings, explainable_findings, visible_findings
from reports.services import findings as services
from talks.models import Talk
from tests import factories
from tests.conftest import World
from tests.reports.rows import a_finding
from vault.models import TrailEntry
from vault.services import Actor, enter_trail

TODAY = date(2026, 6, 1)
AT = datetime(2026, 6, 1, 1, tzinfo=UTC)
DAY = date(2026, 3, 5)
ACTOR = Actor("inspector", "127.0.0.1")
TEXT = "谈到测站夜间值班人手不足，希望汛期以前排班能够错开，愿意带新同志熟悉仪器。"
ClientOf = Callable[[Account], Client]


def a_record(world: World, number: int = 0, content: str = "", **more: Any) -> Talk:
    """A talk of the branch, recorded in the evening of its day."""
    from talks.services.fingerprints import fingerprint_next_records

    day = more.pop("held_on", DAY + timedelta(days=number))
    persons = more.pop("persons", ([world.secretary], [world.member]))
    talk = factories.a_talk(*persons, held_on=day, content=content)
    recorded = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    Talk.objects.filter(pk=talk.pk).update(**{"recorded_at": recorded} | more)
    fingerprint_next_records(actor=ACTOR, at=AT)
    return talk


def sweep(today: date = TODAY) -> services.Swept:
    return services.sweep_findings(today=today, at=AT)


def standing() -> list[tuple[str, str]]:
    return list(Finding.objects.standing().order_by("pk").values_list("check_name", "key"))


# --- what is found ------------------------------------------------------------------------------------------


def test_sound_records_give_none(world: World) -> None:
    a_record(world, 0, TEXT)
    a_record(world, 1, "祝贺政治生日，回顾入党以来的经历，谈到家里老人住院。")
    assert sweep() == services.Swept()
    assert not Finding.objects.exists()


def test_a_copy_is_found_across_years_and_people_and_no_record_is_opened(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_record(
        world, 0, TEXT, held_on=date(2019, 3, 5), persons=([world.other_secretary], [world.other_member])
    )
    copy = a_record(world, 1, f"2026年3月6日，梁志强：{TEXT}")
    opened: list[str] = []
    from vault.models.values import Sealed

    right = Sealed.open

    def noted(self: Sealed, table: str, column: str, identity: str) -> bytes:
        opened.append(f"{table}.{column}")
        return right(self, table, column, identity)

    monkeypatch.setattr(Sealed, "open", noted)
    sweep()
    assert "talks_talk.content" not in opened
    assert "talks_fingerprint.value" in opened
    found = Finding.objects.get(check_name="copied")
    assert (found.key, found.figure, found.is_high, found.day) == (
        copy.code,
        100,
        True,
        DAY + timedelta(days=1),
    )
    assert set(found.talks.all()) == {old, copy}
    # The copy's organisation is asked, not that of the record that was there before.
    assert found.organisation == world.branch


def test_a_thin_record_is_told_only_beside_another_sign(world: World) -> None:
    a_record(world, 0, "该同志思想稳定，工作认真。")
    assert sweep() == services.Swept()
    a_record(world, 1, "该同志思想稳定，工作认真。")
    sweep()
    assert Finding.objects.get().beside_thin


def test_late_records_and_the_meeting_that_was_near(world: World) -> None:
    factories.a_meeting(world.branch, meeting_on=date(2026, 4, 3))
    recorded = datetime(2026, 4, 1, 3, tzinfo=UTC)
    talk = a_record(world, 0, recorded_at=recorded)
    sweep()
    found = Finding.objects.get()
    # From 5 March to 1 April.
    assert (found.check_name, found.key, found.figure) == ("late", talk.code, 27)
    assert (found.is_high, found.other_day) == (True, date(2026, 4, 3))


def test_what_was_imported_without_a_time_of_entry_is_not_called_late(world: World) -> None:
    talk = a_record(world, 0)
    Talk.objects.filter(pk=talk.pk).update(
        entered_at=datetime(2026, 5, 1, tzinfo=UTC), recorded_at=datetime(2026, 5, 1, tzinfo=UTC)
    )
    assert sweep() == services.Swept()
    Talk.objects.filter(pk=talk.pk).update(stated_entry=datetime(2026, 5, 1, tzinfo=UTC))
    sweep()
    assert standing() == [("late", talk.code)]


def test_who_belonged_nowhere_on_the_day(world: World) -> None:
    gone = factories.a_member("方远", world.branch, until=date(2025, 1, 1))
    talk = a_record(world, 0, persons=([world.secretary], [gone]))
    sweep()
    assert standing() == [("standing", talk.code)]


def test_a_remedy_past_its_limit_and_after_its_settlement(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=DAY, remedies=["调整排班"])
    talk.remedies.update(due_on=TODAY)
    assert sweep() == services.Swept()
    sweep(TODAY + timedelta(days=1))
    found = Finding.objects.get()
    assert (found.check_name, found.figure, found.other_day) == ("remedy", 1, TODAY)
    talk.remedies.update(settled_on=TODAY + timedelta(days=2))
    assert sweep(TODAY + timedelta(days=3)).gone == 1
    found.refresh_from_db()
    assert found.gone_on == TODAY + timedelta(days=3)
    assert [step.kind for step in found.steps.all()] == ["gone"]


def test_confirmed_from_the_same_address_in_the_same_minute(world: World) -> None:
    talk = a_record(world, 0)
    for account, action, seconds in (("secretary", "记录", 0), ("member", "确认", 20)):
        enter_trail(
            actor=Actor(account, "10.0.0.7"),
            at=AT + timedelta(seconds=seconds),
            action=action,
            target_kind="谈话",
            target=talk.code,
        )
    sweep()
    assert standing() == [("signed", talk.code)]


def test_the_number_of_queries_does_not_grow_with_the_records(world: World) -> None:
    for number in range(3):
        a_record(world, number, TEXT)
    with CaptureQueriesContext(connection) as few:
        found_on(TODAY)
    for number in range(3, 30):
        a_record(world, number, TEXT)
    with CaptureQueriesContext(connection) as many:
        found_on(TODAY)
    assert len(many) == len(few)


# --- the sweep ----------------------------------------------------------------------------------------------


def test_a_second_sweep_finds_nothing_new(world: World) -> None:
    a_record(world, 0, TEXT)
    a_record(world, 1, TEXT)
    assert sweep().found == 1
    before = list(Finding.objects.values())
    assert sweep() == services.Swept()
    assert list(Finding.objects.values()) == before
    assert Finding.talks.through.objects.count() == 2


def test_two_sweeps_that_looked_at_once_write_nothing_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_record(world, 0, TEXT)
    a_record(world, 1, TEXT)
    looked = found_on(TODAY)
    monkeypatch.setattr(services, "found_on", lambda today: looked)
    sweep()
    sweep()
    sweep(TODAY + timedelta(days=1))
    assert (Finding.objects.count(), Finding.talks.through.objects.count()) == (1, 2)


def test_the_database_itself_refuses_a_second_one(world: World) -> None:
    a_finding(world, key="T1")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_finding(world, key="T1")


def test_what_is_found_no_more_is_kept_and_comes_back(world: World) -> None:
    a_record(world, 0, TEXT)
    copy = a_record(world, 1, TEXT)
    sweep()
    found = Finding.objects.get()
    services.explain_finding(
        actor=ACTOR, at=AT, account=world.account("secretary"), finding=found, text="说明"
    )
    Talk.objects.filter(pk=copy.pk).update(state="取消")
    assert sweep().gone == 1
    Talk.objects.filter(pk=copy.pk).update(state="已记录")
    assert sweep().returned == 1
    found.refresh_from_db()
    # What was said to it still counts.
    assert (found.state, found.gone_on) == ("explained", None)
    assert [step.kind for step in found.steps.all()] == ["explained", "gone", "returned"]


def test_the_task_sweeps_once_a_day(world: World) -> None:
    tasks.sweep_findings()
    assert Sweep.objects.count() == 1
    a_record(world, 0, TEXT)
    a_record(world, 1, TEXT)
    tasks.sweep_findings()
    assert not Finding.objects.exists()
    assert TrailEntry.objects.filter(action="核对疑点").count() == 1


# --- explained, dismissed -----------------------------------------------------------------------------------


def act(how: Any, finding: Finding, world: World, text: str = "因停电，当天没有录入。") -> None:
    how(actor=ACTOR, at=AT, account=world.account("chief"), finding=finding, text=text)


def test_an_explanation_is_sealed_and_all_of_them_stay(world: World) -> None:
    found = a_finding(world)
    act(services.explain_finding, found, world)
    act(services.explain_finding, found, world, "补充：次日已补记。")
    act(services.dismiss_finding, found, world, "情况属实。")
    act(services.reopen_finding, found, world, "又有来信反映。")
    found.refresh_from_db()
    assert found.state == "open"
    assert [(step.number, step.kind, step.text) for step in found.steps.all()] == [
        (1, "explained", "因停电，当天没有录入。"),
        (2, "explained", "补充：次日已补记。"),
        (3, "dismissed", "情况属实。"),
        (4, "reopened", "又有来信反映。"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM reports_findingstep")
        assert not [row for (row,) in cursor.fetchall() if "停电".encode() in bytes(row)]
    entries = list(TrailEntry.objects.order_by("pk").values_list("action", "target"))
    assert entries == [(f"疑点{what}", str(found)) for what in ("说明", "说明", "排除", "重新列为疑点")]


@pytest.mark.parametrize(
    ("how", "state", "gone", "message"),
    [
        (services.explain_finding, "dismissed", False, services.DISMISSED_ALREADY),
        (services.dismiss_finding, "dismissed", False, services.DISMISSED_ALREADY),
        (services.reopen_finding, "open", False, services.NOT_DISMISSED),
        (services.explain_finding, "open", True, services.GONE_ALREADY),
        (services.dismiss_finding, "explained", True, services.GONE_ALREADY),
    ],
)
def test_what_comes_too_late_is_refused(world: World, how: Any, state: str, gone: bool, message: str) -> None:
    found = a_finding(world, state=state, gone_on=TODAY if gone else None)
    with pytest.raises(ValidationError, match=message):
        act(how, found, world)
    assert not FindingStep.objects.exists()


@pytest.mark.parametrize("how", [services.explain_finding, services.dismiss_finding, services.reopen_finding])
def test_nothing_is_decided_without_a_word(world: World, how: Any) -> None:
    with pytest.raises(ValidationError):
        act(how, a_finding(world), world, "　\n")


# --- who sees and does what ---------------------------------------------------------------------------------


def test_who_sees_a_finding_of_the_branch(world: World) -> None:
    a_finding(world)
    seeing = {role for role in world.accounts if visible_findings(world.account(role), today=TODAY).exists()}
    # Not the subject, not other members, not the staff; the talker is the secretary.
    assert seeing == {"chief", "secretary", "inspector"}


def test_a_talker_sees_what_concerns_his_talks_and_explains(world: World) -> None:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=DAY)
    found = a_finding(world, talks=[talk])
    for role, sees in (("committee_member", True), ("member", False)):
        assert explainable_findings(world.account(role), today=TODAY).filter(pk=found.pk).exists() is sees
    assert not dismissable_findings(world.account("committee_member"), today=TODAY).exists()


def test_who_explains_and_who_dismisses(world: World) -> None:
    a_finding(world)

    def who(permitted: Any) -> set[str]:
        return {role for role in world.accounts if permitted(world.account(role), today=TODAY).exists()}

    assert who(explainable_findings) == {"secretary"}
    # The organisation's own secretary does not decide of what concerns himself.
    assert who(dismissable_findings) == {"chief", "inspector"}


def test_who_took_part_does_not_dismiss(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.chief], held_on=DAY)
    a_finding(world, talks=[talk])
    assert not dismissable_findings(world.account("chief"), today=TODAY).exists()
    assert dismissable_findings(world.account("inspector"), today=TODAY).exists()


def test_an_inspector_sees_nothing_of_where_he_belongs_himself(world: World) -> None:
    a_finding(world)
    Account.objects.filter(pk=world.account("inspector").pk).update(
        member=factories.a_member("督查员", world.branch)
    )
    inspector = Account.objects.get(pk=world.account("inspector").pk)
    assert not visible_findings(inspector, today=TODAY).exists()


# --- pages --------------------------------------------------------------------------------------------------


def test_the_list_costs_the_same_for_3_and_for_25(world: World, client_of: ClientOf) -> None:
    client = client_of(world.account("inspector"))
    for number in range(3):
        a_finding(world, key=f"K{number}")
    client.get(reverse("findings"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("findings"))
    for number in range(3, 30):
        a_finding(world, key=f"K{number}")
    with CaptureQueriesContext(connection) as many:
        text = client.get(reverse("findings")).content.decode()
    assert len(many) == len(few)
    assert text.count("查看依据") == 25 * 2


def test_the_list_names_nobody(world: World, client_of: ClientOf) -> None:
    a_finding(world)
    text = client_of(world.account("inspector")).get(reverse("findings")).content.decode()
    assert "录入不及时" in text
    assert [name for name in ("陆秉川", "梁志强") if name in text] == []


def test_the_filter_shows_what_was_dismissed(world: World, client_of: ClientOf) -> None:
    a_finding(world, key="K1", state="dismissed")
    client = client_of(world.account("inspector"))
    assert "录入不及时</b>" not in client.get(reverse("findings")).content.decode()
    text = client.get(reverse("findings"), {"state": "dismissed"}).content.decode()
    assert "录入不及时</b>" in text


def test_a_finding_shows_who_and_when_and_no_word(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=DAY, content="家里老人住院")
    found = a_finding(world, talks=[talk])
    text = client_of(world.account("inspector")).get(reverse("finding", args=[found.pk])).content.decode()
    assert [part in text for part in ("陆秉川", "梁志强", "2026年3月5日")] == [True] * 3
    assert "老人住院" not in text


def test_a_talk_of_another_tree_is_only_counted(world: World, client_of: ClientOf) -> None:
    ours = factories.a_talk([world.secretary], [world.member], held_on=DAY)
    foreign = factories.a_talk([world.stranger], [], held_on=date(2019, 1, 7), external_talker="")
    found = a_finding(world, talks=[ours, foreign])
    text = client_of(world.account("inspector")).get(reverse("finding", args=[found.pk])).content.decode()
    assert "石磊" not in text
    assert "另有1次谈话不在您可以查看的范围内" in text


def test_an_explanation_is_written_and_its_reading_is_in_the_trail(world: World, client_of: ClientOf) -> None:
    found = a_finding(world)
    secretary, inspector = client_of(world.account("secretary")), client_of(world.account("inspector"))
    address = reverse("finding-explain", args=[found.pk])
    answer = secretary.post(address, {"text": ""})
    assert "请填写说明" in answer.content.decode()
    assert secretary.post(address, {"text": "当天停电。"}).headers["Location"] == reverse(
        "finding", args=[found.pk]
    )
    text = inspector.get(reverse("finding", args=[found.pk])).content.decode()
    assert "当天停电。" in text
    assert "已说明" in text
    entry = TrailEntry.objects.latest("pk")
    assert (entry.account, entry.action, entry.target) == ("inspector", "查看疑点说明", str(found))


def test_the_sums_go_by_organisation(world: World, client_of: ClientOf) -> None:
    a_finding(world, key="K1")
    a_finding(world, key="K2", state="explained")
    text = client_of(world.account("inspector")).get(reverse("findings-organisations")).content.decode()
    assert "合川分局党支部" in text
    assert "陆秉川" not in text
