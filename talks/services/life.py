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
NOT_CONFIRMED = "谈话对象还没有全部确认，暂不能办结。"


def take_step(*, talk: Talk, revision: int, to: TalkState | None, **columns: object) -> None:
    """Moves the talk into the state (None: it stays open) and writes the columns, if nobody was faster.

    One conditional UPDATE on state and revision decides, so that of two at once only one can win; the row
    is then locked until the transaction ends. Columns must not be sealed ones. `talk` is refreshed.
    ValidationError where the revision is not the newest, or the state does not allow the step.
    """
    before = BEFORE[to] if to else OPEN
    moved = Talk.objects.filter(
        pk=talk.pk, revision=revision, state__in=[state.value for state in before]
    ).update(revision=F("revision") + 1, **({"state": to.value} if to else {}), **columns)
    talk.refresh_from_db()
    if not moved:
        raise ValidationError(_refusal(talk, to, before), code="stale")


def _refusal(talk: Talk, to: TalkState | None, before: tuple[TalkState, ...]) -> str:
    if talk.state in before:
        return STALE
    if talk.state == TalkState.CANCELLED:
        return ALREADY_CANCELLED
    if to is TalkState.CLOSED and talk.state == TalkState.RECORDED:
        return NOT_CONFIRMED
    return NOT_RECORDED if talk.is_open else ALREADY_RECORDED
