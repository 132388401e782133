"""Who is told of a 约谈: news at once, and the limits as those of duties (rules.md sections 8 and 9).

Principals of the organisation from the third day overdue on, those above from the seventh on, are told that
a request is overdue, neither whose nor why. A key on request, kind, step and member makes it safe to run at
any time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from branches.models import Organisation
from members.models import Account, Post
from talks.figures.facts import load_calendar
from talks.figures.requests import request_limits
from talks.models import Delivery, RequestNotice, TalkRequest
from talks.models.notices import HOUR
from talks.models.requests import ANSWERABLE, was_held
from talks.permissions import asked_still_leads, deputised_requests, led_requests
from talks.permissions.requests import ANSWERED_BY, LEADS
from talks.rules.chasing import TO_PRINCIPALS, TO_SUPERIORS, newest_step
from talks.rules.requests import RequestState

Kind = RequestNotice.Kind


@transaction.atomic
def tell(*, request: TalkRequest, kind: RequestNotice.Kind, members: Iterable[int], at: datetime) -> None:
    """News of the request for the members (primary keys); what was told before is read by it."""
    told = list(dict.fromkeys(members))
    there = RequestNotice.objects.filter(request=request, kind=kind)
    step = (there.aggregate(last=Max("step"))["last"] or 0) + 1
    RequestNotice.objects.filter(request=request, member__in=told, read_at=None).update(read_at=at)
    RequestNotice.objects.bulk_create(
        RequestNotice(
            request=request, kind=kind, step=step, member_id=member, noticed_on=timezone.localtime(at).date()
        )
        for member in told
    )
    send_out(members=told, at=at, is_first=False)


def answering(*, request: TalkRequest, today: date) -> list[int]:
    """Who is to answer: the leader, unless he has left, and who stands in for him today."""
    leaders = [request.asked_id] if asked_still_leads(request, today=today) else []
    deputised = deputised_requests(today=today).filter(pk=request.pk)
    return [*leaders, *(deputy for _, deputy in deputised.values_list(*ANSWERED_BY))]


def begin_anew(*, request: TalkRequest) -> None:
    """The answer is waited for again: its limit is chased from the first step on."""
    RequestNotice.objects.filter(request=request, kind=Kind.ANSWER).delete()


@transaction.atomic
def read_request_notices(*, account: Account, at: datetime, request: TalkRequest | None = None) -> None:
    """Marks those of the request, or all, as read by the account's member. Not in the trail: a note."""
    if not account.member_id:
        return
    mine = RequestNotice.objects.filter(member=account.member_id, read_at=None)
    (mine.filter(request=request) if request else mine).update(read_at=at)


@transaction.atomic
def chase_requests(*, today: date, at: datetime) -> int:
    """Reminds of every limit that has reached a step; how many notices it made. Run again it makes none.

    Requests whose talk is recorded by now become 已谈. A constant number of queries.
    """
    _settle_held()
    rows = _steps_reached(today)
    people = _People(rows, today)
    made = [
        RequestNotice(
            request_id=row.request, kind=row.kind, step=row.step, member_id=member, noticed_on=today
        )
        for row in rows
        for member in people.told(row)
    ]
    made += _to_those_who_begin_to_stand_in(today) + _to_those_whose_leader_left(today)
    there = set(
        RequestNotice.objects.filter(request__in={one.request_id for one in made}).values_list(
            "request", "kind", "step", "member"
        )
    )
    made = [one for one in made if (one.request_id, one.kind, one.step, one.member_id) not in there]
    RequestNotice.objects.bulk_create(made, ignore_conflicts=True, batch_size=1000)
    send_out(members={one.member_id for one in made}, at=at, is_first=True)
    return len(made)


def send_out(*, members: Collection[int], at: datetime, is_first: bool) -> None:
    """A message for those of the members who have an address; where one waits, this goes with it.

    At once for who wants that, else with the summary of the day, as put_into_outbox says.
    """
    here = timezone.localtime(at)
    accounts = Account.objects.filter(member__in=members, is_active=True).select_related("notice_preference")
    made = []
    for account in accounts:
        preference = getattr(account, "notice_preference", None)
        hour = preference.hour if preference else HOUR
        day = here.date() + timedelta(days=0 if is_first or here.hour < hour else 1)
        due_at = datetime.combine(day, time(hour), tzinfo=here.tzinfo)
        if preference and preference.at_once:
            due_at = at
        if account.email:
            made.append(Delivery(account=account, channel=Delivery.Channel.MAIL, due_at=due_at))
        if preference and preference.webhook:
            made.append(Delivery(account=account, channel=Delivery.Channel.WEBHOOK, due_at=due_at))
    Delivery.objects.bulk_create(made, ignore_conflicts=True)


@dataclass(frozen=True, slots=True)
class _Reached:
    """That a limit of a request has reached a step: of whose, in which organisation (primary keys)."""

    request: int
    kind: str
    step: int
    state: str
    requester: int
    asked: int
    place: int | None
    leads: bool


def _settle_held() -> None:
    # Also what an import says was recorded.
    held = TalkRequest.objects.filter(was_held())
    pks = held.exclude(state=RequestState.HELD.value).values_list("pk", flat=True)
    TalkRequest.objects.filter(pk__in=list(pks)).update(state=RequestState.HELD.value)


def _steps_reached(today: date) -> list[_Reached]:
    calendar, set_ = load_calendar(), request_limits()
    found = []
    columns = ("pk", "state", "requester", "asked", "place", "leads", "asked_on", "waiting_since")
    for pk, state, requester, asked, place, leads, asked_on, waiting_since in (
        led_requests(today=today).open().placed().order_by().values_list(*columns)
    ):
        since = waiting_since or asked_on
        due = {Kind.HOLD.value: (asked_on, set_.hold_due(asked_on))}
        if state == RequestState.WAITING:
            due[Kind.ANSWER.value] = (since, set_.answer_due(since, calendar))
        for kind, (begun_on, due_on) in due.items():
            step = newest_step((today - due_on).days)
            # A step before it was asked does not exist; that it was asked, the news told.
            if step is not None and due_on + timedelta(days=step) > begun_on:
                found.append(_Reached(pk, kind, step, state, requester, asked, place, leads))
    return found


def _to_those_who_begin_to_stand_in(today: date) -> list[RequestNotice]:
    """That a request waits, for whoever stands in for the leader by now and was not told; step 0."""
    told = RequestNotice.objects.filter(request=OuterRef("pk"), kind=Kind.ASKED, member=OuterRef("deputy"))
    waiting = deputised_requests(today=today).waiting().filter(~Exists(told)).values_list(*ANSWERED_BY)
    return [
        RequestNotice(request_id=pk, kind=Kind.ASKED.value, step=0, member_id=deputy, noticed_on=today)
        for pk, deputy in waiting
    ]


def _to_those_whose_leader_left(today: date) -> list[RequestNotice]:
    """That nobody answers any more, for who asked; once, as step 0."""
    left = led_requests(today=today).filter(~LEADS, state__in=ANSWERABLE).order_by()
    return [
        RequestNotice(request_id=pk, kind=Kind.LEFT.value, step=0, member_id=requester, noticed_on=today)
        for pk, requester in left.values_list("pk", "requester")
    ]


class _People:
    """Whom the steps reach, loaded for all of them at once."""

    def __init__(self, rows: Collection[_Reached], today: date) -> None:
        self.deputies: dict[int, list[int]] = defaultdict(list)
        reached = {row.request for row in rows}
        for pk, deputy in deputised_requests(today=today).filter(pk__in=reached).values_list(*ANSWERED_BY):
            self.deputies[pk].append(deputy)
        places = {row.place for row in rows if row.place and row.step >= TO_PRINCIPALS}
        paths = dict(Organisation.objects.filter(pk__in=places).values_list("pk", "path").order_by())
        self.line = {pk: [int(part) for part in path.split("/") if part] for pk, path in paths.items()}
        self.principals: dict[int, list[int]] = defaultdict(list)
        above = {pk for line in self.line.values() for pk in line}
        for place, member in (
            Post.objects.in_force(today)
            .filter(organisation__in=above, is_principal=True)
            .values_list("organisation", "member")
            .order_by("member")
        ):
            self.principals[place].append(member)

    def told(self, row: _Reached) -> list[int]:
        """The members that the step reaches, each once; who asked only where it is for him to choose."""
        leaders = [row.asked] if row.leads or row.state == RequestState.ACCEPTED else []
        if row.state == RequestState.WAITING:
            leaders += self.deputies[row.request]
        line = self.line.get(row.place or 0, [])
        if row.step >= TO_PRINCIPALS and line:
            leaders += self.principals[line[-1]]
        if row.step >= TO_SUPERIORS:
            nearest = next((place for place in reversed(line[:-1]) if self.principals[place]), None)
            leaders += self.principals[nearest] if nearest else []
        told = [member for member in dict.fromkeys(leaders) if member != row.requester]
        return [*told, row.requester] if row.state == RequestState.PROPOSED else told
