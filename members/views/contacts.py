"""分管 and 联系党员."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from branches.models import Organisation
from members.forms.posts import LiaisonForm, PortfolioForm
from members.models import Account, Liaison, Member, Portfolio, Post
from members.models.people import MemberQuerySet
from members.permissions import (
    appoints_himself,
    editable_members,
    editable_organisations,
    takes_into_contact,
)
from members.services import contacts as services
from members.views import account_of, actor_of
from members.views.entries import Entry, Question, asked, entry_page, is_anothers, kept

# Who is in charge of a department, or in contact with a member, hears of events, as the team does.
OWN_PORTFOLIO = "本人的分管应由其他党务管理员录入或修改。"
OWN_LIAISON = "由本人联系的党员应由其他党务管理员录入或修改。"


def portfolio_add_page(request: HttpRequest, code: str) -> HttpResponse:
    """Puts a team member in charge of a department of the organisation."""
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(editable_organisations(account, today=today), code=code)
    form = PortfolioForm(
        request.POST or None,
        initial={"since": today},
        organisation=organisation,
        team=_team(organisation, today),
    )
    back = _part(organisation, "departments")
    if form.is_valid() and is_anothers(
        form, appoints_himself(account, organisation, form.cleaned_data["member"], today=today), OWN_PORTFOLIO
    ):
        made = kept(
            form,
            lambda: services.assign_portfolio(
                actor=actor_of(request), at=timezone.now(), **form.cleaned_data
            ),
        )
        if made:
            messages.success(request, f"已录入{made.member.name}分管{made.department.name}。")
            return redirect(back)
    foot = "列表中是现任班子成员和本组织的部门单位；缺少的，请先录入任职或部门单位。"
    return entry_page(request, form, Entry("新增分管", "录入分管", back, sub=organisation.name, foot=foot))


def portfolio_change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Other dates of a 分管."""
    account, today = account_of(request), timezone.localdate()
    portfolio = get_object_or_404(_portfolios(account, today), pk=pk)
    organisation = portfolio.department.organisation
    form = PortfolioForm(request.POST or None, instance=portfolio, organisation=organisation)
    back = _part(organisation, "departments")
    if form.is_valid() and is_anothers(
        form, appoints_himself(account, organisation, portfolio.member, today=today), OWN_PORTFOLIO
    ):
        changed = kept(
            form,
            lambda: services.change_portfolio(
                actor=actor_of(request), at=timezone.now(), portfolio=portfolio, **form.cleaned_data
            ),
        )
        if changed:
            messages.success(request, f"{portfolio.member.name}的分管已修改。")
            return redirect(back)
    entry = Entry(
        f"修改{portfolio.member.name}的分管",
        "保存修改",
        back,
        sub=f"{organisation.name}　{portfolio.department.name}",
        removal=reverse("portfolio-remove", args=[pk]),
    )
    return entry_page(request, form, entry)


def portfolio_remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a 分管 that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    portfolio = get_object_or_404(_portfolios(account, today), pk=pk)
    back = _part(portfolio.department.organisation, "departments")
    question = Question(
        ask=f"删除{portfolio.member.name}对{portfolio.department.name}的分管？",
        says="只用于删除录入有误的一条。不再分管的，请保留并填写结束日期。",
        keep="保留",
        verb="删除分管",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: services.remove_portfolio(actor=actor_of(request), at=timezone.now(), portfolio=portfolio),
        done="已删除这条分管。",
        forward=back,
    )


def liaison_add_page(request: HttpRequest, code: str) -> HttpResponse:
    """Lets a committee member keep in contact with a member of the organisation."""
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(editable_organisations(account, today=today), code=code)
    people = editable_members(account, today=today).affiliated(organisation, today).order_by("code")
    form = LiaisonForm(
        request.POST or None,
        initial={
            "since": today,
            "committee_member": people.filter(code=request.GET.get("of", "")).first(),
        },
        team=_team(organisation, today),
        people=people,
    )
    back = _part(organisation, "liaisons")
    if form.is_valid() and is_anothers(
        form,
        takes_into_contact(
            account, form.cleaned_data["committee_member"], form.cleaned_data["member"], today=today
        ),
        OWN_LIAISON,
    ):
        made = kept(
            form,
            lambda: services.assign_liaison(actor=actor_of(request), at=timezone.now(), **form.cleaned_data),
        )
        if made:
            messages.success(request, f"已录入{made.committee_member.name}联系{made.member.name}。")
            return redirect(back)
    foot = "支委联系党员后，有关必谈事项首先提醒联系的支委。"
    entry = Entry("新增联系党员", "录入联系", back, sub=organisation.name, foot=foot)
    return entry_page(request, form, entry)


def liaison_change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Other dates of a 联系党员."""
    account, today = account_of(request), timezone.localdate()
    liaison = get_object_or_404(_liaisons(account, today), pk=pk)
    form = LiaisonForm(request.POST or None, instance=liaison)
    back = reverse("member", args=[liaison.member.code])
    if form.is_valid() and is_anothers(
        form,
        takes_into_contact(account, liaison.committee_member, liaison.member, today=today),
        OWN_LIAISON,
    ):
        changed = kept(
            form,
            lambda: services.change_liaison(
                actor=actor_of(request), at=timezone.now(), liaison=liaison, **form.cleaned_data
            ),
        )
        if changed:
            messages.success(request, "联系关系已修改。")
            return redirect(back)
    entry = Entry(
        f"修改{liaison.committee_member.name}对{liaison.member.name}的联系",
        "保存修改",
        back,
        removal=reverse("liaison-remove", args=[pk]),
    )
    return entry_page(request, form, entry)


def liaison_remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a 联系党员 that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    liaison = get_object_or_404(_liaisons(account, today), pk=pk)
    back = reverse("member", args=[liaison.member.code])
    question = Question(
        ask=f"删除{liaison.committee_member.name}对{liaison.member.name}的联系？",
        says="只用于删除录入有误的一条。不再联系的，请保留并填写结束日期。",
        keep="保留",
        verb="删除联系",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: services.remove_liaison(actor=actor_of(request), at=timezone.now(), liaison=liaison),
        done="已删除这条联系关系。",
        forward=back,
    )


def _team(organisation: Organisation, today: date) -> MemberQuerySet:
    team = Post.objects.team_of(organisation, today).order_by().values("member")
    return Member.objects.filter(pk__in=team).order_by("code")


def _portfolios(account: Account, today: date) -> QuerySet[Portfolio]:
    kept_here = editable_organisations(account, today=today).order_by().values("pk")
    rows = Portfolio.objects.filter(department__organisation__in=kept_here)
    return rows.select_related("member", "department__organisation")


def _liaisons(account: Account, today: date) -> QuerySet[Liaison]:
    kept_here = editable_members(account, today=today).order_by().values("pk")
    return Liaison.objects.filter(member__in=kept_here).select_related("member", "committee_member")


def _part(organisation: Organisation, part: str) -> str:
    return f"{reverse('organisation', args=[organisation.code])}?part={part}"
