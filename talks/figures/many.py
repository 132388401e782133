"""应谈清单 of who answers for very many organisations: counted by the sums that are kept, found by an index.

It lists what `Worklist` lists. Within a state the earlier day comes first, where that is still of use.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, overload

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Length

from branches.models import Organisation
from members.models import Affiliation, Member
from members.models.people import named_like
from members.permissions.organisations import reported
from talks.figures.keeping import SUMMED
from talks.figures.sums import kept_sums, states_of, sums_of
from talks.figures.worklist import (
    NEAR_DAYS,
    TONE_OF,
    TONES,
    Duties,
    Seen,
    Worklist,
    of_year,
    tones,
)
from talks.models import Duty
from talks.permissions import own_duties
from talks.rules.words import DutyState

# So many organisations can be chosen in the list, the highest in the tree.
MOST_CHOICES = 200
# Of so many persons with a name like that duties are looked for; who types a letter only is shown the first.
MOST_PERSONS = 50
OPEN = ("overdue", "near", "pending", "scheduled")


class ManyDuties(Sequence[Seen]):
    """The duties of a wide worklist in the tones wanted, those wanted first that are most urgent.

    `condition` holds the other filters, on columns that the sums have too (rule, organisation, due_on).
    """

    def __init__(self, worklist: Worklist, condition: Q, wanted: set[str]) -> None:
        self.worklist = worklist
        self.condition = condition
        self.wanted = wanted or set(TONES) - {"withdrawn"}

    @cached_property
    def others(self) -> list[int]:
        """What is not in the sums, by primary key: events known by name, duties of one's own elsewhere."""
        account, today = self.worklist.account, self.worklist.today
        found = set(self.worklist.known_events)
        me = account.member_id
        if me:
            elsewhere = own_duties(account, today=today).filter(is_event=False).exclude(self._answered_for)
            found.update(_keys(elsewhere))
            about_me = Duty.objects.filter(subject=me, is_event=False).exclude(self._answered_for)
            found.update(_keys(about_me))
        return sorted(found)

    @property
    def _answered_for(self) -> Q:
        return reported(self.worklist.standing, "organisation__")

    @cached_property
    def counts(self) -> Counter[str]:
        """How many there are of each tone."""
        today = self.worklist.today
        found = tones(self._rows.filter(pk__in=self.others)) if self.others else Counter[str]()
        for due_on, *sums in self._summed():
            is_near = due_on <= today + timedelta(NEAR_DAYS)
            for state, number in states_of(sums, is_past=due_on < today).items():
                is_next = is_near and state is DutyState.PENDING
                found["near" if is_next else TONE_OF[state]] += number
        withdrawn = self._rows.filter(self._answered_for, is_event=False, withdrawn_on__isnull=False)
        found["withdrawn"] += withdrawn.order_by().count()
        return found

    def _summed(self) -> Iterable[tuple[Any, ...]]:
        """Last day and SUMMED."""
        if not self.condition:
            return [row[1:] for row in kept_sums(self.worklist)]
        rows = sums_of(self.worklist).filter(self.condition).values_list("due_on")
        return list(rows.annotate(*(Sum(name) for name in SUMMED)))

    @property
    def _rows(self) -> Duties:
        return self.worklist.seen(Duty.objects.all()).filter(of_year(self.worklist.year), self.condition)

    def __len__(self) -> int:
        return sum(self.counts[tone] for tone in self.wanted)

    @overload
    def __getitem__(self, place: int) -> Seen: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Seen]: ...
    def __getitem__(self, place: int | slice) -> Seen | Sequence[Seen]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        keys: list[int] = []
        skip, most = place.start or 0, (place.stop or len(self)) - (place.start or 0)
        for tone in TONES:
            if tone in self.wanted and len(keys) < most:
                rows = self._of_tone(tone).values_list("pk", flat=True)
                keys += rows[skip : skip + most - len(keys)] if skip < self.counts[tone] else ()
                skip = max(0, skip - self.counts[tone])
        found = {duty.pk: duty for duty in self.worklist.known.filter(pk__in=keys)}
        return [found[pk] for pk in keys if pk in found]

    def _of_tone(self, tone: str) -> Duties:
        """The rows of one tone in the order of an index; what is said of dates lets the database use it."""
        today = self.worklist.today
        near = today + timedelta(NEAR_DAYS)
        rows = self._rows.filter(Q(self._answered_for, is_event=False) | Q(pk__in=self.others), tone=tone)
        spans = {
            "overdue": Q(due_on__lt=today),
            "near": Q(due_on__gte=today, due_on__lte=near),
            "pending": Q(due_on__gt=near),
            "scheduled": Q(due_on__gte=today, planned_on__gte=today),
        }
        if tone in OPEN:
            return rows.filter(spans[tone], met_on=None, withdrawn_on=None).order_by("due_on", "pk")
        certain = {
            "withdrawn": Q(withdrawn_on__isnull=False),
            "waived": Q(waived_on__isnull=False),
        }
        return rows.filter(certain.get(tone, Q(met_on__isnull=False))).order_by("pk")


def _keys(duties: Duties) -> list[int]:
    return list(duties.order_by().values_list("pk", flat=True))


def first_persons_like(worklist: Worklist, text: str) -> Q:
    """The condition that a duty names one of the persons like the text, who are found by themselves.

    Where they are many, the first of those in the organisations that the account answers for: so many of
    these as are in the rosters, in the order of the tree, or where these are fewer, all who are owed a talk.
    The worklist is told where it is not all of them.
    """
    like = Member.objects.named_like(text).order_by("code").values_list("pk", flat=True)
    found = list(like[: MOST_PERSONS + 1])
    if len(found) > MOST_PERSONS:
        answered_for = reported(worklist.standing, "organisation__")
        here = Affiliation.objects.in_force(worklist.today).filter(answered_for, named_like(text, "member__"))
        rows = here.order_by("organisation__path", "member__code").values_list("member", flat=True)
        found = list(rows[:MOST_PERSONS])
        if len(found) < MOST_PERSONS:
            theirs = Duty.objects.filter(answered_for, subject=OuterRef("pk"))
            found = list(like.filter(Exists(theirs))[:MOST_PERSONS])
        if len(found) == MOST_PERSONS:
            worklist.only_persons = MOST_PERSONS
    return Q(subject__in=found) | Q(counterpart__in=found)


def rules_of(worklist: Worklist) -> list[tuple[str, str]]:
    """Code and title of the rules under which something is owed; of several versions the latest title."""
    titles = {rule.code: rule.title for _, rule in sorted(worklist.rules.items())}
    named = Duty.objects.filter(pk__in=worklist.known_events, year=worklist.year)
    codes = {rule for rule, *_ in kept_sums(worklist)}
    codes.update(named.values_list("rule", flat=True))
    return sorted((code, titles.get(code, code)) for code in codes)


def highest_organisations(organisations: QuerySet[Organisation], chosen: str) -> list[Organisation]:
    """The highest of the organisations, and the one with the chosen code, in the order of the tree."""
    organisations = organisations.only("code", "name", "path")
    found = {one.pk: one for one in organisations.order_by(Length("path"), "path")[:MOST_CHOICES]}
    if chosen:
        found |= {one.pk: one for one in organisations.filter(code=chosen)}
    return sorted(found.values(), key=lambda one: (one.path, one.code))
