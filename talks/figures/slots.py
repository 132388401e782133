"""Free times of leaders, as they stand now: what they published less what is taken."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q

from talks.figures.facts import load_calendar
from talks.models import Deputy, Engagement, OfficeException, OfficeHours, TalkRequest
from talks.rules.office_hours import Hours, Slot, Week, free_slots

Spans = dict[date, list[tuple[int, int]]]


def free_times(
    leaders: Collection[int], *, requester: int | None, now: datetime, until: date
) -> dict[int, list[Slot]]:
    """The free slots of each leader (primary key) through the day; the requester is free at them, too.

    `now` is local time without a zone. A constant number of queries.
    """
    weeks = _weeks(leaders)
    taken = taken_times({*leaders, *([requester] if requester else [])}, since=now.date(), until=until)
    calendar = load_calendar()
    his = taken.get(requester or 0, {})
    found = {}
    for leader in leaders:
        both: Spans = defaultdict(list)
        for spans in (taken.get(leader, {}), his):
            for day, rows in spans.items():
                both[day] += rows
        found[leader] = free_slots(weeks[leader], calendar=calendar, taken=both, now=now, until=until)
    return found


def taken_times(members: Collection[int], *, since: date, until: date) -> dict[int, Spans]:
    """What is taken of each member's days: booked talks, and slots that open requests keep."""
    taken: dict[int, Spans] = defaultdict(lambda: defaultdict(list))
    booked = Engagement.objects.filter(member__in=members, held_on__gte=since, held_on__lte=until)
    for member, day, begins, ends in booked.values_list("member", "held_on", "begins", "ends"):
        taken[member][day].append((begins, ends))
    kept = (
        TalkRequest.objects.waiting()
        .filter(slot_on__gte=since, slot_on__lte=until)
        .filter(Q(asked__in=members) | Q(requester__in=members))
    )
    for asked, requester, slot_on, starts_at, ends_at in kept.values_list(
        "asked", "requester", "slot_on", "slot_starts_at", "slot_ends_at"
    ).order_by():
        assert slot_on  # a slot is whole: request_slot_is_whole
        assert starts_at
        assert ends_at
        slot = Slot(slot_on, starts_at, ends_at)
        for member in (asked, requester):
            taken[member][slot.day].append(slot.span)
    return taken


def _weeks(leaders: Collection[int]) -> dict[int, Week]:
    hours: dict[int, dict[int, list[Hours]]] = defaultdict(lambda: defaultdict(list))
    for row in OfficeHours.objects.filter(member__in=leaders).order_by("weekday", "starts_at"):
        hours[row.member_id][row.weekday].append(Hours(row.starts_at, row.ends_at, row.minutes))
    otherwise: dict[int, dict[date, Hours | None]] = defaultdict(dict)
    for one in OfficeException.objects.filter(member__in=leaders):
        hours_of_day = None
        if one.starts_at and one.ends_at:
            hours_of_day = Hours(one.starts_at, one.ends_at, one.minutes)
        otherwise[one.member_id][one.day] = hours_of_day
    away: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for leader, since, until in Deputy.objects.filter(leader__in=leaders).values_list(
        "leader", "since", "until"
    ):
        away[leader].append((since, until))
    return {pk: Week(hours[pk], otherwise[pk], tuple(away[pk])) for pk in leaders}
