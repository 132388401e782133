"""The life of a talk: which state follows which, and how a row takes the step (design.md section 4)."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db.models import F

from talks.models import Talk
from talks.rules.words import TalkState

# From which states a talk may come into the state named.
BEFORE: Mapping[TalkState, tuple[TalkState, ...]] = {
    TalkState.PLANNED: (),
    TalkState.HELD: (TalkState.PLANNED, TalkState.HELD),
    TalkState.RECORDED: (TalkState.PLANNED, TalkState.HELD),
    TalkState.CONFIRMED: (TalkState.RECORDED,),
    TalkState.CLOSED: (TalkState.CONFIRMED,),
    TalkState.CANCELLED: (TalkState.PLANNED, TalkState.HELD),
}
OPEN = (TalkState.PLANNED, TalkState.HELD)

STALE = "这次谈话刚才已被他人改动，本次内容没有保存。请打开谈话核对最新情况后再保存，您填写的内容都还在。"
ALREADY_RECORDED = "这次谈话已经记录，不能再改动。"
ALREADY_CANCELLED = "这次谈话已经取消。仍需要谈的，请重新预约。"
NOT_RECORDED = "这次谈话还没有记录。"
CONFIRMED_ALREADY = (
    "已有谈话对象确认了这份记录，不能再更正原文。需要补充或更正的，请作补正，原文和补正一并保留。"
)
NOT_CONFIRMED = "谈话对象还没有全部确认，暂不能办结。"


def take_step(*, talk: Talk, revision: int, to: TalkState | None, **columns: object) -> None:
    """Moves the talk into the state (None: it stays open) and writes the columns, if nobody was faster.

    One conditional UPDATE on state and revision decides, so that of two at once only one can win; the row
    is then locked until the transaction ends. Columns must not be sealed ones. `talk` is refreshed.
    ValidationError where the revision is not the newest, or the state does not allow the step.
    """
    before = BEFORE[to] if to else OPEN
    state = {"state": to.value} if to else {}
    if not _moved(talk, revision, before, {**state, **columns}):
        raise ValidationError(_refusal(talk, to, before), code="stale")


def stay_recorded(*, talk: Talk, revision: int, **columns: object) -> None:
    """Writes the columns of a talk that stays 已记录, as `take_step` does.

    ValidationError also where a subject has confirmed: whoever confirms later finds another revision.
    """
    moved = _moved(talk, revision, (TalkState.RECORDED,), columns)
    if (
        talk.state in (TalkState.CONFIRMED, TalkState.CLOSED)
        or talk.participants.filter(confirmed_at__isnull=False).exists()
    ):
        raise ValidationError(CONFIRMED_ALREADY, code="stale")
    if not moved:
        raise ValidationError(_refusal(talk, TalkState.CONFIRMED, (TalkState.RECORDED,)), code="stale")


def _moved(talk: Talk, revision: int, before: tuple[TalkState, ...], columns: Mapping[str, object]) -> bool:
    moved = Talk.objects.filter(
        pk=talk.pk, revision=revision, state__in=[state.value for state in before]
    ).update(revision=F("revision") + 1, **columns)
    talk.refresh_from_db()
    return bool(moved)


def _refusal(talk: Talk, to: TalkState | None, before: tuple[TalkState, ...]) -> str:
    if talk.state in before:
        return STALE
    if talk.state == TalkState.CANCELLED:
        return ALREADY_CANCELLED
    if to is TalkState.CLOSED and talk.state == TalkState.RECORDED:
        return NOT_CONFIRMED
    return NOT_RECORDED if talk.is_open else ALREADY_RECORDED
