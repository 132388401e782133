"""The addresses of talks."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils import timezone

from talks.models import Duty, Notice, Upload
from talks.rules.words import TalkState
from talks.services.exchange import add_upload
from talks.services.feeds import renew_feed
from tests import factories
from tests.access import Arguments, Row, everybody, only
from tests.conftest import World
from vault.services import Actor

MEMBERS = (
    *("chief", "deputy", "head", "secretary", "committee_member", "member", "other_secretary", "stranger"),
)
# Staff and inspectors keep to figures and metadata; the three administrators have no part in talks.
AT_WORK = (*MEMBERS, "staff", "inspector")
ANSWERING = ("secretary", "chief", "staff", "inspector")


def _a_duty(world: World) -> Mapping[str, object]:
    """That a 支委 of the branch is to talk with the member this year."""
    today = timezone.localdate()
    factories.keep_duties(today)
    duty = Duty.objects.get(rule="year.committee-member", subject=world.member, year=today.year)
    return {"pk": duty.pk}


def _talk_in(state: TalkState) -> Arguments:
    """A talk of the 支委 with the member in the state, yesterday."""

    def make(world: World) -> Mapping[str, object]:
        yesterday = timezone.localdate() - timedelta(days=1)
        talk = factories.a_talk([world.committee_member], [world.member], held_on=yesterday, state=state)
        return {"code": talk.code}

    return make


def _a_meeting(world: World) -> Mapping[str, object]:
    return {"pk": factories.a_meeting(world.branch, meeting_on=timezone.localdate()).pk}


def _newest(world: World) -> Mapping[str, object]:
    """The revision that a new talk has."""
    return {"revision": "1"}


def _tomorrow(world: World) -> Mapping[str, object]:
    """Where a talk may be dragged."""
    return {"revision": "1", "held_on": (timezone.localdate() + timedelta(days=1)).isoformat()}


PLANNED = _talk_in(TalkState.PLANNED)
RECORDED = _talk_in(TalkState.RECORDED)
CONFIRMED = _talk_in(TalkState.CONFIRMED)

ROWS: list[Row] = [
    Row("workbench", everybody()),
    Row("duties", only(*AT_WORK)),
    Row("duty", only("committee_member", "member", *ANSWERING), _a_duty),
    Row("calendar", only(*AT_WORK)),
    Row("calendar-talks", only(*AT_WORK), query="?since=2026-03-02&until=2026-03-09"),
    Row("talks", only(*AT_WORK)),
    Row("talk", only("committee_member", "member", *ANSWERING), RECORDED),
    Row("talk-book", only(*MEMBERS)),
    Row("talk-change", only("committee_member", "secretary"), PLANNED),
    Row("talk-cancel", only("committee_member", "secretary"), PLANNED),
    Row("talk-move", only("committee_member", "secretary"), PLANNED, post=_tomorrow),
    Row("talk-record", only("committee_member"), PLANNED),
    Row("talk-confirm", only("member", status=302), RECORDED, post=_newest),
    Row("talk-close", only("committee_member", status=302), CONFIRMED, post=_newest),
    Row("talk-keep", only("committee_member", "member", status=302), RECORDED, post=_newest),
    Row("meetings", only(*AT_WORK)),
    Row("meeting-add", only("chief", "secretary", "other_secretary", "stranger", "staff")),
    Row("meeting-change", only("secretary", "staff"), _a_meeting),
    Row("meeting-remove", only("secretary", "staff"), _a_meeting),
]


def _a_feed(world: World) -> Mapping[str, object]:
    """The secret of the calendar of the member."""
    secret = renew_feed(actor=Actor("member", ""), at=timezone.now(), account=world.account("member"))
    return {"secret": secret}


# One's own address, made by oneself; who knows the secret need not sign in.
FEEDS = [
    Row("calendar-feed", only(*MEMBERS)),
    Row("calendar-feed-renew", only(*MEMBERS), post=lambda _: {}),
    Row("calendar-feed-revoke", only(*MEMBERS, status=302), post=lambda _: {}),
    Row("calendar-file", everybody(), _a_feed, is_open=True),
]


def _an_upload(world: World) -> Mapping[str, object]:
    """A workbook that the staff uploaded and that waits for the word."""
    upload = add_upload(
        actor=Actor("staff", ""),
        at=timezone.now(),
        account=world.account("staff"),
        file_name="名册.xlsx",
        file=b"PK",
    )
    Upload.objects.filter(pk=upload.pk).update(state=Upload.State.CHECKED)
    return {"token": upload.token}


# 党务管理员, and of uploads nobody but who uploaded them.
UPLOADS = [
    Row("uploads", only("staff")),
    Row("upload-template", only("staff")),
    Row("upload", only("staff"), _an_upload),
    Row("upload-confirm", only("staff", status=302), _an_upload, post=lambda _: {}),
    Row("upload-discard", only("staff", status=302), _an_upload, post=lambda _: {}),
    Row("upload-number", only("staff", status=302), _an_upload, post=lambda _: {}),
    Row("export", only("staff"), post=lambda world: {"organisation": world.branch.pk}),
]


def _a_waiver(world: World) -> Mapping[str, object]:
    """A waiver that the 书记 of the branch asked for and that waits."""
    return {"pk": factories.a_waiver(world.branch, world.member, asked_by=world.secretary).pk}


def _approved_waiver(world: World) -> Mapping[str, object]:
    """The same, approved by the 书记 of the committee."""
    made = factories.a_waiver(world.branch, world.member, asked_by=world.secretary, approved_by=world.chief)
    return {"pk": made.pk}


def _event_waiver(world: World) -> Mapping[str, object]:
    """A waiver of an event duty that waits."""
    made = factories.a_waiver(
        world.branch, world.member, asked_by=world.secretary, rule="four.family", anchor="event:E1"
    )
    return {"pk": made.pk}


# Asked for by the 书记 of the branch, decided by the 书记 above; known to who answers for the branch.
WAIVERS = [
    Row("duty-waive", only("secretary"), _a_duty),
    Row("waivers", only(*AT_WORK)),
    Row("waiver", only(*ANSWERING), _a_waiver),
    Row("waiver", only("secretary", "chief"), _event_waiver),
    Row("waiver-approve", only("chief", status=302), _a_waiver, post=lambda _: {}),
    Row("waiver-approve", only("chief", status=302), _event_waiver, post=lambda _: {}),
    Row("waiver-decline", only("chief"), _a_waiver),
    Row("waiver-take-back", only("secretary"), _a_waiver),
    Row("waiver-revoke", only("chief"), _approved_waiver),
]


def _an_event(world: World) -> Mapping[str, object]:
    return {"code": factories.an_event(world.member, happened_on=date(2026, 3, 2)).code}


# The 书记 of the member's branch, and nobody else: that an event exists is confidential.
EVENTS = [
    Row("events", everybody()),
    Row("event-add", only("chief", "secretary", "other_secretary", "stranger")),
    Row("event", only("secretary"), _an_event),
    Row("event-note", only("secretary"), _an_event, post=lambda _: {}),
    Row("event-change", only("secretary"), _an_event),
    Row("event-remove", only("secretary"), _an_event),
]


def _coming(world: World) -> Mapping[str, object]:
    """A version that begins tomorrow."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    return {"pk": factories.a_rule(world.branch, effective_from=tomorrow).pk}


def _code(code: str) -> Arguments:
    return lambda _: {"code": code}


# Rules are made by staff, and by the principal of an organisation that no staff keeps; of what is built in
# only the topmost organisation is the maker.
MAKING = only("staff", "stranger")
RULES = [
    Row("rules", only(*AT_WORK)),
    Row("rule", only(*AT_WORK), _code("four.family")),
    Row("rule-add", MAKING),
    Row("rule-change", MAKING, _code("four.family")),
    Row("rule-switch", MAKING, _code("six-b.care")),
    Row("rule-end", only("staff"), _code("four.family")),
    Row("rule-remove", only("staff"), _coming),
]


def _a_notice(world: World) -> Mapping[str, object]:
    """That the 支委 of the branch was reminded of a talk with the member."""
    duty = Duty.objects.get(**_a_duty(world))
    notice = Notice.objects.create(
        duty=duty, step=-7, member=world.committee_member, noticed_on=timezone.localdate()
    )
    return {"pk": notice.pk}


def _nothing(world: World) -> Mapping[str, object]:
    return {}


NOTICES = [
    Row("notices", everybody()),
    Row("notices-read", everybody(status=302), post=_nothing),
    Row("notice-read", only("committee_member", status=302), _a_notice, post=_nothing),
    Row("notice-preference", everybody()),
]

ROWS += [*FEEDS, *UPLOADS, *WAIVERS, *EVENTS, *RULES, *NOTICES]
