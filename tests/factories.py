"""Rows for tests, made plainly: each function makes one row and its parts, sets what services else set, and
gives it back. What a test does not care for has a sound default; codes count upwards.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.db import connection

from branches.models import Department, Organisation
from branches.rules import OrganisationKind
from members.models import (
    Account,
    Affiliation,
    Event,
    Liaison,
    Mandate,
    MandateKind,
    Member,
    Portfolio,
    Post,
    SecondFactor,
    SignedIn,
)
from members.rules import Category, pinyin_of
from talks.models import Meeting, Opinion, Participant, Remedy, Rule, Talk, TalkRequest, Waiver
from talks.models.records import Side
from talks.rules.words import DayUnit, MeetingKind, Pairing, TalkerRole, TalkState
from talks.services.reconciliation import reconcile_due

# Long ago for posts and affiliations; the tests' own days lie in 2026.
LONG_AGO = date(2020, 1, 1)
PASSWORD = "江水东流2026不息"

SECOND_FACTOR_KEY = b"12345678901234567890"

_numbers = count(1)


def _mark() -> None:
    """Leaves the marks that services leave, on all organisations: what is owed may have changed.

    In one statement, as nearly every fact of every test comes by here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO branches_stale (organisation_id, at, reaches_others)"
            " SELECT id, %s, %s FROM branches_organisation",
            [connection.ops.adapt_datetimefield_value(datetime(2020, 1, 1, tzinfo=UTC)), True],
        )


def keep_duties(today: date) -> None:
    """Reconciles the duties of all organisations, as the background does."""
    reconcile_due(today=today, at=datetime(2020, 1, 1, tzinfo=UTC))


def _code(letter: str) -> str:
    return f"{letter}{next(_numbers):05d}"


def an_organisation(
    name: str = "测试党支部",
    kind: OrganisationKind = OrganisationKind.BRANCH,
    superior: Organisation | None = None,
    *,
    code: str | None = None,
    established: date | None = None,
    dissolved: date | None = None,
) -> Organisation:
    """An organisation with its path."""
    organisation = Organisation.objects.create(
        code=code or _code("O"),
        name=name,
        kind=kind,
        superior=superior,
        established=established,
        dissolved=dissolved,
    )
    organisation.path = f"{superior.path if superior else '/'}{organisation.pk}/"
    organisation.save(update_fields=["path"])
    return organisation


def a_second_factor(account: Account, key: bytes = SECOND_FACTOR_KEY) -> SecondFactor:
    """A second factor of the account, whose key is that of the examples of RFC 6238."""
    return SecondFactor.objects.create(account=account, key=key, proved_at=datetime(2020, 1, 1, tzinfo=UTC))


def a_session(account: Account, session_key: str = "elsewhere", at: datetime | None = None) -> SignedIn:
    """That the account is signed in in another browser."""
    at = at or datetime.now(UTC)
    return SignedIn.objects.create(
        account=account,
        session_key=session_key,
        since=at,
        seen_at=at,
        device="安卓手机，微信",
        network="10.0.3.*",
    )


def a_department(organisation: Organisation, name: str = "办公室", *, code: str | None = None) -> Department:
    """A department of the organisation."""
    return Department.objects.create(code=code or _code("D"), name=name, organisation=organisation)


def a_member(
    name: str = "江平",
    organisation: Organisation | None = None,
    *,
    code: str | None = None,
    category: Category = Category.FULL,
    since: date | None = LONG_AGO,
    until: date | None = None,
    joined_on: date | None = None,
) -> Member:
    """A member with the pinyin of his name; affiliated with the organisation where one is given."""
    pinyin, initials = pinyin_of(name)
    member = Member.objects.create(
        code=code or _code("P"),
        name=name,
        pinyin=pinyin,
        initials=initials,
        category=category,
        joined_on=joined_on,
    )
    if organisation:
        an_affiliation(member, organisation, since=since, until=until)
    return member


def an_affiliation(
    member: Member, organisation: Organisation, *, since: date | None = LONG_AGO, until: date | None = None
) -> Affiliation:
    """组织关系 of the member."""
    _mark()
    return Affiliation.objects.create(member=member, organisation=organisation, since=since, until=until)


def a_post(
    member: Member,
    organisation: Organisation,
    title: str = "干事",
    *,
    department: Department | None = None,
    is_team: bool = False,
    is_principal: bool = False,
    is_head: bool = False,
    is_key: bool = False,
    since: date = LONG_AGO,
    until: date | None = None,
    confirmed_at: datetime | None = datetime(2020, 1, 1, tzinfo=UTC),
) -> Post:
    """A post; a principal is a team member without being told so."""
    _mark()
    return Post.objects.create(
        member=member,
        organisation=organisation,
        department=department,
        title=title,
        is_team=is_team or is_principal,
        is_principal=is_principal,
        is_head=is_head,
        is_key=is_key,
        since=since,
        until=until,
        confirmed_at=confirmed_at,
    )


def a_portfolio(
    member: Member, department: Department, *, since: date = LONG_AGO, until: date | None = None
) -> Portfolio:
    """分管."""
    _mark()
    return Portfolio.objects.create(member=member, department=department, since=since, until=until)


def a_liaison(
    committee_member: Member, member: Member, *, since: date = LONG_AGO, until: date | None = None
) -> Liaison:
    """联系党员."""
    _mark()
    return Liaison.objects.create(committee_member=committee_member, member=member, since=since, until=until)


def an_event(
    member: Member,
    kind: str = "家庭变故",
    *,
    happened_on: date,
    known_on: date | None = None,
    code: str | None = None,
    note: str = "",
    entered_by: Account | None = None,
) -> Event:
    """An event; known on the day it happened unless said otherwise."""
    _mark()
    return Event.objects.create(
        code=code or _code("E"),
        member=member,
        kind=kind,
        happened_on=happened_on,
        known_on=known_on or happened_on,
        note=note,
        entered_by=entered_by,
    )


def a_meeting(
    organisation: Organisation,
    kind: MeetingKind = MeetingKind.ORGANISATION_LIFE,
    *,
    meeting_on: date,
    year: int | None = None,
    talks_from: date | None = None,
) -> Meeting:
    """A meeting, labelled with the year of its day unless said otherwise."""
    _mark()
    return Meeting.objects.create(
        organisation=organisation,
        kind=kind,
        year=year or meeting_on.year,
        meeting_on=meeting_on,
        talks_from=talks_from,
    )


def a_rule(
    organisation: Organisation,
    code: str | None = None,
    *,
    title: str = "自定规则",
    applies_to: str = "全部",
    trigger: str = "周期:12",
    days: int | None = None,
    pairing: Pairing = Pairing.COMMITTEE_MEMBER,
    talker_role: TalkerRole = TalkerRole.TEAM,
    effective_from: date = LONG_AGO,
    effective_to: date | None = None,
) -> Rule:
    """A version of a rule, not one-to-one; with days they are natural ones."""
    _mark()
    return Rule.objects.create(
        code=code or _code("R"),
        title=title,
        organisation=organisation,
        applies_to=applies_to,
        trigger=trigger,
        days=days,
        unit=DayUnit.NATURAL if days else "",
        pairing=pairing,
        talker_role=talker_role,
        one_to_one=False,
        effective_from=effective_from,
        effective_to=effective_to,
    )


def a_talk(
    talkers: Sequence[Member] = (),
    subjects: Sequence[Member] = (),
    *,
    held_on: date,
    state: TalkState = TalkState.RECORDED,
    recorder: Member | None = None,
    external_talker: str = "",
    code: str | None = None,
    topic: str = "",
    content: str = "",
    participants_only: bool = False,
    booked_by: Account | None = None,
    confirmed_by: Sequence[Member] = (),
    opinions: Sequence[str] = (),
    remedies: Sequence[str] = (),
) -> Talk:
    """A talk with its participants, and the texts of its opinions and remedies."""
    entered_at = datetime(held_on.year, held_on.month, held_on.day, 2, tzinfo=UTC)
    talk = Talk.objects.create(
        code=code or _code("T"),
        held_on=held_on,
        state=state,
        recorder=recorder,
        external_talker=external_talker,
        topic=topic,
        content=content,
        participants_only=participants_only,
        booked_by=booked_by,
        entered_at=entered_at,
        recorded_at=None if state in (TalkState.PLANNED, TalkState.HELD) else entered_at,
    )
    for side, members in ((Side.TALKER, talkers), (Side.SUBJECT, subjects)):
        for member in members:
            Participant.objects.create(
                talk=talk,
                member=member,
                side=side,
                confirmed_at=entered_at if member in confirmed_by else None,
            )
    _mark()
    for number, text in enumerate(opinions, 1):
        Opinion.objects.create(talk=talk, number=number, text=text)
    for number, text in enumerate(remedies, 1):
        Remedy.objects.create(talk=talk, number=number, text=text)
    return talk


def a_request(
    requester: Member,
    asked: Member,
    *,
    asked_on: date,
    code: str = "Y1",
    state: str = "待答复",
    **more: Any,
) -> TalkRequest:
    """A 约谈, which nobody has answered yet."""
    return TalkRequest.objects.create(
        code=code, requester=requester, asked=asked, asked_on=asked_on, state=state, **more
    )


def a_waiver(
    organisation: Organisation,
    subject: Member,
    *,
    asked_by: Member,
    rule: str = "year.committee-member",
    anchor: str = "period:2026",
    reason: str = "长期住院。",
    asked_on: date | None = date(2026, 3, 2),
    approved_by: Member | None = None,
    approved_on: date | None = None,
    **more: Any,
) -> Waiver:
    """A waiver of a duty of one person: it waits unless somebody approved it."""
    _mark()
    return Waiver.objects.create(
        rule=rule,
        organisation=organisation,
        anchor=anchor,
        subject=subject,
        persons=more.pop("persons", subject.code),
        reason=reason,
        asked_by=asked_by,
        asked_on=asked_on,
        approved_by=approved_by,
        approved_on=approved_on or (asked_on if approved_by else None),
        **more,
    )


def an_account(
    member: Member | None = None,
    *,
    username: str | None = None,
    name: str | None = None,
    password: str = PASSWORD,
    is_active: bool = True,
) -> Account:
    """An account with a chosen password; a member's has his code as sign-in name."""
    account = Account(
        username=username or (member.code if member else _code("u")),
        name=name or (member.name if member else "测试账号"),
        member=member,
        is_active=is_active,
    )
    account.set_password(password)
    account.save()
    return account


def a_mandate(
    account: Account,
    kind: MandateKind,
    organisation: Organisation | None = None,
    *,
    since: date = LONG_AGO,
    until: date | None = None,
    granted_by: Account | None = None,
) -> Mandate:
    """A mandate of the account."""
    return Mandate.objects.create(
        account=account,
        kind=kind,
        organisation=organisation,
        since=since,
        until=until,
        granted_by=granted_by,
    )
