"""装载必谈规则所需的事实：20 个支部、每支部 1,000 名党员，从数据库到应谈事项"""

from datetime import UTC, datetime

from django.core.management import call_command
from django.db import transaction

from branches.models import Organisation
from members.models import Affiliation, Event, Liaison, Member, Post
from talks.figures.duties import duties_of
from talks.figures.facts import load_facts
from talks.models import Meeting, Participant, Talk
from talks.models.records import Side
from talks.rules.facts import Facts
from tests.bench.bench_engine import AS_OF, YEAR, facts, timed
from tests.factories import LONG_AGO


def run() -> list[tuple[str, str]]:
    """Seconds to load the facts of one branch and of all, and from the tables to all duties of the year."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        organisations = stored(facts())
        one, _ = timed(lambda: load_facts(organisations[-1:]))
        every, _ = timed(lambda: load_facts(organisations))
        judged, (_, duties) = timed(lambda: duties_of(organisations, year=YEAR, as_of=AS_OF))
        transaction.set_rollback(True)
    return [
        ("装载一个支部", f"{one:.2f} 秒"),
        ("装载全部", f"{every:.2f} 秒"),
        (f"装载并得出{len(duties):,}项应谈事项", f"{judged:.2f} 秒"),
    ]


def stored(given: Facts) -> list[Organisation]:
    """The facts of the engine's bench as rows; the organisations, the committee first."""
    places: dict[str, Organisation] = {}
    for value in given.organisations:
        superior = places.get(value.superior or "")
        place = Organisation.objects.create(
            code=value.code, name=value.name, kind=value.kind, superior=superior
        )
        place.path = f"{superior.path if superior else '/'}{place.pk}/"
        place.save(update_fields=["path"])
        places[value.code] = place
    codes = {post.member for post in given.posts} | {member.code for member in given.members}
    Member.objects.bulk_create(Member(code=code, name=code, category="正式党员") for code in sorted(codes))
    people = {member.code: member for member in Member.objects.all()}
    Affiliation.objects.bulk_create(
        Affiliation(member=people[fact.member], organisation=places[fact.organisation])
        for fact in given.affiliations
    )
    Post.objects.bulk_create(
        Post(
            member=people[fact.member],
            organisation=places[fact.organisation],
            title=fact.title,
            is_team=fact.team,
            is_principal=fact.principal,
            since=LONG_AGO,
        )
        for fact in given.posts
    )
    Liaison.objects.bulk_create(
        Liaison(committee_member=people[fact.committee_member], member=people[fact.member], since=LONG_AGO)
        for fact in given.liaisons
    )
    Event.objects.bulk_create(
        Event(
            code=fact.code,
            member=people[fact.member],
            kind=fact.kind,
            happened_on=fact.happened_on,
            known_on=fact.happened_on,
        )
        for fact in given.events
    )
    Meeting.objects.bulk_create(
        Meeting(
            organisation=places[fact.organisation],
            kind=fact.kind,
            year=fact.year,
            meeting_on=fact.meeting_on,
        )
        for fact in given.meetings
    )
    entered_at = datetime(YEAR, 1, 1, tzinfo=UTC)
    Talk.objects.bulk_create(
        Talk(code=fact.code, held_on=fact.held_on, state=fact.state, entered_at=entered_at)
        for fact in given.talks
    )
    talks = {talk.code: talk for talk in Talk.objects.only("pk", "code")}
    Participant.objects.bulk_create(
        Participant(talk=talks[fact.code], member=people[code], side=side)
        for fact in given.talks
        for side, group in ((Side.TALKER, fact.talkers), (Side.SUBJECT, fact.subjects))
        for code in group
    )
    return list(places.values())
