"""应谈清单: what is owed, why, by whom and until when."""

import hmac
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from members.models import Account
from members.views import account_of
from talks.figures.worklist import TONE_NAMES, TONES, Worklist, organisations_of, persons_like
from talks.forms.duties import DutyFilter
from talks.permissions import EventSum, SeenDuty, visible_talks
from talks.rules.duties import Duty, explain
from talks.rules.facts import MeetingTrigger
from talks.rules.words import DutyState
from vault.services import hmac_hex

ROWS = 25


@dataclass(frozen=True, slots=True)
class Toggle:
    """One state in the filter, with how many there are."""

    tone: str
    name: str
    count: int
    is_on: bool


def handles() -> Callable[[Duty], str]:
    """What gives duties their names in addresses, which tell nobody of the rule or of the person.

    The key is fetched once, so that a list costs no query for each row.
    """
    key = bytes.fromhex(hmac_hex(purpose="duty", text="key"))
    return lambda duty: hmac.new(key, duty.key.encode(), "sha256").hexdigest()[:24]


def worklist_of(account: Account, *, today: date, year: int) -> Worklist:
    """What the account may know of the duties of the year; 404 for who has no part in talks at all."""
    worklist = Worklist(account, today=today, year=year, handle_of=handles())
    if not worklist.organisations and not account.member_id:
        raise Http404
    return worklist


def duties(request: HttpRequest) -> HttpResponse:
    """The list, 25 rows to a page."""
    today = timezone.localdate()
    asked = DutyFilter(request.GET, today=today).chosen().get("year")
    worklist = worklist_of(account_of(request), today=today, year=asked or today.year)
    form = DutyFilter(
        request.GET,
        today=today,
        rules=sorted({seen.duty.rule.code: seen.duty.rule.title for seen in worklist.seen}.items()),
        organisations=[(one.code, one.name) for one in organisations_of(worklist)],
    )
    chosen = form.chosen()
    found = _filtered(worklist, chosen)
    tones = set(chosen.get("state") or ())
    counts = Counter(worklist.tone(seen.duty) for seen in found)
    shown = [seen for seen in found if not tones or worklist.tone(seen.duty) in tones]
    page = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    context = {
        "today": today,
        "form": form,
        "year": worklist.year,
        "total": len(found),
        "many": len({seen.duty.organisation for seen in worklist.seen}) > 1,
        "toggles": [Toggle(tone, TONE_NAMES[tone], counts[tone], tone in tones) for tone in TONES],
        "page": page,
        "lines": worklist.lines(page.object_list),
        "masked": _masked(worklist, chosen.get("organisation") or ""),
        "query": _query_without_page(request),
    }
    return render(request, "talks/duties.html", context)


def duty(request: HttpRequest, handle: str) -> HttpResponse:
    """Why one duty is owed; a partial where htmx asks for it, else a page."""
    today = timezone.localdate()
    account = account_of(request)
    worklist, seen = find_duty(account, handle, today=today)
    context = {"line": worklist.line(seen), "why": why(account, worklist, seen, today=today), "today": today}
    template = "talks/_why.html" if getattr(request, "htmx", False) else "talks/duty.html"
    return render(request, template, context)


def find_duty(account: Account, handle: str, *, today: date) -> tuple[Worklist, SeenDuty]:
    """The duty behind a handle, of this year, the next or the four before; 404 where he may not know it."""
    for year in (today.year, today.year - 1, today.year + 1, *range(today.year - 2, today.year - 5, -1)):
        worklist = worklist_of(account, today=today, year=year)
        seen = worklist.find(handle)
        if seen:
            return worklist, seen
    raise Http404


def why(account: Account, worklist: Worklist, seen: SeenDuty, *, today: date) -> dict[str, Any]:
    """The panel of a duty: what the engine says, with names, and only the talks that one may see."""
    told = explain(worklist.facts, seen.duty, as_of=today)
    codes = {miss.talk for miss in told.near_misses} | {told.met_by, worklist.booked(seen.duty)}
    may_open = set(
        visible_talks(account, today=today).filter(code__in=codes - {None, ""}).values_list("code", flat=True)
    )
    talk = told.met_by or worklist.booked(seen.duty)
    return {
        "told": told,
        "organisation": worklist.organisations[seen.duty.organisation].name,
        "holders": "、".join(worklist.names.get(code, code) for code in told.holders),
        "role": worklist.role_name(seen.duty),
        "how": how_it_counts(seen.duty),
        "near_misses": [miss for miss in told.near_misses if miss.talk in may_open],
        "talk": talk if talk in may_open else "",
    }


def how_it_counts(duty: Duty) -> str:
    """What kind of talk meets the duty, and what a talk held now would be."""
    how = "一对一谈话，谈后完成记录。" if duty.rule.one_to_one else "谈后完成记录，不限一对一。"
    if duty.state is not DutyState.OVERDUE:
        return how
    if duty.is_event:
        return f"{how}现在谈，记为“逾期完成”。"
    when = "会前" if isinstance(duty.rule.trigger, MeetingTrigger) else "本期"
    return f"{how}期限已过，现在谈不计入{when}应谈，仍可以谈。"


def _filtered(worklist: Worklist, chosen: dict[str, Any]) -> list[SeenDuty]:
    """By everything but the state, in the order of urgency."""
    found = list(worklist.by_urgency)
    if chosen.get("rule"):
        found = [seen for seen in found if seen.duty.rule.code == chosen["rule"]]
    if chosen.get("organisation"):
        found = [seen for seen in found if seen.duty.organisation == chosen["organisation"]]
    if chosen.get("mine"):
        found = [seen for seen in found if worklist.is_for_me(seen)]
    if chosen.get("who"):
        persons = persons_like(found, chosen["who"])
        found = [seen for seen in found if persons & set(seen.duty.persons)]
    return found


def _masked(worklist: Worklist, organisation: str) -> str:
    """「事件类必谈」 in words: split for one organisation where it may be, for many the number alone.

    A split of all beside the splits of each would tell those of an organisation with fewer than three.
    """
    if organisation:
        return next((one.text for one in worklist.sums if one.organisation == organisation), "")
    owed = sum(one.owed for one in worklist.sums)
    return EventSum("", owed, None, None).text if owed else ""


def _query_without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
