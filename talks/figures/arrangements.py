"""一键排谈: which pairs of a meeting still want a talk, and when their persons are not free; a draft's window
and shortage in words."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from members.models import Account, Affiliation, Liaison, Member, Post
from talks.figures.worklist import DutyLine, Worklist
from talks.models import ArrangedTalk, Arrangement, Engagement, Meeting, Talk
from talks.permissions import bookable_pairs
from talks.rules.arrangement import MOST_A_DAY, Pair, Shortage, rank_of
from talks.rules.arrangement import Arrangement as Laid
from talks.rules.slots import Busy
from talks.rules.wishes import WHOLE_DAY, Wishes
from talks.rules.words import MeetingKind, Pairing


@dataclass(frozen=True, slots=True)
class UnmetPair:
    """Two persons who are to talk once, under which rules, and which go first (rank, the lower first)."""

    talker: Member
    subject: Member
    rank: int
    title: str

    @property
    def pair(self) -> Pair:
        """As the engine takes it."""
        codes = sorted((self.talker.code, self.subject.code))
        return Pair(self.rank, "+".join(codes), self.talker.code, self.subject.code)


def unmet_pairs(account: Account, meeting: Meeting, *, today: date) -> tuple[UnmetPair, ...]:
    """The pairs of the meeting for which no talk is held or booked, and for whom the account may book one.

    A duty of a role is laid upon somebody in it: a 党员 goes to the committee member who keeps in contact
    with him, else to the one with the fewest; 党员 who still owe each other a talk go two by two.
    """
    worklist = Worklist(account, today=today, year=meeting.year)
    found = worklist.known.filter(
        organisation=meeting.organisation_id, anchor=meeting.anchor, withdrawn_on=None
    )
    lines = worklist.lines(found.order_by("rule", "persons"))
    cast = _Cast(lines, meeting, min(today, meeting.meeting_on - timedelta(days=1)))
    merged: dict[frozenset[int], UnmetPair] = {}
    for line, one, other in cast.pairs():
        talker, subject = sorted((one, other), key=cast.seniority)
        key = frozenset({talker.pk, subject.pk})
        rank = rank_of(line.rule.pairing if line.rule else "")
        before = merged.get(key)
        if before is None:
            merged[key] = UnmetPair(talker, subject, rank, line.title)
        elif line.title not in before.title:
            merged[key] = UnmetPair(talker, subject, min(rank, before.rank), f"{before.title}、{line.title}")
    asked = [(one.talker.pk, one.subject.pk) for one in merged.values()]
    allowed = bookable_pairs(account, asked, today=today)
    return tuple(
        sorted(
            (one for one in merged.values() if (one.talker.pk, one.subject.pk) in allowed),
            key=lambda one: (one.rank, one.pair.key),
        )
    )


class _Cast:
    """Who is who before the meeting, and who is taken for a role."""

    def __init__(self, lines: Sequence[DutyLine], meeting: Meeting, ref: date) -> None:
        self.lines = lines
        posts = Post.objects.in_force(ref).filter(organisation=meeting.organisation_id)
        team = posts.filter(is_team=True).select_related("member").order_by("-is_principal", "member__code")
        self.team = list(dict.fromkeys(post.member for post in team))
        self.principals = {post.member_id for post in team if post.is_principal}
        subjects = [line.duty.subject_id for line in lines if not line.duty.is_pair]
        self.kept: dict[int, int] = dict(
            Liaison.objects.in_force(ref)
            .filter(member__in=subjects, committee_member__in=self.team)
            .order_by("-committee_member__code")
            .values_list("member", "committee_member")
        )
        self.loads: Counter[Member] = Counter()

    def seniority(self, member: Member) -> tuple[bool, bool, str]:
        """The lower talks: a principal, a team member, the lower code."""
        return (member.pk not in self.principals, member not in self.team, member.code)

    def pairs(self) -> Iterable[tuple[DutyLine, Member, Member]]:
        """A duty with two persons for each talk that is wanting."""
        among: list[DutyLine] = []
        for line in self.lines:
            if not line.is_open:
                continue
            if line.duty.counterpart:
                yield line, line.duty.counterpart, line.duty.subject
            elif line.rule and line.rule.pairing == Pairing.COMMITTEE_MEMBER:
                if talker := self._of_team(line.duty.subject):
                    yield line, talker, line.duty.subject
            elif line.rule and line.rule.pairing == Pairing.MEMBER_MEMBER:
                among.append(line)
        yield from self._among(among)

    def _of_team(self, subject: Member) -> Member | None:
        able = [member for member in self.team if member != subject]
        keeper = next((member for member in able if member.pk == self.kept.get(subject.pk)), None)
        talker = keeper or min(able, key=lambda member: (self.loads[member], member.code), default=None)
        if talker:
            self.loads[talker] += 1
        return talker

    def _among(self, lines: Sequence[DutyLine]) -> Iterable[tuple[DutyLine, Member, Member]]:
        for first, second in zip(lines[::2], lines[1::2], strict=False):
            yield first, first.duty.subject, second.duty.subject
        if len(lines) % 2:
            last = lines[-1]
            others = (
                line.duty.subject
                for line in self.lines
                if line.rule
                and line.rule.pairing == Pairing.MEMBER_MEMBER
                and line.duty.subject != last.duty.subject
            )
            if other := next(others, None):
                yield last, other, last.duty.subject


def busy_times(members: Collection[Member], *, since: date, until: date) -> tuple[Busy, ...]:
    """When they are not free from the first to the last of the days: booked talks, and days of meetings.

    A meeting has no hour; on its day nobody who takes part in it is free. A talk that is booked for a day
    without an hour is one of that day's number all the same. The queries do not grow with the persons.
    """
    code = {member.pk: member.code for member in members}
    engaged = Engagement.objects.filter(member__in=code, held_on__range=(since, until))
    rows = engaged.values_list("member", "held_on", "begins", "ends")
    found = [Busy(code[pk], day, begins, ends, counts=True) for pk, day, begins, ends in rows]
    unhoured = Talk.objects.planned().filter(starts_at=None, held_on__range=(since, until))
    of_them = unhoured.filter(participants__member__in=code).order_by()
    found += [
        Busy(code[pk], day, 0, 0, counts=True)
        for pk, day in of_them.values_list("participants__member", "held_on")
        if pk in code
    ]
    return (*found, *_meeting_days(code, since, until))


def _meeting_days(code: Mapping[int, str], since: date, until: date) -> Iterable[Busy]:
    """The days of meetings of those who take part: the team, at 组织生活会 also the party members."""
    posts = Post.objects.filter(member__in=code, is_team=True)
    affiliations = Affiliation.objects.filter(member__in=code)
    places = Q(organisation__in=posts.values("organisation"))
    places |= Q(
        organisation__in=affiliations.values("organisation"), kind=MeetingKind.ORGANISATION_LIFE.value
    )
    meetings = list(Meeting.objects.filter(places, meeting_on__range=(since, until)))
    columns = ("member", "organisation", "since", "until")
    at_team = list(posts.values_list(*columns)) if meetings else []
    at_all = list(affiliations.values_list(*columns)) if meetings else []
    for meeting in meetings:
        there = at_team + at_all if meeting.kind == MeetingKind.ORGANISATION_LIFE else at_team
        attending = {
            pk
            for pk, place, begins, ends in there
            if place == meeting.organisation_id
            and (begins is None or begins <= meeting.meeting_on)
            and (ends is None or meeting.meeting_on < ends)
        }
        yield from (Busy(code[pk], meeting.meeting_on, 0, WHOLE_DAY) for pk in sorted(attending))


def arrangement_of(account: Account, meeting: Meeting) -> Arrangement | None:
    """The account's draft for the meeting, if there is one."""
    return Arrangement.objects.filter(account=account, meeting=meeting).first()


def arranged_talks(arrangement: Arrangement) -> list[ArrangedTalk]:
    """The talks of a draft by day and hour, those without a place last and by rank."""
    rows = arrangement.talks.select_related("talker", "subject")
    return sorted(
        rows,
        key=lambda row: (
            row.held_on is None,
            row.held_on or date.min,
            row.starts_at.isoformat() if row.starts_at else "",
            row.rank,
            row.talker.code,
            row.subject.code,
        ),
    )


def window_of(meeting: Meeting) -> tuple[date, date]:
    """The days on which a talk counts for the meeting: until the day before it."""
    return meeting.opens_on, meeting.meeting_on - timedelta(days=1)


def sentences_of(
    unmet: tuple[UnmetPair, ...], laid: Laid, short: Shortage | None, wishes: Wishes
) -> list[str]:
    """What did not fit and what would make it possible, in words; nothing where all is placed."""
    if short is None:
        return []
    names = {member.code: member.name for one in unmet for member in (one.talker, one.subject)}
    more = f"需增加{short.enough}个时段"
    if short.least < short.enough:
        fewest = f"，至少需增加{short.least}个" if short.least else ""
        more = f"增加{short.enough}个时段可以全部排下{fewest}"
    told = [
        f"{len(unmet)}次谈话中有{len(laid.left)}次排不下。{more}：可在“另加时段”中填写晚上或休息日的时间，"
        "不计入每人每天的上限，需两位同志都有空。"
    ]
    if short.daily_limit:
        told.append(
            f"或者将每人每天的上限由{wishes.daily_limit}次提高到{short.daily_limit}次，也可以全部排下。"
        )
    elif wishes.daily_limit < MOST_A_DAY:
        told.append(f"只提高每人每天的上限（至多{MOST_A_DAY}次）仍排不下。")
    told += [
        f"{names[one.person]}还要谈{one.wanted}次，这段时间最多能排{one.room}次。" for one in short.crowded
    ]
    return told
