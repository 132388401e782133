"""What becomes of a 约谈 when the talk that came of it is recorded, cancelled or given to others."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from talks.models import RequestNotice, Side, Talk, TalkRequest
from talks.rules.requests import RequestState
from talks.services.request_notices import tell

OF_TWO = "这次谈话来自约谈申请，只由申请人和约谈对象两人谈，不另设记录人；需要换人的，请在约谈申请中转交。"

BOTH = 2


def note_held(*, talk: Talk) -> None:
    """The requests of a talk that is recorded are 已谈."""
    TalkRequest.objects.filter(talk=talk).exclude(state=RequestState.HELD.value).update(
        state=RequestState.HELD.value
    )


def reopen(*, talks: Collection[int], at: datetime) -> None:
    """The requests of talks (primary keys) that are cancelled wait for an answer again.

    So nobody is brushed off.
    """
    for request in TalkRequest.objects.open().filter(talk__in=talks):
        TalkRequest.objects.filter(pk=request.pk).update(
            state=RequestState.WAITING.value, talk=None, waiting_since=timezone.localtime(at).date()
        )
        tell(
            request=request,
            kind=RequestNotice.Kind.REOPENED,
            members=[request.asked_id, request.requester_id],
            at=at,
        )


def refuse_others(*, talk: Talk) -> None:
    """ValidationError where the talk, as written now, is not between who asked and who was asked alone.

    Whoever came in would read what was asked for in confidence, as talker or recorder.
    """
    now = Talk.objects.only("recorder", "external_talker").get(pk=talk.pk)
    sides = dict(talk.participants.order_by().values_list("member", "side"))
    is_of_two = len(sides) == BOTH and not now.recorder_id and not now.external_talker
    # What a workbook brought in is taken as it is.
    ours = talk.requests.filter(sent_at__isnull=False)
    for requester, asked in ours.order_by().values_list("requester", "asked"):
        both = {sides.get(requester), sides.get(asked)}
        if not is_of_two or both != {Side.TALKER.value, Side.SUBJECT.value}:
            raise ValidationError(OF_TWO, code="subjects")
