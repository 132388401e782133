"""Step-up: what a browser found open must not do is done by one who proved a moment ago who he is.

A page asks by the decorator `needs_step_up`; one for which that hangs on what was chosen calls `ask_again`:

    if asked := ask_again(request):
        return asked

Both come before the page looks up what it is about, so that they answer alike whatever is there. What was
typed into a form is not lost: it is asked for before the form is shown, and where the quarter of an hour
ends while somebody types, the answer to his POST asks for the password and takes what he sent along.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from members.forms.confirmation import ConfirmIdentityForm
from members.services.confirmations import confirm_identity
from members.views import account_of, actor_of, wanted_page

# Not older than this (issue 7, point 5).
FRESH = timedelta(minutes=15)
CONFIRMED = "confirmed_at"
NEVER_CARRIED = ("csrfmiddlewaretoken", "confirm_word")

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def note_confirmed(request: HttpRequest, at: datetime) -> None:
    """Keeps in the session that the person has just proved who he is; also after signing in."""
    request.session[CONFIRMED] = at.isoformat()


def is_confirmed(request: HttpRequest, at: datetime) -> bool:
    """Whether the person proved who he is within the last quarter of an hour."""
    told = str(request.session.get(CONFIRMED, ""))
    return bool(told) and at - datetime.fromisoformat(told) < FRESH


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """The answer that asks who it is; None where that is known, and the page may go on."""
    now = timezone.now()
    if is_confirmed(request, now):
        return None
    if request.headers.get("HX-Request"):
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        return HttpResponse(headers={"HX-Redirect": _door(f"{page.path}?{page.query}".rstrip("?"))})
    if request.method != "POST":
        return redirect(_door(request.get_full_path()))
    form = ConfirmIdentityForm(request.POST if "confirm_word" in request.POST else None)
    if _proves(request, form, now):
        return None
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NEVER_CARRIED
        for value in values
    ]
    return _page(request, form, target=request.get_full_path(), carried=carried)


def needs_step_up(view: View[Given]) -> View[Given]:
    """A page that is answered only to one who proved within the last quarter of an hour who he is."""

    @wraps(view)
    @never_cache
    @sensitive_post_parameters("confirm_word")
    def answered(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        return ask_again(request) or view(request, *args, **kwargs)

    return answered


@never_cache
@sensitive_post_parameters("confirm_word")
def confirm_identity_page(request: HttpRequest) -> HttpResponse:
    """Asks for the password once more, and leads on to the page that was wanted."""
    form = ConfirmIdentityForm(request.POST or None)
    target = wanted_page(request) or reverse("workbench")
    if _proves(request, form, timezone.now()):
        return redirect(target)
    return _page(request, form, target=reverse("confirm-identity"), carried=[("next", target)])


def _proves(request: HttpRequest, form: ConfirmIdentityForm, now: datetime) -> bool:
    """Whether the form proves who it is; the session then says so, else the form why not."""
    if not form.is_valid():
        return False
    word = form.cleaned_data["confirm_word"]
    try:
        confirm_identity(actor=actor_of(request), at=now, account=account_of(request), word=word)
    except ValidationError as error:
        form.add_error("confirm_word", error)
        return False
    note_confirmed(request, now)
    return True


def _door(target: str) -> str:
    query = QueryDict(mutable=True)
    query["next"] = target
    return f"{reverse('confirm-identity')}?{query.urlencode(safe='/')}"


def _page(
    request: HttpRequest, form: ConfirmIdentityForm, *, target: str, carried: list[tuple[str, str]]
) -> HttpResponse:
    context = {"form": form, "target": target, "carried": carried, "files": bool(request.FILES)}
    return render(request, "members/confirm_identity.html", context)
