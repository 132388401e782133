"""What an account is today: its mandates, posts and affiliation in force."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Q

from members.models import Account, Affiliation, Mandate, MandateKind, Post

# The offices of the installation: none of their holders reads what was said (design.md section 4a).
ADMINISTRATORS = (MandateKind.SYSTEM, MandateKind.SECURITY, MandateKind.AUDITOR)

# Where an account of which `keep_standings` was asked has what was found.
_KEPT = "_standings"
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as rights need it: its primary key and its path in the tree."""

    pk: int
    path: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The posts and mandates in force of one account on one day. An account out of use has none.

    One that holds an office of the installation has that alone, whatever else it was given: exclusions win.

    `staff` and `inspected` are the tops of the subtrees of those mandates, `led` the organisations that the
    person is a principal of, `team` those in whose team he is (led ones among them), `own` all in which he
    holds any post or is affiliated, `affiliated` the last of these.
    """

    kinds: frozenset[str] = frozenset()
    staff: tuple[Place, ...] = ()
    inspected: tuple[Place, ...] = ()
    led: tuple[Place, ...] = ()
    team: tuple[Place, ...] = ()
    own: tuple[Place, ...] = ()
    affiliated: tuple[Place, ...] = ()


def keep_standings(account: Account) -> None:
    """Lets what hangs on posts and mandates be found once for this instance: for who only reads.

    An instance that lives on while posts and mandates change, as where something is written, must not.
    """
    if not hasattr(account, _KEPT):
        setattr(account, _KEPT, {})


def kept_once(account: Account, key: object, find: Callable[[], Kept]) -> Kept:
    """What `find` gives; under `keep_standings` it is asked the first time only."""
    kept: dict[object, Any] | None = getattr(account, _KEPT, None)
    if kept is None:
        return find()
    if key not in kept:
        kept[key] = find()
    found: Kept = kept[key]
    return found


def standing_of(account: Account, today: date) -> Standing:
    """The standing of the account on the day; three queries, one where it belongs to no member."""
    return kept_once(account, today, lambda: _found(account, today))


def is_administrator(account: Account, today: date) -> bool:
    """Whether the account holds an office of the installation: then it reads nothing of what was said."""
    return not standing_of(account, today).kinds.isdisjoint(ADMINISTRATORS)


def _found(account: Account, today: date) -> Standing:
    if not account.is_active:
        return Standing()
    mandates = list(
        Mandate.objects.in_force(today)
        .filter(account=account)
        .values_list("kind", "organisation", "organisation__path")
        .order_by()
    )
    offices = frozenset(kind for kind, _, _ in mandates if kind in ADMINISTRATORS)
    if offices:
        return Standing(kinds=offices)
    posts: list[tuple[int, str, bool, bool]] = []
    affiliations: list[tuple[int, str]] = []
    if account.member_id is not None:
        posts = list(
            Post.objects.in_force(today)
            .filter(member=account.member_id)
            .values_list("organisation", "organisation__path", "is_team", "is_principal")
            .order_by()
        )
        affiliations = list(
            Affiliation.objects.in_force(today)
            .filter(member=account.member_id)
            .values_list("organisation", "organisation__path")
            .order_by()
        )
    return Standing(
        kinds=frozenset(kind for kind, _, _ in mandates),
        staff=_places((pk, path) for kind, pk, path in mandates if kind == MandateKind.STAFF),
        inspected=_places((pk, path) for kind, pk, path in mandates if kind == MandateKind.INSPECTOR),
        led=_places((pk, path) for pk, path, _, is_principal in posts if is_principal),
        team=_places((pk, path) for pk, path, is_team, _ in posts if is_team),
        own=_places([*((pk, path) for pk, path, _, _ in posts), *affiliations]),
        affiliated=_places(affiliations),
    )


def _places(rows: Iterable[tuple[int | None, str | None]]) -> tuple[Place, ...]:
    # An organisation whose path is not computed yet gives no right: an empty path begins every other.
    return tuple(sorted({Place(pk, path) for pk, path in rows if pk and path}, key=lambda place: place.path))


def below(places: Iterable[Place], prefix: str = "") -> Q:
    """The condition that an organisation, reached over `prefix`, is one of the places or below one."""
    condition = Q(**{f"{prefix}pk__in": []})
    for place in places:
        condition |= Q(**{f"{prefix}path__startswith": place.path})
    return condition


def among(places: Iterable[Place], prefix: str = "") -> Q:
    """The condition that an organisation, reached over `prefix`, is one of the places."""
    return Q(**{f"{prefix}pk__in": [place.pk for place in places]})


def line_of(places: Iterable[Place]) -> set[int]:
    """The primary keys of the places and of all their superiors."""
    return {int(part) for place in places for part in place.path.split("/") if part}


def rostered(standing: Standing, prefix: str = "") -> Q:
    """The condition that the account sees the roster of an organisation: staff over it, or in its team."""
    return below(standing.staff, prefix) | among(standing.team, prefix)
