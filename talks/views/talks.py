"""谈话: the list, and one talk with what of it one may read."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.views.decorators.http import require_safe

from branches.models import Organisation
from members.figures.pages import UncountedPages
from members.models import Account, Member
from members.models.people import named_like
from members.permissions import visible_organisations
from members.views import account_of, actor_of
from talks.figures.duties import as_value
from talks.figures.facts import load_facts, rule_book
from talks.figures.many import highest_organisations
from talks.figures.worklist import Worklist, persons_of
from talks.forms.duties import TalkFilter
from talks.models import Correction, Participant, Side, Talk, ledger_talkers
from talks.models.talks import TalkQuerySet
from talks.permissions import (
    PEOPLE,
    answers_for_many,
    disclosable_talks,
    had_in_hand,
    kinds_told,
    listed_talks,
    may_amend,
    may_ask_correction,
    may_attach,
    may_be_told_kind,
    may_cancel,
    may_change_plan,
    may_close,
    may_confirm,
    may_correct,
    may_prepare,
    may_record,
    principal_may_read,
    seen_talk,
    still_seen,
    takes_part,
    visible_corrections,
    visible_drafts,
    writes_record,
)
from talks.permissions.bookings import MOST_BEGUN_WITH
from talks.rules import facts as values
from talks.rules.duties import meets
from talks.rules.hours import hour_of
from talks.rules.verdicts import NOT_IN_ROLE
from talks.rules.words import DutyState, TalkState
from talks.services.drafts import open_draft
from talks.services.life import ALREADY_CANCELLED, ALREADY_RECORDED
from talks.services.preparations import open_preparation
from talks.services.records import open_record
from talks.views.duties import ROWS, bring_up_to_date, query_without_page, worklist_of

# The fields of a draft in which somebody wrote, not chose.
WRITTEN = re.compile(r"content$|private_notes$|said_\d+$|(opinions|remedies)-\d+-text$")
OTHER_ROLE = NOT_IN_ROLE.partition("（")[0]
STEPS = (
    (TalkState.PLANNED, "计划"),
    (TalkState.HELD, "已谈"),
    (TalkState.RECORDED, "记录"),
    (TalkState.CONFIRMED, "确认"),
    (TalkState.CLOSED, "办结"),
)
TONE_OF_TALK = {
    TalkState.PLANNED: "scheduled",
    TalkState.HELD: "near",
    TalkState.RECORDED: "done",
    TalkState.CONFIRMED: "done",
    TalkState.CLOSED: "done",
    TalkState.CANCELLED: "waived",
}


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One talk as a row: who with whom, from the side of the one who looks."""

    talk: Talk
    talkers: str
    subjects: str
    others: str
    tone: str
    chip: str
    writes: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """What one talk does for one rule: for whom it counts, or why it does not."""

    title: str
    whom: str
    reason: str


def line_of(talk: Talk, account: Account, *, writes: bool = False) -> TalkLine:
    """The row of a talk whose participants are prefetched; `writes`: its record is the account's."""
    rows = list(talk.participants.all())
    talkers = [row.member for row in rows if row.side == Side.TALKER]
    subjects = [row.member for row in rows if row.side == Side.SUBJECT]
    outside = [talk.external_talker] if talk.external_talker else []
    mine = {row.side for row in rows if row.member_id == account.member_id}
    talker_names, subject_names = _names(talkers, outside), _names(subjects, [])
    if Side.TALKER in mine:
        others = f"与{subject_names}"
    elif Side.SUBJECT in mine:
        others = f"与{talker_names}"
    else:
        others = f"{talker_names}与{subject_names}"
    state = TalkState(talk.state)
    return TalkLine(talk, talker_names, subject_names, others, TONE_OF_TALK[state], state.value, writes)


@require_safe
def talks(request: HttpRequest) -> HttpResponse:
    """The talks that one may know of, 25 rows to a page."""
    today = timezone.localdate()
    account = account_of(request)
    if not takes_part(account, today=today):
        raise Http404
    seen = visible_organisations(account, today=today)
    places = highest_organisations(seen, request.GET.get("organisation", ""))
    form = TalkFilter(request.GET, organisations=[(one.code, one.name) for one in places])
    found = _filtered(listed_talks(account, today=today), form.chosen(), account, seen)
    pages = UncountedPages if answers_for_many(account, today=today, most=MOST_BEGUN_WITH) else Paginator
    page = pages(found.prefetch_related(PEOPLE), ROWS).get_page(request.GET.get("page"))
    shown = still_seen(account, list(page.object_list), today=today)
    context = {
        "form": form,
        "page": page,
        "lines": [line_of(talk, account) for talk in shown],
        "told_kind": kinds_told(account, shown, today=today),
        "query": query_without_page(request),
        "may_book": bool(account.member_id),
    }
    return render(request, "talks/talks.html", context)


@require_safe
def talk(request: HttpRequest, code: str) -> HttpResponse:
    """One talk: its metadata, and of its content what the account may read; that reading is in the trail."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    found = seen_talk(account, code, today=today)
    if found is None:
        raise Http404
    opened = open_record(actor=actor_of(request), at=now, account=account, talk=found, today=today)
    bring_up_to_date(account, today=today)
    counting = counting_of(worklist_of(account, today=today, year=found.held_on.year), found)
    context = {
        "line": line_of(found, account),
        "talk": found,
        "told_kind": may_be_told_kind(account, found, today=today),
        "steps": _steps(found),
        "opened": opened,
        "prepared": open_preparation(
            actor=actor_of(request), at=now, account=account, talk=found, today=today
        ),
        "corrections": _corrections(account, found, today),
        "draft": _draft(request, account, found, today),
        "may_prepare": may_prepare(account, found, today=today),
        "may_correct": may_correct(account, found, today=today),
        "may_amend": may_amend(account, found, today=today),
        "may_ask": may_ask_correction(account, found, today=today),
        "may_attach": may_attach(account, found, today=today),
        "may_answer": writes_record(account, found, today=today),
        "readers": readers_line(found),
        "counts": [one for one in counting if not one.reason],
        "fails": [one for one in counting if one.reason],
        "confirmations": _confirmations(found),
        "may_confirm": may_confirm(account, found, today=today),
        "may_disclose": opened is None
        and disclosable_talks(account, today=today).filter(pk=found.pk).exists(),
        "may_record": may_record(account, found, today=today) and found.held_on <= today,
        "may_change": may_change_plan(account, found, today=today),
        "may_cancel": may_cancel(account, found, today=today),
        "may_close": may_close(account, found, today=today),
        "may_keep": _is_participant(found, account)
        and not found.participants_only
        and found.state != TalkState.CANCELLED,
    }
    return render(request, "talks/talk.html", context)


def settled(request: HttpRequest, account: Account, talk: Talk) -> HttpResponse:
    """To the talk that has been recorded or cancelled meanwhile, saying so; a stranger gets 404.

    So it comes after a second click, in a second window and after 「后退」.
    """
    if not had_in_hand(account, talk):
        raise Http404
    messages.warning(request, ALREADY_CANCELLED if talk.state == TalkState.CANCELLED else ALREADY_RECORDED)
    return redirect("talk", code=talk.code)


def readers_line(talk: Talk) -> str:
    """Who can read the record, in one honest sentence."""
    people = list(talk.participants.all())
    if talk.state == TalkState.CANCELLED:
        return f"加密保存，谈话人{'和记录人' if talk.recorder_id else ''}可见"
    readers = "谈话双方和记录人" if talk.recorder_id else "谈话双方"
    if sum(row.side == Side.SUBJECT for row in people) > 1:
        writers = "谈话人和记录人" if talk.recorder_id else "谈话人"
        readers = f"{writers}可见，每位谈话对象只能看到本人所谈"
        return f"加密保存，{readers}" + ("；党支部书记可见" if principal_may_read(talk) else "")
    return f"加密保存，{readers}{'、党支部书记' if principal_may_read(talk) else ''}可见"


def counting_of(worklist: Worklist, talk: Talk) -> list[Counting]:
    """For which of the duties that the account may know of the talk counts, or would; and why for some not.

    By rule, the persons joined. Duties that something else has met are left out.
    """
    if talk.state == TalkState.CANCELLED:
        return []
    value = as_if_recorded(talk)
    persons = [row.member_id for row in talk.participants.all()]
    rows = list(
        worklist.about(persons).exclude(state=DutyState.WAIVED.value).filter(Q(met_on=None) | Q(met_by=talk))
    )
    facts, book = load_facts({row.organisation for row in rows if not row.met_by_id}), rule_book()
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        rule = book.get(row.version)
        if rule is None:
            continue
        reason = "" if row.met_by_id else meets(facts, value, as_value(row, rule)).reason
        names = "、".join(member.name for member in persons_of(row))
        found.setdefault((rule.heading, reason), []).append(names)
    # A talk of a 支委 with a member is not meant for 党员之间: only what could be mended is mentioned.
    return [
        Counting(title, "；".join(names), reason)
        for (title, reason), names in sorted(found.items())
        if not reason.startswith(OTHER_ROLE)
    ]


def as_if_recorded(talk: Talk) -> values.Talk:
    """The talk as the engine sees it, once it is recorded."""
    rows = list(talk.participants.all())
    return values.Talk(
        code=talk.code,
        held_on=talk.held_on,
        state=TalkState.RECORDED,
        talkers=tuple(row.member.code for row in rows if row.side == Side.TALKER),
        subjects=tuple(row.member.code for row in rows if row.side == Side.SUBJECT),
        external_talker=bool(talk.external_talker),
        recorder=talk.recorder.code if talk.recorder else None,
    )


def _filtered(
    found: TalkQuerySet, chosen: dict[str, Any], account: Account, seen: QuerySet[Organisation]
) -> TalkQuerySet:
    if chosen.get("mine") and account.member:
        found = found.filter(pk__in=Talk.objects.of_member(account.member).values("pk"))
    if chosen.get("state"):
        found = found.filter(state=chosen["state"])
    if chosen.get("since"):
        found = found.filter(held_on__gte=chosen["since"])
    if chosen.get("until"):
        found = found.filter(held_on__lte=chosen["until"])
    if chosen.get("organisation"):
        places = list(seen.filter(code=chosen["organisation"]).values_list("pk", flat=True))
        found = found.filter(pk__in=ledger_talkers(places).order_by().values("talk"))
    if chosen.get("who"):
        named = Participant.objects.filter(named_like(chosen["who"], "member__"), talk=OuterRef("pk"))
        found = found.filter(Exists(named))
    return found.defer("topic", "content", "cancel_reason")


def _names(members: list[Member], outside: list[str]) -> str:
    names = [*outside, *(member.name for member in members)]
    return "、".join(names[:3]) + (f"等{len(names)}人" if len(names) > 3 else "")


def _steps(talk: Talk) -> list[dict[str, object]]:
    order = [state for state, _ in STEPS]
    reached = order.index(TalkState(talk.state)) if talk.state in order else -1
    return [
        {"name": name, "is_done": place <= reached, "is_next": place == reached + 1 and reached >= 0}
        for place, (_, name) in enumerate(STEPS)
    ]


def _confirmations(talk: Talk) -> list[tuple[str, str]]:
    """Each subject, and how he stands to the record; an imported record may be confirmed without a day."""
    waiting = "尚未确认" if talk.state == TalkState.RECORDED else "已确认"
    return [
        (
            row.member.name,
            date_format(timezone.localtime(row.confirmed_at), "Y年n月j日")
            + ("签字确认" if row.paper_id else "确认")
            if row.confirmed_at
            else waiting,
        )
        for row in talk.participants.all()
        if row.side == Side.SUBJECT and talk.counts
    ]


def _corrections(account: Account, talk: Talk, today: date) -> QuerySet[Correction]:
    """What subjects asked to have corrected, as far as it is the account's to know."""
    if not Correction.objects.filter(participant__talk=talk).exists():
        return Correction.objects.none()
    found = visible_corrections(account, today=today).filter(participant__talk=talk)
    return found.select_related("participant__member", "answered_by").order_by("asked_at", "pk")


def _draft(request: HttpRequest, account: Account, talk: Talk, today: date) -> dict[str, object] | None:
    """One's own draft: that it is there; what it says only where it can no longer go into the record."""
    draft = visible_drafts(account, today=today).filter(talk=talk).first()
    if draft is None:
        return None
    left = ""
    is_left = not (may_record(account, talk, today=today) or may_correct(account, talk, today=today))
    if is_left:
        fields = QueryDict(open_draft(actor=actor_of(request), at=timezone.now(), draft=draft))
        left = "\n\n".join(fields[name] for name in fields if WRITTEN.match(name) and fields[name])
    saved = timezone.localtime(draft.saved_at)
    return {
        "saved": f"{date_format(saved, 'Y年n月j日')}{hour_of(saved.time())}",
        "is_left": is_left,
        "left": left,
    }


def _is_participant(talk: Talk, account: Account) -> bool:
    return any(row.member_id == account.member_id for row in talk.participants.all())
