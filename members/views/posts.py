"""任职: entered, corrected, ended, and confirmed by the principals who may."""

from datetime import date

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from branches.rules.dates import chinese_date
from members.forms.posts import EndForm, PostForm
from members.models import Account, Post
from members.permissions import (
    appoints_himself,
    confirmable_posts,
    editable_organisations,
    visible_members,
    vouches_for,
)
from members.services import posts as services
from members.views import account_of, actor_of
from members.views.confirmation import ask_again, needs_step_up
from members.views.entries import Entry, Question, asked, entry_page, is_anothers, kept

NOT_ONESELF = "本人的任职应由其他党务管理员录入或修改。"
WAITS = "主要负责同志的任职须由上级或本组织其他主要负责同志确认后，方可查看谈话记录。"


def post_add_page(request: HttpRequest, code: str) -> HttpResponse:
    """A new post in the organisation."""
    if asked_who := _asked_for_a_principal(request):
        return asked_who
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(editable_organisations(account, today=today), code=code)
    form = PostForm(
        request.POST or None,
        initial={"member": request.GET.get("member", "")},
        organisation=organisation,
        people=visible_members(account, today=today),
    )
    back = reverse("organisation", args=[organisation.code])
    if form.is_valid() and is_anothers(
        form, appoints_himself(account, organisation, form.cleaned_data["member"], today=today), NOT_ONESELF
    ):
        member = form.cleaned_data["member"]
        post = kept(
            form,
            lambda: services.appoint(
                actor=actor_of(request),
                at=timezone.now(),
                member=member,
                organisation=organisation,
                terms=form.terms(),
                is_confirmed=vouches_for(account, organisation, member, today=today),
            ),
        )
        if post:
            messages.success(request, _said(f"已录入{member.name}任{post.title}。", post))
            return redirect(back)
    return entry_page(request, form, Entry("新增任职", "录入任职", back, sub=organisation.name, foot=WAITS))


def post_change_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Corrects a post."""
    if asked_who := _asked_for_a_principal(request):
        return asked_who
    account, today = account_of(request), timezone.localdate()
    post = get_object_or_404(_editable(account, today), pk=pk)
    form = PostForm(request.POST or None, instance=post, organisation=post.organisation)
    back = reverse("organisation", args=[post.organisation.code])
    if form.is_valid() and is_anothers(
        form, appoints_himself(account, post.organisation, post.member, today=today), NOT_ONESELF
    ):
        changed = kept(
            form,
            lambda: services.change_post(
                actor=actor_of(request),
                at=timezone.now(),
                post=post,
                terms=form.terms(),
                is_confirmed=vouches_for(account, post.organisation, post.member, today=today),
            ),
        )
        if changed:
            messages.success(request, _said(f"{post.member.name}的任职已修改。", changed))
            return redirect(back)
    entry = Entry(
        f"修改{post.member.name}的任职",
        "保存修改",
        back,
        sub=post.organisation.name,
        foot=WAITS,
        removal=reverse("post-remove", args=[pk]),
    )
    return entry_page(request, form, entry)


def post_end_page(request: HttpRequest, pk: int) -> HttpResponse:
    """免职 on a day."""
    account, today = account_of(request), timezone.localdate()
    post = get_object_or_404(_editable(account, today), pk=pk)
    form = EndForm(request.POST or None, initial={"until": today})
    back = reverse("organisation", args=[post.organisation.code])
    if form.is_valid():
        ended = kept(
            form,
            lambda: services.end_post(
                actor=actor_of(request), at=timezone.now(), post=post, on=form.cleaned_data["until"]
            ),
        )
        if ended:
            messages.success(request, f"{post.member.name}的{post.title}任职已填写免职日期。")
            return redirect(back)
    entry = Entry(
        f"免去{post.member.name}的{post.title}职务",
        "填写免职日期",
        back,
        sub=post.organisation.name,
        foot="分管和联系党员不随任职结束，请另行办理。",
    )
    return entry_page(request, form, entry)


def post_remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a post that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    post = get_object_or_404(_editable(account, today), pk=pk)
    back = reverse("organisation", args=[post.organisation.code])
    question = Question(
        ask=f"删除{post.member.name}的{post.title}任职？",
        says="只用于删除录入有误的一条。已经免职的，请保留并填写免职日期。",
        keep="保留",
        verb="删除任职",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: services.remove_post(actor=actor_of(request), at=timezone.now(), post=post),
        done="已删除这条任职。",
        forward=back,
    )


@needs_step_up
def post_confirm_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A principal confirms one whom staff entered."""
    account, today = account_of(request), timezone.localdate()
    rows = confirmable_posts(account, today=today).select_related("member", "organisation")
    post = get_object_or_404(rows, pk=pk)
    by = account.member
    assert by is not None  # who may confirm leads something
    question = Question(
        ask=f"确认{post.member.name}任{post.organisation.name}{post.title}？",
        says="确认后，对方可以按规定查看任职期间本组织的谈话记录。与实际不符的，请联系党务管理员更正。",
        keep="暂不确认",
        verb="确认任职",
        back=reverse("organisations"),
        facts=f"任职时间：{_days(post)}。",
        seen=post.as_shown,
    )
    return asked(
        request,
        question,
        lambda: services.confirm_post(
            actor=actor_of(request), at=timezone.now(), post=post, by=by, seen=request.POST.get("seen", "")
        ),
        done=f"已确认{post.member.name}的任职。",
        forward=reverse("organisations"),
    )


def _days(post: Post) -> str:
    if post.until is None:
        return f"{chinese_date(post.since)}起"
    return f"{chinese_date(post.since)}至{chinese_date(post.until)}"


def _asked_for_a_principal(request: HttpRequest) -> HttpResponse | None:
    """Who makes somebody a principal, which gives the right to read, proves again who he is."""
    return ask_again(request) if "is_principal" in request.POST else None


def _editable(account: Account, today: date) -> QuerySet[Post]:
    kept_here = editable_organisations(account, today=today).order_by().values("pk")
    rows = Post.objects.filter(organisation__in=kept_here)
    return rows.select_related("member", "organisation", "department")


def _said(words: str, post: Post) -> str:
    return f"{words}该任职待确认。" if post.is_principal and not post.confirmed_at else words
