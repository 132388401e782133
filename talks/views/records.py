"""Recording a talk: what was said, what was suggested, what is to be done."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from members.models import Account, Member
from members.views import account_of, actor_of
from talks.forms.people import labels
from talks.forms.talks import ABOUT, OpinionFormSet, RecordForm, RemedyFormSet
from talks.models import Side, Talk
from talks.permissions import bookable_members, had_in_hand, may_change_plan, may_record, visible_talks
from talks.services.records import Opened, RecordText, hold_talk, open_record, record_talk
from talks.views.duties import bring_up_to_date, worklist_of
from talks.views.talks import PEOPLE, counting_of, line_of, readers_line, settled

COPY_FIRST = "您填写的内容需要保留的，请先复制，再打开谈话查看已保存的记录。"
DRAFT_KEPT = "草稿已保存，尚未计入已谈；写完后请提交。"
RECORDED = "已记录，计入已谈；已请谈话对象确认。"


def talk_record(request: HttpRequest, code: str) -> HttpResponse:
    """The record of one talk; a draft is kept (稍后再写), or it is handed over to be confirmed."""
    today, now = timezone.localdate(), timezone.now()
    account = account_of(request)
    talk = get_object_or_404(visible_talks(account, today=today).prefetch_related(PEOPLE), code=code)
    in_hand = may_record(account, talk, today=today)
    if not in_hand and not (request.method == "POST" and had_in_hand(account, talk)):
        return settled(request, account, talk)
    people = _owners(account, talk, today)
    if request.method == "POST":
        sheet = Sheet(account, talk, people, data=_with_more_rows(request))
        if "more" not in request.POST and sheet.is_valid():
            write = hold_talk if "later" in request.POST else record_talk
            try:
                write(
                    actor=actor_of(request),
                    at=now,
                    talk=talk,
                    revision=sheet.form.cleaned_data["revision"] or 0,
                    today=today,
                    circumstances=sheet.form.circumstances(),
                    text=sheet.text(),
                    recorder=None if sheet.takes_part else account.member,
                )
            except ValidationError as error:
                sheet.form.refuse(error)
                if not in_hand:
                    sheet.form.add_error(None, COPY_FIRST)
            else:
                messages.success(request, DRAFT_KEPT if write is hold_talk else RECORDED)
                return redirect("talk", code=talk.code)
    else:
        opened = open_record(actor=actor_of(request), at=now, account=account, talk=talk, today=today)
        sheet = Sheet(account, talk, people, opened=opened)
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
    ) -> None:
        rows = list(talk.participants.all())
        subjects = {row.pk: row.member.name for row in rows if row.side == Side.SUBJECT}
        mine = [row for row in rows if row.member_id == account.member_id and row.side == Side.TALKER]
        start = _start(talk, opened, rows) if opened else {"revision": talk.revision, "held_on": talk.held_on}
        writer = mine[0].pk if mine else None
        self.takes_part = any(row.member_id == account.member_id for row in rows)
        self.form = RecordForm(data, initial=start, talk=talk, subjects=subjects, writer=writer)
        self.opinions = OpinionFormSet(data, prefix="opinions", initial=_opinions(opened))
        self.remedies = RemedyFormSet(
            data, prefix="remedies", initial=_remedies(opened, people), form_kwargs={"people": people}
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
        {"text": row.text, "owner": labels([row.owner], people) if row.owner else [], "due_on": row.due_on}
        for row in rows
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
