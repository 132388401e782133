"""Drafts of records: kept while somebody writes, by nobody read but him, and never overwritten unawares."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from talks.models import Draft, Talk
from talks.rules.words import TalkState
from talks.services import drafts, records, talks
from talks.services.drafts import OTHER_WINDOW, TOO_LONG, Window
from talks.services.records import RecordText
from talks.services.talks import Circumstances
from tests import factories
from tests.conftest import World
from tests.talks.life.conftest import ACTOR, AT, TODAY, actions, refused


def keep(talk: Talk, world: World, revision: int = 0, text: str = "content=a", who: str = "") -> Draft:
    """Keeps a draft of the 支委, from a window that knows the revision."""
    window = Window(world.account(who or "committee_member"), revision)
    return drafts.keep_draft(actor=ACTOR, at=AT, talk=talk, window=window, talk_revision=1, text=text)


def record(talk: Talk, world: World, revision: int) -> None:
    """Records the talk from a window that knows the revision of the draft."""
    records.record_talk(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=talk.revision,
        today=TODAY,
        circumstances=Circumstances(held_on=TODAY),
        text=RecordText(content="谈到排班。"),
        window=Window(world.account("committee_member"), revision),
    )


def test_a_draft_counts_up_and_enters_the_trail_once(world: World, booked: Talk) -> None:
    assert keep(booked, world).revision == 1
    assert keep(booked, world, 1, "content=b").revision == 2
    assert keep(booked, world, 2, "content=c").revision == 3
    draft = Draft.objects.get()
    assert (draft.text, draft.revision) == ("content=c", 3)
    assert actions() == ["起草"]


def test_the_second_window_is_told_and_overwrites_nothing(world: World, booked: Talk) -> None:
    keep(booked, world)
    keep(booked, world, 1, "content=first")
    # It began beside the first, with the same draft, or before there was one.
    for known in (1, 0):
        assert refused(partial(keep, booked, world, known, "content=second")) == OTHER_WINDOW
    assert Draft.objects.get().text == "content=first"


def test_two_writers_have_drafts_of_their_own(world: World, booked: Talk) -> None:
    keep(booked, world, text="content=mine")
    keep(booked, world, text="content=his", who="secretary")
    assert sorted(draft.text for draft in Draft.objects.all()) == ["content=his", "content=mine"]


def test_a_draft_has_an_end(world: World, booked: Talk) -> None:
    assert refused(lambda: keep(booked, world, text="a" * 200_001)) == TOO_LONG
    assert not Draft.objects.exists()


def test_a_record_settles_the_draft_of_its_window(world: World, booked: Talk) -> None:
    keep(booked, world)
    record(booked, world, 1)
    assert not Draft.objects.exists()


def test_a_record_from_the_older_window_is_refused_and_both_stay(world: World, booked: Talk) -> None:
    keep(booked, world)
    keep(booked, world, 1, "content=newer")
    assert refused(lambda: record(booked, world, 1)) == OTHER_WINDOW
    assert Draft.objects.get().text == "content=newer"
    booked.refresh_from_db()
    assert (booked.state, booked.content) == (TalkState.PLANNED, "")


def test_a_cancelled_talk_keeps_no_draft(world: World, booked: Talk) -> None:
    keep(booked, world)
    talks.cancel_talk(actor=ACTOR, at=AT, talk=booked, revision=1, reason="出差")
    assert not Draft.objects.exists()


def test_a_draft_is_thrown_away_once(world: World, booked: Talk) -> None:
    draft = keep(booked, world)
    drafts.discard_draft(actor=ACTOR, at=AT, draft=Draft.objects.get(pk=draft.pk))
    assert not Draft.objects.exists()
    assert actions() == ["起草", "删除草稿"]


def test_no_entry_of_the_trail_holds_a_draft(world: World, booked: Talk) -> None:
    draft = keep(booked, world, text="content=密语")
    assert drafts.open_draft(actor=ACTOR, at=AT, draft=draft) == "content=密语"
    assert actions() == ["起草", "查看草稿"]


def at_once(*jobs: Callable[[], object]) -> list[str]:
    """Runs the jobs at the same time; gives what each was refused with, empty where it was not."""
    barrier = threading.Barrier(len(jobs))
    told = [""] * len(jobs)

    def run(place: int, job: Callable[[], object]) -> None:
        barrier.wait()
        try:
            job()
        except ValidationError as error:
            told[place] = error.messages[0]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.django_db(transaction=True)
def test_of_two_windows_at_once_one_is_told(world: World) -> None:
    talk = factories.a_talk([world.committee_member], [world.member], held_on=TODAY, state=TalkState.PLANNED)
    first = at_once(lambda: keep(talk, world, 0, "content=a"), lambda: keep(talk, world, 0, "content=b"))
    assert sorted(first) == ["", OTHER_WINDOW]
    second = at_once(lambda: keep(talk, world, 1, "content=c"), lambda: keep(talk, world, 1, "content=d"))
    assert sorted(second) == ["", OTHER_WINDOW]
    assert Draft.objects.get().text == ("content=c" if second[0] == "" else "content=d")
