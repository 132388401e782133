"""Screens of talks, and the frame that every screen stands in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject, cached_property

from members.models import Account, Liaison, MandateKind, Post
from members.permissions.standing import Standing, standing_of
from talks.figures.disclosures import unread_disclosures
from talks.figures.notices import unread_count
from talks.figures.requests import unread_requests

ROSTER = ("organisation", "department", "member", "affiliation", "post", "portfolio", "liaison")


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the main navigation."""

    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in, and as what."""

    name: str
    post: str


class Frame:
    """What the frame says of the account today; each thing is read once, when it is asked for."""

    def __init__(self, account: Account, today: date) -> None:
        self.account = account
        self.today = today

    @cached_property
    def standing(self) -> Standing:
        """Its mandates and posts in force."""
        return standing_of(self.account, self.today)

    @cached_property
    def title(self) -> str:
        """The line beside the name: the weightiest post, else the mandate, else 党员."""
        posts = Post.objects.in_force(self.today).filter(member=self.account.member_id)
        titles = posts.order_by("-is_principal", "-is_team", "-is_head", "since", "pk")
        post = titles.values_list("title", flat=True).first() if self.account.member_id else None
        mandates = [kind.label for kind in MandateKind if kind in self.standing.kinds]
        return post or (mandates[0] if mandates else "党员" if self.account.member_id else "")

    @cached_property
    def keeps_contact(self) -> bool:
        """Whether members are assigned to the person as their contact."""
        kept = Liaison.objects.in_force(self.today).filter(committee_member=self.account.member_id)
        return self.account.member_id is not None and kept.exists()

    def entries(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Name, address, and how the names of the addresses begin for which the entry is the current one."""
        kinds, leads = self.standing.kinds, bool(self.standing.led)
        staff = MandateKind.STAFF in kinds
        inspector = MandateKind.INSPECTOR in kinds
        yield "工作台", "workbench", ("workbench",)
        if inspector:
            yield "督查总览", "inspection", ("inspection",)
        if self.account.member_id or staff or inspector:
            yield "应谈清单", "duties", ("duties", "duty", "waiver")
            yield "日历", "calendar", ("calendar",)
            yield "谈话", "talks", ("talk",)
            if self.account.member_id:
                yield "约谈", "requests", ("request",)
                yield "我的", "own", ("own",)
            else:
                yield "约谈", "request-figures", ("request",)
            yield "会议", "meetings", ("meeting",)
            yield "整改台账", "remedies", ("remed", "settlement")
            if self.standing.team or staff or self.keeps_contact:
                yield "联系党员", "contacts", ("contact",)
            yield "党组织", "organisations", ROSTER
            yield "规则", "rules", ("rule",)
        if leads:
            yield "事件", "events", ("event",)
        if staff or inspector or leads:
            yield "报告", "reports", ("report",)
        if inspector or leads:
            yield "疑点", "findings", ("finding", "sample", "disclosure")
        if staff:
            yield "导入导出", "uploads", ("upload", "export")
        if staff or MandateKind.SYSTEM in kinds:
            yield "账号", "accounts", ("account",)
        if MandateKind.SYSTEM in kinds:
            yield "工作日", "working-days", ("working-day",)
        if leads or MandateKind.SECURITY in kinds:
            yield "授权", "mandates", ("mandate", "reset")
        if MandateKind.AUDITOR in kinds:
            yield "审计", "trail", ("trail",)


def frame(request: HttpRequest) -> dict[str, object]:
    """Context of base.html. Nothing is read before the page asks for it; a partial asks for nothing."""
    account = getattr(request, "user", None)
    told = Frame(account, timezone.localdate()) if isinstance(account, Account) else None
    return {
        "nav": SimpleLazyObject(lambda: _nav(request, told) if told else ()),
        "who": SimpleLazyObject(lambda: Who(told.account.name, told.title) if told else None),
        "unread_notices": SimpleLazyObject(lambda: _unread(told) if told else 0),
        "demonstration": SimpleLazyObject(
            lambda: Account.objects.filter(is_demonstration=True).exists(),
        ),
    }


def _unread(told: Frame) -> int:
    owed = unread_count(told.account, told.today) + unread_requests(told.account, today=told.today)
    return owed + unread_disclosures(told.account, today=told.today)


def _nav(request: HttpRequest, told: Frame) -> tuple[NavItem, ...]:
    match = request.resolver_match
    here = (match.url_name or "") if match else ""
    items = []
    for name, address, below in told.entries():
        try:
            url = reverse(address)
        except NoReverseMatch:
            continue
        items.append(NavItem(name, url, here.startswith(below)))
    return tuple(items)
