"""The duties of organisations as the tables have them: facts loaded, then judged by the engine."""

from collections.abc import Collection
from datetime import date

from branches.models import Organisation
from talks.figures.facts import load_facts
from talks.rules.duties import Duty, evaluate
from talks.rules.facts import Facts


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
