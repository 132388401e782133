"""The addresses of talks."""

from collections.abc import Mapping
from datetime import date

from tests import factories
from tests.access import Row, everybody, only
from tests.conftest import World

ROWS: list[Row] = [
    Row("workbench", everybody()),
]


def _an_event(world: World) -> Mapping[str, object]:
    return {"code": factories.an_event(world.member, happened_on=date(2026, 3, 2)).code}


# The 书记 of the member's branch, and nobody else: that an event exists is confidential.
EVENTS = [
    Row("events", everybody()),
    Row("event-add", only("chief", "secretary", "other_secretary", "stranger")),
    Row("event", only("secretary"), _an_event),
    Row("event-note", only("secretary"), _an_event, post=lambda _: {}),
    Row("event-change", only("secretary"), _an_event),
    Row("event-remove", only("secretary"), _an_event),
]

ROWS += EVENTS
