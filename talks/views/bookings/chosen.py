"""The duties that were chosen in the list, and how a talk that is booked for them would count."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest

from members.models import Account
from talks.figures.worklist import DutyLine
from talks.rules import facts as values
from talks.rules.words import TalkState
from talks.services.talks import Circumstances, Persons
from talks.views.duties import ROWS, bring_up_to_date, worklist_of

NOTHING_CHOSEN = "请至少选择一项。"
OPEN_NO_LONGER = "{names}已经预约或已经谈过，没有列入。"
NOTHING_LEFT = "所选各项都已经预约或已经谈过，不需要再预约。"


def chosen_lines(request: HttpRequest, account: Account, today: date) -> tuple[DutyLine, ...]:
    """The duties named in the address that are still to be booked; 404 where one is not the account's to do.

    At most as many as a page of the list has rows. Those booked or met meanwhile are left out and named.
    """
    worklist = worklist_of(account, today=today, year=today.year)
    if not account.member_id:
        raise Http404
    asked = {text for text in request.GET.getlist("duty") if text.isdecimal() and len(text) < 19}
    if not asked or len(asked) > ROWS or len(asked) != len(set(request.GET.getlist("duty"))):
        raise Http404
    bring_up_to_date(account, today=today)
    found = list(worklist.known.filter(pk__in=asked).order_by("urgency", "due_on", "pk"))
    if len(found) != len(asked) or not all(worklist.is_for_me(duty) for duty in found):
        raise Http404
    lines = worklist.lines(found)
    left = tuple(line for line in lines if line.is_open)
    gone = "、".join(dict.fromkeys(line.whom for line in lines if not line.is_open))
    if gone:
        messages.warning(request, OPEN_NO_LONGER.format(names=gone) if left else NOTHING_LEFT)
    return left


def occasion_of(anchor: str) -> dict[str, str]:
    """Kind and occasion of a talk before a meeting; of another one nothing is said for everybody to read."""
    return {"kind": "会前", "occasion": anchor.split(":")[1]} if anchor.startswith("meeting:") else {}


def as_if_held(persons: Persons, circumstances: Circumstances) -> values.Talk:
    """The talk as the engine sees it once it is recorded."""
    return values.Talk(
        code="",
        held_on=circumstances.held_on,
        state=TalkState.RECORDED,
        talkers=tuple(member.code for member in persons.talkers),
        subjects=tuple(member.code for member in persons.subjects),
        external_talker=bool(persons.external_talker),
        recorder=persons.recorder.code if persons.recorder else None,
    )
