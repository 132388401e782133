"""The Celery application: `celery -A config worker --beat`."""

import logging
import os
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger(__name__)


class WholeFiles(filesystem.Channel):  # type: ignore[misc]
    """Messages in a folder that are there whole or not at all, and of which a spoilt one is passed over.

    Kombu's own channel creates the file before it writes it. A worker that looks in between takes an empty
    message, ends with an error, and the server ends with its worker.
    """

    def _put(self, queue: str, payload: object, **kwargs: object) -> None:
        file = Path(self.data_folder_out) / f"{time_ns()}_{uuid4()}.{queue}.msg"
        part = file.with_suffix(".part")
        part.write_text(dumps(payload), encoding="utf-8")
        part.rename(file)

    def _get(self, queue: str) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            file = folder / name
            mine = file.with_suffix(".taken")
            try:
                file.rename(mine)
            except FileNotFoundError:
                continue  # Another worker was faster.
            text = mine.read_text(encoding="utf-8", errors="replace")
            mine.unlink()
            try:
                return loads(text)
            except ValueError:
                # After a power cut, say. The work itself is a row, which the next sweep finds.
                logger.warning("A message of the queue %s cannot be read and is passed over.", queue)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        file = self._exchange_file(exchange)
        if not file.exists():
            part = file.with_name(f"{uuid4()}.part")
            part.write_text("[]", encoding="utf-8")
            with suppress(FileExistsError):
                os.link(part, file)
            part.unlink()
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):  # type: ignore[misc]
    """The file system as broker, for the embedded default."""

    Channel = WholeFiles


TRANSPORT_ALIASES["filesystem"] = "config.celery:Transport"

app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect(weak=False)  # type: ignore[untyped-decorator]
def refuse_without_key(**sent: object) -> None:
    """No worker starts without the vault's key. Of a handler's errors Celery heeds only SystemExit."""
    from vault.services import ensure_key

    try:
        ensure_key()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
