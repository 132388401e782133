"""From tables to the facts of the rule engine, with a number of queries that does not grow with the rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from branches.models import Department, Organisation, WorkingDay
from branches.rules import BRANCH_KINDS
from members.models import Affiliation, Event, Liaison, Member, Portfolio, Post
from talks.models import Meeting, Participant, Rule, Talk, Waiver
from talks.rules import facts, presets, words
from talks.rules.calendar import Calendar
from talks.rules.facts import Facts


@dataclass(frozen=True, slots=True)
class Keys:
    """The primary keys of the rows behind the facts, by code."""

    organisations: dict[str, int]
    members: dict[str, int]
    talks: dict[str, int]


def load_facts(organisations: Collection[Organisation]) -> Facts:
    """All facts that decide what the given organisations owe, and who may meet it."""
    return load_keyed_facts(organisations)[0]


def load_keyed_facts(organisations: Collection[Organisation]) -> tuple[Facts, Keys]:
    """As `load_facts`, with the primary keys of the rows.

    Besides the organisations' own facts that is: their superiors with the teams there (a role without a
    holder is looked for upwards), and for the role `authority` every post that the persons concerned hold
    anywhere, with the teams of those organisations and their superiors.
    """
    scope = [organisation.pk for organisation in organisations]
    line = {pk for organisation in organisations for pk in organisation.ancestor_ids()} | set(scope)
    concerned = _members_concerned(scope)
    known = line | _organisations_with_posts_of(concerned)
    posts = _posts(concerned, known)
    talks, talk_keys = _talks(concerned)
    portfolios = tuple(
        facts.Portfolio(*row)
        for row in Portfolio.objects.filter(department__organisation__in=known).values_list(
            "member__code", "department__code", "since", "until"
        )
    )
    liaisons = tuple(
        facts.Liaison(*row)
        for row in Liaison.objects.filter(member__in=concerned).values_list(
            "committee_member__code", "member__code", "since", "until"
        )
    )
    persons = (
        {post.member for post in posts}
        | {portfolio.member for portfolio in portfolios}
        | {liaison.committee_member for liaison in liaisons}
        | {code for talk in talks for code in (*talk.talkers, *talk.subjects)}
        | {talk.recorder for talk in talks if talk.recorder}
    )
    places = list(
        Organisation.objects.filter(pk__in=known).values_list(
            "pk", "code", "name", "kind", "superior__code", "established", "dissolved"
        )
    )
    people = _members(concerned, persons)
    keys = Keys(
        organisations={row[1]: row[0] for row in places},
        members={row[1]: row[0] for row in people},
        talks=talk_keys,
    )
    loaded = Facts(
        organisations=tuple(facts.Organisation(*row[1:]) for row in places),
        departments=tuple(
            facts.Department(*row)
            for row in Department.objects.filter(organisation__in=known).values_list(
                "code", "name", "organisation__code"
            )
        ),
        members=tuple(facts.Member(*row[1:]) for row in people),
        affiliations=tuple(
            facts.Affiliation(*row)
            for row in Affiliation.objects.filter(member__in=concerned).values_list(
                "member__code", "organisation__code", "since", "until"
            )
        ),
        posts=posts,
        portfolios=portfolios,
        liaisons=liaisons,
        events=tuple(
            facts.Event(*row)
            for row in Event.objects.filter(member__in=concerned).values_list(
                "code", "member__code", "kind", "happened_on", "known_on"
            )
        ),
        meetings=tuple(
            facts.Meeting(*row)
            for row in Meeting.objects.filter(organisation__in=scope).values_list(
                "organisation__code", "kind", "year", "meeting_on", "talks_from"
            )
        ),
        rules=tuple(presets.BUILT_IN) + load_rules(line),
        talks=talks,
        waivers=tuple(
            facts.Waiver(rule, place, anchor, subject, counterpart, approved_on)
            for rule, place, anchor, subject, counterpart, approved_on in Waiver.objects.approved()
            .filter(organisation__in=scope)
            .values_list(
                "rule", "organisation__code", "anchor", "subject__code", "counterpart__code", "approved_on"
            )
            if approved_on  # all of them; their column allows for those that wait
        ),
        calendar=load_calendar(),
    )
    return loaded, keys


def load_calendar() -> Calendar:
    """The working days as they stand in the table."""
    days: dict[date, bool] = dict(WorkingDay.objects.values_list("day", "is_working"))
    return Calendar(days=days, known_years=frozenset(day.year for day in days))


def load_rules(organisations: Collection[int]) -> tuple[facts.Rule, ...]:
    """The versions that the organisations (primary keys) made; the built-in ones are not among them."""
    rows = Rule.objects.filter(organisation__in=organisations).select_related("organisation")
    return tuple(rule_value(row) for row in rows)


def rule_book() -> dict[str, facts.Rule]:
    """All versions of all rules by what they are known by: the built-in ones, and those of organisations."""
    made = (rule_value(row) for row in Rule.objects.select_related("organisation"))
    return {rule.version: rule for rule in (*presets.BUILT_IN, *made)}


def rule_value(row: Rule) -> facts.Rule:
    """One stored version as the engine's value."""
    return facts.Rule(
        code=row.code,
        title=row.title,
        organisation=row.organisation.code,
        applies_to=words.parse_kinds(row.applies_to),
        trigger=facts.parse_trigger(row.trigger),
        days=row.days,
        unit=words.DayUnit(row.unit) if row.unit else None,
        pairing=words.Pairing(row.pairing),
        talker_role=words.TalkerRole(row.talker_role) if row.talker_role else None,
        one_to_one=row.one_to_one,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        basis=row.basis,
    )


def _members_concerned(scope: list[int]) -> QuerySet[Any, Any]:
    """Ids of members who ever were affiliated with, or held a post in, one of the organisations.

    A union of two look-ups by organisation: `member__in` over it uses the indexes of both databases, where
    an EXISTS for each row took minutes for 20,000 members.
    """
    affiliated = Affiliation.objects.order_by().filter(organisation__in=scope).values("member")
    return affiliated.union(Post.objects.order_by().filter(organisation__in=scope).values("member"))


def _organisations_with_posts_of(concerned: QuerySet[Any, Any]) -> set[int]:
    """Committees where the persons lead something, with all their superiors (role `authority`)."""
    leading = Post.objects.order_by().filter(Q(is_team=True) | Q(is_head=True), member__in=concerned)
    committees = (
        Organisation.objects.filter(pk__in=leading.values("organisation"))
        .exclude(kind__in=sorted(BRANCH_KINDS))
        .only("pk", "path")
    )
    return {pk for organisation in committees for pk in (*organisation.ancestor_ids(), organisation.pk)}


def _posts(concerned: QuerySet[Any, Any], known: set[int]) -> tuple[facts.Post, ...]:
    """The posts of the persons, wherever they are, and the teams of the organisations known."""
    columns = (
        *("pk", "member__code", "organisation__code", "department__code", "title"),
        *("is_team", "is_principal", "is_head", "is_key", "since", "until"),
    )
    theirs = Post.objects.filter(member__in=concerned).values_list(*columns)
    teams = Post.objects.filter(organisation__in=known, is_team=True).values_list(*columns)
    rows = {row[0]: row[1:] for row in (*theirs, *teams)}
    return tuple(facts.Post(*row) for row in rows.values())


def _members(concerned: QuerySet[Any, Any], persons: set[str]) -> list[tuple[Any, ...]]:
    """Primary key, code, name, category and 入党日期 of the persons, and of the further ones by code."""
    columns = ("pk", "code", "name", "category", "joined_on")
    rows = list(Member.objects.filter(pk__in=concerned).values_list(*columns))
    there = {row[1] for row in rows}
    return [*rows, *Member.objects.filter(code__in=persons - there).values_list(*columns)]


def _talks(concerned: QuerySet[Any, Any]) -> tuple[tuple[facts.Talk, ...], dict[str, int]]:
    """The talks in which one of the persons takes part, and their primary keys by code."""
    theirs = Participant.objects.order_by().filter(member__in=concerned).values("talk")
    sides: dict[int, dict[str, list[str]]] = {}
    participants = Participant.objects.order_by().filter(talk__in=theirs)
    for talk, side, code in participants.values_list("talk", "side", "member__code"):
        sides.setdefault(talk, {}).setdefault(side, []).append(code)
    rows = list(
        Talk.objects.order_by()
        .filter(pk__in=theirs)
        .values_list("pk", "code", "held_on", "state", "external_talker", "recorder__code")
    )
    talks = tuple(
        facts.Talk(
            code=code,
            held_on=held_on,
            state=words.TalkState(state),
            talkers=tuple(sorted(sides.get(pk, {}).get("talker", ()))),
            subjects=tuple(sorted(sides.get(pk, {}).get("subject", ()))),
            external_talker=bool(external_talker),
            recorder=recorder,
        )
        for pk, code, held_on, state, external_talker, recorder in rows
    )
    return talks, {row[1]: row[0] for row in rows}
