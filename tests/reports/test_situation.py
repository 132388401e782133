"""民主生活会谈心谈话情况报告: what it says of the opinions gathered."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from reports.figures.overview import meeting_duties
from reports.figures.situation import situation_figures
from talks.models import GatheredOpinion, MergedOpinion
from tests import factories
from tests.conftest import World

TODAY = date(2026, 3, 10)
AT = datetime(2026, 3, 2, 10, tzinfo=timezone.get_default_timezone())

pytestmark = pytest.mark.django_db


def test_categories_are_counted_by_their_names(world: World) -> None:
    """They are sealed; what has none is told among 其他."""
    meeting = factories.a_meeting(world.branch, meeting_on=date(2026, 3, 20), talks_from=date(2026, 2, 20))
    for number, category in enumerate(("服务保障", "工作作风", "服务保障", ""), 1):
        merged = MergedOpinion.objects.create(meeting=meeting, number=number, text="意见", category=category)
        GatheredOpinion.objects.create(
            meeting=meeting, number=number, text="意见", channel="座谈会", released_at=AT, merged=merged
        )
    essay = situation_figures(meeting_duties(meeting, as_of=TODAY), today=TODAY)
    told = [block.text for block in essay.blocks if "从类别看" in block.text]
    assert told == ["共征求意见建议4条，梳理为4条。从类别看，服务保障2条，工作作风1条，其他1条。"]
