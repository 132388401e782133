"""What an import changed concerns organisations: their duties are to be reckoned anew."""

from collections.abc import Sequence
from datetime import datetime

from branches.models import Department, Organisation
from branches.services import mark_stale
from members.models import Member
from members.services.marks import mark_members
from talks.services.exchange.book import portions
from talks.services.exchange.plan import SheetPlan


def mark_concerned(*, plans: Sequence[SheetPlan], at: datetime) -> None:
    """Marks the organisations that new and changed rows concern; to be called once all is written.

    Those of the members and departments that a row names, and for organisations and rules all below them.
    """
    for plan in plans:
        found = plan.concerned()
        for codes in portions(values=found.get(Member, ())):
            members = set(Member.objects.filter(code__in=codes).values_list("pk", flat=True))
            mark_members(members=members, at=at, reaches_others=plan.reaches_others)
        departments = Department.objects.filter(code__in=found.get(Department, ()))
        mark_stale(organisations=set(departments.values_list("organisation", flat=True)), at=at)
        places = Organisation.objects.filter(code__in=found.get(Organisation, ()))
        if plan.reaches_below:
            places = Organisation.objects.below_any(list(places))
        mark_stale(organisations=places, at=at, reaches_others=plan.reaches_below)
