"""Recording a talk: what was said, what was suggested, what is to be done."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from members.models import Account, Member
from members.views import account_of, actor_of
from talks.forms.people import labels
from talks.forms.talks import ABOUT, OpinionFormSet, RecordForm, RemedyFormSet
from talks.models import Side, Talk
from talks.permissions import (
    PEOPLE,
    bookable_members,
    had_in_hand,
    may_change_plan,
    may_correct,
    may_record,
    visible_drafts,
    visible_talks,
)
from talks.services.drafts import Window, open_draft
from talks.services.preparations import open_matters, open_preparation
from talks.services.records import (
    Opened,
    RecordText,
    correct_record,
    hold_talk,
    open_record,
    record_talk,
)
from talks.views.checks import checks_of, day_of, stored, tell, typed
from talks.views.drafts import clock, draft_revision, number_of
from talks.views.duties import bring_up_to_date, worklist_of
from talks.views.talks import counting_of, line_of, readers_line, settled

COPY_FIRST = "您填写的内容需要保留的，请先复制，再打开谈话查看已保存的记录。"
DRAFT_KEPT = "草稿已保存，尚未计入已谈；写完后请提交。"
RECORDED = "已记录，计入已谈；已请谈话对象确认。"
CORRECTED = "已更正记录，请谈话对象再核对。"


def talk_record(request: HttpRequest, code: str) -> HttpResponse:
    """The record of one talk; a draft is kept (稍后再写), or it is handed over to be confirmed."""
    today = timezone.localdate()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    in_hand = may_record(account, talk, today=today)
    if not in_hand and not (request.method == "POST" and had_in_hand(account, talk)):
        return settled(request, account, talk)
    if "later" in request.POST:
        return _page(request, account, talk, today, write=hold_talk, done=DRAFT_KEPT, in_hand=in_hand)
    return _page(request, account, talk, today, write=record_talk, done=RECORDED, in_hand=in_hand)


def talk_correct(request: HttpRequest, code: str) -> HttpResponse:
    """Corrects a record that nobody has confirmed yet."""
    today = timezone.localdate()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    in_hand = may_correct(account, talk, today=today)
    if not in_hand and not (request.method == "POST" and had_in_hand(account, talk)):
        return settled(request, account, talk)
    return _page(request, account, talk, today, write=correct_record, done=CORRECTED, in_hand=in_hand)


def _page(
    request: HttpRequest,
    account: Account,
    talk: Talk,
    today: date,
    *,
    write: Callable[..., None],
    done: str,
    in_hand: bool,
) -> HttpResponse:
    """The form of a record, filled from one's draft where there is one; `write` keeps what is sent."""
    actor, now = actor_of(request), timezone.now()
    people = _owners(account, talk, today)
    draft = visible_drafts(account, today=today).filter(talk=talk).first()
    kept = None
    if request.method == "POST":
        # Before it is written: of a talk that is recorded nobody is told that it is late.
        told = checks_of(request, account, talk, typed(request.POST), today=today, now=now)
        sheet = Sheet(account, talk, people, data=_with_more_rows(request))
        if "more" not in request.POST and sheet.is_valid():
            own = {} if write is correct_record or sheet.takes_part else {"recorder": account.member}
            try:
                write(
                    actor=actor,
                    at=now,
                    talk=talk,
                    revision=sheet.form.cleaned_data["revision"] or 0,
                    today=today,
                    circumstances=sheet.form.circumstances(),
                    text=sheet.text(),
                    window=Window(account, number_of(request.POST, "draft_revision")),
                    **own,
                )
            except ValidationError as error:
                sheet.form.refuse(error)
                if not in_hand:
                    sheet.form.add_error(None, COPY_FIRST)
            else:
                messages.success(request, done)
                if write is not hold_talk:
                    tell(request, told)
                return redirect("talk", code=talk.code)
    else:
        opened = open_record(actor=actor, at=now, account=account, talk=talk, today=today)
        kept = QueryDict(open_draft(actor=actor, at=now, draft=draft)) if draft else None
        sheet = Sheet(account, talk, people, opened=opened, kept=kept)
        written = typed(kept) if kept else stored(talk, opened.content if opened else "")
        told = checks_of(request, account, talk, written, today=today, now=now)
    bring_up_to_date(account, today=today)
    counting = counting_of(worklist_of(account, today=today, year=talk.held_on.year), talk)
    context = {
        "line": line_of(talk, account),
        "talk": talk,
        "sheet": sheet,
        "form": sheet.form,
        "readers": readers_line(talk),
        "may_change": may_change_plan(account, talk, today=today),
        "counts": [one for one in counting if not one.reason],
        "fails": [one for one in counting if one.reason],
        "subjects": [row.member.name for row in talk.participants.all() if row.side == Side.SUBJECT],
        "suggested": labels(people.order_by("pinyin", "code")[:400], people),
        "about": [*ABOUT, *(row.member.name for row in talk.participants.all())],
        "checks": told,
        "corrects": write is correct_record,
        "draft": draft,
        "draft_saved": clock(draft.saved_at) if draft else "",
        "is_restored": kept is not None,
        "is_outdated": bool(draft and kept is not None and draft.talk_revision != talk.revision),
        # Known to this window; where another has kept a draft since, it is told before it keeps its own.
        "draft_revision": draft_revision(draft),
        "is_behind": request.method == "POST"
        and draft_revision(draft) != number_of(request.POST, "draft_revision"),
        "prepared": open_preparation(actor=actor, at=now, account=account, talk=talk, today=today),
        "asked": kept.getlist("asked") if kept else request.POST.getlist("asked"),
        "matters": open_matters(actor=actor, at=now, account=account, talk=talk, today=today)
        if sheet.writer and in_hand
        else (),
    }
    return render(request, "talks/record.html", context)


class Sheet:
    """The form of a record and its two tables."""

    def __init__(
        self,
        account: Account,
        talk: Talk,
        people: QuerySet[Member],
        *,
        data: Any = None,
        opened: Opened | None = None,
        kept: QueryDict | None = None,
    ) -> None:
        rows = list(talk.participants.all())
        subjects = {row.pk: row.member.name for row in rows if row.side == Side.SUBJECT}
        mine = [row for row in rows if row.member_id == account.member_id and row.side == Side.TALKER]
        start = _start(talk, opened, rows) if opened else {"revision": talk.revision, "held_on": talk.held_on}
        opinions, remedies = _opinions(opened), _remedies(opened, people)
        self.writer = mine[0].pk if mine else None
        self.takes_part = any(row.member_id == account.member_id for row in rows)
        if kept is not None:
            start = {**start, **_kept_fields(kept)}
            opinions, remedies = _kept_opinions(kept), _kept_remedies(kept)
        self.form = RecordForm(data, initial=start, talk=talk, subjects=subjects, writer=self.writer)
        self.opinions = OpinionFormSet(data, prefix="opinions", initial=opinions)
        self.remedies = RemedyFormSet(
            data, prefix="remedies", initial=remedies, form_kwargs={"people": people}
        )

    def is_valid(self) -> bool:
        """All three, so that every error is shown at once."""
        return all([self.form.is_valid(), self.opinions.is_valid(), self.remedies.is_valid()])

    def text(self) -> RecordText:
        """What was typed, for the service."""
        return self.form.text(
            [opinion for row in self.opinions if (opinion := row.line())],
            [remedy for row in self.remedies if (remedy := row.line())],
        )


def _start(talk: Talk, opened: Opened, rows: list[Any]) -> dict[str, Any]:
    said = {f"said_{row.pk}": row.said for row in rows if row.pk in opened.reading.said}
    return {
        "revision": talk.revision,
        "held_on": talk.held_on,
        "starts_at": talk.starts_at,
        "ends_at": talk.ends_at,
        "form": talk.form,
        "kind": talk.kind,
        "occasion": talk.occasion,
        "place": talk.place,
        "content": opened.content,
        "private_notes": opened.notes,
        "follow_up_on": talk.follow_up_on,
        "participants_only": talk.participants_only,
        **said,
    }


def _opinions(opened: Opened | None) -> list[dict[str, Any]]:
    rows = opened.opinions if opened else ()
    return [{"text": row.text, "about": row.about, "category": row.category} for row in rows]


def _remedies(opened: Opened | None, people: QuerySet[Member]) -> list[dict[str, Any]]:
    rows = opened.remedies if opened else ()
    return [
        {
            "number": row.number,
            "text": row.text,
            "owner": labels([row.owner], people) if row.owner else [],
            "due_on": row.due_on,
        }
        for row in rows
    ]


def _kept_fields(kept: QueryDict) -> dict[str, Any]:
    """The fields of a draft, as they were typed; a box that was not ticked is not in it."""
    return {**kept.dict(), "participants_only": "participants_only" in kept}


def _kept_rows(kept: QueryDict, prefix: str) -> list[int]:
    """The rows of a table of the draft in which something was typed."""
    rows = range(min(number_of(kept, f"{prefix}-TOTAL_FORMS"), 60))
    return [row for row in rows if kept.get(f"{prefix}-{row}-text", "").strip()]


def _kept_opinions(kept: QueryDict) -> list[dict[str, Any]]:
    return [
        {name: kept.get(f"opinions-{row}-{name}", "") for name in ("text", "about", "category")}
        for row in _kept_rows(kept, "opinions")
    ]


def _kept_remedies(kept: QueryDict) -> list[dict[str, Any]]:
    return [
        {
            "number": number_of(kept, f"remedies-{row}-number") or None,
            "text": kept.get(f"remedies-{row}-text", ""),
            "owner": [name for name in kept.getlist(f"remedies-{row}-owner") if name],
            "due_on": day_of(kept.get(f"remedies-{row}-due_on", "")),
        }
        for row in _kept_rows(kept, "remedies")
    ]


def _owners(account: Account, talk: Talk, today: date) -> QuerySet[Member]:
    """Who may be made responsible for a remedy: those whom the account may book, and the participants."""
    there = Member.objects.filter(participations__talk=talk).values("pk")
    known = bookable_members(account, today=today).values("pk")
    return Member.objects.filter(pk__in=known) | Member.objects.filter(pk__in=there)


def _with_more_rows(request: HttpRequest) -> Any:
    """The data typed; where a row was asked for without JavaScript, the table has one more."""
    data = request.POST.copy()
    name = f"{data.get('more', '')}-TOTAL_FORMS"
    count = data.get(name)
    if isinstance(count, str) and count.isdecimal() and len(count) < 4:
        data[name] = str(int(count) + 1)
    return data
