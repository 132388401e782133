"""Who sees meetings, rules, 约谈 requests and uploads."""

from datetime import date

from django.db.models import Q, QuerySet

from branches.models import Organisation
from members.models import Account
from members.permissions import visible_organisations
from talks.models import Meeting, Rule, TalkRequest, Upload


def visible_meetings(account: Account, *, today: date) -> QuerySet[Meeting]:
    """Meetings of the organisations that the account may see."""
    return Meeting.objects.filter(organisation__in=visible_organisations(account, today=today))


def visible_rules(account: Account, *, today: date) -> QuerySet[Rule]:
    """Versions made by the organisations that the account may see and by those above: they hold there."""
    seen = visible_organisations(account, today=today)
    line = {
        pk for path in seen.values_list("path", flat=True) for pk in map(int, filter(None, path.split("/")))
    }
    return Rule.objects.filter(organisation__in=Organisation.objects.filter(Q(pk__in=line) | Q(pk__in=seen)))


def visible_requests(account: Account, *, today: date) -> QuerySet[TalkRequest]:
    """约谈 requests: nobody but who asked and who was asked."""
    if not account.member_id:
        return TalkRequest.objects.none()
    return TalkRequest.objects.filter(Q(requester=account.member_id) | Q(asked=account.member_id))


def visible_uploads(account: Account, *, today: date) -> QuerySet[Upload]:
    """Uploads: one's own."""
    return Upload.objects.filter(account=account)
