"""What an import in the browser may touch: the organisations of the importer's mandate (workbook.md)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from branches.models import Department, Organisation
from members.models import Account, Event, Member
from members.permissions import (
    editable_members,
    staff_organisations,
    visible_events,
    visible_members,
)
from talks.models import Talk, TalkRequest, Waiver
from talks.permissions import closed_to_import, visible_requests, visible_talks, visible_waivers


@dataclass(frozen=True, slots=True)
class Reach:
    """The rows that the account may name, and those whose own columns it may change.

    Events, requests and waivers that the account may not know of are out of reach, although their persons
    are in it: an import must not tell of them.
    """

    account: Account
    organisations: QuerySet[Organisation]
    departments: QuerySet[Department]
    members: QuerySet[Member]
    kept_members: QuerySet[Member]
    events: QuerySet[Event]
    talks: QuerySet[Talk]
    closed_talks: QuerySet[Talk]
    requests: QuerySet[TalkRequest]
    waivers: QuerySet[Waiver]

    def rows_of(self, model: type[Any]) -> QuerySet[Any]:
        """The rows of a model that may be named."""
        by_model: dict[type[Any], QuerySet[Any]] = {
            Organisation: self.organisations,
            Department: self.departments,
            Member: self.members,
            Event: self.events,
            Talk: self.talks,
            TalkRequest: self.requests,
            Waiver: self.waivers,
        }
        return by_model[model]


def reach_of(*, account: Account, today: date) -> Reach:
    """The reach of the account by its 党务管理员 mandates today."""
    organisations = staff_organisations(account, today=today)
    ids = organisations.order_by().values("pk")
    return Reach(
        account=account,
        organisations=organisations,
        departments=Department.objects.filter(organisation__in=ids),
        members=visible_members(account, today=today),
        kept_members=editable_members(account, today=today),
        events=visible_events(account, today=today),
        talks=visible_talks(account, today=today),
        closed_talks=Talk.objects.filter(closed_to_import(account)),
        requests=visible_requests(account, today=today),
        waivers=visible_waivers(account, today=today).filter(Q(organisation__in=ids)),
    )
