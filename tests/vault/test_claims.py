"""A claim is renewed as long as the work lasts, and no longer."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import enumerate as threads

import pytest
from django.conf import LazySettings
from django.db import InterfaceError, OperationalError

from vault.tasks import GivingUp, claim_kept


@pytest.fixture(autouse=True)
def short(settings: LazySettings) -> Iterator[None]:
    """A claim of 0.3 seconds; at the end no thread is left that renews one."""
    settings.CLAIM = timedelta(seconds=0.3)
    yield
    assert [thread for thread in threads() if thread.name == "claim"] == []


def wait_for(renewed: list[datetime], count: int) -> None:
    """Works until the claim has been renewed so often."""
    last = time.monotonic() + 30
    while len(renewed) < count:
        assert time.monotonic() < last
        time.sleep(0.01)


def test_it_is_renewed_again_and_again_until_the_work_is_done() -> None:
    renewed: list[datetime] = []
    with claim_kept(lambda *, now: renewed.append(now)):
        wait_for(renewed, 3)
    count = len(renewed)
    assert renewed[1] - renewed[0] >= timedelta(seconds=0.1)
    time.sleep(0.3)
    assert len(renewed) == count


# SQLite says the first; psycopg2 says the second of a connection that was lost.
@pytest.mark.parametrize("error", [OperationalError("database is locked"), InterfaceError("closed")])
def test_a_database_that_cannot_costs_one_renewal(error: Exception) -> None:
    renewed: list[datetime] = []

    def renew(*, now: datetime) -> None:
        renewed.append(now)
        if len(renewed) == 1:
            raise error

    with claim_kept(renew):
        wait_for(renewed, 2)


def test_the_error_of_the_work_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), claim_kept(lambda *, now: None):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("error", "failed"), [(ZeroDivisionError, 1), (SystemExit, 0), (KeyboardInterrupt, 0)]
)
def test_an_error_gives_up_and_a_stopped_worker_does_not(error: type[BaseException], failed: int) -> None:
    told: list[None] = []
    with pytest.raises(error), GivingUp(lambda: told.append(None)):
        raise error
    assert len(told) == failed
