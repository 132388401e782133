"""疑点: found by a sweep of all records, then explained, dismissed, or taken up again. Nothing is deleted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max, Prefetch

from members.models import Account
from reports.figures.findings import Placed, found_on
from reports.models import Finding, FindingStep, Sweep
from reports.models.findings import FindingState
from talks.models import Talk
from talks.permissions import open_disclosures
from talks.services.disclosures import OVER, open_disclosed
from vault.services import Actor, enter_trail

TEXT_MISSING = "请填写说明。"
REASON_MISSING = "请填写理由。"
GONE_ALREADY = "这条疑点在最近一次核对时已不存在，不需要办理。"
DISMISSED_ALREADY = "这条疑点已经排除。"
NOT_DISMISSED = "这条疑点没有排除过，不需要重新列出。"

TARGET = "疑点"
PAIR = 2
BATCH = 500
# What may change while a finding stays the same one.
COLUMNS = ["organisation", "member", "day", "other_day", "figure", "is_high", "beside_thin"]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep changed."""

    found: int = 0
    gone: int = 0
    returned: int = 0


def is_swept(*, day: date) -> bool:
    """Whether all records have been checked on the day."""
    return Sweep.objects.filter(day=day).exists()


def sweep_findings(*, today: date, at: datetime) -> Swept:
    """Checks the records of all years and writes only what differs from what stands.

    Nothing is locked while it looks. What it found is written in one transaction, behind the row of the day:
    killed before, nothing is written, and run again, or twice at once, nothing is written twice.
    """
    placed = {(one.found.check.value, one.found.key): one for one in found_on(today)}
    with transaction.atomic():
        Sweep.objects.get_or_create(day=today, defaults={"at": at})
        sweep = Sweep.objects.select_for_update().get(day=today)
        swept = _write(placed, today, at)
        Sweep.objects.filter(pk=sweep.pk).update(
            at=at, found=sweep.found + swept.found, gone=sweep.gone + swept.gone
        )
        enter_trail(
            actor=Actor("system", ""),
            at=at,
            action="核对疑点",
            target_kind=TARGET,
            target=today.isoformat(),
            detail={"新发现": swept.found, "已消除": swept.gone, "再次发现": swept.returned},
        )
    return swept


@transaction.atomic
def explain_finding(*, actor: Actor, at: datetime, account: Account, finding: Finding, text: str) -> None:
    """Who answers for the talks says how it was. What was said before stays.

    ValidationError where nothing is said, or the finding is gone or dismissed.
    """
    if not text.strip():
        raise ValidationError({"text": TEXT_MISSING})
    found = _locked(finding)
    if found.state == FindingState.DISMISSED:
        raise ValidationError(DISMISSED_ALREADY, code="stale")
    _step(found, FindingState.EXPLAINED, FindingStep.Kind.EXPLAINED, actor, at, account, text)


@transaction.atomic
def dismiss_finding(*, actor: Actor, at: datetime, account: Account, finding: Finding, text: str) -> None:
    """It is none, for the reason given. ValidationError as for `explain_finding`."""
    if not text.strip():
        raise ValidationError({"text": REASON_MISSING})
    found = _locked(finding)
    if found.state == FindingState.DISMISSED:
        raise ValidationError(DISMISSED_ALREADY, code="stale")
    _step(found, FindingState.DISMISSED, FindingStep.Kind.DISMISSED, actor, at, account, text)


@transaction.atomic
def reopen_finding(*, actor: Actor, at: datetime, account: Account, finding: Finding, text: str) -> None:
    """It is one after all, for the reason given. ValidationError where nobody had dismissed it."""
    if not text.strip():
        raise ValidationError({"text": REASON_MISSING})
    found = _locked(finding)
    if found.state != FindingState.DISMISSED:
        raise ValidationError(NOT_DISMISSED, code="stale")
    _step(found, FindingState.OPEN, FindingStep.Kind.REOPENED, actor, at, account, text)


@transaction.atomic
def read_steps(*, actor: Actor, at: datetime, finding: Finding) -> list[FindingStep]:
    """What became of the finding; where something was said, its reading is entered in the trail first."""
    steps = list(finding.steps.select_related("by"))
    if any(step.by_id for step in steps):
        enter_trail(actor=actor, at=at, action="查看疑点说明", target_kind=TARGET, target=str(finding))
    return steps


@dataclass(frozen=True, slots=True)
class Texts:
    """The contents of two records, the earlier talk first, and until when both may be read."""

    left: str
    right: str
    ends_at: datetime


@transaction.atomic
def read_texts(*, actor: Actor, at: datetime, finding: Finding, account: Account, today: date) -> Texts:
    """The two records that the finding compares, where the account has an open disclosure of both.

    Each is entered in the trail as a look at it; ValidationError, code "stale", where one is not open.
    """
    talks = list(finding.talks.order_by("held_on", "starts_at", "code").values_list("pk", flat=True))
    opened = open_disclosures(account, talks, at=at, today=today)
    if len(talks) != PAIR or len(opened) != PAIR:
        raise ValidationError(OVER, code="stale")
    left, right = (
        open_disclosed(actor=actor, at=at, disclosure=opened[talk], account=account, today=today)
        for talk in talks
    )
    return Texts(left.content, right.content, min(left.ends_at, right.ends_at))


def _locked(finding: Finding) -> Finding:
    found = Finding.objects.select_for_update().get(pk=finding.pk)
    if found.gone_on:
        raise ValidationError(GONE_ALREADY, code="stale")
    return found


def _step(
    finding: Finding,
    state: FindingState,
    kind: FindingStep.Kind,
    actor: Actor,
    at: datetime,
    account: Account,
    text: str,
) -> None:
    last = finding.steps.aggregate(last=Max("number"))["last"] or 0
    FindingStep.objects.create(
        finding=finding, number=last + 1, kind=kind, at=at, by=account, text=text.strip()
    )
    finding.state = state
    finding.save(update_fields=["state"])
    enter_trail(actor=actor, at=at, action=f"疑点{kind.label}", target_kind=TARGET, target=str(finding))


def _write(placed: dict[Key, Placed], today: date, at: datetime) -> Swept:
    """The difference between what was found and what stands."""
    rows = Finding.objects.prefetch_related(Prefetch("talks", Talk.objects.only("pk")))
    steps = dict(Finding.objects.order_by().values_list("pk").annotate(Count("steps")))
    standing = {(row.check_name, row.key): row for row in rows}
    new = [one for key, one in placed.items() if key not in standing]
    Finding.objects.bulk_create(
        [
            Finding(check_name=one.found.check.value, key=one.found.key, found_on=today, **_columns(one))
            for one in new
        ],
        batch_size=BATCH,
        # Another sweep, of the day before, may be a moment ahead.
        ignore_conflicts=True,
    )
    _bind(new)
    _bring_up_to_date([(row, placed[key]) for key, row in standing.items() if key in placed])
    gone = [row for key, row in standing.items() if key not in placed and not row.gone_on]
    returned = [row for key, row in standing.items() if key in placed and row.gone_on]
    Finding.objects.filter(pk__in=[row.pk for row in gone]).update(gone_on=today)
    Finding.objects.filter(pk__in=[row.pk for row in returned]).update(gone_on=None)
    FindingStep.objects.bulk_create(
        [
            FindingStep(finding=row, number=steps[row.pk] + 1, kind=kind, at=at)
            for rows, kind in ((gone, FindingStep.Kind.GONE), (returned, FindingStep.Kind.RETURNED))
            for row in rows
        ],
        batch_size=BATCH,
    )
    return Swept(len(new), len(gone), len(returned))


def _columns(one: Placed) -> dict[str, Any]:
    found = one.found
    return {
        "organisation_id": one.organisation,
        "member_id": found.member,
        "day": found.day,
        "other_day": found.other_day,
        "figure": found.figure,
        "is_high": found.is_high,
        "beside_thin": one.beside_thin,
    }


def _bind(new: Iterable[Placed]) -> None:
    """Joins new findings to their talks."""
    talks = {(one.found.check.value, one.found.key): one.found.talks for one in new}
    made = (
        Finding.objects.filter(key__in={key for _, key in talks}) if len(talks) < BATCH else Finding.objects
    )
    through = Finding.talks.through
    through.objects.bulk_create(
        [
            through(finding_id=pk, talk_id=talk)
            for pk, name, key in made.values_list("pk", "check_name", "key")
            for talk in talks.get((name, key), ())
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def _bring_up_to_date(pairs: Iterable[tuple[Finding, Placed]]) -> None:
    """Writes what has changed in what is found, such as another organisation that sees to it."""
    changed = []
    for row, one in pairs:
        columns = _columns(one)
        if any(getattr(row, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(row, name, value)
            changed.append(row)
        if {talk.pk for talk in row.talks.all()} != set(one.found.talks):
            row.talks.set(one.found.talks)
    Finding.objects.bulk_update(changed, COLUMNS, batch_size=BATCH)
