"""The browser of these tests: the Chromium that Debian packages, never one that a library downloads."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request
from pytest_django.live_server_helper import LiveServer

# Playwright drives Chromium from an event loop, in which Django else refuses the database to the tests.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    # Root has no sandbox; the pages visited are our own.
    "--no-sandbox",
    # Nothing is asked of any other host.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks whatever lies in this folder, so that no test can be forgotten by the runs of `make test`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """How pytest-playwright starts the browser."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert executable, f"none of {BROWSERS} is installed; `make test` installs it"
    return {**browser_type_launch_args, "executable_path": executable, "args": list(ARGUMENTS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """A Chinese desk in Shanghai."""
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def complaints(page: Page, live_server: LiveServer) -> Iterator[list[str]]:
    """What the browser complains of, and requests to other hosts; none must be left when the test ends."""
    found: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(f"{message.type}: {message.text}")

    def watch(request: Request) -> None:
        if not request.url.startswith((live_server.url, "data:")):
            found.append(f"asked: {request.url}")

    page.on("console", listen)
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("request", watch)
    yield found
    assert found == []
