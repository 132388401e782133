"""联系党员 as a list: whose contact is who, who has waited for longest, which way is suggested."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from branches.models import Organisation
from members.models import Account, Liaison, Member, Post
from members.models.people import MemberQuerySet
from talks.permissions import bookable_members, last_talked
from talks.rules.contacts import is_long_ago, since_words, suggested_way


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One member as a row; `key_post` is the title of a 重点岗位, `may_book` whether the account may book."""

    member: Member
    contacts: tuple[Member, ...]
    key_post: str
    since: str
    last: date | None
    is_long_ago: bool
    way: str
    may_book: bool


# The groups of the filter: what is said of a member.
GROUPS = {
    "mine": "我联系的",
    "floating": "流动党员",
    "difficulty": "困难党员",
    "frail": "年老体弱",
    "key": "重点岗位",
    "none": "没有联系人",
}


def contact_lines(
    members: MemberQuerySet, account: Account, organisation: Organisation, *, today: date
) -> list[ContactLine]:
    """The members as rows, who has not been talked with for longest first; a constant number of queries."""
    rows = list(members.defer("phone", "identity_number"))
    contacts = _contacts(rows, today)
    posts = dict(
        Post.objects.in_force(today)
        .filter(organisation=organisation, is_key=True, member__in=rows)
        .order_by("-since")
        .values_list("member", "title")
    )
    last = last_talked(account, rows, today=today)
    bookable = set(
        bookable_members(account, today=today)
        .filter(pk__in=[row.pk for row in rows])
        .order_by()
        .values_list("pk", flat=True)
    )
    lines = [
        ContactLine(
            member=row,
            contacts=tuple(contacts[row.pk]),
            key_post=posts.get(row.pk, ""),
            since=since_words(last.get(row.pk), today),
            last=last.get(row.pk),
            is_long_ago=is_long_ago(last.get(row.pk), today),
            way=suggested_way(
                is_floating=row.is_floating, is_in_difficulty=row.is_in_difficulty, is_frail=row.is_frail
            ),
            may_book=row.pk in bookable and row.pk != account.member_id,
        )
        for row in rows
    ]
    return sorted(lines, key=lambda line: (line.last or date.min, line.member.pinyin, line.member.code))


def _contacts(members: Collection[Member], today: date) -> defaultdict[int, list[Member]]:
    found: defaultdict[int, list[Member]] = defaultdict(list)
    rows = Liaison.objects.in_force(today).filter(member__in=members).select_related("committee_member")
    for row in rows.order_by("since", "pk"):
        found[row.member_id].append(row.committee_member)
    return found


def groups_of(line: ContactLine, account: Account) -> set[str]:
    """The groups of the filter to which the row belongs."""
    member = line.member
    held = {
        "mine": account.member_id in [one.pk for one in line.contacts],
        "floating": member.is_floating,
        "difficulty": member.is_in_difficulty,
        "frail": member.is_frail,
        "key": bool(line.key_post),
        "none": not line.contacts,
    }
    return {name for name, holds in held.items() if holds}


def group_counts(lines: Collection[ContactLine], account: Account) -> Counter[str]:
    """How many rows there are in each group."""
    return Counter(name for line in lines for name in groups_of(line, account))
