"""Migration 0048 on tables that hold opinions and requests in clear, and back."""

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from talks.models import GatheredOpinion, Meeting, MergedOpinion, Opinion, TalkRequest
from tests import factories
from tests.conftest import World

BEFORE = [("talks", "0047_sums_below")]


def stored(table: str, column: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_what_stood_in_clear_is_sealed_and_is_read_as_before(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2))
    Opinion.objects.create(talk=talk, number=1, text="食堂太远", about="陆秉川", category="生活作风")
    meeting = Meeting.objects.create(
        organisation=world.branch, kind="组织生活会", year=2026, meeting_on=date(2026, 12, 20)
    )
    MergedOpinion.objects.create(meeting=meeting, number=1, text="食堂", about="支委会", category="工作作风")
    GatheredOpinion.objects.create(
        meeting=meeting, number=1, text="食堂", about="班子", channel="座谈会", released_at=timezone.now()
    )
    factories.a_request(
        world.member, world.secretary, code="Q1", asked_on=date(2026, 3, 2), wished_time="住院前谈"
    )
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        in_clear = [
            stored("talks_opinion", "about"),
            stored("talks_opinion", "category"),
            stored("talks_mergedopinion", "about"),
            stored("talks_gatheredopinion", "about"),
            stored("talks_gatheredopinion", "category"),
            stored("talks_talkrequest", "wished_time"),
        ]
    finally:
        MigrationExecutor(connection).migrate(newest)

    assert in_clear == ["陆秉川", "生活作风", "支委会", "班子", "", "住院前谈"]
    opinion = Opinion.objects.get()
    assert (opinion.text, opinion.about, opinion.category) == ("食堂太远", "陆秉川", "生活作风")
    merged, gathered = MergedOpinion.objects.get(), GatheredOpinion.objects.get()
    assert (merged.about, merged.category) == ("支委会", "工作作风")
    assert (gathered.about, gathered.category) == ("班子", "")
    assert TalkRequest.objects.get().wished_time == "住院前谈"
    for table, column in (("talks_opinion", "about"), ("talks_talkrequest", "wished_time")):
        envelope = bytes(stored(table, column))  # type: ignore[arg-type]
        assert len(envelope) > 40
        assert "陆秉川".encode() not in envelope
        assert "住院".encode() not in envelope
    # Nothing was written: nothing is sealed.
    assert bytes(stored("talks_gatheredopinion", "category")) == b""  # type: ignore[arg-type]
