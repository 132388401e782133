"""Who sees meetings, rules, 约谈 requests, waivers, uploads and messages."""

from datetime import date

from django.db.models import Q, QuerySet

from branches.models import Organisation
from members.models import Account
from members.permissions import led_organisations, reported_organisations, visible_organisations
from talks.models import Delivery, Meeting, Rule, TalkRequest, Upload, Waiver


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


def visible_waivers(account: Account, *, today: date) -> QuerySet[Waiver]:
    """Waivers: who asked, who approved, the principals of the organisation, who answers for it.

    A waiver of an event duty tells of the event: it stays with the first three, and is never shown to the
    person whom the event concerns.
    """
    reported = reported_organisations(account, today=today)
    others = Q(organisation__in=reported) & ~Q(anchor__startswith="event:")
    if not account.member_id:
        return Waiver.objects.filter(others)
    led = Q(organisation__in=led_organisations(account, today=today)) & ~Q(subject=account.member_id)
    return Waiver.objects.filter(
        Q(asked_by=account.member_id) | Q(approved_by=account.member_id) | led | others
    )


def visible_uploads(account: Account, *, today: date) -> QuerySet[Upload]:
    """Uploads: one's own."""
    return Upload.objects.filter(account=account)


def visible_deliveries(account: Account, *, today: date) -> QuerySet[Delivery]:
    """Messages by mail and webhook: those to oneself."""
    return Delivery.objects.filter(account=account)
