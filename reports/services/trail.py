"""Reading the trail, checking it, handing it out; each is itself in the trail."""

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from reports.figures.trail import CHECKED
from vault.models import TrailEntry
from vault.services import Actor, enter_trail, find_fault

TARGET = "审计链"
# About so many are checked while somebody waits; a longer trail is checked on the server.
MOST_CHECKED = 200_000
MOST_EXPORTED = 50_000
TOO_LONG = "审计记录已超过{most}条，请运维人员在服务器上执行verify_trail命令校验。"


@transaction.atomic
def read_trail(*, actor: Actor, at: datetime, filters: Mapping[str, object]) -> None:
    """Enters that the trail was looked at: once for a page, with what was looked for."""
    enter_trail(
        actor=actor, at=at, action="查看审计记录", target_kind=TARGET, target="", detail=_told(filters)
    )


@transaction.atomic
def export_trail(*, actor: Actor, at: datetime, filters: Mapping[str, object], rows: int) -> None:
    """Enters that so many entries are handed out; what cannot be entered is not."""
    enter_trail(
        actor=actor,
        at=at,
        action="导出审计记录",
        target_kind=TARGET,
        target="",
        detail={**_told(filters), "行数": rows},
    )


def check_trail(*, actor: Actor, at: datetime) -> str:
    """Proves the chain; empty where it is whole, else what is wrong with the first entry that was touched.

    The outcome is entered in the trail. ValidationError where the trail is too long for somebody to wait.
    """
    newest = TrailEntry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if newest > MOST_CHECKED:
        raise ValidationError(TOO_LONG.format(most=MOST_CHECKED))
    finding = find_fault()
    fault = str(finding) if finding else ""
    with transaction.atomic():
        enter_trail(
            actor=actor,
            at=at,
            action=CHECKED,
            target_kind=TARGET,
            target="",
            detail={"至序号": newest, "结果": fault},
            succeeded=not fault,
        )
    return fault


def _told(filters: Mapping[str, object]) -> dict[str, object]:
    told = [
        f"{name}={value.isoformat() if isinstance(value, date) else value}"
        for name, value in sorted(filters.items())
        if value
    ]
    return {"条件": told} if told else {}
