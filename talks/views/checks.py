"""What the writer of a record is told before he files it: beside the form, and once more afterwards."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.utils.dateparse import parse_date, parse_time

from members.models import Account
from members.views import actor_of
from talks.models import Talk
from talks.rules.checks import Written
from talks.services.checks import Check, check_record
from talks.views.talks import line_of

# The talks of whose comparison the trail tells since the sign-in.
COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class Told:
    """A check as it is shown; `others`: with whom the other talk was, 「与江平」."""

    check: Check
    others: str


def checks_of(
    request: HttpRequest, account: Account, talk: Talk, written: Written, *, today: date, now: datetime
) -> list[Told]:
    """What is to be told of the record as far as it is written."""
    compared = request.session.get(COMPARED, [])
    found = check_record(
        actor=actor_of(request),
        at=now,
        account=account,
        talk=talk,
        today=today,
        written=written,
        is_entered=talk.code in compared,
    )
    if written.content.strip() and talk.code not in compared:
        request.session[COMPARED] = [*compared, talk.code]
    return [Told(one, line_of(one.talk, account).others if one.talk else "") for one in found]


def typed(data: QueryDict) -> Written:
    """The record as a window sends it; what cannot be read is left out, the form says so."""
    return Written(
        content=data.get("content", ""),
        held_on=day_of(data.get("held_on", "")),
        starts_at=_hour(data.get("starts_at", "")),
        ends_at=_hour(data.get("ends_at", "")),
        form=data.get("form", ""),
    )


def stored(talk: Talk, content: str) -> Written:
    """The record as it is kept; `content` as the account may read it."""
    return Written(content, talk.held_on, talk.starts_at, talk.ends_at, talk.form)


def tell(request: HttpRequest, told: list[Told]) -> None:
    """Says it once more on the next page."""
    for one in told:
        messages.info(request, render_to_string("talks/_check.html", {"one": one}))


def day_of(text: str) -> date | None:
    """The day as a window sends it; None where it is none."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _hour(text: str) -> time | None:
    try:
        return parse_time(text)
    except ValueError:
        return None
