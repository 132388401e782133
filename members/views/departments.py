"""部门单位: what is entered about the departments of an organisation."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from branches import services
from branches.forms.organisations import DepartmentForm
from branches.models import Department, Organisation, OrganisationQuerySet
from members.permissions import editable_organisations
from members.views import account_of, actor_of
from members.views.entries import Entry, Question, asked, entry_page, kept


def department_add_page(request: HttpRequest, code: str) -> HttpResponse:
    """A new department of the organisation."""
    account, today = account_of(request), timezone.localdate()
    organisation = get_object_or_404(editable_organisations(account, today=today), code=code)
    form = DepartmentForm(request.POST or None, organisations=Organisation.objects.none())
    if form.is_valid():
        made = kept(
            form,
            lambda: services.add_department(
                actor=actor_of(request), at=timezone.now(), organisation=organisation, **form.cleaned_data
            ),
        )
        if made:
            messages.success(request, f"已新增{made.name}，编码{made.code}。")
            return redirect(_departments_of(organisation))
    entry = Entry("新增部门单位", "新增部门单位", _departments_of(organisation), sub=organisation.name)
    return entry_page(request, form, entry)


def department_change_page(request: HttpRequest, code: str) -> HttpResponse:
    """Another name of a department, or another organisation."""
    account, today = account_of(request), timezone.localdate()
    editable = editable_organisations(account, today=today)
    department = get_object_or_404(_within(editable), code=code)
    form = DepartmentForm(request.POST or None, instance=department, organisations=editable)
    back = _departments_of(department.organisation)
    if form.is_valid():
        changed = kept(
            form,
            lambda: services.change_department(
                actor=actor_of(request), at=timezone.now(), department=department, **form.cleaned_data
            ),
        )
        if changed:
            messages.success(request, f"{changed.name}的资料已修改。")
            return redirect(_departments_of(changed.organisation))
    removal = reverse("department-remove", args=[department.code])
    entry = Entry(
        f"修改{department.name}", "保存修改", back, sub=f"单位编码{department.code}", removal=removal
    )
    return entry_page(request, form, entry)


def department_remove_page(request: HttpRequest, code: str) -> HttpResponse:
    """Deletes a department that was entered by mistake."""
    account, today = account_of(request), timezone.localdate()
    editable = editable_organisations(account, today=today)
    department = get_object_or_404(_within(editable), code=code)
    question = Question(
        ask=f"删除{department.name}？",
        says="只能删除录入有误、还没有任职和分管的部门单位。",
        keep="保留",
        verb="删除部门单位",
        back=_departments_of(department.organisation),
    )
    return asked(
        request,
        question,
        lambda: services.remove_department(actor=actor_of(request), at=timezone.now(), department=department),
        done=f"已删除{department.name}。",
        forward=_departments_of(department.organisation),
    )


def _within(organisations: OrganisationQuerySet) -> QuerySet[Department]:
    rows = Department.objects.filter(organisation__in=organisations.order_by().values("pk"))
    return rows.select_related("organisation")


def _departments_of(organisation: Organisation) -> str:
    return f"{reverse('organisation', args=[organisation.code])}?part=departments"
