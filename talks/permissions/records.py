"""Who reads what was said (design.md section 4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from branches.models import Organisation
from branches.rules import BRANCH_KINDS
from members.models import Account, Affiliation, Post
from members.models.dated import in_force
from members.models.posts import PostQuerySet
from members.permissions import led_organisations
from members.permissions.standing import is_administrator, kept_once, standing_of
from talks.models import (
    Amendment,
    Attachment,
    Correction,
    Opinion,
    Participant,
    Remedy,
    Side,
    Talk,
    TalkRequest,
    in_ledgers_of,
)
from talks.models.records import RemedyQuerySet
from talks.models.talks import TalkQuerySet
from talks.permissions.talks import is_own_talk, may_confirm, visible_talks, writes_record, written_by
from talks.rules.index import COUNTING_STATES
from talks.rules.words import TalkState

COUNTING = sorted(state.value for state in COUNTING_STATES)


@dataclass(frozen=True, slots=True)
class Reading:
    """What of one talk an account may read.

    `whole`: topic, content, remedies; `opinions`: the primary keys of those that may be read; `said`: the
    participants whose own words may be read; `notes`: the participant whose private notes are one's own.
    """

    whole: bool = False
    opinions: frozenset[int] = frozenset()
    said: frozenset[int] = frozenset()
    notes: int | None = None

    def __bool__(self) -> bool:
        return self.whole or bool(self.said) or self.notes is not None


def reading_of(account: Account, talk: Talk, *, today: date) -> Reading:
    """What of the talk the account may read; falsy where it is nothing, as for every administrator."""
    if not account.member_id or is_administrator(account, today):
        return Reading()
    rows = list(talk.participants.values_list("pk", "side", "member"))
    mine = next((row for row in rows if row[2] == account.member_id), None)
    is_subject = bool(mine and mine[1] == Side.SUBJECT)
    writes = bool(mine and not is_subject) or talk.recorder_id == account.member_id
    said: frozenset[int] = frozenset()
    if writes:
        said = frozenset(pk for pk, side, _ in rows if side == Side.SUBJECT)
    elif is_subject and mine and talk.state in COUNTING:
        said = frozenset({mine[0]})
    whole = writes or may_read_content(account, talk, today=today)
    has_some = whole and talk.opinions.exists()
    opinions = visible_opinions(account, today=today, talks=[talk.pk]) if has_some else None
    return Reading(
        whole=whole,
        opinions=frozenset(opinions.values_list("pk", flat=True) if opinions else ()),
        said=said,
        notes=mine[0] if mine and not is_subject else None,
    )


def may_read_content(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may read the whole record of the talk (in a group talk a subject may not)."""
    return readable_talks(account, today=today).filter(pk=talk.pk).exists()


def readable_talks(account: Account, *, today: date) -> TalkQuerySet:
    """Talks whose content the account may read: talker, recorder, only subject, principal of the branch."""
    if not account.member_id or is_administrator(account, today):
        return Talk.objects.none()
    return Talk.objects.filter(_took_part(account) | _of_branch(account, today=today))


def comparable_talks(account: Account, *, today: date) -> TalkQuerySet:
    """The readable talks, found by way of the persons concerned: quick among a million of others.

    Nothing is cut off before it is known to be readable, so that no other talk can push one out.
    """
    if not account.member_id or is_administrator(account, today):
        return Talk.objects.none()
    led = _led_branches(account, today=today).values("organisation")
    people = Q(member=account.member_id)
    for facts in (Affiliation.objects, Post.objects):
        people |= Q(member__in=facts.filter(organisation__in=led).values("member"))
    near = set(Participant.objects.filter(people).order_by().values_list("talk", flat=True))
    near |= set(Talk.objects.filter(recorder=account.member_id).order_by().values_list("pk", flat=True))
    return readable_talks(account, today=today).filter(pk__in=near)


def told_kind(account: Account, *, today: date) -> TalkQuerySet:
    """Talks whose 类型, 契机 and 回访 the account may know: his own, those he booked, those of what he leads.

    A talk of 关怀, 提醒 or 教育 tells of the event behind it, which is confidential; who only keeps or
    inspects the ledger is told that the talk was held, and with whom.
    """
    own = Q(booked_by=account)
    if account.member_id:
        taking_part = Participant.objects.filter(talk=OuterRef("pk"), member=account.member_id)
        own |= Q(recorder=account.member_id) | Q(Exists(taking_part))
    return Talk.objects.filter(own | in_ledgers_of(led_organisations(account, today=today)))


def kinds_told(account: Account, talks: Collection[Talk], *, today: date) -> set[int]:
    """Those of the talks (primary keys) of which it may know these, as `told_kind` says; at most one query.

    `talks` with their participants: whose own they are, is seen from the rows.
    """
    own = {talk.pk for talk in talks if is_own_talk(account, talk)}
    others = [talk.pk for talk in talks if talk.pk not in own]
    if not others or not standing_of(account, today).led:
        return own
    led = told_kind(account, today=today).filter(pk__in=others).order_by()
    return own | set(led.values_list("pk", flat=True))


def may_be_told_kind(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may know these of the talk, as `told_kind` says."""
    return bool(kinds_told(account, [talk], today=today))


def principal_may_read(talk: Talk) -> bool:
    """Whether the talk is one that a principal of the participants' branch may read, once it is recorded."""
    if talk.participants_only or talk.external_talker or talk.requests.exists():
        return False
    persons = list(talk.participants.order_by().values_list("member", flat=True))
    affiliated = Affiliation.objects.order_by().filter(member__in=persons).values("organisation")
    branches = Organisation.objects.filter(kind__in=sorted(BRANCH_KINDS), pk__in=affiliated)
    itself = Talk.objects.filter(pk=talk.pk)
    return any(itself.filter(_is_of(branch.pk)).exists() for branch in branches)


def visible_participants(account: Account, *, today: date) -> QuerySet[Participant]:
    """Participants of the talks that the account may see. What they said is another matter: `reading_of`."""
    return Participant.objects.filter(talk__in=visible_talks(account, today=today))


def visible_remedies(account: Account, *, today: date) -> RemedyQuerySet:
    """Remedies of the talks whose content the account may read; they are the participants' own."""
    return Remedy.objects.filter(talk__in=readable_talks(account, today=today))


def followed_remedies(account: Account, *, today: date) -> QuerySet[Remedy]:
    """Remedies that the account sees to: of talks that it led or recorded, its own where it may read them."""
    me = account.member_id
    if not me:
        return Remedy.objects.none()
    led = set(Participant.objects.filter(member=me, side=Side.TALKER).values_list("talk", flat=True))
    led |= set(Talk.objects.filter(recorder=me).values_list("pk", flat=True))
    owned = set(Remedy.objects.filter(owner=me).values_list("talk", flat=True)) - led
    read = readable_talks(account, today=today).filter(pk__in=owned) if owned else Talk.objects.none()
    return Remedy.objects.filter(
        Q(talk__in=led) | Q(owner=me, talk__in=set(read.values_list("pk", flat=True)))
    )


def visible_opinions(
    account: Account, *, today: date, talks: QuerySet[Any] | Collection[int]
) -> QuerySet[Opinion]:
    """Opinions of those talks whose content the account may read, but to a principal none about himself.

    `talks`: primary keys, as a query or at hand. An opinion that does not say about whom it is could be about
    him; so `about` decides: it must be there and hold neither his name nor a title of his. It is sealed, so
    that no database can sift it; those of a few talks are opened for it.
    """
    if not account.member_id or is_administrator(account, today):
        return Opinion.objects.none()
    own = Exists(Talk.objects.filter(_took_part(account), pk=OuterRef("talk")))
    found = Opinion.objects.filter(talk__in=talks)
    others = Exists(Talk.objects.filter(_of_branch(account, today=today), pk=OuterRef("talk")))
    words = _words_of(account.member_id)
    of_others = [row.pk for row in found.filter(~own & others) if _is_about_others(row.about, words)]
    return found.filter(own | Q(pk__in=of_others))


def _words_of(member: int) -> set[str]:
    """What an opinion may call the member by: his name, his titles, and what any principal is called."""
    rows = Post.objects.filter(member=member).values_list("member__name", "title")
    return {"书记", "负责", *(word for row in rows for word in row)}


def _is_about_others(about: str, words: Collection[str]) -> bool:
    return bool(about) and not any(word in about for word in words)


def visible_attachments(account: Account, *, today: date) -> QuerySet[Attachment]:
    """Files of the talks in which the account's member took part; of a group talk no subject reads any.

    No principal does: a file cannot be sifted, and may hold an opinion about himself; the signed paper does.
    """
    if not account.member_id or is_administrator(account, today):
        return Attachment.objects.none()
    return Attachment.objects.filter(talk__in=Talk.objects.filter(_took_part(account)))


def visible_amendments(
    account: Account, *, today: date, talks: QuerySet[Any] | Collection[int]
) -> QuerySet[Amendment]:
    """Amendments of those of the talks whose records the account may read, and those of what it said itself.

    `talks`: primary keys, as a query or at hand. To a principal none of what one subject said, nor where an
    opinion is kept from him: it may be amended.
    """
    if not account.member_id or is_administrator(account, today):
        return Amendment.objects.none()
    took_part = Talk.objects.filter(_took_part(account))
    visible = visible_opinions(account, today=today, talks=talks).order_by().values("pk")
    kept = Opinion.objects.filter(talk=OuterRef("talk")).exclude(pk__in=visible)
    of_branch = Q(talk__in=Talk.objects.filter(_of_branch(account, today=today)), participant=None)
    return Amendment.objects.filter(
        Q(participant__member=account.member_id) | Q(talk__in=took_part) | (of_branch & ~Exists(kept)),
        talk__in=talks,
    )


def visible_corrections(account: Account, *, today: date) -> QuerySet[Correction]:
    """Corrections that the account asked for, and those of the records that it writes; nobody else's."""
    if not account.member_id or is_administrator(account, today):
        return Correction.objects.none()
    # Of each row by itself: beside another condition the database would find all such talks of the country.
    written = Talk.objects.filter(written_by(account, today=today), pk=OuterRef("participant__talk"))
    return Correction.objects.filter(Q(participant__member=account.member_id) | Q(Exists(written)))


def may_correct(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may still change the text of the record: who writes it, until somebody confirms."""
    untouched = talk.state == TalkState.RECORDED and not _is_confirmed_by_somebody(talk)
    return untouched and writes_record(account, talk, today=today)


def may_amend(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may put an amendment beside the record: who writes it, once somebody confirmed."""
    is_confirmed = talk.state in (TalkState.CONFIRMED, TalkState.CLOSED) or (
        talk.state == TalkState.RECORDED and _is_confirmed_by_somebody(talk)
    )
    return is_confirmed and writes_record(account, talk, today=today)


def may_attach(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may add a file: who writes the record, until all have confirmed."""
    is_open = talk.is_open or talk.state == TalkState.RECORDED
    return is_open and writes_record(account, talk, today=today)


def may_ask_correction(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may ask for a correction: instead of confirming, one request at a time."""
    waiting = Correction.objects.waiting().filter(
        participant__talk=talk, participant__member=account.member_id
    )
    return may_confirm(account, talk, today=today) and not waiting.exists()


def _is_confirmed_by_somebody(talk: Talk) -> bool:
    return talk.participants.filter(confirmed_at__isnull=False).exists()


def _took_part(account: Account) -> Q:
    """Talkers and the recorder always; the subject of a talk with one subject, once it is recorded."""
    mine = Participant.objects.filter(talk=OuterRef("pk"), member=account.member_id)
    other_subjects = Participant.objects.filter(talk=OuterRef("pk"), side=Side.SUBJECT).exclude(
        member=account.member_id
    )
    only_subject = Exists(mine.filter(side=Side.SUBJECT)) & ~Exists(other_subjects) & Q(state__in=COUNTING)
    return Q(recorder=account.member_id) | Q(Exists(mine.filter(side=Side.TALKER))) | Q(only_subject)


def _of_branch(account: Account, *, today: date) -> Q:
    """Talks among those affiliated with a branch, held while the account's member led it, as he still does.

    Not those that came from a 约谈, or that a participant has kept to the participants, or with a talker
    from outside. A post counts once somebody has confirmed it (design.md section 4a).
    """
    return kept_once(account, ("of branch", today), lambda: _found_of_branch(account, today))


def _found_of_branch(account: Account, today: date) -> Q:
    posts = _principal_posts(account)
    still = set(_led_branches(account, today=today).values_list("organisation", flat=True))
    condition = Q(pk__in=[])
    for organisation, since, until in posts.filter(organisation__in=still).values_list(
        "organisation", "since", "until"
    ):
        while_principal = Q(held_on__gte=since) & (Q(held_on__lt=until) if until else Q())
        condition |= while_principal & _is_of(organisation)
    open_to_principal = Q(participants_only=False, external_talker="", state__in=COUNTING) & ~Exists(
        TalkRequest.objects.filter(talk=OuterRef("pk"))
    )
    return Q(condition & open_to_principal)


def _principal_posts(account: Account) -> PostQuerySet:
    """The confirmed posts as principal of a branch that the account's member holds or held."""
    return Post.objects.filter(
        member=account.member_id,
        is_principal=True,
        confirmed_at__isnull=False,
        organisation__kind__in=sorted(BRANCH_KINDS),
    )


def _led_branches(account: Account, *, today: date) -> PostQuerySet:
    """Those of the posts that are in force."""
    return _principal_posts(account).in_force(today)


def _is_of(organisation: int) -> Q:
    """A talk of people of the branch, and of no other team: what two of the committee's team who live in one
    branch say to each other is the committee's, and not for those below to read. One query.
    """
    everybody = Participant.objects.filter(talk=OuterRef("pk"))
    its_own = Q(Exists(everybody)) & ~Q(Exists(everybody.strange_to(organisation)))
    # Mostly there are none, and to look for them in every talk is dear.
    return its_own & ~_of_a_team_beside(organisation) if _has_a_team_beside(organisation) else its_own


def _has_a_team_beside(organisation: int) -> bool:
    """Whether two of its people ever sat together in the team of another organisation."""
    home = Affiliation.objects.order_by().filter(organisation=organisation).values("member")
    posted = Post.objects.order_by().filter(organisation=organisation).values("member")
    elsewhere = Post.objects.filter(is_team=True, member__in=home.union(posted))
    teams = elsewhere.exclude(organisation=organisation).order_by().values("organisation")
    return teams.annotate(people=Count("member", distinct=True)).filter(people__gt=1).exists()


def _of_a_team_beside(organisation: int) -> Q:
    # In one call, so that talker and subject sit in the same team; joined, as SQLite takes no deeper nesting.
    together = Post.objects.filter(
        in_force(OuterRef("held_on")),
        in_force(OuterRef("held_on"), "organisation__posts__"),
        is_team=True,
        member__participations__talk=OuterRef("pk"),
        member__participations__side=Side.TALKER,
        organisation__posts__is_team=True,
        organisation__posts__member__participations__talk=OuterRef("pk"),
        organisation__posts__member__participations__side=Side.SUBJECT,
    )
    return Q(Exists(together.exclude(organisation=organisation)))
