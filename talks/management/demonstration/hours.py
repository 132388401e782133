"""Hours in which the leaders of the demonstration may be asked for a talk."""

from datetime import datetime, time

from members.models import Post
from talks.services.hours import Span, publish_hours
from vault.services import Actor

# By turns, so that not all have the same: weekday, from, until.
WEEKS = (
    ((1, time(15), time(16, 30)), (4, time(9), time(10))),
    ((2, time(9), time(10, 30)), (5, time(15), time(16))),
    ((3, time(16), time(17)),),
)


def publish_demonstration_hours(*, actor: Actor, at: datetime) -> None:
    """Every team member publishes some; heads of departments leave the time to be settled."""
    posts = Post.objects.filter(is_team=True, until=None).select_related("member").order_by("member__code")
    leaders = {post.member_id: post.member for post in posts}
    for number, member in enumerate(leaders.values()):
        for weekday, starts_at, ends_at in WEEKS[number % len(WEEKS)]:
            publish_hours(actor=actor, at=at, member=member, weekday=weekday, span=Span(starts_at, ends_at))
