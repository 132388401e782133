"""约谈 as it is shown: whom one may ask, how each request stands, and the numbers of organisations."""

from talks.figures.requests.counts import RequestCounts, request_counts, request_total
from talks.figures.requests.leaders import (
    LeaderCard,
    LeaderGroup,
    card_of,
    colleague_choices,
    deputies_of,
    leader_groups,
)
from talks.figures.requests.limits import request_limits
from talks.figures.requests.lines import (
    RequestLine,
    listed_requests,
    request_lines,
    state_of,
    waiting_handover,
)
from talks.figures.requests.notices import request_notice_lines, unread_requests

__all__ = [
    "LeaderCard",
    "LeaderGroup",
    "RequestCounts",
    "RequestLine",
    "card_of",
    "colleague_choices",
    "deputies_of",
    "leader_groups",
    "listed_requests",
    "request_counts",
    "request_limits",
    "request_lines",
    "request_notice_lines",
    "request_total",
    "state_of",
    "unread_requests",
    "waiting_handover",
]
