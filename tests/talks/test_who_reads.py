"""Whatever happens to posts, homes and talks: who reads and who knows what is as a second hand wrote it.

Hypothesis appoints, dismisses, moves, books, records, restricts, discloses and lets time pass; after each
step every person's rights to every talk are held against tests/talks/oracle.py. WHO_READS_EXAMPLES in the
environment says how many such stories are told.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from branches.models import Organisation
from branches.rules import OrganisationKind
from members.models import Account, Affiliation, MandateKind, Member, Post
from members.models.posts import PostQuerySet
from talks.models import Disclosure, Talk
from talks.models.talks import TalkQuerySet
from talks.permissions import disclosures, open_disclosures, records, visible_talks
from talks.permissions.records import readable_talks
from talks.rules.disclosures import DisclosureState
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from tests import factories
from tests.conftest import signed_in
from tests.talks.oracle import LINE, Held, Oracle, Said

EXAMPLES = int(os.environ.get("WHO_READS_EXAMPLES", "6"))
STEPS = 25
BEGINNING = timezone.localdate() - timedelta(days=400)

HOMES = {"chief": "b", "a1": "a", "a2": "a", "a3": "a", "double": "a", "b1": "b", "b2": "b", "f1": "far"}
LEADERS = {"chief": "committee", "a1": "a", "b1": "b", "f1": "far"}
PEOPLE = tuple(HOMES)
WORDS = "只对你说的话"
WITHOUT_A_MEMBER = {"staff": MandateKind.STAFF, "inspector": MandateKind.INSPECTOR}

people = st.sampled_from(PEOPLE)
some = st.frozensets(people, min_size=1, max_size=2)
places = st.sampled_from(tuple(LINE))


@dataclass
class Rows:
    """The rows behind the names of the oracle."""

    places: dict[str, Organisation]
    members: dict[str, Member]
    accounts: dict[str, Account]


def _settled() -> tuple[Oracle, Rows]:
    """Four organisations, eight persons, 党务管理员 and 督查, in the database and in the oracle."""
    committee = factories.an_organisation("上游局党委", OrganisationKind.COMMITTEE)
    found = {
        "committee": committee,
        "a": factories.an_organisation("甲支部", superior=committee),
        "b": factories.an_organisation("乙支部", superior=committee),
        "far": factories.an_organisation("外埠支部"),
    }
    members = {name: factories.a_member(name, found[place]) for name, place in HOMES.items()}
    accounts = {name: factories.an_account(member, username=name) for name, member in members.items()}
    for name, kind in WITHOUT_A_MEMBER.items():
        accounts[name] = factories.an_account(username=name)
        factories.a_mandate(accounts[name], kind, committee)
    # Who belongs to the branch inspects the rest of the committee.
    factories.a_mandate(accounts["double"], MandateKind.INSPECTOR, committee)
    for name, place in LEADERS.items():
        factories.a_post(members[name], found[place], "书记", is_principal=True)
    # Who led the branch leads it no more.
    factories.a_post(members["a3"], found["a"], "书记", is_principal=True, until=BEGINNING)
    led = Held("a3", "a", factories.LONG_AGO, BEGINNING, leads=True)
    # Of the committee's team, like the chief, who lives in the same branch.
    factories.a_post(members["b2"], committee, "党委委员", is_team=True)
    sits = Held("b2", "committee", factories.LONG_AGO)
    oracle = Oracle(
        posts=[
            led,
            sits,
            *(Held(name, place, factories.LONG_AGO, leads=True) for name, place in LEADERS.items()),
        ],
        homes=[Held(name, place, factories.LONG_AGO) for name, place in HOMES.items()],
        staff={"staff": "committee"},
        inspect={"inspector": "committee", "double": "committee"},
    )
    return oracle, Rows(found, members, accounts)


class WhoReads(RuleBasedStateMachine):
    """What may happen, to the rows and to the oracle alike."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.oracle, self.rows = _settled()
        self.at = datetime(BEGINNING.year, BEGINNING.month, BEGINNING.day, 1, tzinfo=UTC)
        self.talks: dict[str, Said] = {}

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    @property
    def today(self) -> date:
        return timezone.localdate(self.at)

    @initialize()
    def some_talks(self) -> None:
        """In either branch, between them, and above them; one of them disclosed that never is."""
        pairs = (("a2", "a3"), ("a1", "a2"), ("b1", "b2"), ("chief", "a1"), ("a1", "b1"), ("chief", "b2"))
        for talker, subject in pairs:
            self.hold(frozenset({talker}), frozenset({subject}), "", "", 1, True, False, False)
        # One that came from a 约谈, and of which a 调阅 has been approved: nobody is shown it by that.
        self.hold(frozenset({"a3"}), frozenset({"a2"}), "", "", 1, True, True, False)
        self.disclose(len(self.talks) - 1, "inspector")

    @rule(person=people, place=places, leads=st.booleans(), sure=st.booleans())
    def appoint(self, person: str, place: str, leads: bool, sure: bool) -> None:
        if any(
            post.person == person and post.place == place and not post.until for post in self.oracle.posts
        ):
            return
        self.oracle.posts.append(Held(person, place, self.today, None, leads, sure))
        factories.a_post(
            self.rows.members[person],
            self.rows.places[place],
            "书记",
            is_team=True,
            is_principal=leads,
            since=self.today,
            confirmed_at=self.at if sure else None,
        )

    @rule(number=st.integers(0, 30))
    def confirm(self, number: int) -> None:
        waiting = [post for post in self.oracle.posts if not post.sure]
        if waiting:
            post = waiting[number % len(waiting)]
            post.sure = True
            self._post(post).update(confirmed_at=self.at)

    @rule(number=st.integers(0, 30))
    def end_a_post(self, number: int) -> None:
        ending = [post for post in self.oracle.posts if not post.until and post.since < self.today]
        if ending:
            post = ending[number % len(ending)]
            self._post(post).update(until=self.today)
            post.until = self.today

    @rule(person=people, place=places)
    def move_home(self, person: str, place: str) -> None:
        now = next(home for home in self.oracle.homes if home.person == person and not home.until)
        if now.since >= self.today or now.place == place:
            return
        now.until = self.today
        self.oracle.homes.append(Held(person, place, self.today))
        member = self.rows.members[person]
        Affiliation.objects.filter(member=member, until=None).update(until=self.today)
        factories.an_affiliation(member, self.rows.places[place], since=self.today)

    @rule(
        talkers=some,
        subjects=some,
        recorder=st.sampled_from(("", *PEOPLE)),
        booker=st.sampled_from(("", *PEOPLE)),
        days_ago=st.integers(0, 3),
        recorded=st.booleans(),
        asked=st.booleans(),
        outside=st.booleans(),
    )
    def hold(
        self,
        talkers: frozenset[str],
        subjects: frozenset[str],
        recorder: str,
        booker: str,
        days_ago: int,
        recorded: bool,
        asked: bool,
        outside: bool,
    ) -> None:
        subjects -= talkers
        if not subjects or len(self.talks) >= 12:
            return
        day = self.today - timedelta(days=days_ago)
        members = self.rows.members
        talk = factories.a_talk(
            [members[name] for name in sorted(talkers)],
            [members[name] for name in sorted(subjects)],
            held_on=day,
            state=TalkState.RECORDED if recorded else TalkState.PLANNED,
            recorder=members.get(recorder),
            external_talker="上级组织部" if outside else "",
            booked_by=self.rows.accounts.get(booker),
            content=f"{WORDS}{len(self.talks)}号" if recorded else "",
        )
        if asked:
            factories.a_request(
                members[min(subjects)],
                members[min(talkers)],
                code=f"Q-{talk.code}",
                asked_on=day,
                state=RequestState.ACCEPTED.value,
                talk=talk,
            )
        self.talks[talk.code] = Said(
            day, talkers, subjects, recorder, booker, recorded, asked=asked, outside=outside
        )

    @rule(number=st.integers(0, 30))
    def record(self, number: int) -> None:
        self._change(number, state=TalkState.RECORDED.value)

    @rule(number=st.integers(0, 30), kept=st.booleans())
    def restrict(self, number: int, kept: bool) -> None:
        self._change(number, participants_only=kept)

    @rule(number=st.integers(0, 30), who=st.sampled_from(("inspector", "double")))
    def disclose(self, number: int, who: str) -> None:
        code = self._talk(number)
        asked = Disclosure.objects.filter(talk__code=code, asked_by__username=who).count()
        Disclosure.objects.create(
            talk=Talk.objects.get(code=code),
            organisation=self.rows.places["committee"],
            asked_by=self.rows.accounts[who],
            number=asked + 1,
            reason="核对。",
            asked_at=self.at,
            approved_by=self.rows.accounts["chief"],
            approved_at=self.at,
            minutes=30,
        )
        self.talks[code].shown[who] = self.at

    @rule(number=st.integers(0, 30), who=st.sampled_from(("inspector", "double")))
    def revoke(self, number: int, who: str) -> None:
        code = self._talk(number)
        Disclosure.objects.filter(talk__code=code, asked_by__username=who, ending="").update(
            ending=DisclosureState.REVOKED.value, ended_by=self.rows.accounts["chief"], ended_at=self.at
        )
        self.talks[code].shown.pop(who, None)

    @precondition(lambda self: any(talk.shown for talk in self.talks.values()))
    @rule(minutes=st.sampled_from((10, 29, 30)))
    def minutes_pass(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule(number=st.integers(0, 30), who=people)
    def look(self, number: int, who: str) -> None:
        """Opens the page of a talk in a browser."""
        code = self._talk(number)
        talk = self.talks[code]
        before = transaction.savepoint()
        with time_machine.travel(self.at, tick=False):
            page = signed_in(self.rows.accounts[who]).get(reverse("talk", args=[code]))
        transaction.savepoint_rollback(before)
        assert page.status_code == (200 if self.oracle.knows(who, talk, self.today) else 404), who
        is_written = bool(Talk.objects.get(code=code).content)
        reads = is_written and self.oracle.reads(who, talk, self.today)
        assert (WORDS in page.content.decode()) == reads, who

    @invariant()
    def everybody_reads_and_knows_what_the_oracle_says(self) -> None:
        keys = list(Talk.objects.values_list("pk", flat=True))
        for who, account in self.rows.accounts.items():
            read, known = self._those(self.oracle.reads, who), self._those(self.oracle.knows, who)
            assert _codes(readable_talks(account, today=self.today)) == read, who
            assert _codes(visible_talks(account, today=self.today)) == known, who
        for who in self.oracle.inspect:
            shown = open_disclosures(self.rows.accounts[who], keys, at=self.at, today=self.today)
            expected = {
                code
                for code, talk in self.talks.items()
                if self.oracle.is_shown(who, talk, self.at, self.today)
            }
            assert _codes(Talk.objects.filter(pk__in=shown)) == expected, who

    def _those(self, allowed: Callable[[str, Said, date], bool], who: str) -> set[str]:
        return {code for code, talk in self.talks.items() if allowed(who, talk, self.today)}

    def _talk(self, number: int) -> str:
        return sorted(self.talks)[number % len(self.talks)]

    def _change(self, number: int, **columns: object) -> None:
        code = self._talk(number)
        Talk.objects.filter(code=code).update(**columns)
        if "state" in columns:
            self.talks[code].recorded = True
        if "participants_only" in columns:
            self.talks[code].kept = bool(columns["participants_only"])

    def _post(self, post: Held) -> PostQuerySet:
        return Post.objects.filter(
            member=self.rows.members[post.person],
            organisation=self.rows.places[post.place],
            since=post.since,
        )


def _codes(talks: TalkQuerySet) -> set[str]:
    return set(talks.order_by().values_list("code", flat=True))


def _run(examples: int) -> None:
    run_state_machine_as_test(
        WhoReads,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            # What is found is told as it was found: to make it shorter would take many times as long.
            phases=(Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_everybody_reads_what_he_may(db: None) -> None:
    _run(EXAMPLES)


def _whoever_led(account: Account, *, today: date) -> PostQuerySet:
    """The posts that somebody holds or held."""
    return records._principal_posts(account)


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [
        pytest.param(records, "_is_of", lambda _: Q(), id="strangers took part"),
        pytest.param(records, "_of_a_team_beside", lambda _: Q(pk__in=[]), id="it is another team's"),
        pytest.param(records, "_led_branches", _whoever_led, id="the post has ended"),
        pytest.param(disclosures, "_kept", lambda: Q(pk__in=[]), id="kept to the participants"),
    ],
)
def test_control_a_broken_right_is_found(
    db: None, monkeypatch: pytest.MonkeyPatch, where: object, name: str, broken: object
) -> None:
    monkeypatch.setattr(where, name, broken)
    with pytest.raises(AssertionError):
        _run(EXAMPLES)
