"""党员: finding one, one's page, and what is entered about members and their affiliations."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from branches.models import OrganisationQuerySet
from members.figures.rosters import roster_pages
from members.forms.people import AffiliationForm, MemberForm, RosterForm, TransferForm
from members.models import Account, Affiliation, Member, Portfolio, Post
from members.permissions import (
    account_candidates,
    confirmable_posts,
    contact_members,
    editable_members,
    editable_organisations,
    led_organisations,
    visible_affiliations,
    visible_liaisons,
    visible_members,
    visible_portfolios,
    visible_posts,
)
from members.services import people as services
from members.views import account_of, actor_of
from members.views.entries import Entry, Question, asked, entry_page, kept

PAGE = 25


@require_safe
def members_page(request: HttpRequest) -> HttpResponse:
    """All members whose page one may open, by organisation; found by name, pinyin or number."""
    account, today = account_of(request), timezone.localdate()
    search = RosterForm(request.GET)
    pages = roster_pages(account, search.narrow, is_named=search.is_named, size=PAGE, today=today)
    context = {
        "search": search,
        "page": pages.get_page(request.GET.get("page")),
        "may_add": editable_organisations(account, today=today).exists(),
    }
    return render(request, "members/members.html", context)


@require_safe
def member_page(request: HttpRequest, code: str) -> HttpResponse:
    """One member: facts, and the dated rows of affiliations, posts, portfolios and liaisons."""
    account, today = account_of(request), timezone.localdate()
    member = get_object_or_404(visible_members(account, today=today), code=code)
    return _member_page(request, account, member, today)


@never_cache
@require_POST
def member_contact_page(request: HttpRequest, code: str) -> HttpResponse:
    """The member's page with the sealed numbers, shown this once; the trail has an entry of it."""
    account, today = account_of(request), timezone.localdate()
    known = visible_members(account, today=today) & contact_members(account, today=today)
    member = get_object_or_404(known, code=code)
    contact = services.read_contact(actor=actor_of(request), at=timezone.now(), member=member)
    return _member_page(request, account, member, today, contact)


def _member_page(
    request: HttpRequest,
    account: Account,
    member: Member,
    today: date,
    contact: services.Contact | None = None,
) -> HttpResponse:
    of_member = {"member": member}
    places = (
        Affiliation.objects.order_by().filter(**of_member).values("organisation"),
        Post.objects.order_by().filter(**of_member).values("organisation"),
        Portfolio.objects.order_by().filter(**of_member).values("department__organisation"),
    )
    kept_here = editable_organisations(account, today=today).filter(pk__in=places[0].union(*places[1:]))
    portfolios = visible_portfolios(account, today=today).filter(member=member)
    context = {
        "member": member,
        "contact": contact,
        "may_see_contact": contact_members(account, today=today).filter(pk=member.pk).exists(),
        "may_edit": editable_members(account, today=today).filter(pk=member.pk).exists(),
        "affiliations": visible_affiliations(account, today=today)
        .filter(member=member)
        .select_related("organisation")
        .order_by("-since"),
        "posts": visible_posts(account, today=today)
        .filter(member=member)
        .select_related("organisation", "department")
        .order_by("-since"),
        "portfolios": portfolios.select_related("department__organisation").order_by("-since"),
        "liaisons": visible_liaisons(account, today=today)
        .filter(member=member)
        .select_related("committee_member")
        .order_by("-since"),
        "kept_in_contact": visible_liaisons(account, today=today)
        .filter(committee_member=member)
        .select_related("member")
        .order_by("-since", "member__code"),
        "editable": set(kept_here.order_by().values_list("pk", flat=True)),
        "editable_people": set(
            editable_members(account, today=today)
            .filter(liaisons__committee_member=member)
            .order_by()
            .values_list("pk", flat=True)
        ),
        "known": set(
            visible_members(account, today=today)
            .filter(liaisons_kept__member=member)
            .order_by()
            .values_list("pk", flat=True)
        ),
        "may_enter_events": led_organisations(account, today=today)
        .filter(affiliations__member=member)
        .exists(),
        "may_open_account": account_candidates(account, today=today).filter(pk=member.pk).exists(),
        "waiting": set(
            confirmable_posts(account, today=today).filter(member=member).values_list("pk", flat=True)
        ),
        "today": today,
    }
    return render(request, "members/member.html", context)


def member_add_page(request: HttpRequest) -> HttpResponse:
    """A new member with the first affiliation."""
    account, today = account_of(request), timezone.localdate()
    organisations = _organisations(account, today)
    get_object_or_404(organisations[:1])
    initial = {"organisation": organisations.filter(code=request.GET.get("organisation", "")).first()}
    form = MemberForm(request.POST or None, today=today, initial=initial, organisations=organisations)
    if form.is_valid():
        data = form.cleaned_data
        made = kept(
            form,
            lambda: services.add_member(
                actor=actor_of(request),
                at=timezone.now(),
                organisation=data["organisation"],
                since=data["since"],
                name=data["name"],
                code=data["code"],
                category=data["category"],
                facts=form.facts(),
            ),
        )
        if made:
            messages.success(request, f"已新增{made.name}，党员编号{made.code}。")
            return redirect("member", made.code)
    back = reverse("organisation", args=[initial["organisation"].code]) if initial["organisation"] else ""
    entry = Entry("新增党员", "新增党员", back or reverse("members"))
    return entry_page(request, form, entry)


def member_change_page(request: HttpRequest, code: str) -> HttpResponse:
    """Other facts about a member. The numbers that are sealed are typed anew, never shown here."""
    account, today = account_of(request), timezone.localdate()
    member = get_object_or_404(editable_members(account, today=today), code=code)
    form = MemberForm(request.POST or None, today=today, instance=member)
    if form.is_valid():
        changed = kept(
            form,
            lambda: services.change_member(
                actor=actor_of(request),
                at=timezone.now(),
                member=member,
                name=form.cleaned_data["name"],
                category=form.cleaned_data["category"],
                facts=form.facts(),
            ),
        )
        if changed:
            messages.success(request, f"{changed.name}的资料已修改。")
            return redirect("member", changed.code)
    back = reverse("member", args=[member.code])
    removal = reverse("member-remove", args=[member.code])
    sub = f"党员编号{member.code}"
    entry = Entry(f"修改{member.name}的资料", "保存修改", back, sub=sub, removal=removal)
    return entry_page(request, form, entry)


def member_remove_page(request: HttpRequest, code: str) -> HttpResponse:
    """Deletes a member who was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    member = get_object_or_404(editable_members(account, today=today), code=code)
    question = Question(
        ask=f"删除{member.name}？",
        says="只能删除录入有误、还没有任职和谈话等资料的同志，其组织关系一并删除。转出的请填写转出日期。",
        keep="保留",
        verb="删除党员",
        back=reverse("member", args=[member.code]),
    )
    return asked(
        request,
        question,
        lambda: services.remove_member(actor=actor_of(request), at=timezone.now(), member=member),
        done=f"已删除{member.name}。",
        forward=reverse("members"),
    )


def member_transfer_page(request: HttpRequest, code: str) -> HttpResponse:
    """组织关系转接."""
    account, today = account_of(request), timezone.localdate()
    member = get_object_or_404(editable_members(account, today=today), code=code)
    form = TransferForm(
        request.POST or None, initial={"on": today}, organisations=_organisations(account, today)
    )
    if form.is_valid():
        begun = kept(
            form,
            lambda: services.transfer_member(
                actor=actor_of(request),
                at=timezone.now(),
                member=member,
                kept=editable_organisations(account, today=today),
                **form.cleaned_data,
            ),
        )
        if begun:
            messages.success(request, f"{member.name}的组织关系已转入{begun.organisation.name}。")
            return redirect("member", member.code)
    last = Affiliation.objects.in_force(today).filter(member=member).select_related("organisation").first()
    entry = Entry(
        f"转接{member.name}的组织关系",
        "转接组织关系",
        reverse("member", args=[member.code]),
        sub=f"现所在党组织：{last.organisation.name}" if last else "现无组织关系",
        foot="转到系统以外组织的，请在党员页面的“组织关系”中填写转出日期。任职不随组织关系结束，请另行办理。",
    )
    return entry_page(request, form, entry)


def affiliation_change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects an affiliation, or ends it by its 转出日期."""
    account, today = account_of(request), timezone.localdate()
    affiliation = get_object_or_404(_editable_affiliations(account, today), pk=pk)
    organisations = editable_organisations(account, today=today).order_by("path")
    form = AffiliationForm(request.POST or None, instance=affiliation, organisations=organisations)
    member = affiliation.member
    back = reverse("member", args=[member.code])
    if form.is_valid():
        changed = kept(
            form,
            lambda: services.change_affiliation(
                actor=actor_of(request), at=timezone.now(), affiliation=affiliation, **form.cleaned_data
            ),
        )
        if changed:
            messages.success(request, f"{member.name}的组织关系已修改。")
            return redirect(back)
    removal = reverse("affiliation-remove", args=[pk])
    entry = Entry(f"修改{member.name}的组织关系", "保存修改", back, removal=removal)
    return entry_page(request, form, entry)


def affiliation_remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes an affiliation that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    affiliation = get_object_or_404(_editable_affiliations(account, today), pk=pk)
    back = reverse("member", args=[affiliation.member.code])
    question = Question(
        ask=f"删除{affiliation.member.name}在{affiliation.organisation.name}的组织关系？",
        says="只用于删除录入有误的一条。转出的，请保留并填写转出日期。",
        keep="保留",
        verb="删除组织关系",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: services.remove_affiliation(
            actor=actor_of(request), at=timezone.now(), affiliation=affiliation
        ),
        done="已删除这条组织关系。",
        # Who kept the member by this row alone does not know of him afterwards.
        forward=reverse("organisation", args=[affiliation.organisation.code]),
    )


def _organisations(account: Account, today: date) -> OrganisationQuerySet:
    """With which organisations the account may affiliate members: those it keeps, as far as they stand."""
    return editable_organisations(account, today=today).standing(today).order_by("path")


def _editable_affiliations(account: Account, today: date) -> QuerySet[Affiliation]:
    kept_here = editable_organisations(account, today=today).order_by().values("pk")
    return Affiliation.objects.filter(organisation__in=kept_here).select_related("member", "organisation")
