"""抽查: talks drawn at random, as facts; never what was said."""

from dataclasses import dataclass
from datetime import date

from reports.rules.samples import drawn
from talks.models import Talk
from talks.models.requests import COUNTING
from talks.models.talks import TalkQuerySet
from talks.permissions import PEOPLE


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, and from how many."""

    number: int
    talks: tuple[Talk, ...]


def sample_of(talks: TalkQuerySet, *, since: date, until: date, size: int, seed: str) -> Sample:
    """So many of the talks that were recorded as held in the days (both included); three queries."""
    held = talks.filter(state__in=COUNTING, held_on__gte=since, held_on__lte=until).order_by()
    every = list(held.values_list("code", flat=True))
    codes = drawn(every, size=size, seed=seed)
    rows = Talk.objects.filter(code__in=codes).defer("topic", "content", "cancel_reason")
    found = {talk.code: talk for talk in rows.prefetch_related(PEOPLE)}
    return Sample(len(every), tuple(found[code] for code in codes if code in found))
