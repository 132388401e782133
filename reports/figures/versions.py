"""Which versions of rules a paper stands on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from reports.rules import set_rank
from talks.figures.facts import load_facts
from talks.rules.duties import Duty
from talks.rules.facts import EventTrigger, Facts, Rule
from talks.rules.versions import rules_of

BUILT_IN = "系统内置"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rule in force for the year, with who made it and where it is written."""

    code: str
    title: str
    maker: str
    since: date
    basis: str


def versions_in_force(organisation: Organisation, day: date) -> tuple[Version, ...]:
    """All versions in force for the organisation on the day."""
    facts = load_facts([organisation])
    return _told(facts, set(rules_of(facts, organisation.code, day)))


def used_versions(
    facts: Facts, duties: Sequence[Duty], organisations: Sequence[Organisation], day: date
) -> tuple[Version, ...]:
    """The versions that the duties come from.

    Of event rules all in force are told, used or not: which of them was used would tell what happened.
    """
    used: set[Rule] = {duty.rule for duty in duties if not duty.is_event}
    for row in organisations:
        used |= {rule for rule in rules_of(facts, row.code, day) if isinstance(rule.trigger, EventTrigger)}
    return _told(facts, used)


def _told(facts: Facts, rules: set[Rule]) -> tuple[Version, ...]:
    makers = {organisation.code: organisation.name for organisation in facts.organisations}
    return tuple(
        Version(
            code=rule.code,
            title=rule.title,
            maker=makers[rule.organisation] if rule.organisation else BUILT_IN,
            since=rule.effective_from,
            basis=rule.basis,
        )
        for rule in sorted(
            rules,
            key=lambda rule: (*set_rank(rule.code), rule.effective_from, rule.organisation or ""),
        )
    )
