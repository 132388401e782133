"""Who stands behind the duties of a page: rules, posts, and those in their roles today."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TypeVar

from branches.rules import BRANCH_KINDS
from members.models import Liaison, Member, Portfolio, Post
from talks.models import Duty
from talks.rules.facts import Rule
from talks.rules.words import ROLE_NAMES, TalkerRole

BY_SUPERIOR = "由上级党组织谈话"
BOTH = "两人互谈"
Row = TypeVar("Row")


class Cast:
    """Of all the duties given at once: a constant number of queries."""

    def __init__(self, duties: Collection[Duty], *, today: date, rules: Mapping[str, Rule]) -> None:
        self.today = today
        self.duties = [duty for duty in duties if not duty.is_pair]
        self.subjects = {duty.subject_id for duty in self.duties}
        self.rules = rules

    @cached_property
    def posts(self) -> dict[int, list[Post]]:
        """The posts of the persons today, team posts first."""
        rows = Post.objects.in_force(self.today).filter(member__in=self.subjects)
        return _grouped(rows.order_by("-is_team", "-is_head", "title"), "member_id")

    @cached_property
    def teams(self) -> dict[int, list[Post]]:
        """The team posts, today, of the organisations in which the roles were found."""
        places = {duty.group_at_id for duty in self.duties}
        rows = Post.objects.in_force(self.today).filter(organisation__in=places, is_team=True)
        return _grouped(rows.select_related("member").order_by("member__code"), "organisation_id")

    @cached_property
    def liaisons(self) -> dict[int, list[Liaison]]:
        """Who keeps in contact with the persons today."""
        rows = Liaison.objects.in_force(self.today).filter(member__in=self.subjects)
        return _grouped(
            rows.select_related("committee_member").order_by("committee_member__code"), "member_id"
        )

    @cached_property
    def portfolios(self) -> dict[int, list[Portfolio]]:
        """Who is in charge, today, of the departments in which the persons hold a post."""
        departments = {post.department_id for posts in self.posts.values() for post in posts}
        rows = Portfolio.objects.in_force(self.today).filter(department__in=departments - {None})
        return _grouped(rows.select_related("member").order_by("member__code"), "department_id")

    def holders(self, duty: Duty) -> list[Member]:
        """Those in the role today, by code; nobody for the role of an ordinary member, where any may talk."""
        match duty.group:
            case TalkerRole.PRINCIPAL:
                found = [post.member for post in self._team(duty) if post.is_principal]
            case TalkerRole.TEAM:
                found = [post.member for post in self._team(duty)]
            case TalkerRole.LIAISON:
                found = self._kept(duty)
            case TalkerRole.LEADER:
                places = {post.member_id for post in self._team(duty)}
                found = [
                    portfolio.member
                    for post in self.posts.get(duty.subject_id, ())
                    if post.organisation_id == duty.group_at_id and post.department_id
                    for portfolio in self.portfolios.get(post.department_id, ())
                    if portfolio.member_id in places
                ]
            case _:
                found = []
        others = {member.code: member for member in found if member.pk != duty.subject_id}
        return [others[code] for code in sorted(others)]

    def _team(self, duty: Duty) -> list[Post]:
        return self.teams.get(duty.group_at_id, []) if duty.group_at_id else []

    def _kept(self, duty: Duty) -> list[Member]:
        return [liaison.committee_member for liaison in self.liaisons.get(duty.subject_id, ())]

    def in_contact(self, duty: Duty) -> str:
        """Names of those in the role who keep in contact with the person."""
        if duty.role not in (TalkerRole.TEAM, TalkerRole.LIAISON):
            return ""
        kept = {member.pk for member in self._kept(duty)}
        return "、".join(member.name for member in self.holders(duty) if member.pk in kept)

    def by_whom(self, duty: Duty) -> str:
        """Who is to talk: the role, and by name up to two."""
        if duty.is_pair:
            return BOTH
        if not duty.group:
            return BY_SUPERIOR
        role = role_name(duty)
        if duty.group == TalkerRole.ORDINARY:
            return f"本支部任一{role}"
        kept = self.in_contact(duty)
        if kept:
            return f"{role}　联系委员{kept}"
        holders = self.holders(duty)
        names = "、".join(member.name for member in holders[:2])
        return f"{role}　{names}" if len(holders) <= 2 else f"{role}　{names}等{len(holders)}人"

    def who_may(self, duty: Duty) -> str:
        """`by_whom` as a clause of a sentence."""
        if duty.is_pair:
            return BOTH
        if not duty.group:
            return BY_SUPERIOR
        holders = self.holders(duty)
        if len(holders) == 1:
            return f"由{holders[0].name}谈"
        kept = self.in_contact(duty)
        return f"{role_name(duty)}均可谈" + (f"，联系委员{kept}" if kept else "")

    def post_of(self, duty: Duty) -> str:
        """The title of a post that the person holds today, team posts first; empty for an ordinary member."""
        posts = self.posts.get(duty.subject_id)
        return posts[0].title if posts else ""


def role_name(duty: Duty) -> str:
    """The role in Chinese; the team of a branch is its 支委."""
    if not duty.role:
        return ""
    if duty.role == TalkerRole.TEAM and duty.organisation.kind in BRANCH_KINDS:
        return "支委"
    return ROLE_NAMES[TalkerRole(duty.role)]


def _grouped(rows: Iterable[Row], key: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row, key), []).append(row)
    return found
