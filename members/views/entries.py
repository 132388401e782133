"""What all pages share on which something is typed and kept, or asked before it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page with one form: its title, the verb of its button, and where one goes without it.

    `sub` is the line under the title, `foot` what stands below the form, `removal` an address where what is
    changed here may be deleted.
    """

    title: str
    verb: str
    back: str
    sub: str = ""
    foot: str = ""
    removal: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A page that asks before something is done: the question, what follows from it, the two outcomes.

    `facts` is what is to be checked before the answer, `seen` what the page sends back of what it showed.
    """

    ask: str
    says: str
    keep: str
    verb: str
    back: str
    facts: str = ""
    seen: str = ""


def kept(form: forms.BaseForm, write: Callable[[], Made]) -> Made | None:
    """What the service made of a sound form; None where it refused, and the form says why."""
    try:
        return write()
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            for field, reasons in error.error_dict.items():
                form.add_error(field if field in form.fields else None, reasons)
        else:
            form.add_error(None, error)
        return None


def is_anothers(form: forms.BaseForm, is_ones_own: bool, refusal: str) -> bool:
    """Whether what is entered concerns another than who enters it; the form says so where it does not."""
    if is_ones_own:
        form.add_error(None, refusal)
    return not is_ones_own


def entry_page(request: HttpRequest, form: forms.BaseForm, entry: Entry) -> HttpResponse:
    """The page of the form, with what was typed."""
    return render(request, "members/entry.html", {"form": form, "entry": entry})


def asked(
    request: HttpRequest, question: Question, write: Callable[[], object], *, done: str, forward: str
) -> HttpResponse:
    """Asks on GET; does it on POST and goes on to `forward`, or back with the reason why it was refused.

    Where what was shown has changed since (code "changed"), it is shown again.
    """
    if request.method != "POST":
        return render(request, "members/question.html", {"question": question})
    try:
        write()
    except ValidationError as error:
        messages.warning(request, error.messages[0])
        return redirect(request.path if error.code == "changed" else question.back)
    messages.success(request, done)
    return redirect(forward)
