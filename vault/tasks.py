"""What background tasks stand on: a claim that holds as long as its worker lives, and hardly longer."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from types import TracebackType

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

logger = logging.getLogger(__name__)


@contextmanager
def claim_kept(renew: Callable[..., object]) -> Iterator[None]:
    """Calls `renew` with `now`, thrice in settings.CLAIM, as long as the block works.

    A thread does it, so that a step may last as long as it likes. With the worker the thread dies, and what
    was claimed is free for the next one once the claim has lapsed.
    """
    done = Event()

    def renew_until_done() -> None:
        try:
            while not done.wait(settings.CLAIM.total_seconds() / 3):
                try:
                    renew(now=timezone.now())
                except (OperationalError, InterfaceError):
                    # SQLite has one writer; while the block itself is that, nobody else can claim anything.
                    # PostgreSQL may have been restarted: the next time asks on another connection.
                    logger.info("a claim could not be renewed just now", exc_info=True)
                    connection.close()
        finally:
            connection.close()

    thread = Thread(target=renew_until_done, name="claim", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


class GivingUp:
    """Calls `fail` when an error leaves the block, and lets the error through.

    What is no Exception (a worker told to stop) leaves the claim to lapse.
    """

    def __init__(self, fail: Callable[[], object]) -> None:
        self.fail = fail

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and issubclass(kind, Exception):
            self.fail()
