"""That an event duty about a named person exists is confidential (design.md section 4): nobody outside the
circle can tell about whom it is.

Two worlds are the same but for whom the events are about: the member, or his colleague of the same branch.
Whatever somebody outside the circle is shown, given or sent must be the same in both: every list, figure,
search and sort order, papers and workbooks, the calendar feed, reminders by mail and robot. What differs by
chance (tokens, numbers of papers) is taken out before.

The circle of an event: those in the role, the principal of its organisation, who entered it. The two persons
themselves are outside it too, but cannot be compared, as every page about themselves names them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.db.models import Q
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from pytest_django import Settings

from members.models import Member
from members.services.events import enter_event
from reports.permissions import documents_for, orderable_meetings, orderable_organisations
from reports.rules.documents import DOCUMENTS, Kind, Scope
from reports.tasks import render_report, sweep_findings
from talks import tasks
from talks.models import Duty, Meeting, NoticePreference
from talks.permissions import duties
from talks.rules.presets import EVENT_KINDS
from talks.rules.words import TalkState
from talks.services.deliveries import Outcome
from talks.services.feeds import renew_feed
from tests import factories
from tests.conftest import World
from tests.reports.papers import AT, TODAY, asked, words_of
from vault.services import Actor

HAPPENED = date(2026, 3, 2)  # long overdue on the day of the tests: superiors were reminded too
ROBOT = "https://robot.example.com/send"
# Outside the circle of whatever happens in the branch. Of what the 书记 alone is to talk of, the 支委 too.
OUTSIDERS = {
    "superiors": ("chief", "deputy"),
    "mandates": ("staff", "inspector"),
    "members": ("head", "applicant", "other_member"),
    "elsewhere": ("other_secretary", "stranger"),
    "offices": ("system", "security", "auditor"),
}
FOR_THE_PRINCIPAL = ("苗头性问题", "重大风险", "倾向性问题", "岗位变动", "组织处理", "新提拔")
SEARCHED = ("梁志强", "wgl")
QUERIES = ("rule=four.*", "rule=four.family", "due=past", "state=overdue", "state=late", "mine=on")
# Of chance: tokens, nonces, numbers and digests of papers, primary keys in addresses.
BY_CHANCE = (
    re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"'),
    re.compile(r'"X-CSRFToken": ?"[^"]+"'),
    re.compile(r'nonce="[^"]+"'),
    re.compile(r"BG-2026-\d{4}"),
    re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    re.compile(r"(?<![0-9A-Fa-f])[0-9a-f]{16,64}(?![0-9A-Fa-f])"),
    re.compile(r"(?:[0-9A-F]{4} ?){4}"),
    re.compile(r"/\d+/"),
    re.compile(r'name="duty" value="\d+"|\bduty=\d+'),
    re.compile(r'id="c\d+"'),
)

LISTS = ("/duties/", "/events/")

Seen = dict[str, str]


@pytest.fixture(autouse=True)
def _that_day(settings: Settings) -> Iterator[None]:
    settings.WEBHOOK_HOSTS = ("robot.example.com",)
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def scene(world: World) -> World:
    """All that the two worlds have in common: the same was done with the member and with the colleague."""
    factories.a_liaison(world.committee_member, world.colleague)
    factories.a_meeting(world.branch, meeting_on=date(2026, 5, 6))
    for number, other in enumerate((world.member, world.colleague), 1):
        factories.a_talk(
            [world.committee_member],
            [other],
            held_on=date(2026, 3, 4),
            code=f"T-HELD-{number}",
            content="谈了近况。",
            state=TalkState.CONFIRMED,
        )
        # Of a talk still ahead the talker prepares himself: what is open with the other is shown to him.
        factories.a_talk(
            [world.chief],
            [other],
            held_on=date(2026, 4, 20),
            code=f"T-AHEAD-{number}",
            state=TalkState.PLANNED,
        )
    for account in world.accounts.values():
        account.email = f"{account.username}@example.com"
        account.save()
        if account.member_id:
            NoticePreference.objects.create(account=account, at_once=True, webhook=ROBOT)
    return world


def happen(world: World, person: Member, kinds: tuple[str, ...]) -> None:
    """The 书记 enters events of the kinds about the person; duties follow, and everybody is reminded."""
    for number, kind in enumerate(kinds, 1):
        enter_event(
            actor=Actor("secretary", "127.0.0.1"),
            at=AT,
            member=person,
            kind=kind,
            happened_on=HAPPENED,
            today=TODAY,
            known_kinds=EVENT_KINDS,
            note="情况说明",
            code=f"E-{number}",
            entered_by=world.account("secretary"),
        )
    tasks.keep_duties()
    sweep_findings()
    tasks.send_deliveries()


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def pages(world: World) -> list[str]:
    """Every address that needs no argument, searches in lists, and pages about organisations and persons."""
    found = []
    for pattern in _patterns(get_resolver()):
        try:
            found.append(reverse(str(pattern.name)))
        except NoReverseMatch:
            continue
    assert len(found) > 50
    for words in SEARCHED:
        found += [f"{reverse(name)}?who={words}" for name in ("duties", "talks", "contacts", "waivers")]
        found += [f"{reverse(name)}?q={words}" for name in ("members", "accounts", "events")]
    found += [f"{reverse('duties')}?{query}" for query in QUERIES]
    found.append(f"{reverse('calendar-talks')}?start=2026-03-01&end=2026-05-31")
    for place in (world.committee, world.branch):
        found.append(reverse("organisation", args=[place.code]))
        found.append(f"{reverse('duties')}?organisation={place.code}")
    for person in (world.member, world.colleague, world.committee_member):
        found.append(reverse("member", args=[person.code]))
        found.append(f"{reverse('talk-book')}?subject={person.code}")
        found.append(f"{reverse('event-add')}?member={person.code}")
    for number in (1, 2):
        found += [reverse(name, args=[f"T-AHEAD-{number}"]) for name in ("talk", "talk-prepare")]
        found.append(reverse("talk", args=[f"T-HELD-{number}"]))
        found.append(reverse("event", args=[f"E-{number}"]))
    found += [reverse("meeting", args=[meeting.pk]) for meeting in Meeting.objects.all()]
    found += [reverse("rule", args=[code]) for code in ("four.family", "four.signs")]
    # The duties themselves: an address that some outsider may open would differ in what it says.
    events = Duty.objects.filter(is_event=True).order_by("pk")
    return found + [reverse("duty", args=[pk]) for pk in events.values_list("pk", flat=True)]


def plain(text: str) -> str:
    """Without what is of chance."""
    for chance in BY_CHANCE:
        text = chance.sub("·", text)
    return text


def screens(world: World, role: str, addresses: Sequence[str] = ()) -> Seen:
    """What every page (or those of the addresses) answers: status, where it sends to, its tag, the body."""
    client = Client()
    client.force_login(world.account(role))
    seen: Seen = {}
    for address in addresses or pages(world):
        before = transaction.savepoint()
        answer = client.get(address)
        transaction.savepoint_rollback(before)
        told = [str(answer.status_code), answer.headers.get("Location", ""), answer.headers.get("ETag", "")]
        if answer.headers["Content-Type"].startswith(("text/", "application/json")):
            told.append(answer.content.decode())
        place = f"{role} {plain(address)}"
        seen[place] = seen.get(place, "") + plain("\n".join(told))
    return seen


def papers(world: World, role: str, folder: Path) -> Seen:
    """The text of every document that the role may ask for, in the format that says most."""
    account = world.account(role)
    seen = {}
    for kind in documents_for(account, today=TODAY):
        document = DOCUMENTS[kind]
        if kind is Kind.RECORD:
            continue
        more: dict[str, object] = {"file_format": document.formats[-1]}
        if document.scope in (Scope.YEAR, Scope.PERIOD):
            more["organisation"] = orderable_organisations(account, kind, today=TODAY).order_by("path")[0]
        if document.scope is Scope.MEETING:
            more["meeting"] = orderable_meetings(account, kind, today=TODAY)[0]
        report = asked(account, kind, **more)
        assert render_report(report)
        report.refresh_from_db()
        seen[f"{role} paper {kind}"] = plain(words_of(report, folder))
    return seen


def workbook(world: World, role: str, folder: Path) -> Seen:
    """The exchange workbook of the branch, where the role may take it along."""
    client = Client()
    client.force_login(world.account(role))
    answer = client.post(reverse("export"), {"organisation": world.branch.pk})
    if answer.status_code == 404:
        return {}
    (folder / "workbook.xlsx").write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    book = openpyxl.load_workbook(folder / "workbook.xlsx", read_only=True)
    return {
        f"{role} sheet {sheet.title}": plain("\n".join(str(row) for row in sheet.iter_rows(values_only=True)))
        for sheet in book
    }


def feed(world: World, role: str) -> Seen:
    """The calendar as programs fetch it, without the identities of its entries."""
    account = world.account(role)
    if not account.member_id:
        return {}
    secret = renew_feed(actor=Actor(role, ""), at=AT, account=account)
    answer = Client().get(reverse("calendar-file", args=[secret]))
    return {f"{role} feed": re.sub(r"UID:.*(?:\r\n .*)*", "", answer.content.decode())}


def sent(world: World, role: str) -> Seen:
    """What was sent to the role by mail."""
    to = world.account(role).email
    return {f"{role} mail": "\n".join(f"{one.subject}\n{one.body}" for one in mail.outbox if one.to == [to])}


Look = Callable[[World], Seen]


def seen_if_about(world: World, person: Member, kinds: tuple[str, ...], look: Look) -> Seen:
    """What is seen in the world in which the events are about the person; then they never were."""
    before = transaction.savepoint()
    mail.outbox.clear()
    happen(world, person, kinds)
    seen = look(world)
    transaction.savepoint_rollback(before)
    return seen


def differences(world: World, kinds: tuple[str, ...], look: Look) -> list[str]:
    """Where the two worlds differ, each with the first lines that do."""
    one = seen_if_about(world, world.member, kinds, look)
    other = seen_if_about(world, world.colleague, kinds, look)
    found = []
    for place in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(place, ""), other.get(place, "")
        if mine != theirs:
            lines = zip(mine.splitlines(), theirs.splitlines(), strict=False)
            first = next((pair for pair in lines if pair[0] != pair[1]), (mine[-200:], theirs[-200:]))
            found.append(f"{place}: {first[0][:300]} | {first[1][:300]}")
    return found


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What leaves for robots."""
    texts: list[str] = []

    def take(*, address: str, text: str, hosts: object) -> Outcome:
        texts.append(text)
        return Outcome.SENT

    monkeypatch.setattr(tasks, "send_to_robot", take)
    return texts


@pytest.mark.parametrize("group", OUTSIDERS)
def test_no_screen_tells_about_whom_an_event_is(scene: World, robot: list[str], group: str) -> None:
    """Pages, lists, figures, searches, orders; feed and mail with them. Events of every kind at once."""

    def look(world: World) -> Seen:
        found: Seen = {}
        for role in OUTSIDERS[group]:
            found |= screens(world, role) | feed(world, role) | sent(world, role)
        return found

    assert differences(scene, EVENT_KINDS, look) == []


def test_what_the_principal_is_to_talk_of_the_team_does_not_know(scene: World, robot: list[str]) -> None:
    def look(world: World) -> Seen:
        return screens(world, "committee_member") | sent(world, "committee_member")

    assert differences(scene, FOR_THE_PRINCIPAL, look) == []


def test_no_paper_tells_about_whom_an_event_is(scene: World, robot: list[str], tmp_path: Path) -> None:
    def look(world: World) -> Seen:
        found: Seen = {}
        for role in ("chief", "staff", "inspector"):
            found |= papers(world, role, tmp_path) | workbook(world, role, tmp_path)
        return found

    assert differences(scene, EVENT_KINDS, look) == []


def test_what_leaves_the_system_is_a_count(scene: World, robot: list[str]) -> None:
    """Mail and robots, whoever is told: neither a name nor a kind, to those in the circle neither."""
    happen(scene, scene.member, EVENT_KINDS)
    texts = [f"{one.subject}{one.body}" for one in mail.outbox] + robot
    assert len(mail.outbox) > 3
    assert len(robot) > 3
    names = [person.name for person in Member.objects.all()]
    assert [word for word in (*names, *EVENT_KINDS, "事件") for text in texts if word in text] == []


# --- negative controls --------------------------------------------------------------------------------------


def test_without_the_rule_on_events_the_screens_would_tell(
    scene: World, robot: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duties, "_of_events", lambda *rest: Q(pk__gt=0))
    found = differences(scene, ("家庭变故",), lambda world: screens(world, "inspector", LISTS))
    assert any(line.startswith("inspector /duties/") for line in found)


def test_without_the_rule_on_events_the_papers_would_tell(
    scene: World, robot: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(duties, "_of_events", lambda *rest: Q(pk__gt=0))
    found = differences(scene, ("家庭变故",), lambda world: papers(world, "chief", tmp_path))
    assert any("paper" in line for line in found)


def test_those_in_the_circle_see_the_difference(scene: World, robot: list[str]) -> None:
    """The two worlds do differ: the principal of the branch is told of whom it is."""
    found = differences(scene, ("家庭变故",), lambda world: screens(world, "secretary", LISTS))
    for address in ("/duties/", "/events/"):
        assert any(line.startswith(f"secretary {address}:") for line in found)
