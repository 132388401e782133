"""What leaves by mail: to whom, when, how often, and in which words.

What everybody is told on Monday 2026-03-02 follows from rules.md by hand. In the branch two of the team and
three ordinary members, in the other one of the team and three: of 2025 are owed there 1 + 3 + 3 and 3 + 3.
All are overdue since New Year: the 书记 of each and the 党委书记 above are told of all. Of the talks with the
team the liaison of the member has one, of those among members the lowest code in the role, or the 党委书记,
has them. The 家庭变故 of the member is new on that day, and its liaison is told.
"""

import re
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as tests_settings
from django.core import mail
from pytest_django.fixtures import Settings

from branches.models import Organisation
from config import settings as real_settings
from members.models import Account, MandateKind, Member
from talks import tasks
from talks.models import Delivery, Duty, Notice, NoticePreference
from talks.rules.presets import EVENT_KINDS
from talks.services import reconciliation
from talks.services.chasing import chase_due
from talks.services.deliveries import Outcome, claim_next_delivery
from talks.services.notices import read_notices
from talks.services.reconciliation import reconcile_due
from talks.tasks import send_deliveries
from tests import factories
from tests.conftest import PERSONAS, World
from tests.processes import start
from tests.talks.notices.servers import a_mail_server
from tests.talks.notices.sweeps import at, days, sweep

MONDAY = date(2026, 3, 2)
LATER = date(2026, 4, 11)
TEXT = "您有{}项应谈事项，请登录系统查看：http://127.0.0.1:8000/notices/"
ON_MONDAY = {
    "committee_member": 2,  # the talk of 2025 with the member, the event
    "secretary": 7,
    "chief": 13,
    "other_secretary": 6,
    "head": 2,  # among the members: with 梁志强, with 吴桂兰
    "member": 1,  # with 谭晓峰
    "deputy": 1,  # with 郑远航
}
SENT, UNCLEAR, FAILED, WAITING, VOID = "sent", "unclear", "failed", "waiting", "void"


@pytest.fixture
def addressed(world: World) -> World:
    """The member has an event; everybody has an address."""
    factories.an_event(world.member, "家庭变故", happened_on=MONDAY)
    for role in PERSONAS:
        account = world.account(role)
        account.email = f"{role}@example.com"
        account.save()
    return world


def send(now: datetime) -> None:
    """The worker's task, at that time."""
    with time_machine.travel(now, tick=False):
        send_deliveries()


def posted() -> dict[str, str]:
    """What was sent since it was last asked, by the name before the @; one message each."""
    found = [(message.to[0].partition("@")[0], message.body) for message in mail.outbox]
    mail.outbox.clear()
    assert len(found) == len(dict(found))
    return dict(found)


def state(role: str) -> str:
    """What became of the last message to the account."""
    return Delivery.objects.filter(account__username=role).order_by("-pk")[0].state


def prefer(account: Account, **chosen: object) -> None:
    NoticePreference.objects.create(account=account, **chosen)


# --- who, when, how often -------------------------------------------------------------------------------


def test_a_summary_goes_to_each_at_eight(addressed: World) -> None:
    sweep(MONDAY)
    send(at(MONDAY, 8) - timedelta(seconds=1))
    assert posted() == {}
    send(at(MONDAY, 8))
    assert {mail.outbox[0].subject, mail.outbox[0].from_email} == {"谈心谈话提醒", "tanxin@localhost"}
    assert posted() == {role: TEXT.format(count) for role, count in ON_MONDAY.items()}
    for hour in (9, 10):
        sweep(MONDAY, hour)
        send(at(MONDAY, hour))
    assert posted() == {}


def test_who_chose_so_is_told_at_once_or_at_his_hour(addressed: World) -> None:
    prefer(addressed.account("committee_member"), at_once=True)
    prefer(addressed.account("secretary"), hour=17)
    sweep(MONDAY)
    send(at(MONDAY, 1))
    assert set(posted()) == {"committee_member"}
    send(at(MONDAY, 8))
    assert set(posted()) == set(ON_MONDAY) - {"committee_member", "secretary"}
    send(at(MONDAY, 17))
    assert set(posted()) == {"secretary"}


def test_what_comes_to_light_after_the_hour_goes_with_the_next_day(addressed: World) -> None:
    sweep(MONDAY)
    send(at(MONDAY, 8))
    posted()
    prefer(addressed.account("secretary"), at_once=True)
    # One for the 书记 in person, one for the liaison of the member.
    factories.an_event(addressed.colleague, "苗头性问题", happened_on=MONDAY)
    factories.an_event(addressed.member, "关键环节", happened_on=MONDAY)
    reconcile_due(today=MONDAY, at=at(MONDAY, 10))
    send(at(MONDAY, 10))
    assert posted() == {"secretary": TEXT.format(ON_MONDAY["secretary"] + 1)}
    sweep(MONDAY + timedelta(days=1))
    send(at(MONDAY + timedelta(days=1), 8))
    assert posted()["committee_member"] == TEXT.format(ON_MONDAY["committee_member"] + 1)


def test_a_machine_that_is_started_late_still_sends_the_summary(addressed: World) -> None:
    sweep(MONDAY, 10)
    send(at(MONDAY, 10))
    assert set(posted()) == set(ON_MONDAY)


@pytest.mark.parametrize("at_once", [False, True])
def test_after_forty_days_off_each_has_one_message(
    addressed: World, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    """Also where every organisation is a batch of its own: nothing leaves before the sweep is through."""
    for role in PERSONAS:
        prefer(addressed.account(role), at_once=at_once)
    sweep(MONDAY)
    send(at(MONDAY, 8))
    posted()
    before = set(Notice.objects.values_list("pk", flat=True))
    monkeypatch.setattr(reconciliation, "BATCH", 1)
    # Something changed meanwhile in each branch.
    factories.an_event(addressed.other_member, "家庭变故", happened_on=MONDAY)
    factories.an_event(addressed.colleague, "家庭变故", happened_on=MONDAY)
    reconcile_due(today=LATER, at=at(LATER, 10))
    send(at(LATER, 10))
    assert posted() == {}
    assert claim_next_delivery(now=at(LATER, 10)) is None
    chase_due(today=LATER, at=at(LATER, 10))
    send(at(LATER, 10))
    more = Counter({"secretary": 2, "chief": 3, "other_secretary": 1})
    assert posted() == {role: TEXT.format(count + more[role]) for role, count in ON_MONDAY.items()}
    for hour in (11, 12):
        sweep(LATER, hour)
        send(at(LATER, hour))
    assert posted() == {}
    # One notice each for what had been told of, at its newest step; none for the days between.
    new = Notice.objects.exclude(pk__in=before)
    assert set(new.values_list("step", "noticed_on")) == {(98, LATER), (35, LATER)}


def test_without_an_address_or_an_open_account_nothing_is_sent(addressed: World) -> None:
    Account.objects.filter(username="secretary").update(email="")
    Account.objects.filter(username="chief").update(is_active=False)
    sweep(MONDAY)
    Account.objects.filter(username="other_secretary").update(is_active=False)
    send(at(MONDAY, 8))
    assert set(posted()) == set(ON_MONDAY) - {"secretary", "chief", "other_secretary"}
    assert state("other_secretary") == VOID


def test_what_was_read_or_settled_before_the_hour_is_not_sent(addressed: World) -> None:
    sweep(MONDAY)
    read_notices(account=addressed.account("committee_member"), at=at(MONDAY, 7))
    Duty.objects.filter(subject=addressed.head, rule="year.member-member").update(met_on=MONDAY)
    send(at(MONDAY, 8))
    assert set(posted()) == set(ON_MONDAY) - {"committee_member", "member"}
    assert (state("committee_member"), state("member")) == (VOID, VOID)


def test_who_has_left_his_post_is_not_told_of_what_is_its(addressed: World) -> None:
    sweep(MONDAY)
    addressed.secretary.posts.update(until=MONDAY)
    send(at(MONDAY, 8))
    # What the team owes is no longer his; the pair still names him, and among the members he is one of them.
    assert posted()["secretary"] == TEXT.format(4)


# --- what it says ---------------------------------------------------------------------------------------


def test_no_name_and_no_kind_leaves_the_system(addressed: World) -> None:
    """Over the steps of events of several kinds, what is sent is a count and a link, letter for letter."""
    for kind in ("苗头性问题", "组织处理", "重大风险", "关键节点"):
        factories.an_event(addressed.colleague, kind, happened_on=MONDAY)
    bodies = set()
    for day in days(MONDAY, date(2026, 3, 20)):
        sweep(day)
        send(at(day, 8))
        bodies |= {message.subject + message.body for message in mail.outbox}
        assert all(not message.attachments for message in mail.outbox)
        mail.outbox.clear()
    pattern = re.escape("谈心谈话提醒" + TEXT).replace(r"\{\}", r"\d+")
    assert len(bodies) > 5
    assert [body for body in bodies if not re.fullmatch(pattern, body)] == []
    secrets = [*EVENT_KINDS, *Member.objects.values_list("name", flat=True)]
    secrets += Organisation.objects.values_list("name", flat=True)
    assert [secret for secret in secrets if any(secret in body for body in bodies)] == []


def test_the_subject_of_an_event_is_never_told_whatever_his_post(addressed: World) -> None:
    """The 书记 and the 党务管理员 of the branch each have an event; in sixty days neither hears of it."""
    keeper = addressed.account("colleague")
    factories.a_mandate(keeper, MandateKind.STAFF, addressed.branch)
    for subject in (addressed.secretary, addressed.colleague):
        factories.an_event(subject, "家庭变故", happened_on=MONDAY)
    for day in days(MONDAY, MONDAY + timedelta(days=60)):
        sweep(day)
    events = Notice.objects.filter(duty__is_event=True)
    assert events.filter(duty__subject=addressed.secretary).exists()
    for subject in (addressed.secretary, addressed.colleague):
        assert not events.filter(duty__subject=subject, member=subject).exists()
        assert not events.filter(duty__subject=subject, account=subject.account).exists()
    # 书记: the talks of 2025 and the events of the two others, not his own.
    send(at(MONDAY + timedelta(days=60), 8))
    assert posted()["secretary"] == TEXT.format(ON_MONDAY["secretary"] + 2)


# --- what comes of it -----------------------------------------------------------------------------------


@pytest.fixture
def one(addressed: World, settings: Settings) -> World:
    """A message to the 支委 alone is due, by a real mail server."""
    Account.objects.exclude(username="committee_member").update(email="")
    sweep(MONDAY)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    return addressed


@pytest.mark.parametrize(
    ("answers", "outcome", "accepted"),
    [
        ({}, SENT, 1),
        # The text was handed over, and then the line went dead: it may have arrived.
        ({"END": ""}, UNCLEAR, 1),
        ({"RCPT": "550 unknown"}, FAILED, 0),
        ({"MAIL": "550 not you"}, FAILED, 0),
        # Not now: it has not left, and is tried again.
        ({"RCPT": "451 later"}, WAITING, 0),
        ({"END": "451 later"}, WAITING, 0),
    ],
)
def test_what_the_mail_server_says(
    one: World, settings: Settings, answers: dict[str, str], outcome: str, accepted: int
) -> None:
    with a_mail_server(**answers) as server:
        settings.EMAIL_PORT = server.server_address[1]
        send(at(MONDAY, 8))
        assert (state("committee_member"), len(server.accepted)) == (outcome, accepted)
        # Settled is settled: an hour later what may have left is not sent again.
        server.answers.clear()
        send(at(MONDAY, 9))
        assert len(server.accepted) == (0 if outcome == FAILED else 1)


@pytest.mark.parametrize("address", ['"\x0bBcc:a"@b.com', f"lu@{'ö' * 60}.com"])
def test_an_address_of_which_no_message_can_be_made_stops_nobody_else(
    one: World, settings: Settings, address: str
) -> None:
    Account.objects.filter(username="secretary").update(email="lu@example.com")
    Account.objects.filter(username="committee_member").update(email=address)
    Delivery.objects.create(account=one.account("secretary"), channel="mail", due_at=at(MONDAY, 8))
    with a_mail_server() as server:
        settings.EMAIL_PORT = server.server_address[1]
        send(at(MONDAY, 8))
        assert (state("committee_member"), state("secretary"), len(server.accepted)) == (FAILED, SENT, 1)


def test_a_server_that_is_not_there_is_tried_five_times(one: World, settings: Settings) -> None:
    with a_mail_server() as server:
        settings.EMAIL_PORT = server.server_address[1]
    for tries in range(1, 5):
        send(at(MONDAY, 8) + timedelta(minutes=5 * (tries - 1)))
        found = Delivery.objects.get()
        assert (found.state, found.attempts) == (WAITING, tries)
    send(at(MONDAY, 9))
    found = Delivery.objects.get()
    assert (found.state, found.attempts) == (FAILED, 5)


def test_where_a_later_message_waits_the_earlier_is_not_tried_again(
    one: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says the same."""

    def meanwhile(*, address: str, text: str) -> Outcome:
        if Delivery.objects.count() == 1:
            Delivery.objects.create(
                account=one.account("committee_member"), channel="mail", due_at=at(MONDAY, 20)
            )
        return Outcome.NOT_LEFT

    monkeypatch.setattr(tasks, "send_mail", meanwhile)
    send(at(MONDAY, 8))
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [VOID, WAITING]


def test_the_embedded_default_writes_mail_to_the_console() -> None:
    assert real_settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend"
    assert tests_settings.EMAIL_BACKEND == "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.parametrize("url", ["nonsense", "foo://mail.example.com", "smtp://mail.example.com:port"])
def test_an_address_of_a_mail_server_that_cannot_be_read_is_refused(url: str) -> None:
    process = start("import django; django.setup()", EMAIL_URL=url)
    _, complaint = process.communicate()
    assert process.returncode == 1
    assert complaint.strip().endswith("ImproperlyConfigured: EMAIL_URL 无法识别。")
