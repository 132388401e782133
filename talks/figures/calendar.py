"""What stands in somebody's calendar between two days."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q

from members.models import Account
from talks.models import Engagement, Participant, Talk
from talks.permissions import changeable_plans, listed_talks, still_seen
from talks.rules.words import TalkState

# A month of a branch has some dozens; who sees a whole tree is shown so many and told that there are more.
MOST = 200


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """Talks with their persons; which the account may move, and which of these still clash with another."""

    talks: tuple[Talk, ...]
    movable: frozenset[int]
    clashing: frozenset[int]
    has_more: bool


def calendar_page(account: Account, *, since: date, until: date, mine: bool, today: date) -> CalendarPage:
    """The talks from `since` to before `until` of which the account may know, without those cancelled.

    `mine`: only those in which it takes part or which it records. That persons of a talk are engaged
    elsewhere is told to those who can do something about it.
    """
    found = listed_talks(account, today=today).filter(held_on__gte=since, held_on__lt=until)
    if mine and account.member:
        found = found.filter(pk__in=Talk.objects.of_member(account.member).values("pk"))
    named = Participant.objects.select_related("member").order_by("side", "member__code")
    persons = Prefetch("participants", named.only("talk", "side", "member__code", "member__name"))
    rows = list(
        found.exclude(state=TalkState.CANCELLED.value)
        .defer("topic", "content", "cancel_reason")
        .order_by("held_on", "starts_at", "code")
        .prefetch_related(persons)[: MOST + 1]
    )
    shown = still_seen(account, rows[:MOST], today=today)
    movable = changeable_plans(account, today=today).filter(pk__in=[talk.pk for talk in shown])
    engaged = Engagement.objects.filter(talk=OuterRef("talk"), member=OuterRef("member"))
    left_out = Participant.objects.filter(~Exists(engaged), talk=OuterRef("pk"))
    recorder = Engagement.objects.filter(talk=OuterRef("pk"), member=OuterRef("recorder"))
    clashes = Q(starts_at__isnull=False) & (
        Q(Exists(left_out)) | Q(~Exists(recorder), recorder__isnull=False)
    )
    moves = dict(
        movable.annotate(clashes=Exists(Talk.objects.filter(clashes, pk=OuterRef("pk")))).values_list(
            "pk", "clashes"
        )
    )
    return CalendarPage(
        talks=tuple(shown),
        movable=frozenset(moves),
        clashing=frozenset(talk for talk, clashes in moves.items() if clashes),
        has_more=len(rows) > MOST,
    )
