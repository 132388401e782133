"""The kinds of tasks that a worker is killed in. A new one joins KINDS; without that test_kills.py fails.

`leave` leaves its n-th piece of work. `settled`: whether nothing waits any more. `check` asserts, after so
many pieces, that none was lost and nothing was done twice that a person sees.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir

from django.db.models import F, QuerySet
from django.utils import timezone

from branches.models import Organisation, Stale
from members.models import Account, Affiliation, Member
from reports.models import Finding, Report, Sweep
from reports.rules.documents import Kind as DocumentKind
from reports.services import Order, ask_for_report, open_report_file
from talks.figures.facts import load_facts
from talks.figures.keeping import out_of_date
from talks.models import Chase, Delivery, Duty, Notice, Upload
from talks.rules.chasing import OPENED
from talks.rules.keeping import keep
from talks.services import exchange
from talks.services.fingerprints import fingerprint_next_records
from talks.tasks import keep_duties, work_pending_uploads
from tests import factories
from tests.conftest import World
from tests.talks.exchange.books import file_of
from vault.models import TrailEntry
from vault.services import Actor

ACTOR = Actor("staff", "")
AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
# Where the workers' mails go, a file for each.
MAILS = Path(gettempdir()) / f"tanxin-mails-{os.getpid()}"
COPIED = "谈到测站夜间值班人手不足，希望汛期以前排班能够错开，愿意带新同志熟悉仪器。"
ROSTER = ["党员编号*", "姓名*", "党员类别*", "所在组织编码*"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task, by its name in the timetable."""

    task: str
    leave: Callable[[World, int], None]
    settled: Callable[[], bool]
    check: Callable[[World, int], None]


def entries(action: str, *, succeeded: bool = True) -> int:
    """How often the trail tells of the action."""
    return TrailEntry.objects.filter(action=action, succeeded=succeeded).count()


# --- reports -----------------------------------------------------------------------------------------------


def ask(world: World, number: int) -> None:
    """Another report is asked for."""
    today = timezone.localdate()
    ask_for_report(
        actor=ACTOR,
        at=AT,
        today=today,
        # Who asks on the command line has no limit for a day.
        account=None,
        order=Order(
            kind=DocumentKind.COMPLIANCE,
            organisation=world.branch,
            year=2020 + number,
            as_of=date(2026, 3, 1),
        ),
    )


def are_issued() -> bool:
    """Whether no report waits."""
    return not Report.objects.filter(state=Report.State.PENDING).exists()


def check_reports(world: World, count: int) -> None:
    """Each is issued once, with the file whose digest it bears."""
    assert list(Report.objects.values_list("state", flat=True)) == ["done"] * count
    assert entries("生成报告") == count
    for report in Report.objects.all():
        assert sha256(open_report_file(actor=ACTOR, at=AT, report=report)).hexdigest() == report.digest


# --- uploads -----------------------------------------------------------------------------------------------


def send(world: World, number: int) -> None:
    """A workbook with one new member is sent in."""
    book = {"党员": [ROSTER, [f"N{number}", "王新", "正式党员", world.branch.code]]}
    account = world.account("staff")
    exchange.add_upload(
        actor=ACTOR, at=timezone.now(), account=account, file_name="名册.xlsx", file=file_of(book)
    )


def are_checked() -> bool:
    """Whether no upload waits to be checked."""
    return not Upload.objects.filter(state=Upload.State.CHECKING).exists()


def check_checks(world: World, count: int) -> None:
    """Each waits to be confirmed, one member would be new, and nobody is there yet."""
    assert list(Upload.objects.values_list("state", flat=True)) == ["checked"] * count
    assert all('"new": 1' in upload.outcome for upload in Upload.objects.all())
    assert not new_members()


def confirm(world: World, number: int) -> None:
    """A workbook has been checked, and its owner wants it."""
    send(world, number)
    work_pending_uploads()
    exchange.confirm_upload(actor=ACTOR, at=AT, upload=Upload.objects.latest("pk"))


def are_imported() -> bool:
    """Whether no upload waits to be imported."""
    return not Upload.objects.filter(state=Upload.State.IMPORTING).exists()


def check_imports(world: World, count: int) -> None:
    """Each member is there, affiliated once; each import is told once; no file is kept."""
    assert set(Upload.objects.values_list("state", flat=True)) == {"done"}
    assert not Upload.objects.filter(file__isnull=False).exists()
    assert sorted(new_members()) == sorted(f"N{number}" for number in range(count))
    assert entries("导入") == count


def confirm_in_vain(world: World, number: int) -> None:
    """A workbook that was right when it was checked, and is no more."""
    confirm(world, number)
    upload = Upload.objects.latest("pk")
    upload.file = file_of({"党员": [ROSTER, [f"N{number}", "王新", "正式党员", "无此组织"]]})
    upload.save(update_fields=["file"])


def check_refusals(world: World, count: int) -> None:
    """Each is refused, and told so once."""
    assert set(Upload.objects.values_list("state", flat=True)) == {"refused"}
    assert not Upload.objects.filter(file__isnull=False).exists()
    assert not new_members()
    assert entries("导入", succeeded=False) == count


def new_members() -> list[str]:
    """The codes of the imported members, one for each affiliation."""
    members = Affiliation.objects.filter(member__code__startswith="N")
    return list(members.values_list("member__code", flat=True))


# --- duties ------------------------------------------------------------------------------------------------


def join(world: World, number: int) -> None:
    """Another member joins the branch, and its duties change."""
    factories.a_member("王新", world.branch, code=f"N{number}")


def are_kept() -> bool:
    """Whether no organisation is marked or behind."""
    return not Stale.objects.exists() and not out_of_date(timezone.localdate()).exists()


def check_duties(world: World, count: int) -> None:
    """What stands is what the engine says is owed, each of it once, and nothing was withdrawn."""
    places = list(Organisation.objects.all())
    codes = [place.code for place in places]
    owed = keep(load_facts(places), organisations=codes, as_of=timezone.localdate())
    keys = list(Duty.objects.values_list("organisation__code", "version", "anchor", "persons"))
    assert sorted(keys) == sorted(
        (one.duty.organisation, one.duty.rule.version, one.duty.anchor, "+".join(one.duty.persons))
        for one in owed
    )
    assert not Duty.objects.exclude(withdrawn_on=None).exists()
    assert Member.objects.filter(code__startswith="N").count() == count


# --- reminders ---------------------------------------------------------------------------------------------


def happen(world: World, number: int) -> None:
    """Something happens to the member, of which whoever is responsible is told at once."""
    Account.objects.filter(username="secretary").update(email="secretary@example.com")
    factories.an_event(world.member, happened_on=timezone.localdate())


def are_chased() -> bool:
    """Whether all duties are kept, and chased up to today."""
    return are_kept() and Chase.objects.filter(day=timezone.localdate()).exists()


def check_reminders(world: World, count: int) -> None:
    """Of each event the same persons are reminded, each once; one mail tells of them all."""
    told = Counter(Notice.objects.filter(step=OPENED).values_list("duty__anchor", "member"))
    events = {anchor for anchor, _ in told}
    assert len(events) == count
    assert set(told.values()) == {1}
    assert len(told) == count * len({member for _, member in told})
    assert list(Delivery.objects.values_list("account__username", "state")) == [("secretary", "waiting")]


# --- messages ----------------------------------------------------------------------------------------------


def owe_message(world: World, number: int) -> None:
    """A mail to the 支委 is due."""
    now = timezone.now()
    account = world.account("committee_member")
    if not number:
        rmtree(MAILS, ignore_errors=True)
        Account.objects.filter(pk=account.pk).update(email="shen@example.com")
        keep_duties()
        duty = world.branch.duties.all()[0]
        Notice.objects.create(duty=duty, step=-7, member=world.committee_member, noticed_on=now.date())
    Delivery.objects.filter(state=Delivery.State.WAITING).delete()
    Delivery.objects.create(account=account, channel=Delivery.Channel.MAIL, due_at=now)


def are_sent() -> bool:
    """Whether no message waits."""
    return not Delivery.objects.filter(state=Delivery.State.WAITING).exists()


def check_messages(world: World, count: int) -> None:
    """Each is sent once at most; what is noted as sent has left, of what was not settled nobody knows."""
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert sum(states.values()) == count
    assert set(states) <= {Delivery.State.SENT, Delivery.State.SENDING}
    assert 0 < states[Delivery.State.SENT] <= len(list(MAILS.iterdir())) <= count


# --- 疑点 --------------------------------------------------------------------------------------------------


def copy_record(world: World, number: int) -> None:
    """Another record in the words of the first, on a new day for the sweep."""
    day = date(2026, 3, 2) + timedelta(days=number)
    factories.a_talk([world.secretary], [world.member], held_on=day, content=COPIED)
    if not number:
        factories.a_talk([world.secretary], [world.colleague], held_on=day, content=COPIED)
    fingerprint_next_records(actor=ACTOR, at=AT)
    Sweep.objects.all().delete()


def are_swept() -> bool:
    """Whether all records have been checked today."""
    return Sweep.objects.filter(day=timezone.localdate()).exists()


def check_findings(world: World, count: int) -> None:
    """Each copy is found once, and stands with its two records; each sweep is entered once."""
    found = list(Finding.objects.filter(check_name="copied"))
    assert len(found) == count
    assert {one.talks.count() for one in found} == {2}
    assert not Finding.objects.exclude(gone_on=None).exists()
    assert entries("核对疑点") == count


KINDS = {
    "findings": Kind("reports.tasks.sweep_findings", copy_record, are_swept, check_findings),
    "reports": Kind("reports.tasks.render_pending", ask, are_issued, check_reports),
    "checks": Kind("talks.tasks.work_pending_uploads", send, are_checked, check_checks),
    "imports": Kind("talks.tasks.work_pending_uploads", confirm, are_imported, check_imports),
    "refusals": Kind("talks.tasks.work_pending_uploads", confirm_in_vain, are_imported, check_refusals),
    "duties": Kind("talks.tasks.keep_duties", join, are_kept, check_duties),
    "reminders": Kind("talks.tasks.keep_duties", happen, are_chased, check_reminders),
    "messages": Kind("talks.tasks.send_deliveries", owe_message, are_sent, check_messages),
}


# --- the negative control: tasks that are not made for being killed (worker.py) -----------------------------


def untold() -> QuerySet[Upload]:
    """Uploads of which is not noted yet that they are told."""
    return Upload.objects.filter(done=0)


def tell(waiting: set[int]) -> None:
    """Tells of the uploads: counted up, so that once more shows."""
    Upload.objects.filter(pk__in=waiting).update(attempts=F("attempts") + 1)


def are_told() -> bool:
    """Whether all is noted."""
    return not untold().exists()


def check_told(world: World, count: int) -> None:
    """Each is told once."""
    assert list(Upload.objects.values_list("attempts", flat=True)) == [1] * count


SPOILT = {
    "twice": Kind("tests.kills.worker.tell_then_note", send, are_told, check_told),
    "never": Kind("tests.kills.worker.note_then_tell", send, are_told, check_told),
}
