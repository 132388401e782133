"""What holds whatever was sent: said here in one place, asked after each request.

- What was refused has changed no number of rows (an answer of 400 or more, or a page with an error in it),
  but for duties and notices, which a page may bring up to date before it is shown.
- What was kept stands in the trail: where rows of a table came or went, an entry came too.
- Every reference points at a row that is there, and every constraint of the database holds.
- No talk without a subject or a talker, none confirmed that a subject has not, none recorded at no hour.
- No merged opinion made of none, no request accepted without its talk, no file that is empty, no report
  issued without file and digest, no account that belongs to nobody and has no name.
"""

import re
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from members.models import Account
from reports.models import Report
from talks.models import GatheredOpinion, MergedOpinion, Participant, Side, Talk, TalkRequest
from talks.rules.requests import RequestState
from talks.rules.words import TalkState
from tests.guards import APPS

TRAIL = "vault_trailentry"
# Kept whatever the answer: the trail itself, how often signing in failed, where one is signed in.
KEPT_ANYHOW = {TRAIL, "vault_trailhead", "members_trycount", "members_signedin"}
# Made out of facts by reconciliation, or marks and notices for which nobody answers.
UNENTERED = {
    *(
        "branches_stale",
        "talks_reconciliation",
        "talks_dutysum",
        "talks_belowsum",
        "talks_ledgertalk",
        "talks_reliance",
    ),
    *("talks_duty", "talks_chase", "talks_engagement", "talks_notice", "talks_requestnotice"),
    *("talks_disclosurenotice", "talks_delivery", "talks_fingerprint", "talks_duty_talkers", "reports_sweep"),
}
ERRORS = re.compile(r"is-invalid|errorlist|invalid-feedback|class=\"error[ \"]")


def tables() -> list[str]:
    """Our tables, those that join two others too."""
    models = [
        model for app in APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    return sorted(model._meta.db_table for model in models)


def counted() -> dict[str, int]:
    """How many rows each of our tables holds, in one query."""
    names = tables()
    asked = " UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM {name}" for name in names)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return dict(cursor.fetchall())


def odd_rows() -> set[str]:
    """Rows of which there must be none, each named by what is wrong with it."""
    side = Participant.objects.filter(talk=OuterRef("pk"))
    unconfirmed = side.filter(side=Side.SUBJECT, confirmed_at=None)
    recorded = [TalkState.RECORDED.value, TalkState.CONFIRMED.value, TalkState.CLOSED.value]
    odd: dict[str, QuerySet[Any]] = {
        "a talk without a subject": Talk.objects.filter(~Exists(side.filter(side=Side.SUBJECT))),
        "a talk without a talker": Talk.objects.filter(
            ~Exists(side.filter(side=Side.TALKER)), external_talker=""
        ),
        "a confirmed talk that a subject has not confirmed": Talk.objects.filter(
            Exists(unconfirmed), state=TalkState.CONFIRMED.value
        ),
        "a recorded talk without its hour": Talk.objects.filter(state__in=recorded, recorded_at=None),
        "a talk that ends before it begins": Talk.objects.filter(ends_at__lte=F("starts_at")),
        "a merged opinion of none": MergedOpinion.objects.filter(
            ~Exists(GatheredOpinion.objects.filter(merged=OuterRef("pk")))
        ),
        "a request accepted without its talk": TalkRequest.objects.filter(
            state=RequestState.ACCEPTED.value, talk=None
        ),
        "a report without its file": Report.objects.filter(
            Q(file=None) | Q(digest=""), state=Report.State.DONE
        ),
        "an account of nobody": Account.objects.filter(member=None, name=""),
    }
    return {f"{fault} ({key})" for fault, rows in odd.items() for key in rows.values_list("pk", flat=True)}


class Standing:
    """What there is before requests are sent; each of them is judged against it, and undone."""

    def __init__(self) -> None:
        self.counts, self.odd = counted(), odd_rows()

    def faults(self, answer: Any) -> tuple[bool, list[str]]:
        """Whether rows came or went, and what does not hold after the answer."""
        text = "" if answer.streaming else answer.content.decode(errors="replace")
        found = ["a traceback on the page"] if "Traceback (most recent call last)" in text else []
        now = counted()
        changed = {
            name: number - self.counts[name] for name, number in now.items() if number != self.counts[name]
        }
        kept = {name: number for name, number in changed.items() if name not in KEPT_ANYHOW}
        is_refused = answer.status_code >= 400 or (answer.status_code == 200 and bool(ERRORS.search(text)))
        if set(kept) - UNENTERED and is_refused:
            found.append(f"refused with {answer.status_code}, but kept {kept}")
        if set(kept) - UNENTERED and changed.get(TRAIL, 0) < 1:
            found.append(f"kept {kept} without an entry in the trail")
        if any(number < 0 for name, number in changed.items() if name == TRAIL):
            found.append("the trail has become shorter")
        if kept:
            found += sorted(odd_rows() - self.odd)
        try:
            connection.check_constraints()
        except IntegrityError as error:
            found.append(f"a row points at nothing: {error}")
        return bool(kept), found
