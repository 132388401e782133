"""Waivers as the lists show them: whose, of what, how far; and what of them concerns one duty."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Coalesce

from branches.models import Organisation
from members.models import Account, Member
from talks.models import Duty, Rule, Waiver
from talks.models.waivers import WaiverQuerySet
from talks.permissions import (
    decidable_waivers,
    known_waivers,
    may_ask_waiver,
    visible_duties,
    visible_waivers,
    waiver_approvers,
)
from talks.rules.anchors import chinese_anchor
from talks.rules.presets import PRESETS
from talks.rules.words import WaiverState

EVENT_TITLE = "事件类必谈"
# For so many days who asked is told on his first screen what became of it.
TOLD_DAYS = 14
NO_APPROVER = "目前没有其他主要负责同志可以批准，请上级党组织先明确主要负责同志"
SEALED = ("reason", "ending_reason")
PEOPLE = ("organisation", "subject", "counterpart", "asked_by", "approved_by", "ended_by")
TONES = {
    WaiverState.WAITING: "pending",
    WaiverState.APPROVED: "done",
    WaiverState.DECLINED: "waived",
    WaiverState.TAKEN_BACK: "waived",
    WaiverState.REVOKED: "waived",
}


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """One waiver as a row. Without a name it is an event duty's: then no person and no kind is told."""

    waiver: Waiver
    is_named: bool
    whom: str
    title: str
    anchor: str
    tone: str

    @property
    def about(self) -> str:
        """Of whom, or of what, as it stands in a sentence."""
        return self.whom if self.is_named else f"{self.waiver.organisation.name}一项{EVENT_TITLE}"


@dataclass(frozen=True, slots=True)
class OfDuty:
    """What the page of a duty says of waivers: whether one may be asked for, and the newest one."""

    may_ask: bool
    newest: WaiverLine | None


def in_order(waivers: WaiverQuerySet) -> WaiverQuerySet:
    """The waiting ones first, then what was settled last; what is sealed stays in the table."""
    return (
        waivers.annotate(settled_on=Coalesce("ended_on", "approved_on"))
        .order_by(F("settled_on").desc(nulls_first=True), F("asked_on").desc(nulls_last=True), "-pk")
        .select_related(*PEOPLE)
        .defer(*SEALED)
    )


def waiver_counts(waivers: WaiverQuerySet) -> Counter[WaiverState]:
    """How many there are in each state."""
    rows = (
        waivers.order_by()
        .values_list("ending")
        .annotate(all=Count("pk"), approved=Count("pk", filter=Q(approved_on__isnull=False)))
    )
    counts: Counter[WaiverState] = Counter()
    for ending, everything, approved in rows:
        if ending:
            counts[WaiverState(ending)] = everything
        else:
            counts[WaiverState.APPROVED] = approved
            counts[WaiverState.WAITING] = everything - approved
    return counts


def waiver_lines(waivers: Collection[Waiver], account: Account, *, today: date) -> tuple[WaiverLine, ...]:
    """The waivers, of which the account may know, as rows; a constant number of queries."""
    if not waivers:
        return ()
    keys = [waiver.pk for waiver in waivers]
    named = set(
        visible_waivers(account, today=today).filter(pk__in=keys).order_by().values_list("pk", flat=True)
    )
    titles = _titles(waivers)
    return tuple(_line(waiver, titles[waiver.pk], waiver.pk in named) for waiver in waivers)


def _line(waiver: Waiver, title: str, is_named: bool) -> WaiverLine:
    persons = [waiver.counterpart, waiver.subject]
    return WaiverLine(
        waiver=waiver,
        is_named=is_named,
        whom="、".join(member.name for member in persons if member) if is_named else EVENT_TITLE,
        title=title if is_named else "",
        anchor="" if waiver.is_event else chinese_anchor(waiver.anchor),
        tone=TONES[waiver.state],
    )


def _titles(waivers: Collection[Waiver]) -> dict[int, str]:
    """The titles of their rules by primary key: the newest version made in the organisation or above it."""
    made: dict[str, list[tuple[str, str]]] = {}
    rules = Rule.objects.filter(code__in={waiver.rule for waiver in waivers}).order_by("effective_from")
    for code, path, title in rules.values_list("code", "organisation__path", "title"):
        made.setdefault(code, []).append((path, title))
    found: dict[int, str] = {}
    for waiver in waivers:
        preset = PRESETS.get(waiver.rule)
        title = preset.title if preset else waiver.rule
        for path, newer in made.get(waiver.rule, ()):
            title = newer if waiver.organisation.path.startswith(path) else title
        found[waiver.pk] = title.replace(" ", "　")
    return found


def asked_by(account: Account, *, today: date, most: int) -> tuple[tuple[WaiverLine, ...], int]:
    """What the account has asked for, that waits or was decided of late: the first so many, and how many."""
    if not account.member_id:
        return (), 0
    since = today - timedelta(days=TOLD_DAYS)
    told = Q(approved_on=None) | Q(approved_on__gte=since)
    ended = Q(ended_on__gte=since) & ~Q(ending=WaiverState.TAKEN_BACK.value)
    mine = Waiver.objects.filter(asked_by=account.member_id, asked_on__isnull=False)
    found = mine.filter((Q(ending="") & told) | ended)
    return _first(found, in_order, account, today=today, most=most)


def to_decide(account: Account, *, today: date, most: int) -> tuple[tuple[WaiverLine, ...], int]:
    """Of those that wait for the account's decision the first so many, the oldest first; how many wait."""
    waiting = decidable_waivers(account, today=today)
    return _first(waiting, _oldest_first, account, today=today, most=most)


def _first(
    waivers: WaiverQuerySet,
    order: Callable[[WaiverQuerySet], WaiverQuerySet],
    account: Account,
    *,
    today: date,
    most: int,
) -> tuple[tuple[WaiverLine, ...], int]:
    # Mostly there is none: the database takes longer to plan how six tables are joined than to find that out.
    if not waivers.order_by().exists():
        return (), 0
    rows: list[Any] = list(order(waivers).annotate(all_of_them=Window(Count("pk")))[:most])
    return waiver_lines(rows, account, today=today), rows[0].all_of_them if rows else 0


def _oldest_first(waivers: WaiverQuerySet) -> WaiverQuerySet:
    return in_order(waivers).order_by("asked_on", "pk")


def approvers_in_words(duty: Duty | Waiver, *, asked_by: int, today: date) -> str:
    """Who may approve a waiver that this member (primary key) asks for; a sentence without its full stop."""
    names = [member.name for member in waiver_approvers(duty, asked_by=asked_by, today=today)]
    return f"{'、'.join(names)}可以批准" if names else NO_APPROVER


def waivers_of(duty: Duty, account: Account, *, today: date) -> OfDuty:
    """What the account may know and do about waivers of a duty that it may know of by name."""
    endings = set(Waiver.objects.of_duty(duty).values_list("ending", flat=True).order_by())
    may_ask = "" not in endings and may_ask_waiver(account, duty, today=today)
    if not endings:
        return OfDuty(may_ask=may_ask, newest=None)
    known = visible_waivers(account, today=today).of_duty(duty)
    newest = in_order(known).order_by("-number")[:1]
    lines = waiver_lines(list(newest), account, today=today)
    return OfDuty(may_ask=may_ask, newest=lines[0] if lines else None)


def duty_of(waiver: Waiver, account: Account, *, today: date) -> int | None:
    """Primary key of the duty that it is of, where there is one and the account may know of it by name."""
    duties = (
        visible_duties(account, today=today)
        .standing()
        .filter(
            organisation=waiver.organisation_id,
            rule=waiver.rule,
            anchor=waiver.anchor,
            persons=waiver.persons,
        )
    )
    found: int | None = duties.order_by().values_list("pk", flat=True).first()
    return found


def chosen_waivers(
    account: Account, *, today: date, who: str, scope: str, organisation: str
) -> WaiverQuerySet:
    """Those that the account may know of, as the filters of the list choose.

    A person is looked for only among those known by name: what is found must not tell whom an event concerns.
    """
    found = known_waivers(account, today=today)
    if organisation:
        found = found.filter(organisation__code=organisation)
    if scope == "decide":
        found = found.filter(pk__in=decidable_waivers(account, today=today).order_by().values("pk"))
    if scope == "asked":
        found = found.filter(asked_by=account.member_id, asked_by__isnull=False)
    if who:
        named = Member.objects.named_like(who).values("pk")
        visible = visible_waivers(account, today=today).filter(
            Q(subject__in=named) | Q(counterpart__in=named)
        )
        found = found.filter(pk__in=visible.order_by().values("pk"))
    return found


def organisations_with(waivers: WaiverQuerySet) -> QuerySet[Organisation]:
    """The organisations in which these waivers are, in the order of the tree."""
    inside = waivers.order_by().values("organisation")
    return Organisation.objects.filter(pk__in=inside).order_by("path", "code")
