"""Whom one may ask for a talk, and who answers for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from members.models import Account, Liaison, Member, Post
from members.permissions import leading_posts
from talks.figures.requests.limits import request_limits
from talks.figures.slots import free_times
from talks.models import Deputy
from talks.rules.office_hours import Slot

SHOWN_SLOTS = 2
SHOWN_ABOVE = 3


@dataclass(frozen=True, slots=True)
class LeaderCard:
    """A leader as who would ask him sees him: name, posts, next free times; who answers while he is away."""

    code: str
    name: str
    posts: str
    slots: tuple[Slot, ...] = ()
    away: str = ""


@dataclass(frozen=True, slots=True)
class LeaderGroup:
    """The leaders of one organisation; in the member's own his liaison stands first.

    Of an organisation above only the first are shown at once.
    """

    name: str
    first: tuple[LeaderCard, ...]
    others: tuple[LeaderCard, ...] = ()


def leader_groups(account: Account, *, now: datetime, who: str = "") -> list[LeaderGroup]:
    """Whom the account may ask, by organisation, the nearest first; a constant number of queries.

    `now` is local time without a zone, `who` narrows by name, pinyin or initials.
    """
    today = now.date()
    posts = leading_posts(account, today=today).select_related("member", "organisation")
    if who.strip():
        posts = posts.filter(member__in=Member.objects.named_like(who).values("pk"))
    rows = list(posts)
    leaders = {post.member_id for post in rows}
    free = free_times(leaders, requester=account.member_id, now=now, until=request_limits().hold_due(today))
    liaisons = set(
        Liaison.objects.in_force(today)
        .filter(member=account.member_id, committee_member__in=leaders)
        .values_list("committee_member", flat=True)
    )
    away = away_words(account, leaders, today=today)
    titles: dict[int, list[str]] = {}
    for post in rows:
        titles.setdefault(post.member_id, []).append(post.title)
    groups: dict[str, list[LeaderCard]] = {post.organisation.name: [] for post in rows}
    shown: set[int] = set()
    # Who leads in several organisations stands in the nearest; of the member's own his liaison comes first.
    for post in sorted(rows, key=lambda row: row.member_id not in liaisons):
        if post.member_id in shown:
            continue
        shown.add(post.member_id)
        words = titles[post.member_id] + ["您的联系委员"] * (post.member_id in liaisons)
        groups[post.organisation.name].append(
            LeaderCard(
                code=post.member.code,
                name=post.member.name,
                posts="，".join(words),
                slots=tuple(free[post.member_id][:SHOWN_SLOTS]),
                away=away.get(post.member_id, ""),
            )
        )
    found = [(name, tuple(cards)) for name, cards in groups.items() if cards]
    most = len(rows) if who.strip() else SHOWN_ABOVE
    return [
        LeaderGroup(name, cards) if place == 0 else LeaderGroup(name, cards[:most], cards[most:])
        for place, (name, cards) in enumerate(found)
    ]


def card_of(account: Account, member: Member, *, today: date) -> LeaderCard:
    """The leader without his times."""
    posts = leading_posts(account, today=today).filter(member=member).values_list("title", flat=True)
    away = away_words(account, [member.pk], today=today).get(member.pk, "")
    return LeaderCard(member.code, member.name, "、".join(posts), away=away)


def away_words(account: Account, leaders: Collection[int], *, today: date) -> dict[int, str]:
    """Of each leader who is away today: until when, and who answers the account, whom it might ask itself."""
    rows = Deputy.objects.filter(
        leader__in=leaders,
        deputy__in=leading_posts(account, today=today).order_by().values("member"),
        since__lte=today,
        until__gt=today,
    ).select_related("deputy")
    return {
        row.leader_id: f"外出至{row.last.month}月{row.last.day}日，由{row.deputy.name}代为答复"
        for row in rows
    }


def colleague_choices(posts: Iterable[Post]) -> list[tuple[str, str]]:
    """Code and name with posts, each person once."""
    titles: dict[str, str] = {}
    for post in posts:
        there = titles.get(post.member.code)
        titles[post.member.code] = f"{there}、{post.title}" if there else f"{post.member.name}，{post.title}"
    return list(titles.items())


def deputies_of(account: Account, today: date) -> list[Deputy]:
    """Those that the account's member has named, whose days are not over."""
    rows = Deputy.objects.filter(leader=account.member_id, until__gt=today)
    return list(rows.select_related("deputy").order_by("since"))
