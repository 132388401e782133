"""规则: those in force for an organisation, and changes to them, each with what it would owe."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from branches.models import Organisation, OrganisationQuerySet
from branches.rules.dates import chinese_date
from members.models import Account
from members.permissions import led_organisations, own_organisations
from members.views import account_of, actor_of
from members.views.entries import Question, asked, kept
from talks.figures.events import event_kinds
from talks.figures.facts import rule_value
from talks.figures.rules import RuleBook, preview_of
from talks.forms.rules import EndForm, RuleForm, RuleSearchForm, StartForm, TermsForm
from talks.models import Rule
from talks.permissions import own_roles, rule_makers, rule_organisations, takes_part
from talks.rules import drafts, facts, presets
from talks.rules.descriptions import application
from talks.rules.drafts import Draft
from talks.rules.versions import begun, in_force
from talks.services import rules as services

# So many organisations stand in one list; of more one looks for the name.
MOST_CHOICES = 100
FOUND = 25


@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    """The rules in force for an organisation on a day, its own and inherited, by family."""
    account, today = account_of(request), timezone.localdate()
    if not takes_part(account, today=today):
        raise Http404
    seen = rule_organisations(account, today=today)
    makers = rule_makers(account, today=today)
    if not seen.exists():
        return render(request, "talks/rules.html", {"organisation": None})
    organisation = _looked_at(request, account, today)
    search = RuleSearchForm(request.GET, today=today)
    choices = list(seen[: MOST_CHOICES + 1])
    may_make = makers.filter(pk=organisation.pk).exists()
    book = RuleBook(organisation)
    context = {
        "organisation": organisation,
        "here": urlencode({"organisation": organisation.code}),
        "search": search,
        "choices": choices if len(choices) <= MOST_CHOICES else (),
        "found": search.narrow(seen)[:FOUND] if search.text else None,
        "day": search.day,
        "today": today,
        "families": book.families(search.day),
        "coming": book.coming(search.day),
        "offers": book.offers(today) if may_make else (),
        "may_make": may_make,
    }
    return render(request, "talks/rules.html", context)


@require_safe
def rule_page(request: HttpRequest, code: str) -> HttpResponse:
    """One rule as it reaches an organisation: the version in force, and all versions."""
    account, today = account_of(request), timezone.localdate()
    organisation = _looked_at(request, account, today)
    book = RuleBook(organisation)
    day = RuleSearchForm(request.GET, today=today).day
    history = book.history(code, day)
    offered = [line for line in book.offers(today) if line.rule.code == code]
    if not history and not offered:
        raise Http404
    may_make = rule_makers(account, today=today).filter(pk=organisation.pk).exists()
    versions = [line.rule for line in history]
    is_maker = drafts.is_maker(book.facts, organisation.code, code)
    stands = in_force(versions, today) is not None
    context = {
        "organisation": organisation,
        "here": urlencode({"organisation": organisation.code}),
        "line": next((line for line in history if line.stands), (*offered, *history)[0]),
        "history": history,
        "day": day,
        "today": today,
        "may_switch": may_make and bool(offered),
        "may_change": may_make and (stands or (is_maker and begun(versions, today) and not offered)),
        "may_end": may_make
        and is_maker
        and (stands or any(rule.effective_from > today for rule in versions)),
        "may_remove": may_make and any(line.pk and line.rule.effective_from > today for line in history),
    }
    return render(request, "talks/rule.html", context)


@dataclass(frozen=True, slots=True)
class Step:
    """A change on its way: typed, looked at with what it would owe, kept.

    `verb` is the button that keeps it, `done` what is said then; `draft` and `keep` read the sound form;
    `sub` stands under the title, `foot` below the form.
    """

    title: str
    verb: str
    done: str
    book: RuleBook
    draft: Callable[[], Draft]
    keep: Callable[[], Rule]
    code: str = ""
    sub: str = ""
    foot: str = ""


def rule_add_page(request: HttpRequest) -> HttpResponse:
    """A rule of the organisation's own."""
    organisation, today = _made_by(request)
    form = RuleForm(
        request.POST or None, organisation=organisation, known_kinds=event_kinds([organisation]), today=today
    )
    book = RuleBook(organisation, code="")
    mine = own_roles(account_of(request), today=today).at(organisation.path)
    step = Step(
        title="新增规则",
        verb="新增规则",
        done="规则已新增。",
        book=book,
        draft=lambda: drafts.added(book.facts, form.rule(organisation), own_roles=mine, today=today),
        keep=lambda: services.add_rule(
            actor=actor_of(request),
            at=timezone.now(),
            today=today,
            organisation=organisation,
            rule=form.rule(organisation),
            own_roles=mine,
        ),
        sub=f"在{organisation.name}及所属党组织适用" if not organisation.is_branch else "",
    )
    return _stepped(request, form, step, today)


def rule_switch_page(request: HttpRequest, code: str) -> HttpResponse:
    """A rule of the second list, on from a day."""
    organisation, today = _made_by(request)
    preset = next((rule for rule in presets.SWITCHABLE if rule.code == code), None)
    if preset is None:
        raise Http404
    form = StartForm(request.POST or None, today=today, initial={"effective_from": today})
    book = RuleBook(organisation, code=code)
    step = Step(
        title="启用规则",
        verb="启用规则",
        done=f"“{preset.heading}”已启用。",
        book=book,
        draft=lambda: drafts.switched_on(
            book.facts, organisation.code, code, **form.cleaned_data, today=today
        ),
        keep=lambda: services.switch_on_rule(
            actor=actor_of(request),
            at=timezone.now(),
            today=today,
            organisation=organisation,
            code=code,
            **form.cleaned_data,
        ),
        code=code,
        sub=preset.heading,
    )
    return _stepped(request, form, step, today)


def rule_change_page(request: HttpRequest, code: str) -> HttpResponse:
    """A new version: all but the pairing for the maker, title, basis and fewer days for the others."""
    organisation, today = _made_by(request)
    book = RuleBook(organisation, code=code)
    rule = _standing(book, code, today)
    mine = own_roles(account_of(request), today=today).at(organisation.path)
    initial = {"effective_from": today}
    form: RuleForm | TermsForm
    if drafts.is_maker(book.facts, organisation.code, code):
        form = RuleForm(
            request.POST or None,
            organisation=organisation,
            known_kinds=event_kinds([organisation]),
            rule=rule,
            today=today,
            initial=initial,
        )
    else:
        form = TermsForm(request.POST or None, rule=rule, today=today, initial=initial)
    step = Step(
        title="修改规则",
        verb="保存新版本",
        done="规则的新版本已保存。",
        book=book,
        draft=lambda: drafts.changed(
            book.facts,
            organisation.code,
            code,
            effective_from=form.cleaned_data["effective_from"],
            terms=form.terms(),
            own_roles=mine,
            today=today,
        ),
        keep=lambda: services.change_rule(
            actor=actor_of(request),
            at=timezone.now(),
            today=today,
            organisation=organisation,
            code=code,
            effective_from=form.cleaned_data["effective_from"],
            terms=form.terms(),
            own_roles=mine,
        ),
        code=code,
        sub=rule.heading,
        foot="现行版本到新版本生效之日为止，以前的应谈事项和报告不受影响。",
    )
    return _stepped(request, form, step, today)


def rule_end_page(request: HttpRequest, code: str) -> HttpResponse:
    """The day on which a rule of one's making ends."""
    organisation, today = _made_by(request)
    book = RuleBook(organisation, code=code)
    lines = book.history(code, today)
    if not lines or not drafts.is_maker(book.facts, organisation.code, code):
        raise Http404
    rule = next((line for line in lines if line.stands), lines[0]).rule
    form = EndForm(request.POST or None, initial={"effective_to": rule.effective_to})
    step = Step(
        title="结束规则",
        verb="结束规则",
        done=f"“{rule.heading}”的失效日期已保存。",
        book=book,
        draft=lambda: drafts.ended(book.facts, organisation.code, code, **form.cleaned_data, today=today),
        keep=lambda: services.end_rule(
            actor=actor_of(request),
            at=timezone.now(),
            today=today,
            organisation=organisation,
            code=code,
            **form.cleaned_data,
        ),
        code=code,
        sub=rule.heading,
    )
    return _stepped(request, form, step, today)


def rule_remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a version that has not begun."""
    today = timezone.localdate()
    makers = rule_makers(account_of(request), today=today).order_by().values("pk")
    coming = Rule.objects.filter(organisation__in=makers, effective_from__gt=today)
    rule = get_object_or_404(coming.select_related("organisation"), pk=pk)
    title = rule_value(rule).heading
    here = urlencode({"organisation": rule.organisation.code})
    question = Question(
        ask=f"删除“{title}”自{chinese_date(rule.effective_from)}起的版本？",
        says="这一版本还没有生效。删除后，原来的版本继续有效；没有原来版本的，这项规则不再生效。",
        keep="保留",
        verb="删除版本",
        back=f"{reverse('rule', args=[rule.code])}?{here}",
    )
    return asked(
        request,
        question,
        lambda: services.remove_rule(actor=actor_of(request), at=timezone.now(), today=today, rule=rule),
        done="还没有生效的版本已删除。",
        forward=f"{reverse('rules')}?{here}",
    )


def _stepped(request: HttpRequest, form: forms.Form, step: Step, today: date) -> HttpResponse:
    """The form; when it is sound what it would owe; when that was looked at it is kept."""
    organisation = step.book.organisation
    here = urlencode({"organisation": organisation.code})
    back = reverse("rule", args=[step.code]) if step.code else reverse("rules")
    context: dict[str, Any] = {"form": form, "step": step, "organisation": organisation}
    context["back"] = f"{back}?{here}"
    pressed = request.POST.get("step")
    if form.is_valid():
        draft = step.draft()
        for refusal in draft.refusals:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.text)
        if form.is_valid() and pressed == "keep":
            rule = kept(form, step.keep)
            if rule:
                messages.success(request, step.done)
                return redirect(f"{reverse('rule', args=[rule.code])}?{here}")
        elif form.is_valid() and pressed != "back":
            context["line"] = step.book.line_of(draft.shown, draft.since)
            context["draft"] = draft
            context["application"] = application(draft)
            account = account_of(request)
            context["preview"] = preview_of(draft, step.book, account=account, today=today)
            return render(request, "talks/rule_preview.html", context)
    return render(request, "talks/rule_form.html", context)


def _made_by(request: HttpRequest) -> tuple[Organisation, date]:
    """The organisation for which a rule is made, and today; 404 for who makes none for it."""
    today = timezone.localdate()
    return _organisation(request, rule_makers(account_of(request), today=today)), today


def _looked_at(request: HttpRequest, account: Account, today: date) -> Organisation:
    """The organisation whose rules are looked at: the first one makes rules for, else leads, else is in."""
    return _organisation(
        request,
        rule_organisations(account, today=today),
        rule_makers(account, today=today),
        led_organisations(account, today=today),
        own_organisations(account, today=today).order_by("-path"),
    )


def _organisation(
    request: HttpRequest, organisations: OrganisationQuerySet, *preferred: OrganisationQuerySet
) -> Organisation:
    """The one that the address names, else the first preferred, else the first; 404 where there is none."""
    code = request.GET.get("organisation")
    if code:
        return get_object_or_404(organisations, code=code)
    found = (rows.filter(pk__in=organisations.order_by().values("pk")).first() for rows in preferred)
    return next(filter(None, found), None) or get_object_or_404(organisations[:1])


def _standing(book: RuleBook, code: str, today: date) -> facts.Rule:
    """The version that is to be changed; 404 without one, and for others than its maker where it ended."""
    versions = [line.rule for line in book.history(code, today)]
    rule = begun(versions, today)
    is_maker = drafts.is_maker(book.facts, book.organisation.code, code)
    if rule is None or not (is_maker or in_force(versions, today)):
        raise Http404
    return rule
