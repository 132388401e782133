"""The duties of organisations as the tables have them: facts loaded, then judged by the engine."""

from collections.abc import Collection
from datetime import date, timedelta

from branches.models import Organisation
from talks.figures.facts import load_facts
from talks.models import Duty as StoredDuty
from talks.rules.duties import Duty, evaluate
from talks.rules.facts import Facts, Rule
from talks.rules.words import TalkerRole


def duties_below(
    organisation: Organisation | None, *, year: int, as_of: date
) -> tuple[Facts, tuple[Duty, ...]]:
    """The duties of the year of the organisation and all below it, of the whole installation for None.

    Sorted as workbook.md says; the facts behind them come along, for explanations and roles.
    """
    everywhere = Organisation.objects.all()
    scope = everywhere if organisation is None else everywhere.below(organisation)
    return duties_of(list(scope), year=year, as_of=as_of)


def duties_of(
    organisations: Collection[Organisation], *, year: int | None, as_of: date
) -> tuple[Facts, tuple[Duty, ...]]:
    """The duties of just these organisations; with None for the year, of every anchor that exists."""
    facts = load_facts(organisations)
    codes = [organisation.code for organisation in organisations]
    return facts, evaluate(facts, organisations=codes, as_of=as_of, year=year)


def told_duty(stored: StoredDuty, *, as_of: date) -> tuple[Facts, Duty] | None:
    """What the engine says of a duty that stands, with the facts behind it, for explanations.

    None where it is not owed on the day: the periods of closed years stay as they were kept.
    """
    facts, duties = duties_of([stored.organisation], year=stored.year, as_of=as_of)
    key = (stored.version, stored.anchor, stored.persons)
    found = (duty for duty in duties if (duty.rule.version, duty.anchor, "+".join(duty.persons)) == key)
    duty = next(found, None)
    return (facts, duty) if duty else None


def as_value(stored: StoredDuty, rule: Rule) -> Duty:
    """A row, with its persons and its organisation, as the engine's value; for asking what would meet it."""
    is_meeting = stored.anchor.startswith("meeting:")
    return Duty(
        rule=rule,
        organisation=stored.organisation.code,
        anchor=stored.anchor,
        anchor_on=stored.due_on + timedelta(days=1) if is_meeting else stored.opens_on,
        subject=stored.subject.code,
        counterpart=stored.counterpart.code if stored.counterpart else None,
        role=TalkerRole(stored.role) if stored.role else None,
        opens_on=stored.opens_on,
        due_on=stored.due_on,
        ref=stored.opens_on,
    )
