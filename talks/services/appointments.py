"""What becomes of a 约谈 when the talk that came of it is recorded, cancelled or given to others."""

from collections.abc import Collection
from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from branches.rules.dates import chinese_date, day_of
from members.models import Account, Member
from talks.figures.requests import request_limits
from talks.models import Correction, RequestNotice, Side, Talk, TalkRequest
from talks.models.requests import TalkRequestQuerySet, was_held
from talks.rules.hours import hour_of
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from talks.services.request_notices import answering, begin_anew, tell
from vault.services import Actor

OF_TWO = "这次谈话来自约谈申请，只由申请人和约谈对象两人谈，不另设记录人；需要换人的，请在约谈申请中转交。"
TOO_EARLY = (
    "约定的谈话时间是{moment}，到时谈过以后才能记录。需要提前的，请取消谈话并说明原因，再与对方另约时间。"
)
BACKDATED = "记录的谈话日期不能早于与对方约定的{day}。确实需要更正的，由对方请求更正后再改。"
TOO_FAR = "约谈应在{day}前谈，请改到较早的时间。"
AGREED = "这次谈话的时间是与对方商定的，不能自行提前。需要提前的，请取消谈话并说明原因，再与对方另约时间。"

BOTH = 2


def note_held(*, talk: Talk) -> None:
    """The requests of a talk that is recorded are 已谈, once nobody who asked waits for its correction."""
    TalkRequest.objects.filter(was_held(), talk=talk).exclude(state=RequestState.HELD.value).update(
        state=RequestState.HELD.value
    )


def contest(*, talk: Talk, member: Member) -> None:
    """What the member asked for is not settled by a record that he wants corrected: its limits run on.

    Where he has asked the same leader again since, that request goes on.
    """
    mine = TalkRequest.objects.filter(talk=talk, requester=member, sent_at__isnull=False)
    try:
        with transaction.atomic():
            mine.filter(state=RequestState.HELD.value).update(state=RequestState.ACCEPTED.value)
    except IntegrityError:
        return


def reopen(*, talks: Collection[int], at: datetime) -> None:
    """The requests of talks (primary keys) that are cancelled wait for an answer again.

    So nobody is brushed off.
    """
    today = timezone.localtime(at).date()
    for request in TalkRequest.objects.open().filter(talk__in=talks):
        TalkRequest.objects.filter(pk=request.pk).update(
            state=RequestState.WAITING.value, talk=None, waiting_since=today
        )
        begin_anew(request=request)
        request.refresh_from_db(fields=["state", "talk", "waiting_since"])
        tell(
            request=request,
            kind=RequestNotice.Kind.REOPENED,
            members=[*answering(request=request, today=today), request.requester_id],
            at=at,
        )


def refuse_early_record(*, talk: Talk, at: datetime) -> None:
    """ValidationError while the moment has not come on which who asked and who was asked agreed.

    So nobody ends a request with a record of what is still to be said. Afterwards the day is for the record
    to say, and for who asked to confirm or contest.
    """
    is_booked = talk.state == TalkState.PLANNED and _answers_request(talk)
    if is_booked and timezone.localtime(at).replace(tzinfo=None) < _moment(talk.held_on, talk.starts_at):
        moment = f"{day_of(talk.held_on)}{hour_of(talk.starts_at)}"
        raise ValidationError(TOO_EARLY.format(moment=moment), code="held_on")


def refuse_earlier(*, talk: Talk, held_on: date, starts_at: time | None) -> None:
    """ValidationError where a talk of two would begin before the moment on which they agreed."""
    is_earlier = _moment(held_on, starts_at) < _moment(talk.held_on, talk.starts_at)
    if is_earlier and _answers_request(talk):
        raise ValidationError(AGREED, code="held_on")


def refuse_backdated(*, talk: Talk, held_on: date) -> None:
    """ValidationError where a record puts a 约谈 before the day agreed on, by which its limit would be kept.

    Where who asked wants the record corrected, the day may be what was wrong.
    """
    wants = Correction.objects.waiting().filter(participant__talk=talk).exists()
    if held_on < talk.held_on and not wants and _answers_request(talk):
        raise ValidationError(BACKDATED.format(day=day_of(talk.held_on)), code="held_on")


def refuse_too_far(*, talk: Talk, held_on: date, at: datetime) -> None:
    """ValidationError where a 约谈 would be put off beyond the last day that may be agreed on."""
    today = timezone.localtime(at).date()
    for asked_on in _ours(talk).values_list("asked_on", flat=True):
        latest = request_limits().latest(asked_on, today)
        if held_on > max(latest, talk.held_on):
            raise ValidationError(TOO_FAR.format(day=chinese_date(latest)), code="held_on")


def tell_moved(*, talk: Talk, actor: Actor, at: datetime) -> None:
    """That a 约谈 has another time, for whoever of the two did not move it."""
    himself = Account.objects.filter(username=actor.account).values_list("member", flat=True).first()
    for request in _ours(talk):
        both = [one for one in (request.asked_id, request.requester_id) if one != himself]
        tell(request=request, kind=RequestNotice.Kind.BOOKED, members=both, at=at)


def _ours(talk: Talk) -> TalkRequestQuerySet:
    return TalkRequest.objects.filter(talk=talk, sent_at__isnull=False).order_by()


def _answers_request(talk: Talk) -> bool:
    return _ours(talk).exists()


def _moment(day: date, hour: time | None) -> datetime:
    return datetime.combine(day, hour or time.min)


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
