"""Migration 0018 on tables that hold talks, also such as clash, and back."""

from datetime import date, time

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from talks.models import Engagement, Talk
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import World

BEFORE = [("talks", "0016_preparations_drafts_attachments")]
DAY = date(2026, 3, 12)


@pytest.mark.django_db(transaction=True)
def test_talks_that_clash_already_stay_as_they_are_until_they_are_touched(world: World) -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()  # of all apps: others may depend
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        for code, talker, subject, starts_at, ends_at in (
            ("T1", world.secretary, world.member, time(9), time(10)),
            # Clashes with the first in the member, who is entered later here; the 支委 is free.
            ("T2", world.committee_member, world.member, time(9, 30), time(10, 30)),
            # Clashes with the second only, which does not engage the member.
            ("T3", world.colleague, world.member, time(10), None),
            ("T4", world.secretary, world.colleague, None, None),
        ):
            factories.a_talk(
                [talker],
                [subject],
                code=code,
                held_on=DAY,
                state=TalkState.PLANNED,
                recorder=world.applicant if code == "T1" else None,
            )
            Talk.objects.filter(code=code).update(starts_at=starts_at, ends_at=ends_at)
        recorded = factories.a_talk([world.secretary], [world.member], held_on=DAY, code="T5")
        Talk.objects.filter(pk=recorded.pk).update(starts_at=time(9))
    finally:
        MigrationExecutor(connection).migrate(newest)

    rows = Engagement.objects.order_by("talk__code", "member__code")
    assert list(rows.values_list("talk__code", "member__code", "begins", "ends")) == [
        ("T1", "P011", 32400, 36000),
        ("T1", "P013", 32400, 36000),
        ("T1", "P015", 32400, 36000),
        ("T2", "P012", 34200, 37800),
        ("T3", "P013", 36000, 36060),
        ("T3", "P014", 36000, 36060),
    ]
    second = Talk.objects.filter(code="T2")
    # The place may change, the hour not to one that clashes still; to a free one it may.
    second.update(place="会议室")
    with pytest.raises(IntegrityError, match="engagement_in_one_place"), transaction.atomic():
        second.update(ends_at=time(10, 15))
    second.update(starts_at=time(14), ends_at=time(15))
    assert Engagement.objects.filter(talk__code="T2").count() == 2
