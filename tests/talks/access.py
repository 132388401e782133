"""The addresses of talks."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from django.utils import timezone

from talks.models import (
    ArrangedTalk,
    Arrangement,
    Correction,
    Deputy,
    Disclosure,
    Duty,
    GatheredOpinion,
    MergedOpinion,
    Notice,
    OfficeException,
    OfficeHours,
    Participant,
    Remedy,
    Settlement,
    Talk,
    TalkRequest,
    Upload,
)
from talks.rules.office_hours import Slot
from talks.rules.wishes import Wishes
from talks.rules.words import TalkState
from talks.services.answers import accept_request, propose_times
from talks.services.attachments import attach_file
from talks.services.disclosures import approve_disclosure, ask_disclosure
from talks.services.drafts import Window, keep_draft
from talks.services.exchange import add_upload
from talks.services.feeds import renew_feed
from talks.services.requests import Wish, ask_request
from tests import factories
from tests.access import HIDDEN, Arguments, Row, everybody, only
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


def _a_talk_of_two(world: World) -> Mapping[str, object]:
    """What the 支委 and the member, who asked for it, agreed on for the day after tomorrow."""
    day = timezone.localdate() + timedelta(days=2)
    actor, at, account = Actor("tests", ""), timezone.now(), world.account("committee_member")
    request = ask_request(
        actor=actor,
        at=at,
        account=world.account("member"),
        asked=world.committee_member,
        wish=Wish(slot=Slot(day, time(9), time(9, 30))),
    )
    accept_request(actor=actor, at=at, account=account, request=request)
    request.refresh_from_db()
    assert request.talk is not None
    return {"code": request.talk.code}


def _a_meeting(world: World) -> Mapping[str, object]:
    return {"pk": factories.a_meeting(world.branch, meeting_on=timezone.localdate()).pk}


def _a_pair(world: World) -> Mapping[str, object]:
    """That the 书记 and the 支委 of the branch are to talk before its meeting."""
    today = timezone.localdate()
    meeting = _a_meeting(world)
    factories.keep_duties(today)
    pair = (world.secretary, world.committee_member)
    found = Duty.objects.filter(rule="life.committee-committee", subject__in=pair, counterpart__in=pair)
    return {**meeting, "duty": found.get().pk}


def _a_meeting_to_come(world: World) -> Mapping[str, object]:
    return {"pk": factories.a_meeting(world.branch, meeting_on=timezone.localdate() + timedelta(days=10)).pk}


def _an_arrangement(world: World) -> Mapping[str, object]:
    """排谈草稿 of the 书记 for the meeting of the branch, with one talk."""
    meeting = _a_meeting_to_come(world)
    tomorrow = timezone.localdate() + timedelta(days=1)
    draft = Arrangement.objects.create(
        meeting_id=meeting["pk"],
        account=world.account("secretary"),
        wishes=Wishes(tomorrow, tomorrow).as_json(),
        drawn_up_at=timezone.now(),
    )
    draft.talks.create(talker=world.secretary, subject=world.committee_member, rank=0, title="支委之间")
    return meeting


def _an_arranged_talk(world: World) -> Mapping[str, object]:
    return {**_an_arrangement(world), "talk": ArrangedTalk.objects.get().pk}


def _newest(world: World) -> Mapping[str, object]:
    """The revision that a new talk has."""
    return {"revision": "1"}


# Everybody in the branch, and who answers for it; each sees of it what he may.
BRANCH_MEETING = only(
    *("head", "secretary", "committee_member", "member", "colleague", "former"),
    *("chief", "staff", "inspector"),
)


def _tomorrow(world: World) -> Mapping[str, object]:
    """Where a talk may be dragged."""
    return {"revision": "1", "held_on": (timezone.localdate() + timedelta(days=1)).isoformat()}


def _in_three_days(world: World) -> Mapping[str, object]:
    return {"revision": "1", "held_on": (timezone.localdate() + timedelta(days=3)).isoformat()}


def _two_duties(world: World) -> str:
    """That a 支委 of the branch is to talk with the member, and with his colleague, this year."""
    factories.keep_duties(timezone.localdate())
    found = Duty.objects.filter(rule="year.committee-member", subject__in=[world.member, world.colleague])
    this_year = found.filter(year=timezone.localdate().year)
    return "?" + "&".join(f"duty={pk}" for pk in this_year.values_list("pk", flat=True))


PLANNED = _talk_in(TalkState.PLANNED)
RECORDED = _talk_in(TalkState.RECORDED)
CONFIRMED = _talk_in(TalkState.CONFIRMED)

ROWS: list[Row] = [
    Row("workbench", everybody()),
    Row("duties", only(*AT_WORK)),
    Row("duties-book", only("committee_member", "secretary"), asked=_two_duties),
    Row("duties-group", only("committee_member", "secretary"), asked=_two_duties),
    Row("duty", only("committee_member", "member", *ANSWERING), _a_duty),
    Row("calendar", only(*AT_WORK)),
    Row("calendar-talks", only(*AT_WORK), query="?since=2026-03-02&until=2026-03-09"),
    Row("talks", only(*AT_WORK)),
    Row("talk", only("committee_member", "member", *ANSWERING), RECORDED),
    Row("talk-book", only(*MEMBERS)),
    Row("talk-change", only("committee_member", "secretary"), PLANNED),
    Row("talk-cancel", only("committee_member", "secretary"), PLANNED),
    Row("talk-move", only("committee_member", "secretary"), PLANNED, post=_tomorrow),
    # Who took no part changes nothing of a talk that answers a 约谈.
    Row("talk", only("committee_member", "member", *ANSWERING), _a_talk_of_two),
    Row("talk-change", only("committee_member"), _a_talk_of_two),
    Row("talk-cancel", only("committee_member"), _a_talk_of_two),
    Row("talk-move", only("committee_member"), _a_talk_of_two, post=_in_three_days),
    Row("talk-record", only("committee_member"), PLANNED),
    Row("talk-confirm", only("member", status=302), RECORDED, post=_newest),
    Row("talk-close", only("committee_member", status=302), CONFIRMED, post=_newest),
    Row("talk-keep", only("committee_member", "member", status=302), RECORDED, post=_newest),
    Row("meetings", only(*AT_WORK)),
    Row("meeting-add", only("chief", "secretary", "other_secretary", "stranger", "staff")),
    Row("meeting", BRANCH_MEETING, _a_meeting),
    Row("meeting-pair", only("secretary", "committee_member", *("chief", "staff", "inspector")), _a_pair),
    Row("meeting-arrange", only("secretary"), _a_meeting_to_come),
    Row("arranged-shift", only("secretary", status=302), _an_arranged_talk, post=lambda _: {}),
    # Nothing in it has a time, which is said on the page.
    Row("arrangement-book", only("secretary"), _an_arrangement, post=lambda _: {"revision": "1"}),
    Row("arrangement-discard", only("secretary", status=302), _an_arrangement, post=lambda _: {}),
    Row("meeting-change", only("secretary", "staff"), _a_meeting),
    Row("meeting-remove", only("secretary", "staff"), _a_meeting),
]


def _asked_correction(world: World) -> Mapping[str, object]:
    """The member has asked the 支委 to correct the record of their talk."""
    code = RECORDED(world)["code"]
    row = Participant.objects.get(talk__code=code, member=world.member)
    made = Correction.objects.create(participant=row, number=1, text="地点有误", asked_at=timezone.now())
    return {"code": code, "pk": made.pk}


def _an_attachment(world: World) -> Mapping[str, object]:
    """A file beside the record."""
    code = RECORDED(world)["code"]
    attach_file(
        actor=Actor("tests", ""),
        at=timezone.now(),
        talk=Talk.objects.get(code=code),
        account=world.account("committee_member"),
        name="说明.pdf",
        content=b"%PDF-1.7 %%EOF",
    )
    return {"code": code, "number": 1}


def _a_draft(world: World) -> Mapping[str, object]:
    """What the 支委 has begun to write."""
    code = PLANNED(world)["code"]
    keep_draft(
        actor=Actor("tests", ""),
        at=timezone.now(),
        talk=Talk.objects.get(code=code),
        window=Window(world.account("committee_member")),
        talk_revision=1,
        text="content=a",
    )
    return {"code": code}


# The talker writes; the subject confirms or asks for a correction; the 书记 of the branch reads the record.
LIFE = [
    Row("talk-prepare", only("committee_member"), PLANNED),
    Row("talk-draft", only("committee_member"), PLANNED),
    # What he has typed is compared with what he may read: he alone is told.
    Row("talk-draft", only("committee_member"), PLANNED, post=lambda _: {"content": "谈到排班。"}),
    Row("talk-draft-discard", only("committee_member", status=302), _a_draft, post=lambda _: {}),
    Row("talk-correct", only("committee_member"), RECORDED),
    Row("talk-correction-ask", only("member"), RECORDED),
    Row("talk-correction-answer", only("committee_member"), _asked_correction),
    Row("talk-amend", only("committee_member"), CONFIRMED),
    Row("talk-attach", only("committee_member"), RECORDED),
    Row("talk-sign", only("committee_member"), RECORDED),
    Row("talk-attachment", only("committee_member", "member"), _an_attachment),
    Row("talk-attachment-remove", only("committee_member"), _an_attachment),
]


def _a_released(world: World) -> Mapping[str, object]:
    """What the 支委 released of a talk with the member, whom he asked for his name."""
    today = timezone.localdate()
    meeting = factories.a_meeting(world.branch, meeting_on=today + timedelta(days=10))
    gathered = GatheredOpinion.objects.create(
        meeting=meeting,
        number=1,
        text="供餐时间宜延后",
        channel="谈心谈话",
        released_by=world.committee_member,
        released_at=timezone.now(),
        speaker=world.member,
    )
    return {"pk": meeting.pk, "gathered": gathered.pk}


def _a_merged(world: World) -> Mapping[str, object]:
    """A merged opinion of the branch."""
    meeting = _a_meeting(world)
    merged = MergedOpinion.objects.create(meeting_id=meeting["pk"], number=1, text="食堂")
    return {**meeting, "merged": merged.pk}


def _a_raw_opinion(world: World) -> Mapping[str, object]:
    """What the 支委 heard of the member yesterday."""
    today = timezone.localdate()
    meeting = factories.a_meeting(world.branch, meeting_on=today + timedelta(days=10))
    yesterday = today - timedelta(days=1)
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=yesterday, opinions=["晚饭太早"]
    )
    return {"pk": meeting.pk, "opinion": talk.opinions.get().pk}


def _a_step(world: World) -> Mapping[str, object]:
    return {**_a_meeting(world), "step": "study"}


# Opinions are the principal's to work on, and the participants' own; staff keep the meeting without them.
MEETING_OPINIONS = [
    Row("meeting-step", only("secretary", "staff", status=302), _a_step, post=lambda _: {"done": "1"}),
    Row("meeting-opinions", only("secretary"), _a_meeting),
    Row("meeting-enter", only("secretary"), _a_meeting),
    Row("meeting-merge", only("secretary", status=302), _a_meeting),
    Row("meeting-summary", only("secretary"), _a_meeting),
    Row("meeting-merged", only("secretary"), _a_merged),
    Row("meeting-split", only("secretary"), _a_merged),
    Row(
        "meeting-mine",
        only("head", "secretary", "committee_member", "member", "colleague", "former"),
        _a_meeting,
    ),
    Row("meeting-release", only("committee_member"), _a_raw_opinion),
    Row("meeting-take-back", only("committee_member", status=302), _a_released, post=lambda _: {}),
    Row("meeting-answer", only("member", status=302), _a_released, post=lambda _: {"agree": "1"}),
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
    # What is sent names the branch, of which staff elsewhere know nothing.
    Row(
        "export",
        {**only("staff"), **only("other_staff", status=HIDDEN)},
        post=lambda world: {"organisation": world.branch.pk},
    ),
]


def _asked_disclosure(world: World) -> Mapping[str, object]:
    """That the inspector asks for the record of a talk of the 支委 with the member."""
    now = timezone.now()
    made = ask_disclosure(
        actor=Actor("tests", ""),
        at=now,
        account=world.account("inspector"),
        talk=Talk.objects.get(code=RECORDED(world)["code"]),
        reason="核对雷同。",
        today=timezone.localdate(now),
    )
    return {"pk": made.pk}


def _open_disclosure(world: World) -> Mapping[str, object]:
    """The same, approved by the secretary of the committee above."""
    now = timezone.now()
    found = _asked_disclosure(world)
    approve_disclosure(
        actor=Actor("tests", ""),
        at=now + timedelta(seconds=1),
        disclosure=Disclosure.objects.get(**found),
        account=world.account("chief"),
        minutes=30,
        today=timezone.localdate(now),
    )
    # So that it has begun by the clock of the request.
    Disclosure.objects.update(approved_at=now, asked_at=now)
    return found


# The inspector asks, a principal of O or above decides; the parties are told, but not on these pages.
DISCLOSURES = [
    Row("disclosures", only("chief", "secretary", "other_secretary", "stranger", "inspector")),
    Row("talk-disclose", only("inspector"), RECORDED),
    Row("talk-disclose", {}, PLANNED),
    Row("disclosure", only("chief", "secretary", "inspector"), _asked_disclosure),
    Row("disclosure", only("chief", "inspector"), _open_disclosure),
    Row("disclosure-approve", only("chief", "secretary"), _asked_disclosure),
    Row("disclosure-decline", only("chief", "secretary"), _asked_disclosure),
    Row("disclosure-take-back", only("inspector"), _asked_disclosure),
    Row("disclosure-revoke", only("chief"), _open_disclosure),
    Row("disclosure-read", only("inspector"), _open_disclosure),
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


def _a_remedy(world: World, **more: object) -> Remedy:
    """The 支委 talked with the member, who is to see to something."""
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=date(2026, 3, 2), remedies=["每月检查一次"]
    )
    Remedy.objects.filter(talk=talk).update(owner=world.member, **more)
    return Remedy.objects.get(talk=talk)


def _remedy(world: World) -> Mapping[str, object]:
    return {"pk": _a_remedy(world).pk}


def _unassigned(world: World) -> Mapping[str, object]:
    return {"pk": _a_remedy(world, due_on=None).pk}


def _released(world: World) -> Mapping[str, object]:
    """In the ledger of the branch."""
    day = date(2026, 3, 2)
    more = {"organisation": world.branch, "released_by": world.committee_member, "released_on": day}
    return {"pk": _a_remedy(world, **more).pk}


def _settlement(world: World) -> Mapping[str, object]:
    """The member has asked for 销号."""
    made = Settlement.objects.create(
        remedy=_a_remedy(world),
        number=1,
        organisation=world.branch,
        result="已检查三次。",
        asked_by=world.member,
        asked_on=date(2026, 3, 2),
    )
    return {"pk": made.pk}


# The original is for the talk and the 书记 of the branch; he and who stands above decide about 销号.
REMEDIES = [
    Row(
        "contacts",
        only("chief", "deputy", "secretary", "committee_member", "other_secretary", "stranger", "staff"),
    ),
    Row("remedies", only(*AT_WORK)),
    Row("remedy", only("committee_member", "member", "secretary"), _remedy),
    Row("remedy-assign", only("committee_member"), _unassigned),
    Row("remedy-release", only("committee_member"), _remedy),
    Row("remedy-retract", only("committee_member"), _released),
    Row("remedy-settle", only("member"), _remedy),
    Row("settlement-approve", only("secretary", "chief", status=302), _settlement, post=lambda _: {}),
    Row("settlement-return", only("secretary", "chief"), _settlement),
    Row("settlement-take-back", only("member"), _settlement),
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
    Row("rule", only(*AT_WORK), _code("four.family"), is_general=True),
    Row("rule-add", MAKING),
    Row("rule-change", MAKING, _code("four.family"), is_general=True),
    Row("rule-switch", MAKING, _code("six-b.care"), is_general=True),
    Row("rule-end", only("staff"), _code("four.family"), is_general=True),
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


def _another_wish(world: World) -> Mapping[str, object]:
    return {"time": "上午"}


NOTICES = [
    Row("notices", everybody()),
    Row("notices-read", everybody(status=302), post=_nothing),
    Row("notice-read", only("committee_member", status=302), _a_notice, post=_nothing),
    Row("notice-preference", everybody()),
]


def _asked(world: World, by: str = "member") -> TalkRequest:
    """The member has asked the 支委 for a talk, just now."""
    return ask_request(
        actor=Actor("tests", ""),
        at=timezone.now(),
        account=world.account(by),
        asked=world.committee_member,
        wish=Wish(),
        reason="意见建议",
    )


def _a_request(world: World) -> Mapping[str, object]:
    return {"code": _asked(world).code}


def _with_times(world: World) -> Mapping[str, object]:
    """The 支委 has proposed another time."""
    request = _asked(world)
    day = timezone.localdate() + timedelta(days=5)
    propose_times(
        actor=Actor("tests", ""), at=timezone.now(), request=request, slots=[Slot(day, time(9), time(9, 30))]
    )
    return {"code": request.code}


def _some_hours(world: World) -> Mapping[str, object]:
    hours = OfficeHours.objects.create(
        member=world.committee_member, weekday=1, starts_at=time(9), ends_at=time(10)
    )
    return {"pk": hours.pk}


def _an_exception(world: World) -> Mapping[str, object]:
    made = OfficeException.objects.create(member=world.committee_member, day=timezone.localdate())
    return {"pk": made.pk}


def _a_deputy(world: World) -> Mapping[str, object]:
    today = timezone.localdate()
    made = Deputy.objects.create(
        leader=world.committee_member,
        deputy=world.deputy,
        since=today,
        until=today + timedelta(days=2),
        named_by=world.account("committee_member"),
    )
    return {"pk": made.pk}


def _the_secretary(world: World) -> Mapping[str, object]:
    return {"code": world.secretary.code}


LEADERS = ("chief", "deputy", "head", "secretary", "committee_member", "other_secretary", "stranger")
BETWEEN = only("member", "committee_member")
# Of the branch: those who may ask its 书记, and he himself, who is told that nobody asks himself.
TO_SECRETARY = {
    **only("head", "committee_member", "member", "colleague", "former"),
    **only("secretary", status=302),
}
REQUESTS = [
    Row("own", only(*MEMBERS)),
    Row("own-opinions", only(*MEMBERS)),
    Row("own-readings", only(*MEMBERS)),
    Row("own-data", only(*MEMBERS), post=_nothing),
    Row("requests", only(*MEMBERS)),
    Row("request-ask", only(*MEMBERS)),
    Row("request-when", TO_SECRETARY, _the_secretary),
    Row("request-about", TO_SECRETARY, _the_secretary),
    Row("request", BETWEEN, _a_request),
    Row("request-withdraw", only("member"), _a_request),
    Row("request-add", only("member"), _a_request),
    Row("request-pick", only("member", status=302), _with_times, post=_nothing),
    Row("request-again", only("member", status=302), _with_times, post=_another_wish),
    Row("request-consent", only("member", status=302), _a_request, post=_nothing),
    Row("request-accept", only("committee_member"), _a_request),
    Row("request-propose", only("committee_member"), _a_request),
    Row("request-hand-over", only("committee_member"), _a_request),
    Row(
        "request-figures",
        only("chief", "secretary", "other_secretary", "stranger", "staff", "inspector"),
    ),
    Row("request-hours", only(*LEADERS)),
    Row("request-hours-remove", only("committee_member", status=302), _some_hours, post=_nothing),
    Row("request-exception-remove", only("committee_member", status=302), _an_exception, post=_nothing),
    Row("request-deputy-end", only("committee_member", status=302), _a_deputy, post=_nothing),
]

ROWS += [
    *REQUESTS,
    *REMEDIES,
    *LIFE,
    *FEEDS,
    *MEETING_OPINIONS,
    *UPLOADS,
    *WAIVERS,
    *DISCLOSURES,
    *EVENTS,
    *RULES,
    *NOTICES,
]
