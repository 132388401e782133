"""What each document tells to whom: words that may not be there are looked for in the text of the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError

from reports.figures import ledger
from reports.models import Report
from reports.rules.documents import DOCUMENTS, Format, Kind
from reports.services import contents
from talks.models import (
    Duty,
    GatheredOpinion,
    Meeting,
    MergedOpinion,
    Participant,
    Preparation,
    Remedy,
    Talk,
)
from talks.rules.requests import RequestState
from talks.rules.words import MeetingKind
from tests import factories
from tests.conftest import World
from tests.reports.papers import AT, TODAY, asked, made, words_of
from vault.models import TrailEntry

# A word for each thing that only some may read.
WORDS = {
    "content": "鹤鸣九皋",
    "topic": "主题松风",
    "opinion": "原话雁阵",
    "remedy": "原措鲸落",
    "notes": "私记梅影",
    "outline": "提纲兰舟",
    "attitude": "对象态度",
    "kind": "特别类型",
    "asked": "约谈类型",
    "released": "台账松涛",
    "gathered": "转交竹影",
    "merged": "梳理荷风",
    "event": "家庭变故",
    "pooled": "事件类必谈",
    "code": "SJ-0009",
}
ROLES = (
    *("chief", "deputy", "secretary", "committee_member", "member", "colleague", "other_secretary"),
    *("stranger", "staff", "inspector", "system", "auditor"),
)
ON_PAPER = ("secretary", "member", "inspector")
REFUSED = None
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """A world in which something was said that everybody would like to know."""

    world: World
    talk: Talk
    meeting: Meeting

    def more(self, kind: Kind) -> dict[str, object]:
        """What is asked for."""
        match kind:
            case Kind.RECORD:
                return {"talk": self.talk}
            case Kind.PERSONAL:
                return {}
            case Kind.MEETING | Kind.SITUATION | Kind.OVERVIEW | Kind.OPINIONS:
                return {"meeting": self.meeting}
            case _:
                return {"organisation": self.world.branch}


@pytest.fixture(autouse=True)
def _that_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def case(world: World) -> Case:
    """The secretary talked with the member; the 支委 about the event of a colleague, and on request."""
    talk = factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=date(2026, 3, 3),
        content=WORDS["content"],
        topic=WORDS["topic"],
        opinions=[WORDS["opinion"]],
        remedies=[WORDS["remedy"]],
        confirmed_by=[world.member],
    )
    talk.kind = WORDS["kind"]
    talk.save()
    talker = Participant.objects.get(talk=talk, member=world.secretary)
    talker.private_notes = WORDS["notes"]
    talker.save()
    Preparation.objects.create(participant=talker, questions=WORDS["outline"])
    remedy = Remedy.objects.get(talk=talk)
    remedy.released_text, remedy.organisation = WORDS["released"], world.branch
    remedy.released_by, remedy.released_on = world.secretary, date(2026, 3, 4)
    remedy.owner = world.committee_member
    remedy.save()

    factories.an_event(world.colleague, happened_on=date(2026, 3, 2), code=WORDS["code"])
    factories.a_talk([world.committee_member], [world.colleague], held_on=date(2026, 3, 3))

    on_request = factories.a_talk([world.committee_member], [world.member], held_on=date(2026, 3, 5))
    on_request.kind = WORDS["asked"]
    on_request.save()
    factories.a_request(
        world.member,
        world.committee_member,
        code="YT-1",
        asked_on=date(2026, 3, 4),
        state=RequestState.HELD.value,
        talk=on_request,
    )

    meeting = factories.a_meeting(
        world.branch,
        MeetingKind.ORGANISATION_LIFE,
        meeting_on=date(2026, 3, 20),
        talks_from=date(2026, 2, 20),
    )
    merged = MergedOpinion.objects.create(
        meeting=meeting, number=1, text=WORDS["merged"], category="工作作风"
    )
    opinion = talk.opinions.get()
    for number, text in enumerate((WORDS["gathered"], "已梳理的一条"), 1):
        GatheredOpinion.objects.create(
            meeting=meeting,
            number=number,
            text=text,
            channel="谈心谈话",
            opinion=opinion if number == 1 else None,
            released_by=world.secretary,
            released_at=AT,
            speaker=world.member,
            merged=merged if number == 2 else None,
        )
    factories.keep_duties(TODAY)
    assert Duty.objects.get(anchor=f"event:{WORDS['code']}").met_by is not None
    return Case(world, talk, meeting)


def told(case: Case, role: str, kind: Kind, folder: Path, **more: object) -> frozenset[str] | None:
    """Which of the words the file holds that the role is given; None where it is refused."""
    account = case.world.account(role)
    try:
        report = made(account, kind, **case.more(kind), **more)
    except ValidationError:
        return REFUSED
    words = words_of(report, folder)
    assert report.number in words, "else nothing was looked into"
    return frozenset(name for name, word in WORDS.items() if word in words)


FORMATS = [(kind, one) for kind, document in DOCUMENTS.items() for one in document.formats]
GATHERED = frozenset({"gathered", "merged"})
LEDGER = {"secretary": {"kind", "pooled"}, "chief": NOTHING, "staff": NOTHING, "inspector": NOTHING}
COUNTS = dict.fromkeys(("chief", "secretary", "staff", "inspector"), NOTHING)
EXPECTED: dict[Kind, dict[str, frozenset[str] | set[str]]] = {
    # One event is never told; the rules are named with their titles, used or not.
    Kind.COMPLIANCE: dict.fromkeys(COUNTS, frozenset({"event", "pooled"})),
    Kind.STATISTICS: dict.fromkeys(COUNTS, frozenset({"event", "pooled"})),
    Kind.LEDGER: LEDGER,
    Kind.RECTIFICATION: {
        **dict.fromkeys(("chief", "secretary", "committee_member"), frozenset({"released"})),
        **dict.fromkeys(("staff", "inspector"), NOTHING),
    },
    Kind.MEETING: {"secretary": GATHERED},
    Kind.OPINIONS: {"secretary": GATHERED},
    Kind.SITUATION: COUNTS,
    Kind.OVERVIEW: COUNTS,
    Kind.PERSONAL: dict.fromkeys(
        (role for role in ROLES if role not in ("staff", "inspector", "system", "auditor")), NOTHING
    ),
    Kind.RECORD: {
        "secretary": {"kind"},
        "member": {"kind"},
        "chief": NOTHING,
        "staff": NOTHING,
        "inspector": NOTHING,
    },
}


@pytest.mark.parametrize(("kind", "file_format"), FORMATS, ids=[f"{kind}.{one}" for kind, one in FORMATS])
def test_each_role_is_told_what_it_may_know(
    case: Case, kind: Kind, file_format: Format, tmp_path: Path
) -> None:
    reads = {"with_content": True} if kind is Kind.RECTIFICATION else {}
    # What is read is the same in every format; paper takes its time.
    is_twice = file_format is Format.PDF and len(DOCUMENTS[kind].formats) > 1
    roles = ON_PAPER if is_twice else ROLES
    found = {}
    for role in roles:
        more = reads if role in ("chief", "secretary", "committee_member") else {}
        found[role] = told(case, role, kind, tmp_path, file_format=file_format, **more)
    assert {role: set(words) for role, words in found.items() if words is not None} == {
        role: set(words) for role, words in EXPECTED[kind].items() if role in roles
    }


@pytest.mark.parametrize("file_format", [Format.PDF, Format.WORD])
def test_only_the_talkers_copy_has_the_outline_and_nobodys_the_private_notes(
    case: Case, file_format: Format, tmp_path: Path
) -> None:
    found = {
        role: told(case, role, Kind.RECORD, tmp_path, file_format=file_format, with_content=True)
        for role in ROLES
    }
    said = {"content", "topic", "opinion", "remedy", "kind"}
    assert {role: set(words) for role, words in found.items() if words is not None} == {
        "secretary": said | {"outline", "attitude"},
        "member": said,
    }


def test_of_a_group_talk_a_subject_is_given_his_own_words_alone(case: Case, tmp_path: Path) -> None:
    world = case.world
    group = factories.a_talk(
        [world.secretary], [world.member, world.colleague], held_on=date(2026, 3, 6), content=WORDS["content"]
    )
    for member, said in ((world.member, "本人所说"), (world.colleague, "旁人所说")):
        row = group.participants.get(member=member)
        row.said = said
        row.save()
    report = made(world.account("member"), Kind.RECORD, talk=group, with_content=True)
    words = words_of(report, tmp_path)
    assert [word in words for word in ("本人所说", "旁人所说", WORDS["content"])] == [True, False, False]


def test_what_is_read_for_a_paper_stands_in_the_trail_before(case: Case) -> None:
    made(case.world.account("secretary"), Kind.RECORD, talk=case.talk, with_content=True)
    actions = list(TrailEntry.objects.order_by("pk").values_list("account", "action"))
    assert actions == [
        ("secretary", "申请报告"),
        ("secretary", "查看谈话内容"),
        ("secretary", "查看谈话准备"),
        ("system", "生成报告"),
    ]


def test_content_is_not_kept_beside_the_file(case: Case) -> None:
    report = made(case.world.account("secretary"), Kind.RECORD, talk=case.talk, with_content=True)
    assert (report.figures, len(report.figures_mac)) == ("", 64)


def test_who_has_lost_the_right_since_he_asked_is_given_nothing(case: Case) -> None:
    report = asked(case.world.account("secretary"), Kind.OPINIONS, meeting=case.meeting)
    case.world.secretary.posts.update(until=TODAY)
    with pytest.raises(contents.PermissionDenied):
        contents.contents_of(report=report, at=AT, today=TODAY)


def test_the_personal_list_names_an_event_only_to_who_is_in_the_role(case: Case, tmp_path: Path) -> None:
    world = case.world
    factories.an_event(world.member, "岗位变动", happened_on=date(2026, 4, 8), code="SJ-2")
    factories.keep_duties(TODAY)
    found = {
        role: "岗位变动必谈" in words_of(made(world.account(role), Kind.PERSONAL), tmp_path)
        for role in ("secretary", "committee_member", "member", "chief")
    }
    assert found == {"secretary": True, "committee_member": False, "member": False, "chief": False}


# --- what would be seen without the guards ------------------------------------------------------------------


def test_without_the_rule_on_kinds_the_inspector_would_see_them(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "told_kind", lambda account, today: Talk.objects.all())
    assert told(case, "inspector", Kind.LEDGER, tmp_path, file_format=Format.EXCEL) == {"kind"}


def test_without_the_rule_on_events_the_inspector_would_see_that_there_is_one(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "visible_duties", lambda account, today: Duty.objects.all())
    assert told(case, "inspector", Kind.LEDGER, tmp_path, file_format=Format.EXCEL) == {"pooled"}


def test_without_the_rule_on_remedies_the_staff_would_read_them(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "ledger_remedies", lambda account, today: Remedy.objects.all())
    report = asked(case.world.account("staff"), Kind.RECTIFICATION, organisation=case.world.branch)
    Report.objects.filter(pk=report.pk).update(with_content=True)
    report.refresh_from_db()
    monkeypatch.setattr(contents, "visible_reports", lambda account, today: Report.objects.all())
    sheet = contents.contents_of(report=report, at=AT, today=TODAY)
    assert WORDS["released"] in sheet.to_text()
