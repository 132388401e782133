"""抽查: who drew what is in the trail, so that nobody draws until a sample pleases him, unseen."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from branches.models import Organisation
from vault.services import Actor, enter_trail

# Read aloud and typed again: eight digits.
SEEDS = 10**8


@transaction.atomic
def draw_sample(
    *,
    actor: Actor,
    at: datetime,
    organisation: Organisation,
    since: date,
    until: date,
    size: int,
    seed: str,
) -> str:
    """Enters that a sample is drawn, and gives its seed: the one given, or a new one where that is empty."""
    chosen = seed or f"{secrets.randbelow(SEEDS):08d}"
    detail: Mapping[str, object] = {
        "抽查编号": chosen,
        "开始日期": since.isoformat(),
        "结束日期": until.isoformat(),
        "抽取次数": size,
        "指定编号": bool(seed),
    }
    enter_trail(
        actor=actor, at=at, action="随机抽查", target_kind="党组织", target=organisation.code, detail=detail
    )
    return chosen


@transaction.atomic
def enter_list(
    *, actor: Actor, at: datetime, organisation: Organisation, title: str, told: str, digest: str
) -> None:
    """Enters that a list of the organisation is taken off a screen: which, of what, and the file's digest."""
    enter_trail(
        actor=actor,
        at=at,
        action="下载",
        target_kind="党组织",
        target=organisation.code,
        detail={"种类": title, "范围": told, "格式": "xlsx", "文件摘要": digest},
    )
