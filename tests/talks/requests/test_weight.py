"""Pages are light enough for a slow line: what a phone fetches for one, compressed, without the calendar."""

import gzip
import re
from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from members.models import Account
from tests.conftest import World

MOST = 150_000
# What the frame and the pages load: style sheets, scripts, icons, the manifest, the signs inside the page.
PARTS = re.compile(r'(?:href|src)="/static/([^"#]+)')
PAGES = (
    *("workbench", "duties", "talks", "requests", "request-ask", "own", "own-opinions", "own-readings"),
    *("notices", "talk-book", "meetings"),
)


def weight(content: bytes) -> int:
    return len(gzip.compress(content, 6))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_weighs_less_than_150_kilobytes(
    world: World, client_of: Callable[[Account], Client], name: str
) -> None:
    page = client_of(world.account("member")).get(reverse(name)).content
    parts = set(PARTS.findall(page.decode()))
    assert {"vendor/bootstrap/css/bootstrap.min.css", "js/base.js"} <= parts
    total = weight(page)
    for part in parts:
        path = finders.find(part)
        assert path, part
        with open(path, "rb") as file:
            total += weight(file.read())
    assert total < MOST, f"{name}: {total}"
