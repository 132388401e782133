"""The trail as the auditor reads it: chosen entries as rows, and what is known of the last check."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from members.models import Account
from reports.rules.trail import ACTION, ADDRESS, AT, DETAIL, KIND, NUMBER, OUTCOME, TARGET, WHO
from talks.rules.exchange.cells import Value
from vault.models import TrailEntry
from vault.models.trail import TrailEntryQuerySet

CHECKED = "校验审计链"
# So many of the last entries offer their words to choose from; a longer trail is not searched for that.
LAST = 5000
# Days beyond these have no midnight in every zone.
EARLIEST, LATEST = date(1900, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry as a row: whose name belongs to the account today, the details in words."""

    entry: TrailEntry
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class LastCheck:
    """What the last check of the chain found: when, through which entry, empty where it was whole."""

    at: datetime
    through: int
    fault: str


def chosen_entries(entries: TrailEntryQuerySet, chosen: Mapping[str, Any]) -> TrailEntryQuerySet:
    """The entries that the filters leave, the newest first."""
    conditions: dict[str, object] = {}
    for name, column in (("account", "account"), ("action", "action"), ("kind", "target_kind")):
        if chosen.get(name):
            conditions[column] = chosen[name].strip()
    if chosen.get("target"):
        conditions["target"] = chosen["target"].strip()
    if chosen.get("since"):
        conditions["at__gte"] = _midnight(max(chosen["since"], EARLIEST))
    if chosen.get("until"):
        conditions["at__lt"] = _midnight(min(chosen["until"], LATEST) + timedelta(days=1))
    if chosen.get("outcome"):
        conditions["succeeded"] = chosen["outcome"] == "succeeded"
    return entries.filter(**conditions).order_by("-number")


def trail_lines(entries: Collection[TrailEntry]) -> list[TrailLine]:
    """The entries as rows, with one query for the names."""
    accounts = Account.objects.filter(username__in={entry.account for entry in entries})
    names = dict(accounts.values_list("username", "name"))
    return [TrailLine(entry, names.get(entry.account, ""), _in_words(entry.detail)) for entry in entries]


def trail_rows(entries: TrailEntryQuerySet, most: int) -> Iterator[Mapping[str, Value]]:
    """The newest so many of the entries as rows of a workbook, read as they are written."""
    for entry in entries[:most].iterator(chunk_size=2000):
        yield {
            NUMBER: entry.number,
            AT: timezone.localtime(entry.at).replace(tzinfo=None),
            WHO: entry.account,
            ADDRESS: entry.address,
            ACTION: entry.action,
            KIND: entry.target_kind,
            TARGET: entry.target,
            DETAIL: _in_words(entry.detail),
            OUTCOME: "成功" if entry.succeeded else "未成功",
        }


def words_of(entries: TrailEntryQuerySet) -> tuple[list[str], list[str]]:
    """The actions and the kinds of objects among the last entries, to choose from."""
    rows = list(entries.order_by("-number").values_list("action", "target_kind")[:LAST])
    return sorted({action for action, _ in rows}), sorted({kind for _, kind in rows if kind})


def last_check() -> LastCheck | None:
    """The last check of the chain, as the trail itself tells it; None where there was none."""
    entry = TrailEntry.objects.filter(target_kind="审计链", action=CHECKED).order_by("-number").first()
    if entry is None:
        return None
    told = json.loads(entry.detail)
    return LastCheck(entry.at, int(told.get("至序号") or 0), str(told.get("结果") or ""))


def _in_words(detail: str) -> str:
    told = json.loads(detail or "{}")
    return "；".join(f"{name}：{_word(value)}" for name, value in told.items())


def _word(value: object) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, dict):
        return "，".join(f"{name}{_word(one)}" for name, one in value.items())
    if isinstance(value, bool):
        return "是" if value else "否"
    return "无" if value is None else str(value)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
