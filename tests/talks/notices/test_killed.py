"""Workers killed with SIGKILL in the middle of a sweep, and between the claim of a message and what follows.

Real processes, real kills: nothing is lost that was to be told, nothing is told twice.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from talks.models import Delivery, Notice
from talks.tasks import send_deliveries
from tests import factories
from tests.conftest import World
from tests.processes import start
from tests.talks.notices.sweeps import at, sweep, told

MONDAY = date(2026, 3, 2)
# `hold` stops for ever where it is called, and says that it is there.
BEGIN = """
import sys, time
from datetime import UTC, date, datetime
from pathlib import Path
import django
django.setup()
place, arrived = sys.argv[1], Path(sys.argv[2])

def hold(name):
    if name == place:
        arrived.touch()
        time.sleep(600)
"""
SWEEP = f"""{BEGIN}
from talks.services import chasing
put = chasing.put_into_outbox
write = chasing._chase

def slowly(**values):
    hold("notices written")
    put(**values)
    hold("messages written")

chasing.put_into_outbox = slowly
chasing._chase = lambda *values, **options: hold("nothing written") or write(*values, **options)
chasing.chase_due(today=date(2026, 3, 12), at=datetime(2026, 3, 11, 17, tzinfo=UTC))
hold("committed")
"""
SEND = f"""{BEGIN}
from django.conf import settings
from talks import tasks
from talks.services import sending
settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
settings.EMAIL_FILE_PATH = sys.argv[3]

def slowly(*, address, text):
    hold("claimed")
    outcome = sending.send_mail(address=address, text=text)
    hold("sent")
    return outcome

tasks.send_mail = slowly
tasks.send_deliveries()
"""

pytestmark = pytest.mark.django_db(transaction=True)


def kill(script: str, place: str, folder: Path, *arguments: str) -> None:
    """Runs the script until it is at the place, and kills it there."""
    arrived = folder / "arrived"
    process = start(script, place, str(arrived), *arguments)
    deadline = time.monotonic() + 60
    while not arrived.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.kill()
    process.communicate()


@pytest.mark.parametrize("place", ["nothing written", "notices written", "messages written", "committed"])
def test_a_sweep_that_is_killed_is_made_up_for(world: World, tmp_path: Path, place: str) -> None:
    """Duties are kept up to the day; the sweep is killed, and the next one finds what is left to tell."""
    day = date(2026, 3, 12)
    factories.an_event(world.member, "家庭变故", happened_on=MONDAY)
    Account.objects.filter(username="secretary").update(email="secretary@example.com")
    sweep(MONDAY)
    before = set(Notice.objects.values_list("pk", flat=True))
    Delivery.objects.all().delete()
    kill(SWEEP, place, tmp_path)
    made = Notice.objects.exclude(pk__in=before).count()
    assert made == 0 or place == "committed"
    sweep(day)
    told_of_family = {(7, "沈若楠"), (7, "陆秉川"), (7, "郑远航")}
    assert {row for row in told(rule="four.family") if row[0] == 7} == told_of_family
    rows = list(Notice.objects.values_list("duty", "step", "member"))
    assert len(rows) == len(set(rows))
    assert Notice.objects.exclude(pk__in=before).count() > 3
    assert list(Delivery.objects.values_list("account__username", "state")) == [("secretary", "waiting")]


@pytest.mark.parametrize(("place", "left"), [("claimed", 0), ("sent", 1)])
def test_a_message_whose_worker_is_killed_is_never_sent_again(
    world: World, client_of: Callable[[Account], Client], tmp_path: Path, place: str, left: int
) -> None:
    """Whether it left cannot be known from outside: it is marked, and the person is told."""
    account = world.account("committee_member")
    account.email = "shen@example.com"
    account.save()
    now = timezone.now()
    sweep(timezone.localdate(now))
    Delivery.objects.all().delete()
    Notice.objects.get_or_create(
        duty=world.branch.duties.first(),
        step=-7,
        member=world.committee_member,
        noticed_on=timezone.localdate(now),
    )
    Delivery.objects.create(account=account, channel="mail", due_at=at(timezone.localdate(now), 0))
    folder = tmp_path / "mail"
    kill(SEND, place, tmp_path, str(folder))
    assert len(list(folder.glob("*.log"))) == left
    assert Delivery.objects.get().state == "sending"

    # A worker within the ten minutes leaves it alone; a later one gives it up.
    for minutes, state in ((5, "sending"), (11, "unclear"), (60, "unclear")):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            send_deliveries()
        assert Delivery.objects.get().state == state
    assert mail.outbox == []

    page = client_of(account).get(reverse("notices")).content.decode()
    assert "的邮件不能确定是否送达，系统不会重发，请以本页为准" in page
    assert "不能确定是否送达" in client_of(account).get(reverse("notice-preference")).content.decode()
