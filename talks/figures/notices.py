"""提醒 as their addressee reads them: what is owed or was agreed, in a sentence, as it stands today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, Q, Value, When
from django.urls import reverse

from branches.rules.dates import chinese_date
from members.models import Account
from members.permissions import led_organisations
from talks.figures.worklist import DutyLine, Worklist, persons_of
from talks.models import Delivery, Duty, Notice, Side
from talks.models.notices import NoticeQuerySet as Notices
from talks.models.notices import talked_again
from talks.permissions import known_remedies, masked_duties, told_kind, visible_deliveries
from talks.rules.chasing import standing_words, talk_words

SETTLED = {"done": "已完成", "late": "已完成", "waived": "已免予", "withdrawn": "已撤销"}
MASKED = "事件类必谈"
MASKED_REASON = "所属党组织有需要督促办理的事项，姓名和情形不在此显示"
GONE = "一项已不由您办理的应谈事项"
GONE_REASON = "您的任职或职责范围已有变化"


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice as a row; `url` is empty where the duty is nothing to its reader any more."""

    pk: int
    sentence: str
    reason: str
    url: str
    noticed_on: date | None
    is_unread: bool


def unread_count(account: Account, today: date) -> int:
    """Of how many things the account has a notice to read: one plain query, for every page asks it.

    As `things_of` those unread; only a 回访 to read takes another query.
    """
    columns = (
        *("duty", "duty__withdrawn_on", "duty__met_on", "duty__waived_on"),
        *("remedy", "remedy__settled_on", "follow_up"),
    )
    duties, remedies, follow_ups = set(), set(), set()
    told = Notice.objects.of(account).filter(read_at=None)
    for duty, withdrawn, met, waived, remedy, settled, follow_up in told.values_list(*columns):
        if duty and not withdrawn and not met and (not waived or waived > today):
            duties.add(duty)
        if remedy and not settled:
            remedies.add(remedy)
        if follow_up:
            follow_ups.add(follow_up)
    held = told.filter(follow_up__in=follow_ups).unread(today) if follow_ups else Notice.objects.none()
    return len(duties) + len(remedies) + held.values("follow_up").distinct().count()


def things_of(notices: Notices) -> tuple[int, int]:
    """How many duties, and how many remedies and 回访, the notices are of."""
    found = notices.aggregate(
        duties=Count("duty", distinct=True),
        remedies=Count("remedy", distinct=True),
        follow_ups=Count("follow_up", distinct=True),
    )
    return int(found["duties"]), int(found["remedies"] + found["follow_ups"])


def listed_notices(account: Account, *, today: date, shown: str) -> Notices:
    """The newest notice of each thing, unread ones first; `shown`: unread, read or all.

    Those of what the account may not know by name come last of their kind: among the others their
    place would tell the day.
    """
    found = Notice.objects.of(account).newest()
    unread = Notice.objects.of(account).unread(today).values("pk")
    if shown == "unread":
        found = found.filter(pk__in=unread)
    elif shown == "read":
        found = found.exclude(pk__in=unread)
    first = Case(When(pk__in=unread, then=Value(0)), default=Value(1), output_field=IntegerField())
    # What few are found first: the conditions of all rights in one query take longer to say than to answer.
    masked = _masked_events(account, today)
    strange, unknown = _strange_remedies(account, today), _unknown_follow_ups(account, today)
    last = Case(
        When(Q(duty__in=masked) | Q(remedy__in=strange) | Q(follow_up__in=unknown), then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    return found.annotate(rank=first, is_masked=last).order_by(
        "rank", "is_masked", "-noticed_on", "duty__due_on", "-pk"
    )


def _masked_events(account: Account, today: date) -> set[int]:
    """Of the event duties in the account's notices those that it may not know by name, by primary key."""
    told = _things(account, "duty", duty__is_event=True)
    if not told:
        return set()
    return set(masked_duties(account, today=today).filter(pk__in=told).values_list("pk", flat=True))


def _strange_remedies(account: Account, today: date) -> set[int]:
    """Of the remedies in its notices those that it may not know of."""
    told = _things(account, "remedy", remedy__isnull=False)
    if not told:
        return set()
    known = known_remedies(account, today=today).filter(pk__in=told).order_by()
    return told - set(known.values_list("pk", flat=True))


def _unknown_follow_ups(account: Account, today: date) -> set[int]:
    """Of the talks with a 回访 in its notices those whose 回访 it may not know of."""
    told = _things(account, "follow_up", follow_up__isnull=False)
    if not told:
        return set()
    known = told_kind(account, today=today).filter(pk__in=told).order_by()
    return told - set(known.values_list("pk", flat=True))


def _things(account: Account, what: str, **condition: bool) -> set[int]:
    """Of what the account has notices, by primary key."""
    rows = Notice.objects.of(account).filter(**condition).order_by()
    return set(rows.values_list(what, flat=True).distinct())


def notice_lines(account: Account, notices: Collection[Notice], *, today: date) -> list[NoticeLine]:
    """The notices as rows, with a number of queries that does not grow with them.

    Who may not know an event duty by name reads 「事件类必谈」, without a day from which the person could be
    guessed; who may no longer know of a duty at all reads only that.
    """
    duties = {notice.duty_id for notice in notices if notice.duty_id}
    told: dict[tuple[str, int], Told] = _told_duties(account, duties, today)
    told |= _told_remedies(account, {notice.remedy_id for notice in notices if notice.remedy_id}, today)
    told |= _told_follow_ups(account, {one.follow_up_id for one in notices if one.follow_up_id}, today)
    leads = led_organisations(account, today=today).exists()
    found = []
    for notice in notices:
        if notice.duty_id:
            one = told.get(("duty", notice.duty_id), GONE_DUTY)
        elif notice.remedy_id:
            one = told.get(("remedy", notice.remedy_id), MASKED_AGREED if leads else GONE_AGREED)
        else:
            one = told.get(("follow_up", notice.follow_up_id or 0), MASKED_AGREED if leads else GONE_AGREED)
        found.append(
            NoticeLine(
                pk=notice.pk,
                sentence=one.sentence,
                reason=one.reason,
                url=one.url,
                noticed_on=notice.noticed_on if one.is_named else None,
                is_unread=notice.rank == 0,  # type: ignore[attr-defined]
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told of one thing that he was reminded of."""

    sentence: str
    reason: str
    url: str = ""
    is_named: bool = False


GONE_DUTY = Told(GONE, GONE_REASON)
GONE_AGREED = Told("一项已不由您办理的整改或回访事项", GONE_REASON)
MASKED_AGREED = Told("整改或回访事项", "所属党组织有需要督促办理的事项，姓名和内容不在此显示")


def _told_duties(account: Account, duties: set[int], today: date) -> dict[tuple[str, int], Told]:
    if not duties:
        return {}
    worklist = Worklist(account, today=today, year=today.year)
    lines = worklist.lines(worklist.known.filter(pk__in=duties))
    told = {
        ("duty", line.duty.pk): Told(
            _sentence(account, line, today), _reason(line), _duty_url(line.duty), is_named=True
        )
        for line in lines
    }
    others = duties - {pk for _, pk in told}
    masked = masked_duties(account, today=today).filter(pk__in=others) if others else Duty.objects.none()
    for pk in masked.values_list("pk", flat=True):
        told.setdefault(("duty", pk), Told(MASKED, MASKED_REASON, reverse("duties")))
    return told


def _told_remedies(account: Account, remedies: set[int], today: date) -> dict[tuple[str, int], Told]:
    """Whose remedy it is and how it stands; what it says is read on its page."""
    if not remedies:
        return {}
    known = known_remedies(account, today=today).filter(pk__in=remedies).with_state(today)
    told = {}
    for remedy in known.select_related("owner", "organisation").defer("text", "released_text"):
        whose = "您负责的" if remedy.owner_id == account.member_id else ""
        if remedy.owner and not whose:
            whose = f"{remedy.owner.name}同志负责的"
        standing = _limit(remedy.settled_on is not None, remedy.due_on, today, "已销号")
        place = remedy.organisation.name if remedy.organisation else "没有列入台账"
        url = reverse("remedy", args=[remedy.pk])
        told["remedy", remedy.pk] = Told(f"{whose}整改措施{standing}", f"整改　{place}", url, is_named=True)
    return told


def _told_follow_ups(account: Account, talks: set[int], today: date) -> dict[tuple[str, int], Told]:
    """With whom to talk again, for those who may know that it was agreed."""
    if not talks:
        return {}
    told = {}
    known = told_kind(account, today=today).filter(pk__in=talks)
    rows: Any = known.annotate(is_met=Exists(talked_again("pk"))).defer("topic", "content", "cancel_reason")
    for talk in rows.prefetch_related("participants__member"):
        people = talk.participants.all()
        mine = any(row.member_id == account.member_id and row.side == Side.TALKER for row in people)
        others = [row.member.name for row in people if row.side == Side.SUBJECT]
        words = talk_words(others, takes_part=mine).removesuffix("谈话") + "回访"
        standing = _limit(talk.is_met, talk.follow_up_on, today, "已完成")
        day = chinese_date(talk.held_on)
        url = reverse("talk", args=[talk.code])
        told["follow_up", talk.pk] = Told(f"{words}{standing}", f"{day}的谈话约定再谈", url, is_named=True)
    return told


def _limit(is_settled: bool, due_on: date | None, today: date, settled: str) -> str:
    if is_settled:
        return settled
    return standing_words(due_on, today) if due_on else "已不限时"


def _duty_url(duty: Duty) -> str:
    return reverse("duty", args=[duty.pk])


def _sentence(account: Account, line: DutyLine, today: date) -> str:
    others = [member.name for member in persons_of(line.duty) if member.pk != account.member_id]
    mine: bool = line.duty.mine  # type: ignore[attr-defined]
    standing = SETTLED.get(line.tone) or standing_words(line.duty.due_on, today)
    return talk_words(others, takes_part=mine) + standing


def _reason(line: DutyLine) -> str:
    return f"{line.title}　{line.organisation}"


def troubled_delivery(account: Account, today: date) -> Delivery | None:
    """The last message to the account, where it is not certain that it arrived."""
    states = (Delivery.State.SENT, Delivery.State.UNCLEAR, Delivery.State.FAILED)
    last = visible_deliveries(account, today=today).filter(Q(state__in=states)).first()
    return last if last and last.state != Delivery.State.SENT else None
