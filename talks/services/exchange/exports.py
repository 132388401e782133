"""The trace that an export leaves."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from vault.services import Actor, enter_trail


@transaction.atomic
def enter_export(
    *, actor: Actor, at: datetime, organisation: str, with_content: bool, rows: Mapping[str, int]
) -> None:
    """Enters in the trail who took out which sheets; `organisation` is a code, "" for all."""
    enter_trail(
        actor=actor,
        at=at,
        action="导出",
        target_kind="交换工作簿",
        target=organisation or "全部",
        detail={"含谈话内容": with_content, "行数": dict(rows)},
    )
