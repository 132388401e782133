"""抽查: talks drawn at random, as facts; never what was said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from reports.rules.samples import drawn
from talks.models import Participant, Talk
from talks.models.talks import TalkQuerySet
from talks.rules.index import COUNTING_STATES

COUNTING = tuple(state.value for state in COUNTING_STATES)
PEOPLE = Prefetch(
    "participants", Participant.objects.select_related("member").order_by("side", "member__code")
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, and from how many."""

    number: int
    talks: tuple[Talk, ...]


def sample_of(talks: TalkQuerySet, *, since: date, until: date, size: int, seed: str) -> Sample:
    """So many of the talks that were recorded as held in the days (both included); three queries."""
    held = talks.filter(state__in=COUNTING, held_on__gte=since, held_on__lte=until).order_by()
    count = _Count(held.values_list("code", flat=True).iterator())
    codes = drawn(count, size=size, seed=seed)
    rows = Talk.objects.filter(code__in=codes).defer("topic", "content", "cancel_reason")
    found = {talk.code: talk for talk in rows.prefetch_related(PEOPLE)}
    return Sample(count.number, tuple(found[code] for code in codes if code in found))


class _Count:
    """Counts what passes through, so that the codes are read once."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes, self.number = codes, 0

    def __iter__(self):  # type: ignore[no-untyped-def]
        for code in self.codes:
            self.number += 1
            yield code
