"""The broker of the embedded default: messages in a folder."""

from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from threading import Thread
from typing import Any

import pytest
from kombu import Connection

from config.celery import WholeFiles

QUEUE = "celery"


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[Any]:
    """A channel over an empty folder, as the settings' address opens it."""
    folders = {
        "data_folder_in": tmp_path,
        "data_folder_out": tmp_path,
        "control_folder": tmp_path / "control",
    }
    (tmp_path / "control").mkdir()
    options = {name: str(folder) for name, folder in folders.items()}
    with Connection("filesystem://localhost//", transport_options=options) as connection:
        yield connection.channel()


def test_messages_come_back_in_order_and_leave_nothing(channel: Any, tmp_path: Path) -> None:
    assert isinstance(channel, WholeFiles)
    for number in range(3):
        channel._put(QUEUE, {"number": number})
    channel._put("other", {"number": 9})
    assert channel._size(QUEUE) == 3
    assert [channel._get(QUEUE)["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get(QUEUE)
    assert [file.name.partition(".")[2] for file in tmp_path.glob("*.*")] == ["other.msg"]


def test_a_worker_never_takes_a_message_that_is_not_written_yet(channel: Any) -> None:
    found: list[int] = []

    def take() -> None:
        while len(found) < 400:
            try:
                found.append(channel._get(QUEUE)["number"])
            except Empty:
                continue

    reader = Thread(target=take, daemon=True)
    reader.start()
    for number in range(400):
        channel._put(QUEUE, {"number": number, "padding": "x" * 20_000})
    reader.join(timeout=60)
    assert found == list(range(400))


def test_a_message_cut_short_is_passed_over(channel: Any, tmp_path: Path) -> None:
    (tmp_path / f"0_cut1.{QUEUE}.msg").write_bytes(b"")
    (tmp_path / f"0_cut2.{QUEUE}.msg").write_bytes(b'{"number": ')
    (tmp_path / f"0_cut3.{QUEUE}.msg").write_bytes(b"\xff\xfe")
    channel._put(QUEUE, {"number": 4})
    assert channel._get(QUEUE) == {"number": 4}
    assert not list(tmp_path.glob("*.msg"))


def test_a_queue_is_bound_by_two_at_once(channel: Any) -> None:
    binders = [
        Thread(target=channel._queue_bind, args=("celery", str(number), "", QUEUE)) for number in range(8)
    ]
    for binder in binders:
        binder.start()
    for binder in binders:
        binder.join()
    assert {row.routing_key for row in channel.get_table("celery")} == {str(number) for number in range(8)}
