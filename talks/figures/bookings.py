"""What is booked from duties: who is to talk, and which of them a talk would meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from members.models import Account, Member, Post
from talks.figures.duties import as_value
from talks.figures.facts import load_facts, rule_book
from talks.figures.worklist import DutyLine, Seen, persons_of
from talks.models import Duty
from talks.rules import facts as values
from talks.rules.duties import meets
from talks.rules.verdicts import AFTER_MEETING, AFTER_PERIOD, ON_THE_MEETING

TOO_LATE = frozenset({AFTER_MEETING, AFTER_PERIOD, ON_THE_MEETING})


@dataclass(frozen=True, slots=True)
class Appointment:
    """One talk that is owed: duties of the same persons, which one talk can meet all (rules.md section 4)."""

    lines: tuple[DutyLine, ...]
    talker: Member | None
    subjects: tuple[Member, ...]

    @property
    def pk(self) -> int:
        """By what it is known on a page."""
        return self.lines[0].duty.pk

    @property
    def whom(self) -> str:
        """Who is to be talked to."""
        return self.lines[0].whom

    @property
    def has_talker(self) -> bool:
        """Whether somebody is there to talk; else it is for a superior organisation (rules.md section 2)."""
        return all(line.duty.is_pair or line.duty.group for line in self.lines)

    @property
    def due_on(self) -> date:
        """The first day on which one of its duties is due."""
        return min(line.duty.due_on for line in self.lines)


def suggested_talkers(duties: Sequence[Seen], account: Account, *, today: date) -> dict[int, Member | None]:
    """Who is to talk, by the primary keys of the duties: the account where it is of the pair or in the role.

    Else whom a reminder of the duty reaches first; of several principals the one with the lowest code.
    """
    members = Member.objects.in_bulk({duty.responsible_id for duty in duties if duty.responsible_id})
    places = {duty.responsible_at_id for duty in duties if duty.responsible_at_id}
    posts = Post.objects.in_force(today).filter(organisation__in=places, is_principal=True)
    principals: dict[int, list[Member]] = {}
    for post in posts.select_related("member").order_by("member__code"):
        principals.setdefault(post.organisation_id, []).append(post.member)
    found: dict[int, Member | None] = {}
    for duty in duties:
        others = principals.get(duty.responsible_at_id, [])
        chief = next((member for member in others if member.pk != duty.subject_id), None)
        found[duty.pk] = account.member if duty.mine else members.get(duty.responsible_id, chief)
    return found


def appointments(lines: Sequence[DutyLine], account: Account, *, today: date) -> tuple[Appointment, ...]:
    """The duties as talks of two, in their order; those of the same persons together."""
    talkers = suggested_talkers([line.duty for line in lines], account, today=today)
    found: dict[tuple[int | None, frozenset[int]], list[DutyLine]] = {}
    for line in lines:
        talker = talkers[line.duty.pk]
        persons = frozenset(member.pk for member in persons_of(line.duty)) - {talker.pk if talker else None}
        found.setdefault((talker.pk if talker else None, persons), []).append(line)
    return tuple(
        Appointment(
            lines=tuple(together),
            talker=talkers[together[0].duty.pk],
            subjects=tuple(one for one in persons_of(together[0].duty) if one.pk in persons),
        )
        for (_, persons), together in found.items()
    )


def why_not(pairs: Sequence[tuple[Duty, values.Talk]], *, today: date) -> dict[int, str]:
    """Of each duty, by primary key, why the talk that goes with it would not count; those met are left out.

    That its time has run out already (a meeting, a period) is no reason: such a talk is held all the same.
    """
    book = rule_book()
    facts = load_facts({duty.organisation for duty, _ in pairs})
    found: dict[int, str] = {}
    for duty, talk in pairs:
        rule = book.get(duty.version)
        if rule is None:
            continue
        reason = meets(facts, talk, as_value(duty, rule)).reason
        if reason and not (duty.due_on < today and reason in TOO_LATE):
            found[duty.pk] = reason
    return found
