"""提醒 as their addressee reads them: what is owed, in a sentence, as it stands today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.urls import reverse

from members.models import Account
from talks.figures.worklist import DutyLine, Worklist, persons_of
from talks.models import Delivery, Duty, Notice
from talks.models.notices import NoticeQuerySet as Notices
from talks.permissions import masked_duties, visible_deliveries
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
    """Of how many duties the account has a notice to read; one query, asked by every page."""
    found = Notice.objects.of(account).unread(today).aggregate(number=Count("duty", distinct=True))
    return int(found["number"])


def listed_notices(account: Account, *, today: date, shown: str) -> Notices:
    """The newest notice of each duty, unread ones first; `shown`: unread, read or all.

    Those of duties that the account may not know by name come last of their kind: among the others their
    place would tell the day.
    """
    found = Notice.objects.of(account).newest()
    unread = Notice.objects.of(account).unread(today).values("pk")
    if shown == "unread":
        found = found.filter(pk__in=unread)
    elif shown == "read":
        found = found.exclude(pk__in=unread)
    first = Case(When(pk__in=unread, then=Value(0)), default=Value(1), output_field=IntegerField())
    masked = masked_duties(account, today=today).values("pk")
    last = Case(When(duty__in=masked, then=Value(1)), default=Value(0), output_field=IntegerField())
    return found.annotate(rank=first, is_masked=last).order_by(
        "rank", "is_masked", "-noticed_on", "duty__due_on", "-pk"
    )


def notice_lines(account: Account, notices: Collection[Notice], *, today: date) -> list[NoticeLine]:
    """The notices as rows, with a number of queries that does not grow with them.

    Who may not know an event duty by name reads 「事件类必谈」, without a day from which the person could be
    guessed; who may no longer know of a duty at all reads only that.
    """
    worklist = Worklist(account, today=today, year=today.year)
    duties = {notice.duty_id for notice in notices}
    lines = {line.duty.pk: line for line in worklist.lines(worklist.known.filter(pk__in=duties))}
    masked = set(
        masked_duties(account, today=today).filter(pk__in=duties - set(lines)).values_list("pk", flat=True)
    )
    found = []
    for notice in notices:
        line = lines.get(notice.duty_id)
        sentence, reason, url = GONE, GONE_REASON, ""
        if line:
            sentence, reason, url = _sentence(account, line, today), _reason(line), _duty_url(line.duty)
        elif notice.duty_id in masked:
            sentence, reason, url = MASKED, MASKED_REASON, reverse("duties")
        found.append(
            NoticeLine(
                pk=notice.pk,
                sentence=sentence,
                reason=reason,
                url=url,
                noticed_on=notice.noticed_on if line else None,
                is_unread=notice.rank == 0,  # type: ignore[attr-defined]
            )
        )
    return found


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
