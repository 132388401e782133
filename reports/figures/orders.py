"""What is asked for, and what it will contain, told before it is made."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account
from members.permissions import reported_organisations
from reports.figures.personal import open_lines
from reports.figures.rectification import listed_remedies
from reports.figures.talks import ledger_of
from reports.permissions import orderable_organisations
from reports.rules.documents import DOCUMENTS, MOST_ORGANISATIONS, TOO_MANY, Format, Kind, Scope
from talks.figures.opinions import opinion_count
from talks.models import Duty, Meeting, Participant, Talk
from talks.permissions import ledger_remedies


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the kind, and what its scope needs (reports.rules.documents)."""

    kind: Kind
    year: int
    as_of: date
    organisation: Organisation | None = None
    file_format: Format = Format.PDF
    with_below: bool = True
    since: date | None = None
    until: date | None = None
    meeting: Meeting | None = None
    talk: Talk | None = None
    with_content: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """One line of what a document will contain."""

    name: str
    value: str


def contents_of_order(order: Order, account: Account, *, today: date) -> tuple[Contents, ...]:
    """Of whom, of which time, how much; event duties are not counted, so that no difference tells of one.

    The order must be one that the account may place. Of more organisations than one document takes nothing is
    counted: it says that it would be refused.
    """
    if order.organisation and order.with_below:
        allowed = orderable_organisations(account, order.kind, today=today)
        number = allowed.filter(path__startswith=order.organisation.path).count()
        if number > MOST_ORGANISATIONS:
            refused = Contents("提示", TOO_MANY.format(most=MOST_ORGANISATIONS))
            return (Contents("党组织", _named(order.organisation, number)), refused)
    match DOCUMENTS[order.kind].scope:
        case Scope.YEAR:
            told = _of_year(order, account, today)
        case Scope.PERIOD:
            told = _of_period(order, account, today)
        case Scope.MEETING:
            told = _of_meeting(order)
        case Scope.TALK:
            told = _of_talk(order)
        case _:
            told = {
                "期间": f"截至{chinese_date(today)}",
                "事项": f"{len(open_lines(account, today=today))}项",
            }
    return tuple(Contents(name, value) for name, value in told.items())


def talks_told(order: Order, account: Account, *, today: date) -> int:
    """Of how many talks the document will hold texts that the account knows only by its right to read them.

    Those in which its member took part, or whose remedy is its own to see to, are its own and do not count.
    Papers of one meeting do not either: they hold what was reworded and released for that meeting, and who
    asks for them put it together himself.
    """
    if not order.with_content:
        return 0
    member = account.member_id
    own = Participant.objects.filter(member=member, talk=OuterRef("pk"))
    theirs = Talk.objects.filter(~Exists(own))
    if member:
        theirs = theirs.exclude(recorder=member)
    match DOCUMENTS[order.kind].scope:
        case Scope.TALK:
            return theirs.filter(pk=order.talk.pk).count() if order.talk else 0
        case Scope.PERIOD:
            assert order.since is not None, "a period begins"
            assert order.until is not None, "and ends"
            listed = listed_remedies(
                _places(order, account, today),
                since=order.since,
                until=order.until,
                account=account,
                today=today,
            )
            read = ledger_remedies(account, today=today).order_by().values("pk")
            found = listed.filter(pk__in=read)
            if member:
                found = found.exclude(owner=member)
            return theirs.filter(pk__in=found.order_by().values("talk")).count()
        case _:
            return 0


def _places(order: Order, account: Account, today: date) -> list[Organisation]:
    """The organisation of the order and, where it asks for them, those below that the account may ask for."""
    assert order.organisation is not None, "this kind of document has one"
    if not order.with_below:
        return [order.organisation]
    allowed = orderable_organisations(account, order.kind, today=today)
    return list(allowed.filter(path__startswith=order.organisation.path))


def _of_year(order: Order, account: Account, today: date) -> dict[str, str]:
    assert order.organisation is not None, "a year is asked of an organisation"
    places = reported_organisations(account, today=today).filter(path__startswith=order.organisation.path)
    duties = Duty.objects.standing().filter(
        organisation__in=places.order_by().values("pk"), year=order.year, is_event=False
    )
    return {
        "党组织": _named(order.organisation, places.count()),
        "期间": f"{order.year}年度，数据截至{chinese_date(order.as_of)}",
        "应谈": f"{duties.count()}项，事件类必谈另行统计",
    }


def _of_period(order: Order, account: Account, today: date) -> dict[str, str]:
    assert order.organisation is not None, "a period is asked of an organisation"
    assert order.since is not None, "and begins"
    assert order.until is not None, "and ends"
    places = _places(order, account, today)
    told = {
        "党组织": _named(order.organisation, len(places)),
        "期间": f"{chinese_date(order.since)}至{chinese_date(order.until)}",
    }
    if order.kind is Kind.LEDGER:
        return told | {"谈话": f"{ledger_of(places, since=order.since, until=order.until).count()}次"}
    found = listed_remedies(places, since=order.since, until=order.until, account=account, today=today)
    number = talks_told(order, account, today=today)
    content = f"列出台账表述，来自您未参加的{number}次谈话" if number else "列出台账表述"
    return told | {"整改措施": f"{found.count()}项", "内容": content if order.with_content else "不列出"}


def _of_meeting(order: Order) -> dict[str, str]:
    meeting = order.meeting
    assert meeting is not None, "it is of a meeting"
    duties = Duty.objects.standing().filter(organisation=meeting.organisation, anchor=meeting.anchor)
    return {
        "党组织": meeting.organisation.name,
        "会议": f"{meeting}（{chinese_date(meeting.meeting_on)}）",
        "期间": f"{chinese_date(meeting.opens_on)}至{chinese_date(meeting.meeting_on)}",
        "应谈": f"{duties.filter(is_event=False).count()}项",
        "意见建议": opinion_count(meeting).sentence,
    }


def _of_talk(order: Order) -> dict[str, str]:
    talk = order.talk
    assert talk is not None, "it is of a talk"
    return {
        "谈话": talk.code,
        "日期": chinese_date(talk.held_on),
        "内容": "列出您可以查看的内容" if order.with_content else "不列出",
    }


def _named(organisation: Organisation, number: int) -> str:
    return f"{organisation.name}及所属{number - 1}个党组织" if number > 1 else organisation.name
