"""整改台账 as its readers see it: one row for each remedy, how it stands, and what may be read of it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from branches.models import Organisation
from members.models import Account, Member
from talks.models import Progress, Remedy, Settlement
from talks.models.records import RemedyQuerySet
from talks.permissions import (
    decidable_settlements,
    known_remedies,
    ledger_remedies,
    visible_progress,
    visible_remedies,
    visible_settlements,
    visible_talks,
)
from talks.rules.words import RemedyState

TONES = {
    RemedyState.OVERDUE: "overdue",
    RemedyState.NEAR: "near",
    RemedyState.OPEN: "pending",
    RemedyState.WAITING: "scheduled",
    RemedyState.SETTLED: "done",
}
SEALED = ("text", "released_text")
UNTOLD = "内容由参加谈话的同志掌握，未列入台账"
HIDDEN = "内容不在此显示"


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """One remedy as a row; `text` is what may be read of it, `withheld` says why it is nothing."""

    remedy: Remedy
    state: RemedyState
    chip: str
    text: str
    withheld: str
    is_original: bool
    last_progress: date | None

    @property
    def tone(self) -> str:
        """The look's word for its state."""
        return TONES[self.state]

    @property
    def title(self) -> str:
        """What it is called where its text does not stand: 梁志强同志负责的整改措施."""
        owner = self.remedy.owner
        return f"{owner.name}同志负责的整改措施" if owner else "未明确责任人的整改措施"


def chosen_remedies(
    account: Account, *, today: date, who: str = "", organisation: str = "", scope: str = ""
) -> RemedyQuerySet:
    """Those that the account may know of, as the filters of the list choose, each with its state."""
    found = known_remedies(account, today=today)
    if organisation:
        found = found.filter(organisation__code=organisation)
    if who:
        found = found.filter(owner__in=Member.objects.named_like(who).order_by().values("pk"))
    if scope == "mine":
        found = found.filter(owner=account.member_id, owner__isnull=False)
    if scope == "talked":
        found = found.filter(pk__in=_of_own_talks(account))
    if scope == "decide":
        waiting = decidable_settlements(account, today=today).order_by().values("remedy")
        found = found.filter(pk__in=waiting)
    return found.with_state(today)


def _of_own_talks(account: Account) -> QuerySet[Remedy, Any]:
    own = Q(talk__participants__member=account.member_id) | Q(talk__recorder=account.member_id)
    return Remedy.objects.filter(own).order_by().values("pk") if account.member_id else Remedy.objects.none()


def state_counts(remedies: RemedyQuerySet) -> Counter[RemedyState]:
    """How many there are in each state."""
    rows: Any = remedies.order_by()
    counted = rows.values_list("state").annotate(number=Count("pk"))
    return Counter({RemedyState(state): number for state, number in counted})


def ledgers_of(account: Account, *, today: date) -> QuerySet[Organisation]:
    """The organisations in whose ledgers the account may know of a remedy, in the order of the tree."""
    inside = known_remedies(account, today=today).order_by().values("organisation")
    return Organisation.objects.filter(pk__in=inside).order_by("path", "code")


def listed(remedies: RemedyQuerySet) -> RemedyQuerySet:
    """With what a row shows of others."""
    return remedies.select_related("owner", "organisation", "talk")


def readable(
    remedies: Collection[Remedy], account: Account, *, today: date
) -> tuple[frozenset[int], frozenset[int]]:
    """Of these the primary keys of those whose original, and of those whose released text may be read."""
    keys = [remedy.pk for remedy in remedies]
    originals = visible_remedies(account, today=today).filter(pk__in=keys)
    released = ledger_remedies(account, today=today).filter(pk__in=keys)
    return (
        frozenset(originals.order_by().values_list("pk", flat=True)),
        frozenset(released.order_by().values_list("pk", flat=True)),
    )


def remedy_lines(
    remedies: Collection[Any], *, texts: Mapping[int, str], originals: Collection[int], today: date
) -> tuple[RemedyLine, ...]:
    """The remedies, with their states, as rows; `texts` are those that were read, by primary key."""
    last = dict(
        Progress.objects.filter(remedy__in=[row.pk for row in remedies])
        .order_by()
        .values_list("remedy")
        .annotate(last=Max("noted_on"))
    )
    return tuple(
        RemedyLine(
            remedy=row,
            state=RemedyState(row.state),
            chip=_chip(RemedyState(row.state), row.due_on, today),
            text=texts.get(row.pk, ""),
            withheld="" if row.pk in texts else HIDDEN if row.is_released else UNTOLD,
            is_original=row.pk in originals,
            last_progress=last.get(row.pk),
        )
        for row in remedies
    )


def _chip(state: RemedyState, due_on: date | None, today: date) -> str:
    days = (due_on - today).days if due_on else 0
    if state is RemedyState.OVERDUE:
        return f"逾期{-days}天"
    if state is RemedyState.NEAR:
        return f"临期　剩{days}天" if days else "临期　今天到期"
    return state.value


@dataclass(frozen=True, slots=True)
class Told:
    """Progress or 销号 as its reader sees it; `text` and `reason` are empty where they may not be read."""

    row: Any
    text: str
    reason: str = ""


def progress_of(remedy: Remedy, account: Account, *, today: date) -> tuple[Told, ...]:
    """Progress, the newest first; of what may not be read the day alone."""
    read = set(
        visible_progress(account, today=today).filter(remedy=remedy).order_by().values_list("pk", flat=True)
    )
    rows = remedy.progress.select_related("noted_by").order_by("-noted_on", "-number")
    return tuple(Told(row, row.text if row.pk in read else "") for row in rows)


def settlements_of(remedy: Remedy, account: Account, *, today: date) -> tuple[Told, ...]:
    """How often 销号 was asked for and what became of it, the newest first."""
    read = set(
        visible_settlements(account, today=today)
        .filter(remedy=remedy)
        .order_by()
        .values_list("pk", flat=True)
    )
    rows: QuerySet[Settlement] = remedy.settlements.select_related(
        "asked_by", "ended_by", "organisation"
    ).order_by("-number")
    return tuple(
        Told(row, row.result, row.ending_reason or "") if row.pk in read else Told(row, "") for row in rows
    )


def may_open_talk(remedy: Remedy, account: Account, *, today: date) -> bool:
    """Whether the talk that it came from may be named: who reads the original sees it, or who took part."""
    seen = visible_talks(account, today=today).filter(pk=remedy.talk_id)
    return visible_remedies(account, today=today).filter(pk=remedy.pk).exists() and seen.exists()
