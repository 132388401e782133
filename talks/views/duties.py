"""应谈清单: what is owed, why, by whom and until when."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.models import Organisation
from members.models import Account
from members.permissions import reported_organisations
from members.views import account_of
from talks.figures.cast import role_name
from talks.figures.duties import told_duty
from talks.figures.keeping import as_of_when, first_out_of_date, is_out_of_date, out_of_date
from talks.figures.many import ManyDuties, first_persons_like, highest_organisations, rules_of
from talks.figures.requests import request_total
from talks.figures.waiting import waiting_requests
from talks.figures.waivers import waivers_of
from talks.figures.worklist import (
    TONE_NAMES,
    TONES,
    Duties,
    Seen,
    Worklist,
    due_within,
    event_sums,
    of_family,
    of_persons_like,
    organisations_of,
    tones,
)
from talks.forms.duties import FAMILY_SIGN, DutyFilter
from talks.models import Duty
from talks.permissions import EventSum, duty_organisations, takes_part, visible_talks
from talks.rules.duties import explain
from talks.rules.facts import EventTrigger, MeetingTrigger
from talks.rules.words import DutyState
from talks.services.reconciliation import reconcile

ROWS = 25
# So many organisations are reconciled while the page waits; where more are behind, it says as of when it is.
MOST_WAITED_FOR = 20
# Of so many organisations that are behind it is asked whether the account looks at them; else of all.
MOST_BEHIND = 200
# Where the filter of the last visit is kept, and how its address says that it is that one.
SESSION_KEY = "duty-filter"
LAST = "last"


@dataclass(frozen=True, slots=True)
class Toggle:
    """One state in the filter, with how many there are."""

    tone: str
    name: str
    count: int
    is_on: bool


class _Pages(Paginator[Seen]):
    """The pages of the duties shown, whose number the counts tell already."""

    def __init__(
        self, shown: Duties | ManyDuties, rows: int, counts: Counter[str], wanted: Collection[str]
    ) -> None:
        super().__init__(shown, rows)
        self.number = sum(counts[tone] for tone in wanted or set(TONES) - {"withdrawn"})

    @property
    def count(self) -> int:
        """How many there are on all pages."""
        return self.number


def worklist_of(account: Account, *, today: date, year: int) -> Worklist:
    """What the account may know of the duties of the year; 404 for who has no part in talks at all."""
    if not takes_part(account, today=today):
        raise Http404
    return Worklist(account, today=today, year=year)


def bring_up_to_date(account: Account, *, today: date) -> date | None:
    """Reconciles what the account looks at where it is marked or not yet of today (design.md section 6).

    Where too many organisations are behind, only his own are; then the day as of which the rest stands.
    """
    first = first_out_of_date(today, MOST_BEHIND + 1)
    if not first:
        return None
    seen = duty_organisations(account, today=today)
    few = Organisation.objects.filter(pk__in=first)
    behind = (few if len(first) <= MOST_BEHIND else out_of_date(today)).filter(pk__in=seen.values("pk"))
    keys = list(behind.values_list("pk", flat=True)[: MOST_WAITED_FOR + 1])
    if len(keys) > MOST_WAITED_FOR:
        own = Worklist(account, today=today, year=today.year).standing.own
        keys = list(behind.filter(pk__in=[place.pk for place in own]).values_list("pk", flat=True))
    if keys:
        reconcile(organisations=keys, today=today, at=timezone.now())
        return as_of_when(seen, today)
    return None


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """The list, 25 rows to a page; whoever comes without a filter finds that of his last visit again."""
    again = _last_filter(request)
    if again:
        return redirect(f"{reverse('duties')}?{again}")
    today = timezone.localdate()
    account = account_of(request)
    asked = DutyFilter(request.GET, today=today).chosen().get("year")
    worklist = worklist_of(account, today=today, year=asked or today.year)
    as_of = bring_up_to_date(account, today=today)
    places, rules = choices(worklist, request.GET.get("organisation", ""))
    form = DutyFilter(
        request.GET,
        today=today,
        rules=rules,
        organisations=[(one.code, one.name) for one in places],
    )
    chosen = form.chosen()
    wanted = set(chosen.get("state") or ())
    counts, shown = found_duties(worklist, chosen, wanted)
    page = _Pages(shown, ROWS, counts, wanted).get_page(request.GET.get("page"))
    lines = worklist.lines(page.object_list)
    context = {
        "today": today,
        "as_of": as_of,
        "form": form,
        "year": worklist.year,
        "total": counts.total() - counts["withdrawn"],
        "many": len(places) > 1,
        "toggles": [Toggle(tone, TONE_NAMES[tone], counts[tone], tone in wanted) for tone in TONES],
        "page": page,
        "lines": lines,
        "picks": any(line.is_open for line in lines),
        "is_last": request.GET.get("kept") == LAST,
        "only_persons": worklist.only_persons,
        "masked": _masked(worklist, chosen.get("organisation") or ""),
        "requests": waiting_requests(account, today=today)[0][:ROWS] if page.number == 1 else (),
        "request_total": request_total(account, year=worklist.year, today=today),
        "query": query_without_page(request),
    }
    return render(request, "talks/duties.html", context)


@require_safe
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """Why one duty is owed, or no longer; a partial where htmx asks for it, else a page."""
    today = timezone.localdate()
    account = account_of(request)
    worklist, found = find_duty(account, pk, today=today)
    context = {
        "line": worklist.line(found),
        "why": why(account, found, today=today),
        "waivers": waivers_of(found, account, today=today),
        "today": today,
    }
    template = "talks/_why.html" if getattr(request, "htmx", False) else "talks/duty.html"
    return render(request, template, context)


def find_duty(account: Account, pk: int, *, today: date) -> tuple[Worklist, Seen]:
    """The duty as it is today; 404 where the account may not know of it."""
    worklist = worklist_of(account, today=today, year=today.year)
    found = worklist.find(pk)
    if found is None:
        raise Http404
    if is_out_of_date(found.organisation_id, today):
        reconcile(organisations=[found.organisation_id], today=today, at=timezone.now())
        found = worklist.find(pk)
    if found is None:
        raise Http404
    return worklist, found


def why(account: Account, found: Duty, *, today: date) -> dict[str, Any]:
    """The panel of a duty: what the engine says, with names, and only the talks that one may see."""
    if found.withdrawn_on:
        return {"withdrawn_on": found.withdrawn_on, "withdrawal": found.withdrawal}
    told_by_engine = told_duty(found, as_of=today)
    if told_by_engine is None:
        return {"is_closed": True}
    facts, value = told_by_engine
    told = explain(facts, value, as_of=today)
    names = {member.code: member.name for member in facts.members}
    talk = told.met_by or value.planned
    codes = {miss.talk for miss in told.near_misses} | {talk}
    named = codes - {None, ""}
    may_open = (
        set(visible_talks(account, today=today).filter(code__in=named).values_list("code", flat=True))
        if named
        else set()
    )
    return {
        "told": told,
        "organisation": found.organisation.name,
        "holders": "、".join(names.get(code, code) for code in told.holders),
        "role": role_name(found),
        "how": how_it_counts(value.rule.one_to_one, value.rule.trigger, value.state),
        "near_misses": [miss for miss in told.near_misses if miss.talk in may_open],
        "talk": talk if talk in may_open else "",
    }


def how_it_counts(one_to_one: bool, trigger: object, state: DutyState) -> str:
    """What kind of talk meets the duty, and what a talk held now would be."""
    how = "一对一谈话，谈后完成记录。" if one_to_one else "谈后完成记录，不限一对一。"
    if state is not DutyState.OVERDUE:
        return how
    if isinstance(trigger, EventTrigger):
        return f"{how}现在谈，记为“逾期完成”。"
    when = "会前" if isinstance(trigger, MeetingTrigger) else "本期"
    return f"{how}期限已过，现在谈不计入{when}应谈，仍可以谈。"


def choices(worklist: Worklist, organisation: str) -> tuple[list[Organisation], list[tuple[str, str]]]:
    """The organisations and the rules that can be chosen."""
    if worklist.is_wide:
        answered_for = reported_organisations(worklist.account, today=worklist.today)
        return highest_organisations(answered_for, organisation), rules_of(worklist)
    return organisations_of(worklist), _rules(worklist)


def found_duties(
    worklist: Worklist, chosen: dict[str, Any], wanted: set[str]
) -> tuple[Counter[str], Duties | ManyDuties]:
    """How many of those chosen have each tone, and those to be shown."""
    condition = _chosen(worklist, chosen)
    if worklist.is_wide and not chosen.get("who") and not chosen.get("mine"):
        many = ManyDuties(worklist, condition, wanted)
        return many.counts, many
    rows = worklist.mine_with_withdrawn if chosen.get("mine") else worklist.with_withdrawn
    found = rows.filter(condition)
    return tones(found), found.filter(tone__in=wanted) if wanted else found.filter(withdrawn_on=None)


def _rules(worklist: Worklist) -> list[tuple[str, str]]:
    """Code and title of the rules under which something is owed; of several versions the latest title."""
    book = worklist.rules
    found: dict[str, str] = {}
    for version, rule in sorted({(version, rule) for _, version, rule in worklist.owed}):
        found[rule] = book[version].title if version in book else rule
    return sorted(found.items())


def _chosen(worklist: Worklist, chosen: dict[str, Any]) -> Q:
    """The condition of all filters but the state, and whether a duty is the account's to see to."""
    condition = Q()
    rule = chosen.get("rule") or ""
    if rule.endswith(FAMILY_SIGN):
        condition &= of_family(rule.removesuffix(FAMILY_SIGN))
    elif rule:
        condition &= Q(rule=rule)
    if chosen.get("due"):
        condition &= due_within(chosen["due"], worklist.today)
    if chosen.get("organisation"):
        condition &= Q(organisation__code=chosen["organisation"])
    if chosen.get("who"):
        who = chosen["who"]
        condition &= first_persons_like(worklist, who) if worklist.is_wide else of_persons_like(who)
    return condition


def _masked(worklist: Worklist, organisation: str) -> str:
    """「事件类必谈」 in words: split for one organisation where it may be, for many the number alone.

    A split of all beside the splits of each would tell those of an organisation with fewer than three.
    """
    if organisation:
        there = worklist.masked.filter(organisation__code=organisation)
        return "".join(one.text for one in event_sums(there))
    if worklist.is_wide:
        owed = worklist.masked.exclude(state=DutyState.WAIVED.value).count()
    else:
        owed = sum(one.owed for one in worklist.sums)
    return EventSum("", owed, None, None).text if owed else ""


def _last_filter(request: HttpRequest) -> str:
    """Keeps in the session what was chosen on the page; the query of the last visit where none was named.

    What a link of another page names is not kept: it was not chosen here. A query that names `kept` alone
    forgets the last one.
    """
    if "kept" in request.GET:
        query = request.GET.copy()
        for name in list(query):
            values = [value for value in query.getlist(name) if value]
            if name in DutyFilter.base_fields and name != "kept" and values:
                query.setlist(name, values)
            else:
                del query[name]
        if query:
            request.session[SESSION_KEY] = f"kept={LAST}&{query.urlencode()}"
        else:
            request.session.pop(SESSION_KEY, None)
    elif not request.GET:
        return str(request.session.get(SESSION_KEY, ""))
    return ""


def query_without_page(request: HttpRequest) -> str:
    """What the addresses of the other pages of a list begin with."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()
