"""Waivers as the lists show them: whose, of what, how far; and the duty that each is about."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from branches.models import Organisation
from members.models import Account, Event, Member
from talks.figures.duties import duties_of
from talks.models import Rule, Waiver
from talks.models.waivers import WaiverQuerySet
from talks.permissions import DutyRights, SeenDuty, decidable_waivers, visible_waivers
from talks.rules.anchors import chinese_anchor
from talks.rules.duties import Duty
from talks.rules.presets import PRESETS
from talks.rules.words import WaiverState

EVENT_TITLE = "事件类必谈"
# For so many days who asked is told on his first screen what became of it.
TOLD_DAYS = 14
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
    def subject(self) -> str:
        """Of whom, or of what, as it stands in a sentence."""
        return self.whom if self.is_named else f"{self.waiver.organisation.name}一项{EVENT_TITLE}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the account has asked for: that waits, and that was decided of late."""

    waiting: tuple[WaiverLine, ...]
    decided: tuple[WaiverLine, ...]


def in_order(waivers: WaiverQuerySet) -> WaiverQuerySet:
    """The waiting ones first, then what was settled last; what is sealed stays in the table."""
    settled = Coalesce("ended_on", "approved_on")
    return (
        waivers.annotate(settled_on=settled)
        .order_by(F("settled_on").desc(nulls_first=True), F("asked_on").desc(nulls_last=True), "-pk")
        .select_related(*PEOPLE)
        .defer(*SEALED)
    )


def waiver_counts(waivers: WaiverQuerySet) -> Counter[WaiverState]:
    """How many there are in each state."""
    rows = waivers.order_by().values_list("ending").annotate(
        all=Count("pk"), approved=Count("pk", filter=Q(approved_on__isnull=False))
    )
    counts: Counter[WaiverState] = Counter()
    for ending, everything, approved in rows:
        if ending:
            counts[WaiverState(ending)] = everything
        else:
            counts[WaiverState.APPROVED] = approved
            counts[WaiverState.WAITING] = everything - approved
    return counts


def waiver_lines(
    waivers: Collection[Waiver], account: Account, *, today: date
) -> tuple[WaiverLine, ...]:
    """The waivers, which the account may know of, as rows; two queries for all."""
    keys = [waiver.pk for waiver in waivers]
    named = set(
        visible_waivers(account, today=today).filter(pk__in=keys).order_by().values_list("pk", flat=True)
    )
    titles = rule_titles(waivers)
    return tuple(_line(waiver, titles[waiver.pk], waiver.pk in named) for waiver in waivers)


def waiver_line(waiver: Waiver, *, is_named: bool) -> WaiverLine:
    """One waiver as a row."""
    return _line(waiver, rule_titles([waiver])[waiver.pk], is_named)


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


def rule_titles(waivers: Iterable[Waiver]) -> dict[int, str]:
    """The titles of their rules by primary key: the newest version made in the organisation or above it."""
    rows = list(waivers)
    own: dict[str, list[tuple[str, str]]] = {}
    made = Rule.objects.filter(code__in={waiver.rule for waiver in rows}).order_by("effective_from")
    for code, path, title in made.values_list("code", "organisation__path", "title"):
        own.setdefault(code, []).append((path, title))
    found: dict[int, str] = {}
    for waiver in rows:
        preset = PRESETS.get(waiver.rule)
        title = preset.title if preset else waiver.rule
        for path, newer in own.get(waiver.rule, ()):
            title = newer if waiver.organisation.path.startswith(path) else title
        found[waiver.pk] = title.replace(" ", "　")
    return found


def asked_by(account: Account, *, today: date) -> Asked:
    """What the account has asked for, for its first screen; nothing where it belongs to no member."""
    if not account.member_id:
        return Asked((), ())
    since = today - timedelta(days=TOLD_DAYS)
    mine = Waiver.objects.filter(asked_by=account.member_id, asked_on__isnull=False)
    decided = Q(ending="", approved_on__gte=since) | Q(ended_on__gte=since)
    rows = in_order(mine.filter(Q(approved_on=None, ending="") | decided))
    lines = waiver_lines(list(rows.exclude(ending=WaiverState.TAKEN_BACK.value)), account, today=today)
    waiting = [line for line in lines if line.waiver.state is WaiverState.WAITING]
    return Asked(tuple(waiting), tuple(line for line in lines if line not in waiting))


def to_decide(account: Account, *, today: date, most: int) -> tuple[tuple[WaiverLine, ...], int]:
    """Of those that wait for the account's decision the first so many, the oldest first; how many wait."""
    waiting = decidable_waivers(account, today=today)
    rows = in_order(waiting).order_by("asked_on", "pk")[: most + 1]
    lines = waiver_lines(list(rows), account, today=today)
    return lines[:most], len(lines) if len(lines) <= most else waiting.count()


def waivers_waiting(account: Account, seen: Collection[SeenDuty], *, today: date) -> frozenset[str]:
    """Keys of those of the duties of which a waiver waits, as far as the account may know of it."""
    duties = {one.duty.key for one in seen}
    waiting = visible_waivers(account, today=today).waiting()
    rows = waiting.filter(
        rule__in={one.duty.rule.code for one in seen}, anchor__in={one.duty.anchor for one in seen}
    )
    columns = ("rule", "organisation__code", "anchor", "persons")
    return duties & {"|".join(row) for row in rows.order_by().values_list(*columns)}


def waivers_of(duty: Duty) -> WaiverQuerySet:
    """The waivers of the duty, the newest first."""
    return Waiver.objects.filter(
        rule=duty.rule.code,
        organisation__code=duty.organisation,
        anchor=duty.anchor,
        persons="+".join(duty.persons),
    ).order_by("-number")


def duty_of(waiver: Waiver, account: Account, *, today: date) -> tuple[Duty | None, bool]:
    """The duty that the waiver is about as it stands today, None where it is owed no more; and whether the
    account may know that duty by name.
    """
    year = _year_of(waiver.anchor)
    if year is None:
        return None, False
    facts, duties = duties_of([waiver.organisation], year=year, as_of=today)
    persons = tuple(waiver.persons.split("+"))
    for duty in duties:
        if (duty.rule.code, duty.anchor, duty.persons) == (waiver.rule, waiver.anchor, persons):
            return duty, DutyRights(account, facts, today=today).see(duty) is not None
    return None, False


def _year_of(anchor: str) -> int | None:
    """The year to which the anchor belongs (workbook.md); None where its event is gone."""
    kind, _, rest = anchor.partition(":")
    if kind == "event":
        known_on = Event.objects.filter(code=rest).values_list("known_on", flat=True).first()
        return known_on.year if known_on else None
    return int(rest.rpartition(":")[2] if kind == "meeting" else rest[:4])


def persons_of(duty: Duty) -> tuple[Member, ...]:
    """The members whom the duty names."""
    return tuple(Member.objects.filter(code__in=duty.persons))


def organisations_with(waivers: WaiverQuerySet) -> QuerySet[Organisation]:
    """The organisations in which these waivers are, in the order of the tree."""
    return Organisation.objects.filter(pk__in=waivers.order_by().values("organisation"))
