"""我的: what concerns a member himself, and who has read his records."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from members.models import Account
from talks.models import Opinion, Participant, Remedy, Side, Talk, TalkRequest
from talks.permissions import visible_opinions
from vault.models import TrailEntry

# What counts as reading, by what it is about.
OF_TALKS = ("查看谈话内容", "调阅谈话内容", "下载附件")
OF_REQUESTS = ("查看约谈事由",)
OF_PERSON = ("查看联系方式",)


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """What somebody suggested in a talk, and what has become of it so far."""

    opinion: Opinion
    outcome: str
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """That somebody read: when, who, what of it."""

    at: datetime
    who: str
    what: str
    about: str


def own_talks(account: Account) -> QuerySet[Talk]:
    """The talks in which the account's member takes part, the newest first; nothing sealed is loaded."""
    people = Prefetch(
        "participants", Participant.objects.select_related("member").order_by("side", "member__code")
    )
    mine = Participant.objects.filter(member=account.member_id).values("talk")
    rows = Talk.objects.filter(pk__in=mine).defer("topic", "content", "cancel_reason")
    return rows.order_by("-held_on", "-pk").prefetch_related(people)


def own_opinions(account: Account, *, today: date) -> QuerySet[Opinion]:
    """What was noted as suggested in the talks with the account's member, as far as it may read them."""
    subject = Participant.objects.filter(member=account.member_id, side=Side.SUBJECT).values("talk")
    found = visible_opinions(account, today=today, talks=subject)
    return found.select_related("talk", "released__meeting", "released__merged").order_by(
        "-talk__held_on", "number"
    )


def opinion_lines(opinions: QuerySet[Opinion], *, today: date) -> list[OpinionLine]:
    """The opinions with what has become of them; the remedies are those that the talk agreed on."""
    rows = opinions.prefetch_related(Prefetch("talk__remedies", Remedy.objects.with_state(today)))
    return [OpinionLine(row, _outcome(row), tuple(row.talk.remedies.all())) for row in rows]


def _outcome(opinion: Opinion) -> str:
    released = getattr(opinion, "released", None)
    if released is None:
        return "谈话人尚未转交组织"
    meeting = f"{released.meeting.year}年{released.meeting.kind}"
    return f"已由组织梳理，列入{meeting}" if released.merged_id else f"已转交组织，用于{meeting}"


def readings_of(account: Account) -> QuerySet[TrailEntry]:
    """The entries of the trail that somebody else has read what concerns the member, the newest first.

    His talks, his requests, his telephone number. What he read himself is left out.
    """
    if not account.member:
        return TrailEntry.objects.none()
    mine = Participant.objects.filter(member=account.member_id).values_list("talk__code", flat=True)
    requests = TalkRequest.objects.filter(requester=account.member_id).values_list("code", flat=True)
    # As lists: the database then finds their entries by the index, however long the trail is.
    about = (
        Q(target__in=list(mine), target_kind="谈话", action__in=OF_TALKS)
        | Q(target__in=list(requests), target_kind="约谈申请", action__in=OF_REQUESTS)
        | Q(target=account.member.code, target_kind="党员", action__in=OF_PERSON)
    )
    return TrailEntry.objects.filter(about).exclude(account=account.username).order_by("-number")


def reading_lines(entries: list[TrailEntry]) -> list[ReadingLine]:
    """The entries as rows, with the names of those who read."""
    accounts = Account.objects.filter(username__in={entry.account for entry in entries})
    names = dict(accounts.values_list("username", "name"))
    codes = {entry.target for entry in entries if entry.target_kind == "谈话"}
    days = dict(Talk.objects.filter(code__in=codes).values_list("code", "held_on"))
    return [
        ReadingLine(
            at=timezone.localtime(entry.at),
            who=names.get(entry.account, "已停用的账号"),
            what=entry.action if entry.succeeded else f"{entry.action}（未成功）",
            about=_about(entry, days.get(entry.target)),
        )
        for entry in entries
    ]


def _about(entry: TrailEntry, held_on: date | None) -> str:
    if held_on:
        return f"{held_on.year}年{held_on.month}月{held_on.day}日的谈话"
    return "约谈申请" if entry.target_kind == "约谈申请" else "联系方式"
