"""党组织: the tree, one organisation with its team, departments and roster, and what is entered about them.

They stand here and not in branches: who may see what follows from posts and mandates, which branches does not
know of.
"""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches import services
from branches.forms.organisations import DissolutionForm, OrganisationForm
from branches.models import Organisation, OrganisationQuerySet
from branches.rules import COMMITTEE_KINDS
from members.figures.pages import UncountedPages
from members.figures.tree import is_large_tree, lines_of, principals_of, tree_of
from members.forms.organisations import OrganisationSearchForm
from members.forms.people import RosterForm
from members.models import Account, Post
from members.permissions import (
    confirmable_posts,
    editable_organisations,
    listed_otherwise,
    lists_many,
    own_organisations,
    reported_organisations,
    roster_affiliations,
    staff_organisations,
    team_organisations,
    visible_departments,
    visible_liaisons,
    visible_members,
    visible_organisations,
    visible_portfolios,
    visible_posts,
)
from members.views import account_of, actor_of
from members.views.entries import Entry, Question, asked, entry_page, kept

PAGE = 25
# Posts that wait for a confirmation; the next come when these are done.
MOST_WAITING = 50


@require_safe
def organisations_page(request: HttpRequest) -> HttpResponse:
    """The tree of the organisations that one may know, and the posts that wait for one's confirmation."""
    account, today = account_of(request), timezone.localdate()
    search = OrganisationSearchForm(request.GET)
    counted = reported_organisations(account, today=today) | own_organisations(account, today=today)
    rows = search.narrow(visible_organisations(account, today=today), today)
    page: Page[Any]
    number, is_large = request.GET.get("page"), is_large_tree(rows)
    if is_large:
        page = UncountedPages(rows.select_related("superior").order_by("path"), PAGE).get_page(number)
        page.object_list = lines_of(list(page.object_list), among=rows, counted=counted, today=today)
    else:
        page = Paginator(tree_of(rows, counted=counted, today=today), PAGE).get_page(number)
    waiting = confirmable_posts(account, today=today).select_related("member", "organisation")
    context = {
        "search": search,
        "is_narrowed": search.is_narrowed,
        "page": page,
        "is_large": is_large,
        "principals": principals_of([line.organisation for line in page], today),
        "waiting": list(waiting.order_by("organisation__path", "pk")[: MOST_WAITING + 1]),
        "most_waiting": MOST_WAITING,
        "may_add": _superiors(account, today).exists(),
        "sees_others": _sees_others(account, today),
        "today": today,
    }
    return render(request, "members/organisations.html", context)


def _sees_others(account: Account, today: date) -> bool:
    """Whether 党员 would list anybody but himself; who keeps very many organisations is not asked."""
    if lists_many(account, today=today):
        return True
    himself = account.member_id or 0
    listed = roster_affiliations(account, today=today).exclude(member=himself)
    return listed.exists() or listed_otherwise(account, today=today).exclude(pk=himself).exists()


@require_safe
def organisation_page(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation: its team first, then, where one may see it, roster, departments, liaisons."""
    account, today = account_of(request), timezone.localdate()
    visible = visible_organisations(account, today=today)
    organisation = get_object_or_404(visible, code=code)
    may_edit = editable_organisations(account, today=today).filter(pk=organisation.pk).exists()
    sees_roster = may_edit or _sees_roster(account, organisation, today)
    parts = ["posts", *(["roster", "departments"] if sees_roster else ())]
    if sees_roster and organisation.is_branch:
        parts.append("liaisons")
    part = request.GET.get("part", "")
    part = part if part in parts else parts[0]
    context = {
        "organisation": organisation,
        "above": list(visible.above(organisation))[::-1],
        "below": Paginator(visible.filter(superior=organisation).order_by("code"), PAGE).get_page(
            request.GET.get("below")
        ),
        "principals": principals_of([organisation], today).get(organisation.pk, ""),
        "parts": parts,
        "part": part,
        "may_edit": may_edit,
        "is_staff": staff_organisations(account, today=today).filter(pk=organisation.pk).exists(),
        "today": today,
        **PARTS[part](request, account, organisation, today),
    }
    return render(request, "members/organisation.html", context)


def _posts(
    request: HttpRequest, account: Account, organisation: Organisation, today: date
) -> dict[str, object]:
    waiting = confirmable_posts(account, today=today).filter(organisation=organisation)
    seen = visible_posts(account, today=today).in_force(today).filter(organisation=organisation)
    rows = (
        Post.objects.filter(
            Q(pk__in=seen.order_by().values("pk")) | Q(pk__in=waiting.order_by().values("pk"))
        )
        .select_related("member", "department")
        .order_by("-is_principal", "-is_team", "-is_head", "since", "member__code", "pk")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    known = visible_members(account, today=today).filter(pk__in={post.member_id for post in page})
    return {
        "page": page,
        "known": set(known.values_list("pk", flat=True)),
        "waiting": set(waiting.values_list("pk", flat=True)),
    }


def _roster(
    request: HttpRequest, account: Account, organisation: Organisation, today: date
) -> dict[str, object]:
    search = RosterForm(request.GET)
    members = visible_members(account, today=today).affiliated(organisation, today)
    posts = (
        Post.objects.in_force(today).filter(organisation=organisation).order_by("-is_principal", "-is_team")
    )
    rows = search.narrow(members).order_by("code").prefetch_related(Prefetch("posts", posts, to_attr="held"))
    return {
        "search": search,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "party": members.party_on(today).count(),
    }


def _departments(
    request: HttpRequest, account: Account, organisation: Organisation, today: date
) -> dict[str, object]:
    heads = Post.objects.in_force(today).filter(is_head=True).select_related("member")
    leaders = visible_portfolios(account, today=today).in_force(today).select_related("member")
    rows = (
        visible_departments(account, today=today)
        .filter(organisation=organisation)
        .order_by("code")
        .prefetch_related(Prefetch("posts", heads, to_attr="heads"))
        .prefetch_related(Prefetch("portfolios", leaders, to_attr="leaders"))
    )
    return {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}


def _liaisons(
    request: HttpRequest, account: Account, organisation: Organisation, today: date
) -> dict[str, object]:
    members = visible_members(account, today=today).affiliated(organisation, today)
    rows = (
        visible_liaisons(account, today=today)
        .in_force(today)
        .filter(member__in=members.order_by().values("pk"))
        .select_related("committee_member", "member")
        .order_by("committee_member__code", "member__code", "pk")
    )
    return {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}


PARTS = {"posts": _posts, "roster": _roster, "departments": _departments, "liaisons": _liaisons}


def _sees_roster(account: Account, organisation: Organisation, today: date) -> bool:
    seen = staff_organisations(account, today=today) | team_organisations(account, today=today)
    return seen.filter(pk=organisation.pk).exists()


def organisation_add_page(request: HttpRequest) -> HttpResponse:
    """A new organisation below one that a staff mandate covers."""
    account, today = account_of(request), timezone.localdate()
    superiors = _superiors(account, today)
    get_object_or_404(superiors[:1])
    initial = {"superior": superiors.filter(code=request.GET.get("superior", "")).first()}
    form = OrganisationForm(request.POST or None, initial=initial, superiors=superiors)
    if form.is_valid():
        made = kept(
            form,
            lambda: services.add_organisation(
                actor=actor_of(request), at=timezone.now(), **form.cleaned_data
            ),
        )
        if made:
            messages.success(request, f"已新增{made.name}，编码{made.code}。")
            return redirect("organisation", made.code)
    entry = Entry("新增党组织", "新增党组织", reverse("organisations"))
    return entry_page(request, form, entry)


def organisation_change_page(request: HttpRequest, code: str) -> HttpResponse:
    """Other facts of an organisation; under another superior everything below it moves along."""
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(staff_organisations(account, today=today), code=code)
    superiors = _superiors(account, today).exclude(path__startswith=organisation.path)
    form = OrganisationForm(request.POST or None, instance=organisation, superiors=superiors)
    if form.is_valid():
        data = {"superior": organisation.superior, **form.cleaned_data}
        changed = kept(
            form,
            lambda: services.change_organisation(
                actor=actor_of(request), at=timezone.now(), organisation=organisation, **data
            ),
        )
        if changed:
            messages.success(request, f"{changed.name}的资料已修改。")
            return redirect("organisation", changed.code)
    entry = Entry(
        f"修改{organisation.name}",
        "保存修改",
        reverse("organisation", args=[organisation.code]),
        sub=f"组织编码{organisation.code}",
        removal=reverse("organisation-remove", args=[organisation.code]),
    )
    return entry_page(request, form, entry)


def organisation_dissolve_page(request: HttpRequest, code: str) -> HttpResponse:
    """撤销 from a day on; of one that is dissolved, taking it back."""
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(staff_organisations(account, today=today), code=code)
    here = reverse("organisation", args=[organisation.code])
    if organisation.dissolved:
        question = Question(
            ask=f"取消{organisation.name}的撤销？",
            says="取消后，该组织恢复为现有组织，应谈事项照常产生。",
            keep="保留撤销",
            verb="取消撤销",
            back=here,
        )
        return asked(
            request,
            question,
            lambda: services.dissolve_organisation(
                actor=actor_of(request), at=timezone.now(), organisation=organisation, on=None
            ),
            done=f"已取消{organisation.name}的撤销。",
            forward=here,
        )
    form = DissolutionForm(request.POST or None, initial={"on": today})
    if form.is_valid():
        dissolved = kept(
            form,
            lambda: services.dissolve_organisation(
                actor=actor_of(request), at=timezone.now(), organisation=organisation, **form.cleaned_data
            ),
        )
        if dissolved:
            messages.success(request, f"{organisation.name}已办理撤销。")
            return redirect(here)
    foot = "撤销不会结束任职和组织关系，请另行办理党员的组织关系转接。"
    entry = Entry(f"撤销{organisation.name}", "撤销党组织", here, foot=foot)
    return entry_page(request, form, entry)


def organisation_remove_page(request: HttpRequest, code: str) -> HttpResponse:
    """Deletes an organisation that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(staff_organisations(account, today=today), code=code)
    question = Question(
        ask=f"删除{organisation.name}？",
        says="只能删除录入有误、还没有任何资料的组织。不再使用的组织请办理撤销。",
        keep="保留",
        verb="删除党组织",
        back=reverse("organisation", args=[organisation.code]),
    )
    return asked(
        request,
        question,
        lambda: services.remove_organisation(
            actor=actor_of(request), at=timezone.now(), organisation=organisation
        ),
        done=f"已删除{organisation.name}。",
        forward=reverse("organisations"),
    )


def _superiors(account: Account, today: date) -> OrganisationQuerySet:
    """Under which organisations one may put another: committees of the mandate that stand today."""
    rows = staff_organisations(account, today=today).filter(kind__in=sorted(COMMITTEE_KINDS))
    return rows.standing(today).order_by("path")
