"""Who sees that a talk took place, and who may book, record, confirm, cancel and close it."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from branches.models import Organisation
from members.models import Account, Member
from members.permissions import editable_organisations, led_organisations, reported_organisations
from members.permissions.organisations import reported
from members.permissions.standing import standing_of
from talks.models import (
    LedgerTalk,
    Participant,
    Side,
    Talk,
    TalkRequest,
    in_ledgers_of,
    ledger_talkers,
    ledgers_by_facts,
    unkept_ledgers,
)
from talks.models.talks import TalkQuerySet
from talks.permissions.bookings import (
    MOST_BEGUN_WITH,
    MOST_JUDGED,
    between_his_people,
    bookable_members,
    people_led,
)
from talks.rules.words import TalkState

PEOPLE = Prefetch(
    "participants", Participant.objects.select_related("member").order_by("side", "member__code")
)


def visible_talks(account: Account, *, today: date) -> TalkQuerySet:
    """Talks whose metadata the account may see: his own, those he booked, the ledgers he answers for.

    Metadata are the persons, the day, the form and the state; never the topic or what was said.
    """
    own = Q(booked_by=account)
    if account.member_id:
        taking_part = Participant.objects.filter(talk=OuterRef("pk"), member=account.member_id)
        own |= Q(recorder=account.member_id) | Q(Exists(taking_part))
    return Talk.objects.filter(own | in_ledgers_of(reported_organisations(account, today=today)))


def listed_talks(account: Account, *, today: date) -> TalkQuerySet:
    """The same talks as `visible_talks`, for a list of them; one query more.

    Where the account answers for few organisations, the database begins with their people; else it would try
    every talk of the country. For a talk that is asked for by its code `visible_talks` is the shorter way.
    """
    places = _places(account, today, MOST_JUDGED)
    if len(places) > MOST_JUDGED:
        return _talks_of_many(account, today=today)
    found = _own_talks(account)
    if places:
        found.append(ledger_talkers(places).order_by().values("talk"))
    return Talk.objects.filter(pk__in=found[0].union(*found[1:]))


def still_seen(account: Account, talks: Collection[Talk], *, today: date) -> list[Talk]:
    """Those of a page of `listed_talks`, with their participants, that are in `visible_talks` at this moment.

    Where it answers for many organisations the list was found by what is kept of them; nothing is shown but
    what the facts themselves allow.
    """
    if len(_places(account, today, MOST_JUDGED)) <= MOST_JUDGED:
        return list(talks)
    others = [talk.pk for talk in talks if not is_own_talk(account, talk)]
    pairs = ledgers_by_facts(talks=others)
    answered_for = reported_organisations(account, today=today).order_by()
    known = set(answered_for.filter(pk__in={pk for pk, _ in pairs}).values_list("pk", flat=True))
    refused = set(others) - {talk for organisation, talk in pairs if organisation in known}
    return [talk for talk in talks if talk.pk not in refused]


def _talks_of_many(account: Account, *, today: date) -> TalkQuerySet:
    """As `visible_talks`, by the ledgers that are kept; of organisations not kept up they are judged anew."""
    answered_for = reported_organisations(account, today=today).order_by()
    judged = list(
        answered_for.filter(pk__in=unkept_ledgers().values("pk")).values_list("pk", flat=True)[
            : MOST_BEGUN_WITH + 1
        ]
    )
    if len(judged) > MOST_BEGUN_WITH:
        return visible_talks(account, today=today)
    kept = LedgerTalk.objects.order_by().filter(reported(standing_of(account, today), "organisation__"))
    if judged:
        kept = kept.exclude(organisation__in=judged)
    others = _own_talks(account)
    if judged:
        others.append(ledger_talkers(judged).order_by().values("talk"))
    if len(_places(account, today, MOST_BEGUN_WITH)) <= MOST_BEGUN_WITH:
        return Talk.objects.filter(pk__in=kept.values("talk").union(*others))
    # Nearly every talk tried is one of so many organisations: the newest are found at once. A value, not
    # EXISTS: beside an OR the database would put the talks of all of them together first.
    by_other_ways = Q(pk__in=others[0].union(*others[1:]))
    one = Subquery(kept.filter(talk=OuterRef("pk")).values("pk")[:1])
    found: TalkQuerySet = Talk.objects.alias(kept=one).filter(Q(kept__isnull=False) | by_other_ways)
    return found


def _places(account: Account, today: date, most: int) -> list[int]:
    """The organisations that the account answers for (primary keys), of more than `most` one more."""
    answered_for = reported_organisations(account, today=today).order_by()
    return list(answered_for.values_list("pk", flat=True)[: most + 1])


def _own_talks(account: Account) -> list[QuerySet[Any]]:
    """Keys of the talks that the account booked, takes part in or keeps the record of: each by an index."""
    talks = Talk.objects.order_by()
    found: list[QuerySet[Any]] = [talks.filter(booked_by=account).values("pk")]
    if account.member_id:
        found.append(talks.filter(recorder=account.member_id).values("pk"))
        found.append(Participant.objects.filter(member=account.member_id).order_by().values("talk"))
    return found


def seen_talk(account: Account, code: str, *, today: date) -> Talk | None:
    """The talk with its participants, if the account may see that it took place (`visible_talks`).

    Whose own it is, is asked of the row alone: that of others the database has to look for.
    """
    talk = Talk.objects.filter(code=code).prefetch_related(PEOPLE).first()
    if talk is None or is_own_talk(account, talk):
        return talk
    return talk if visible_talks(account, today=today).filter(pk=talk.pk).exists() else None


def is_own_talk(account: Account, talk: Talk) -> bool:
    """Whether the account booked the talk, or its member takes part in it or keeps the record."""
    me = account.member_id
    if talk.booked_by_id == account.pk or (me and talk.recorder_id == me):
        return True
    return bool(me) and any(row.member_id == me for row in talk.participants.all())


def takes_part(account: Account, *, today: date) -> bool:
    """Whether the account has anything to do with talks: a member's, staff's or an inspector's has."""
    return bool(account.member_id) or reported_organisations(account, today=today).exists()


def kept_to_participants() -> Q:
    """The talks that nobody else changes: those of a 约谈, and those that a participant keeps (限参与人).

    Which of the two it is, nobody else is told.
    """
    asked = TalkRequest.objects.filter(talk=OuterRef("pk"), sent_at__isnull=False)
    return Q(participants_only=True) | Q(Exists(asked))


def closed_to_import(account: Account) -> Q:
    """The talks whose rows the account does not change by a workbook in the browser.

    Those kept to the participants, among the many that a participant booked himself: a refusal tells nothing
    of a 约谈. And those by which it would end a 约谈 to itself that came by a workbook.
    """
    himself = Participant.objects.filter(talk=OuterRef("pk"), member=OuterRef("booked_by__member"))
    to_him = TalkRequest.objects.filter(talk=OuterRef("pk"), asked=account.member_id or 0)
    return kept_to_participants() | Q(Exists(himself)) | Q(Exists(to_him))


def arranged_by(account: Account, *, today: date) -> Q:
    """The talks whose arrangement is the account's to change while they are booked.

    It is a talker, or leads people on both sides: who booked for others may as long as he leads them, and
    the participants do not keep the talk to themselves.
    """
    if not account.member_id:
        return Q(pk__in=[])
    taking_part = Participant.objects.filter(talk=OuterRef("pk"))
    talkers = taking_part.filter(side=Side.TALKER)
    people = people_led(account, today).values("pk")
    ours = Q(
        Q(~Exists(talkers)) | Q(Exists(talkers.filter(member__in=people))),
        Exists(taking_part.filter(side=Side.SUBJECT, member__in=people)),
    )
    own = Q(recorder=account.member_id) | Q(Exists(taking_part.filter(member=account.member_id)))
    ours &= own | ~kept_to_participants()
    return Q(Exists(talkers.filter(member=account.member_id))) | ours


def changeable_plans(account: Account, *, today: date) -> TalkQuerySet:
    """Booked talks that the account may change, move or cancel."""
    return Talk.objects.planned().filter(arranged_by(account, today=today))


def may_change_plan(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may change or cancel what is booked: a talker, a principal of those it is for."""
    if talk.state != TalkState.PLANNED:
        return False
    return Talk.objects.filter(arranged_by(account, today=today), pk=talk.pk).exists()


def may_rebook(
    account: Account, talk: Talk, *, talkers: Collection[Member], subjects: Collection[Member], today: date
) -> bool:
    """Whether the account, which may change the talk, may put it between these persons.

    Who they were may always stay; others as for a booking. Who takes part already need not be within reach.
    """
    there = dict(talk.participants.values_list("member", "side"))
    wanted = {member.pk: Side.TALKER.value for member in talkers}
    wanted |= {member.pk: Side.SUBJECT.value for member in subjects}
    if wanted == there:
        return True
    newcomers = wanted.keys() - there.keys()
    known = bookable_members(account, today=today).filter(pk__in=newcomers)
    if known.count() != len(newcomers):
        return False
    return account.member_id in {member.pk for member in talkers} or between_his_people(
        account, talkers, subjects, today=today
    )


def may_cancel(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may cancel the talk: as for a change, and while only a draft is written."""
    if talk.state == TalkState.HELD:
        return may_record(account, talk, today=today)
    return may_change_plan(account, talk, today=today)


def written_by(account: Account, *, today: date) -> Q:
    """The talks whose record is the account's to write: it is a talker or the recorder.

    Where the only talker comes from outside and no recorder is named: who booked it and leads a subject.
    """
    if not account.member_id:
        return Q(pk__in=[])
    taking_part = Participant.objects.filter(talk=OuterRef("pk"))
    talkers = taking_part.filter(side=Side.TALKER)
    subjects = taking_part.filter(side=Side.SUBJECT)
    people = people_led(account, today).values("pk")
    booked = Q(
        ~Exists(talkers),
        ~Exists(subjects.filter(member=account.member_id)),
        Exists(subjects.filter(member__in=people)),
        recorder=None,
        booked_by=account,
    )
    return Q(recorder=account.member_id) | Q(Exists(talkers.filter(member=account.member_id))) | booked


def writes_record(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the record of the talk is the account's to write, as `written_by` says."""
    me = account.member_id
    if not me:
        return False
    if talk.recorder_id == me:
        return True
    if any(row.member_id == me and row.side == Side.TALKER for row in talk.participants.all()):
        return True
    if talk.recorder_id is not None or talk.booked_by_id != account.pk:
        return False
    return Talk.objects.filter(written_by(account, today=today), pk=talk.pk).exists()


def may_record(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may record the talk."""
    return talk.is_open and writes_record(account, talk, today=today)


def had_in_hand(account: Account, talk: Talk) -> bool:
    """Whether the account could record, change or cancel the talk until it was recorded or cancelled.

    He may still have it open in a second window; he is told what has become of it, not that there is nothing.
    """
    if talk.is_open or not account.member_id:
        return False
    writes = talk.recorder_id == account.member_id or _is_on(account, talk, Side.TALKER)
    return writes or talk.booked_by_id == account.pk


def may_confirm(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may confirm the record: a subject who has not yet done so."""
    if talk.state != TalkState.RECORDED or not account.member_id:
        return False
    waiting = talk.participants.filter(side=Side.SUBJECT, confirmed_at=None)
    return waiting.filter(member=account.member_id).exists()


def may_close(account: Account, talk: Talk, *, today: date) -> bool:
    """Whether the account may close the talk: a talker or the recorder, once all have confirmed."""
    if talk.state != TalkState.CONFIRMED or not account.member_id:
        return False
    return talk.recorder_id == account.member_id or _is_on(account, talk, Side.TALKER)


def meeting_organisations(account: Account, *, today: date) -> QuerySet[Organisation]:
    """Organisations whose meetings the account may enter and change: as principal, or as staff."""
    led = led_organisations(account, today=today).values("pk")
    kept = editable_organisations(account, today=today).values("pk")
    return Organisation.objects.filter(Q(pk__in=led) | Q(pk__in=kept))


def _is_on(account: Account, talk: Talk, side: Side) -> bool:
    return talk.participants.filter(side=side, member=account.member_id).exists()
