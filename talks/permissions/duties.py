"""Which duties an account may know of; that an event duty about a named person exists is confidential."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from branches.models import Organisation
from members.models import Account, Affiliation, Event, Liaison, Post
from members.permissions import led_organisations, reported_organisations
from talks.rules.duties import Duty, role_holders
from talks.rules.facts import Facts
from talks.rules.words import DutyState

LEAST_TO_SPLIT = 3
MET = (DutyState.DONE, DutyState.LATE)


@dataclass(frozen=True, slots=True)
class SeenDuty:
    """A duty that the account may know of by name.

    `mine`: the account's member is of the pair, or in the role today;
    `about_me`: he is the one to be talked to.
    """

    duty: Duty
    mine: bool
    about_me: bool


@dataclass(frozen=True, slots=True)
class EventSum:
    """「事件类必谈」 of an organisation: those duties that the account may not know by name.

    Fewer than three are not split: `met` and `overdue` are None then.
    """

    organisation: str
    owed: int
    met: int | None
    overdue: int | None

    @property
    def text(self) -> str:
        """In words: 5项（已谈3项，逾期1项）, 不足3项."""
        if self.owed < LEAST_TO_SPLIT:
            return f"不足{LEAST_TO_SPLIT}项"
        if self.met is None:
            return f"{self.owed}项"
        return f"{self.owed}项（已谈{self.met}项，逾期{self.overdue}项）"


def duty_organisations(account: Account, *, today: date) -> QuerySet[Organisation]:
    """Organisations among whose duties there may be some that the account may know of.

    Those he answers for; where he holds a post, and below where he is of the team or a head (a role without
    a holder is looked for upwards); his own; those of the people with whom he keeps in contact.
    """
    condition = Q(pk__in=reported_organisations(account, today=today).values("pk"))
    if account.member_id:
        posts = Post.objects.in_force(today).filter(member=account.member_id)
        leading = posts.filter(Q(is_team=True) | Q(is_head=True)).values("organisation")
        below = Organisation.objects.below_any(list(Organisation.objects.filter(pk__in=leading)))
        kept = Liaison.objects.in_force(today).filter(committee_member=account.member_id)
        affiliations = Affiliation.objects.in_force(today)
        condition |= (
            Q(pk__in=posts.values("organisation"))
            | Q(pk__in=below.values("pk"))
            | Q(pk__in=affiliations.filter(member=account.member_id).values("organisation"))
            | Q(pk__in=affiliations.filter(member__in=kept.values("member")).values("organisation"))
        )
    return Organisation.objects.filter(condition)


def visible_duties(
    account: Account, facts: Facts, duties: Collection[Duty], *, today: date
) -> tuple[SeenDuty, ...]:
    """The duties that the account may know of by name, in the order given.

    An event duty is shown to those in the role today, to the principals of the organisation and to whoever
    entered the event, but never to the person concerned, unless he entered it himself. Other duties are
    shown to the persons named, to those in the role, and to those who answer for the organisation.
    """
    return DutyRights(account, facts, today=today).visible(duties)


def masked(account: Account, facts: Facts, duties: Collection[Duty], *, today: date) -> tuple[EventSum, ...]:
    """The event duties that the account may not know by name, summed by organisation it answers for.

    Without those about the person himself: a sum of one would tell the principal of a branch about himself.
    """
    return DutyRights(account, facts, today=today).masked(duties)


def _event_sum(organisation: str, states: Counter[DutyState]) -> EventSum:
    owed = states.total()
    split = owed >= LEAST_TO_SPLIT
    return EventSum(
        organisation=organisation,
        owed=owed,
        met=sum(states[state] for state in MET) if split else None,
        overdue=states[DutyState.OVERDUE] if split else None,
    )


class DutyRights:
    """What decides, read once for all duties: a constant number of queries.

    `led` and `reported` are the codes of the organisations that the account leads, and answers for.
    """

    def __init__(self, account: Account, facts: Facts, *, today: date) -> None:
        self.facts = facts
        self.today = today
        self.me = account.member.code if account.member else ""
        self.reported = _codes(reported_organisations(account, today=today))
        self.led = _codes(led_organisations(account, today=today))
        self.entered = frozenset(Event.objects.filter(entered_by=account).values_list("code", flat=True))
        self.events = {event.code: event for event in facts.events}
        self.holders: dict[tuple[object, ...], frozenset[str]] = {}

    def visible(self, duties: Collection[Duty]) -> tuple[SeenDuty, ...]:
        """As `visible_duties`."""
        return tuple(seen for duty in duties if (seen := self.see(duty)))

    def masked(self, duties: Collection[Duty]) -> tuple[EventSum, ...]:
        """As `masked`."""
        states: defaultdict[str, Counter[DutyState]] = defaultdict(Counter)
        for duty in duties:
            about_me = duty.subject == self.me
            hidden = duty.is_event and duty.state != DutyState.WAIVED and not self.see(duty)
            if hidden and not about_me and duty.organisation in self.reported:
                states[duty.organisation][duty.state] += 1
        return tuple(_event_sum(organisation, states[organisation]) for organisation in sorted(states))

    def see(self, duty: Duty) -> SeenDuty | None:
        """The duty as the account may see it, or nothing."""
        about_me = self.me == duty.subject and not duty.is_pair
        mine = bool(self.me) and not about_me and self._is_talker(duty)
        if duty.is_event:
            leads = duty.organisation in self.led and not about_me
            known = mine or leads or self._event_code(duty) in self.entered
        else:
            known = mine or about_me or duty.organisation in self.reported
        return SeenDuty(duty, mine, about_me) if known else None

    def _is_talker(self, duty: Duty) -> bool:
        if duty.is_pair:
            return self.me in duty.persons
        key = (duty.subject, duty.organisation, duty.role, duty.anchor if duty.is_event else "")
        if key not in self.holders:
            assert duty.role is not None
            self.holders[key] = role_holders(
                self.facts,
                subject=duty.subject,
                organisation=duty.organisation,
                role=duty.role,
                day=self.today,
                event=self.events.get(self._event_code(duty)),
            )
        return self.me in self.holders[key]

    @staticmethod
    def _event_code(duty: Duty) -> str:
        return duty.anchor.removeprefix("event:") if duty.is_event else ""


def _codes(organisations: QuerySet[Organisation]) -> frozenset[str]:
    return frozenset(organisations.values_list("code", flat=True))
