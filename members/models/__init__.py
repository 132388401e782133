"""People: members, their affiliations, posts, portfolios, liaisons and events; accounts and mandates."""

from members.models.accounts import Account, Mandate, MandateKind
from members.models.events import Event
from members.models.passwords import OldPassword
from members.models.people import Affiliation, Member
from members.models.posts import Liaison, Portfolio, Post
from members.models.resets import Reset
from members.models.second_factor import RecoveryCode, SecondFactor
from members.models.sessions import KeptForm, SignedIn
from members.models.tries import TryCount

__all__ = [
    "Account",
    "Affiliation",
    "Event",
    "KeptForm",
    "Liaison",
    "Mandate",
    "MandateKind",
    "Member",
    "OldPassword",
    "Portfolio",
    "Post",
    "RecoveryCode",
    "Reset",
    "SecondFactor",
    "SignedIn",
    "TryCount",
]
