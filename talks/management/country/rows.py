"""All rows of the country, each after those that it refers to."""

from talks.management.country.matters import matter_rows
from talks.management.country.organisations import Country, department_rows, organisation_rows
from talks.management.country.people import member_rows
from talks.management.country.posts import post_rows
from talks.management.country.tables import Rows
from talks.management.country.talks import talk_rows


def country_rows(members: int, seed: int) -> Rows:
    """So many members and all that belongs to them; the same rows for the same number and seed."""
    country = Country(members, seed)
    yield from organisation_rows(country)
    yield from department_rows(country)
    yield from member_rows(country)
    yield from post_rows(country)
    yield from matter_rows(country)
    yield from talk_rows(country)
