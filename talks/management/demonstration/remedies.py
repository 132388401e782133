"""整改 in the demonstration: owners and limits, progress, the ledger, 销号, as they stand today."""

from datetime import date, datetime, timedelta

from members.models import Member
from talks.models import Remedy, Side
from talks.services.remedies import (
    approve_settlement,
    ask_settlement,
    assign_remedy,
    note_progress,
    release_remedy,
)
from vault.services import Actor

BRANCH = "SYJ-HC"
# Days from today to the limit; each remedy takes the next.
LIMITS = (-9, 5, 20, -2, 45, 12)
DONE = "已按要求办理，情况已向支部委员会说明。"
PROGRESS = "已与有关同志商量，正在办理。"
RELEASED = "有关同志提出的问题，由责任人按期办理并反馈"
MOST = 18


def carry_on(*, actor: Actor, at: datetime, today: date) -> None:
    """Of the newest remedies of the branch some are under way, some released, some settled."""
    found = (
        Remedy.objects.agreed()
        .filter(talk__participants__member__affiliations__organisation__code=BRANCH)
        .select_related("talk")
        .distinct()
        .order_by("-talk__held_on", "talk__code", "number")[:MOST]
    )
    principal = Member.objects.filter(
        posts__organisation__code=BRANCH, posts__is_principal=True, posts__until=None
    ).first()
    for place, remedy in enumerate(found):
        sides = {row.side: row.member for row in remedy.talk.participants.select_related("member")}
        owner = sides.get(Side.TALKER) or sides[Side.SUBJECT]
        due_on = max(today + timedelta(days=LIMITS[place % len(LIMITS)]), remedy.talk.held_on)
        assign_remedy(actor=actor, at=at, remedy=remedy, owner=owner, due_on=due_on)
        if place % 2:
            release_remedy(actor=actor, at=at, remedy=remedy, released_by=owner, text=RELEASED)
        if place % 3 == 0:
            continue
        note_progress(actor=actor, at=at, remedy=remedy, noted_by=owner, noted_on=today, text=PROGRESS)
        if place % 3 == 2 and principal and principal not in sides.values():
            asked = ask_settlement(actor=actor, at=at, remedy=remedy, asked_by=owner, result=DONE)
            if place % 2:
                approve_settlement(actor=actor, at=at, settlement=asked, approved_by=principal)
