"""调阅 as its lists show it, and what those who took part in a talk are told of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.utils import timezone

from branches.rules.dates import chinese_date
from members.models import Account
from members.permissions.standing import standing_of
from talks.models import Disclosure, Participant, Side
from talks.models.disclosures import DisclosureQuerySet
from talks.permissions import (
    asked_disclosures,
    decidable_disclosures,
    readable_disclosures,
    visible_disclosure_notices,
)
from talks.rules.disclosures import DisclosureState
from talks.rules.hours import hour_of

TONES = {
    DisclosureState.WAITING: "pending",
    DisclosureState.OPEN: "scheduled",
    DisclosureState.OVER: "done",
    DisclosureState.DECLINED: "waived",
    DisclosureState.TAKEN_BACK: "waived",
    DisclosureState.REVOKED: "waived",
    DisclosureState.LAPSED: "waived",
}
PEOPLE = Prefetch(
    "talk__participants", Participant.objects.select_related("member").order_by("side", "member__code")
)


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """One disclosure as a row: of which talk, how far it has come, how many minutes are left."""

    disclosure: Disclosure
    talkers: str
    subjects: str
    state: DisclosureState
    minutes_left: int

    @property
    def tone(self) -> str:
        """The sign of its state."""
        return TONES[self.state]

    @property
    def ends_at(self) -> str:
        """Until when it may be read: 15:05; empty where nobody approved it."""
        return _hour(self.disclosure.ends_at)

    @property
    def about(self) -> str:
        """Of which talk, as it stands in a sentence."""
        return f"{chinese_date(self.disclosure.talk.held_on)}{self.talkers}与{self.subjects}的谈话"


@dataclass(frozen=True, slots=True)
class DisclosureNoticeLine:
    """That a record of one's own was disclosed, in a sentence."""

    pk: int
    sentence: str
    reason: str
    noticed_on: date
    is_unread: bool


def listed_disclosures(disclosures: DisclosureQuerySet) -> DisclosureQuerySet:
    """The newest first, with what a row shows; nothing sealed is loaded."""
    return (
        disclosures.select_related("talk", "organisation", "asked_by", "approved_by", "ended_by")
        .defer("reason", "ending_reason", "talk__topic", "talk__content", "talk__cancel_reason")
        .order_by("-asked_at", "-pk")
        .prefetch_related(PEOPLE)
    )


def disclosure_lines(disclosures: Collection[Disclosure], *, at: datetime) -> list[DisclosureLine]:
    """The disclosures, as `listed_disclosures` gave them, as rows at the moment."""
    return [disclosure_line(one, at=at) for one in disclosures]


def disclosure_line(disclosure: Disclosure, *, at: datetime) -> DisclosureLine:
    """One of them; a minute that has begun counts, so that the last is not told as none."""
    rows = list(disclosure.talk.participants.all())
    outside = [disclosure.talk.external_talker] if disclosure.talk.external_talker else []
    state = disclosure.state_at(at)
    left = (disclosure.ends_at - at).total_seconds() if disclosure.ends_at else 0
    return DisclosureLine(
        disclosure,
        "、".join([*outside, *(row.member.name for row in rows if row.side == Side.TALKER)]),
        "、".join(row.member.name for row in rows if row.side == Side.SUBJECT),
        state,
        int(-(-left // 60)) if state is DisclosureState.OPEN else 0,
    )


def to_decide(account: Account, *, at: datetime, today: date, most: int) -> tuple[list[DisclosureLine], int]:
    """Of those that wait for the account's decision the first so many, the oldest first; how many wait."""
    waiting = decidable_disclosures(account, at=at, today=today)
    # Mostly there is none, which is found sooner without all that a line tells.
    if not waiting.order_by().exists():
        return [], 0
    first = listed_disclosures(waiting).order_by("asked_at", "pk")[:most]
    lines = disclosure_lines(list(first), at=at)
    return lines, len(lines) if len(lines) < most else waiting.count()


def open_lines(account: Account, *, at: datetime, today: date) -> list[DisclosureLine]:
    """Those that the account asked for and may read at the moment; none where it inspects nothing."""
    if not standing_of(account, today).inspected:
        return []
    # Mostly it has asked for none, which is found without the condition of what it inspects.
    if not asked_disclosures(account).approved_of_late(at).exists():
        return []
    readable = readable_disclosures(account, today=today).approved_of_late(at)
    lines = disclosure_lines(list(listed_disclosures(readable)), at=at)
    return [line for line in lines if line.state is DisclosureState.OPEN]


def unread_disclosures(account: Account, *, today: date) -> int:
    """Of how many disclosures of its records the account was told and has not read."""
    return visible_disclosure_notices(account, today=today).unread().count()


def disclosure_notice_lines(
    account: Account, *, today: date, most: int, shown: str
) -> list[DisclosureNoticeLine]:
    """The notices, unread ones first; `shown`: unread, read or all."""
    mine = visible_disclosure_notices(account, today=today)
    if shown:
        mine = mine.filter(read_at__isnull=shown == "unread")
    rows = mine.select_related("disclosure__asked_by", "disclosure__approved_by", "disclosure__talk").defer(
        "disclosure__reason",
        "disclosure__ending_reason",
        *(f"disclosure__talk__{name}" for name in ("topic", "content", "cancel_reason")),
    )
    lines = []
    for notice in sorted(rows.order_by("-pk")[:most], key=lambda row: row.read_at is not None):
        made = notice.disclosure
        approved = made.approved_by.name if made.approved_by else ""
        lines.append(
            DisclosureNoticeLine(
                pk=notice.pk,
                sentence=f"您参加的{chinese_date(made.talk.held_on)}谈话的记录已批准调阅",
                reason=f"调阅人{made.asked_by.name}　批准人{approved}　查看时限至{_hour(made.ends_at)}",
                noticed_on=notice.noticed_on,
                is_unread=notice.read_at is None,
            )
        )
    return lines


def _hour(moment: datetime | None) -> str:
    return hour_of(timezone.localtime(moment).time()) if moment else ""
