"""How many opinions were gathered for a meeting and to how many they come."""

from dataclasses import dataclass

from django.db.models import Count, Q

from talks.models import GatheredOpinion, Meeting, MergedOpinion
from talks.rules.meetings import counted


@dataclass(frozen=True, slots=True)
class OpinionCount:
    """Raw and merged counts; `unmerged` are still to be worked on."""

    raw: int
    merged: int
    unmerged: int

    @property
    def sentence(self) -> str:
        """「共征求意见建议252条，梳理为155条」."""
        return counted(self.raw, self.merged)

    @property
    def is_done(self) -> bool:
        """Whether something was gathered and all of it is merged."""
        return self.raw > 0 and not self.unmerged


def opinion_count(meeting: Meeting) -> OpinionCount:
    """The counts of the meeting; two queries."""
    found = GatheredOpinion.objects.filter(meeting=meeting).aggregate(
        raw=Count("pk"), unmerged=Count("pk", filter=Q(merged=None))
    )
    return OpinionCount(
        raw=found["raw"],
        merged=MergedOpinion.objects.filter(meeting=meeting).count(),
        unmerged=found["unmerged"],
    )
