"""Migrations 0014 to 0018 on tables that are filled: back, and forward again; the talks stay as they were."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from talks.models import Amendment, Attachment, Engagement, GatheredOpinion, Participant, Preparation, Talk
from talks.rules.meetings import Step
from talks.rules.words import TalkState
from talks.services import amendments, attachments, feeds, meetings, opinions, preparations
from talks.services.preparations import Outline
from tests import factories
from tests.conftest import World
from tests.talks.life.conftest import ACTOR, AT, SAID, TODAY

BEFORE = [("talks", "0008_waivers_asked_and_decided")]


def fill(world: World) -> None:
    """A row in each of the tables, and what hangs on it."""
    account = world.account("committee_member")
    talk = factories.a_talk(
        [world.committee_member],
        [world.member, world.colleague],
        held_on=TODAY,
        content=SAID,
        opinions=["食堂远"],
        code="T1",
    )
    amendments.ask_correction(actor=ACTOR, at=AT, talk=talk, member=world.colleague, text="不是这样")
    attachments.attach_signed_paper(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=1,
        account=account,
        signers=[world.member],
        name="签字件.pdf",
        content=b"%PDF-1.7\n%%EOF\n",
    )
    amendments.amend_record(actor=ACTOR, at=AT, talk=talk, member=world.committee_member, text="补正")
    booked = factories.a_talk(
        [world.committee_member], [world.member], held_on=TODAY, state=TalkState.PLANNED, code="T2"
    )
    Talk.objects.filter(pk=booked.pk).update(starts_at="09:00")
    preparations.save_preparation(
        actor=ACTOR,
        at=AT,
        participant=booked.participants.get(side="talker"),
        revision=0,
        outline=Outline("目的"),
    )
    meeting = factories.a_meeting(world.branch, meeting_on=TODAY)
    made = opinions.release_opinion(
        actor=ACTOR,
        at=AT,
        talker=world.committee_member,
        meeting=meeting,
        opinion=talk.opinions.get(),
        wording=opinions.Wording("就餐不便"),
    )
    opinions.merge_opinions(
        actor=ACTOR,
        at=AT,
        meeting=meeting,
        sources=[made],
        wording=opinions.Wording("就餐"),
        persons=[world.member],
    )
    meetings.set_step(actor=ACTOR, at=AT, meeting=meeting, step=Step.STUDY, account=account, day=TODAY)
    feeds.renew_feed(actor=ACTOR, at=AT, account=account)


@pytest.mark.django_db(transaction=True)
def test_filled_tables_go_back_and_come_again(world: World) -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()  # of all apps: others may depend
    fill(world)
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        assert "talks_attachment" not in connection.introspection.table_names()
    finally:
        MigrationExecutor(connection).migrate(newest)
    talk = Talk.objects.get(code="T1")
    assert (talk.content, talk.opinions.get().text) == (SAID, "食堂远")
    # Confirmed on paper it stays, though the paper is gone.
    assert Participant.objects.get(talk=talk, member=world.member).confirmed_at == AT
    for model in (Attachment, Amendment, Preparation, GatheredOpinion):
        assert not model._default_manager.exists()
    # Who is engaged is worked out anew, and is kept from then on.
    assert Engagement.objects.count() == 2
    Talk.objects.filter(code="T2").update(state=TalkState.CANCELLED)
    assert not Engagement.objects.exists()
