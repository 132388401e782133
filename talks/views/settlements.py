"""销号: asked for by who sees to a remedy, approved or sent back by somebody else."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from members.models import Account
from members.views import account_of, actor_of, member_of
from members.views.entries import Question, asked
from talks.forms.remedies import ReturnForm, SettleForm
from talks.models import Settlement
from talks.permissions import overseen_settlements, settleable_remedies
from talks.rules.words import SettlementState
from talks.services import remedies as services
from talks.views.remedies import entry_page, onwards


def remedy_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner asks for 销号."""
    today = timezone.localdate()
    account = account_of(request)
    found = get_object_or_404(settleable_remedies(account, today=today).select_related("talk"), pk=pk)
    form = SettleForm(request.POST or None)

    def write() -> object:
        return services.ask_settlement(
            actor=actor_of(request),
            at=timezone.now(),
            remedy=found,
            asked_by=member_of(account),
            result=form.cleaned_data["result"],
        )

    says = "由本组织或上级党组织的主要负责同志批准；申请人、责任人和参加谈话的同志不能自己批准。"
    done = "已申请销号，等待批准。"
    return entry_page(request, found, form, write, "申请销号", "申请销号", done=done, says=says)


@require_POST
def settlement_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approves; who comes too late is told."""
    account = account_of(request)
    found = _overseen(account, pk)
    try:
        services.approve_settlement(
            actor=actor_of(request), at=timezone.now(), settlement=found, approved_by=member_of(account)
        )
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "已批准销号。")
    return onwards(account, found.remedy_id)


def settlement_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends it back, with a reason."""
    account = account_of(request)
    found = _overseen(account, pk)
    if found.state is not SettlementState.WAITING:
        messages.warning(request, services.TOO_LATE)
        return onwards(account, found.remedy_id)
    form = ReturnForm(request.POST or None)

    def write() -> bool:
        services.return_settlement(
            actor=actor_of(request),
            at=timezone.now(),
            settlement=found,
            returned_by=member_of(account),
            reason=form.cleaned_data["reason"],
        )
        return True

    done = "已退回申请人。"
    return entry_page(request, found.remedy, form, write, "退回销号申请", "退回", done=done)


def settlement_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Who asked takes it back while it waits."""
    account = account_of(request)
    own = Settlement.objects.filter(asked_by=account.member_id, asked_by__isnull=False)
    found = get_object_or_404(own.select_related("remedy__talk"), pk=pk)
    back = reverse("remedy", args=[found.remedy_id])
    question = Question(
        ask="撤回这项销号申请？",
        says="撤回以后，这项整改措施照常办理；需要时可以重新申请。",
        keep="保留申请",
        verb="撤回申请",
        back=back,
    )
    return asked(
        request,
        question,
        lambda: services.take_back_settlement(
            actor=actor_of(request), at=timezone.now(), settlement=found, taken_back_by=member_of(account)
        ),
        done="已撤回申请。",
        forward=back,
    )


def _overseen(account: Account, pk: int) -> Settlement:
    rows = overseen_settlements(account, today=timezone.localdate()).select_related("remedy__talk")
    return get_object_or_404(rows, pk=pk)
