"""What an event sets off: which kinds there are, and the duties of one event."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from members.models import Affiliation, Event, Member
from talks.figures.duties import duties_of
from talks.figures.facts import load_facts
from talks.models import Duty as StoredDuty
from talks.models import Rule
from talks.rules import facts as values
from talks.rules.duties import Duty
from talks.rules.explanations import calendar_note
from talks.rules.facts import EventTrigger, parse_trigger
from talks.rules.presets import EVENT_KINDS
from talks.rules.prospects import Prospect, prospects

NOT_AFFILIATED = "该同志在知悉之日没有组织关系，这一事件不产生应谈事项。如有遗漏，请先补录组织关系。"
NO_PARTY_MEMBER = "该同志在知悉之日不是正式党员或预备党员，按现行规则，这一事件不产生应谈事项。"
NO_RULE_OF_KIND = "按现行规则，“{kind}”在这里不产生应谈事项。"
NOWHERE = "该同志在知悉之日没有组织关系"
NO_RULE = "按该同志所在党组织的现行规则，这种事件不产生应谈事项。仍可以主动约谈。"


def event_kinds(organisations: Collection[Organisation]) -> tuple[str, ...]:
    """The kinds of rules.md section 7, and those that rules of the organisations or those above name."""
    line = {pk for row in organisations for pk in (*row.ancestor_ids(), row.pk)}
    own = Rule.objects.filter(organisation__in=line, trigger__startswith="事件").order_by("code")
    triggers = (parse_trigger(text) for text in own.values_list("trigger", flat=True))
    named = (kind for trigger in triggers if isinstance(trigger, EventTrigger) for kind in trigger.kinds)
    return tuple(dict.fromkeys((*EVENT_KINDS, *named)))


@dataclass(frozen=True, slots=True)
class SetOff:
    """A duty that an event set off; `note` says where its limit is reckoned without a calendar."""

    duty: Duty
    note: str


def duties_of_event(event: Event, *, as_of: date) -> tuple[tuple[SetOff, ...], str]:
    """The duties that the event set off, and where there are none the reason in Chinese."""
    there = Affiliation.objects.in_force(event.known_on).filter(member=event.member_id)
    organisations = list(Organisation.objects.filter(pk__in=there.values("organisation")))
    if not organisations:
        return (), NOT_AFFILIATED
    facts, duties = duties_of(organisations, year=event.known_on.year, as_of=as_of)
    found = tuple(
        SetOff(duty, calendar_note(facts.calendar, duty.rule, duty.opens_on, duty.due_on))
        for duty in duties
        if duty.anchor == f"event:{event.code}"
    )
    if found:
        return found, ""
    is_party = Member.objects.party_on(event.known_on).filter(pk=event.member_id).exists()
    return (), NO_RULE if is_party else NO_PARTY_MEMBER


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an event would set off for one member: the rules that owe a talk, those that do not, and why."""

    member: Member
    owed: tuple[str, ...]
    missed: tuple[Prospect, ...]
    reason: str


def outlooks(members: Collection[Member], *, kind: str, known_on: date) -> tuple[Outlook, ...]:
    """The outlook of an event of the kind for each member; a constant number of queries.

    Who is affiliated nowhere on the day would be owed nothing: the rules are those where he was last.
    """
    rows = Affiliation.objects.filter(member__in=members).order_by("since", "pk")
    there, last = {}, {}
    for row in rows.select_related("organisation"):
        last[row.member_id] = row.organisation
        if (row.since is None or row.since <= known_on) and (row.until is None or known_on < row.until):
            there[row.member_id] = row.organisation
    places = {place.pk: place for place in (*there.values(), *last.values())}
    facts = load_facts(list(places.values()))
    found = []
    for member in members:
        place = there.get(member.pk) or last.get(member.pk)
        event = values.Event("", member.code, kind, known_on, known_on)
        all_of_them = prospects(facts, event, organisation=place.code) if place else ()
        if member.pk not in there:
            missed = tuple(Prospect(one.heading, one.obstacle or NOWHERE) for one in all_of_them)
            found.append(Outlook(member, (), missed, NOT_AFFILIATED))
            continue
        owed = tuple(one.heading for one in all_of_them if not one.obstacle)
        missed = tuple(one for one in all_of_them if one.obstacle)
        found.append(Outlook(member, owed, missed, "" if owed else NO_RULE_OF_KIND.format(kind=kind)))
    return tuple(found)


def owing_events(events: Collection[Event]) -> set[str]:
    """The codes of those events that have set off a duty which stands."""
    members = [event.member_id for event in events]
    places = Affiliation.objects.filter(member__in=members).order_by().values_list("organisation", flat=True)
    duties = StoredDuty.objects.standing().filter(
        organisation__in=list(places), anchor__in=[f"event:{event.code}" for event in events]
    )
    return {anchor.removeprefix("event:") for anchor in duties.order_by().values_list("anchor", flat=True)}
