"""People: members, their affiliations, posts, portfolios, liaisons and events; accounts and mandates."""

from members.models.accounts import Account, Mandate, MandateKind
from members.models.events import Event
from members.models.people import Affiliation, Member
from members.models.posts import Liaison, Portfolio, Post
from members.models.resets import Reset
from members.models.second_factor import RecoveryCode, SecondFactor
from members.models.tries import TryCount

__all__ = [
    "Account",
    "Affiliation",
    "Event",
    "Liaison",
    "Mandate",
    "MandateKind",
    "Member",
    "Portfolio",
    "Post",
    "RecoveryCode",
    "Reset",
    "SecondFactor",
    "TryCount",
]
