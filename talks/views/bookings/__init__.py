"""Duties that are chosen in the list and booked together."""

from talks.views.bookings.appointments import duties_book
from talks.views.bookings.groups import duties_group

__all__ = ["duties_book", "duties_group"]
