"""Requests that no browser sends, to every address, as every persona; seeded, so that each can be sent again.

The fields of a form are learned from the page itself: a new form is tried without a line here. What a request
did is undone before the next one.
"""

import logging
import random
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account
from tests.access import ROLES, Row
from tests.conftest import World
from tests.doors import populate
from tests.fuzz.files import a_file
from tests.fuzz.invariants import Standing

TEXTS = (
    *(
        "",
        " ",
        "\0",
        "a\0b",
        "0",
        "-1",
        "1.5",
        "9" * 20,
        "9" * 5000,
        "NaN",
        "1e999",
        "２０２６",
        "true",
        "on",
    ),
    *("0001-01-01", "9999-12-31", "2026-02-30", "2026-13-45", "24:00", "99:99", "10:00+08:00"),
    *("2026-03-05T10:00", "㛃䶮𠮷", "\U0001f600" * 40, "\u202eabc\u202c", "\ufeff", "\u2028", "٣", "\u3000"),
    *("x" * 50_000, "名" * 3000, "((((" * 500, "../../etc/passwd", "file:///etc/passwd", "%00", "{{ x }}"),
    *(
        "<script>alert(1)</script>",
        "' OR 1=1 --",
        "=1+1",
        "\r\n\r\n",
        "a\r\nSet-Cookie: x=1",
        "//example.test",
    ),
    *("*", "[]", "{}", "null", "-0", "+1", "0x10", "1_000", "全部", "，、；"),
)
# What takes a request further in.
SOUND = (
    "1",
    "2",
    "谈了一年来的思想和工作。",
    "梁志强",
    "陆秉川",
    "沈若楠",
    "合川分局党支部",
    "09:00",
    "10:30",
    "谈话室",
)
# Not to be sent as text: lone surrogates, halves of signs, an overlong NUL.
BYTES = (b"\xed\xa0\x80", b"\xff\xfe", b"\xe4\xbd", b"\xc0\x80", b"\xf4\x90\x80\x80")
BODIES = (
    ("application/json", b'{"a": [1'),
    ("text/plain", b"\xff\xfe\0"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
    ("multipart/form-data", b"--\r\n"),
    ("application/x-www-form-urlencoded", b"a=%ff&a=%00&=&&&b=%zz&c=%ED%A0%80"),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(1100))),
    ("application/x-www-form-urlencoded; charset=nothing", b"a=1"),
)
METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE")
FIELD = re.compile(r"<(input|select|textarea|button)\b([^>]*)>")
ATTRIBUTE = re.compile(r"\b(name|value|type)=\"([^\"]*)\"")
OPTION = re.compile(r"<option\b[^>]*?value=\"([^\"]*)\"")
# By chance some fields are new.
EXTRA = ("page", "q", "next", "file", "\0", "of", "revision", "more")


@dataclass(slots=True)
class Outcome:
    """How many requests were sent, how they were answered, and the faults, each as a line."""

    seed: int
    sent: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    changed: int = 0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        answers = ", ".join(f"{status}: {times}" for status, times in sorted(self.statuses.items()))
        return f"seed {self.seed}: {self.sent} requests, {self.changed} kept something; answers {answers}"


@dataclass(slots=True)
class Form:
    """What a page offers to be filled in: values seen for each field, and which of them take a file."""

    values: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class Loud(logging.Handler):
    """Keeps what is logged with a traceback."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line of a record that has a traceback with it."""
        if record.exc_info:
            self.told.append(f"{record.name}: {record.getMessage()[:200]}")


def form_of(page: str) -> Form:
    """The fields of all forms of a page."""
    found = Form()
    for match in FIELD.finditer(page):
        told = dict(ATTRIBUTE.findall(match[2]))
        name = unescape(told.get("name", ""))
        if not name or name == "csrfmiddlewaretoken":
            continue
        values = found.values.setdefault(name, [])
        values.append(unescape(told.get("value", "")))
        if told.get("type") == "file":
            found.files.add(name)
        if match[1] == "select":
            end = page.find("</select>", match.end())
            values.extend(unescape(one) for one in OPTION.findall(page, match.end(), end)[:40])
    return found


def _days() -> list[str]:
    today = timezone.localdate()
    return [(today + timedelta(days=days)).isoformat() for days in (-30, -1, 0, 1, 7, 400)]


class Fuzzer:
    """Sends requests by chance to rows of the table of addresses."""

    def __init__(self, world: World, *, seed: int) -> None:
        self.world, self.chance, self.outcome = world, random.Random(seed), Outcome(seed)
        self.clients: dict[str, tuple[Client, SimpleCookie]] = {}
        self.sound = [*SOUND, *_days()]
        populate(world)
        for role in ROLES:
            client = Client(raise_request_exception=False)
            client.force_login(world.account(role))
            self.clients[role] = client, copy(client.cookies)

    def run(self, table: list[Row], requests: int) -> Outcome:
        """Sends so many requests to the addresses of the table."""
        loud = Loud()
        logging.getLogger().addHandler(loud)
        try:
            for row, times in self._rounds(table, requests):
                self._visit(row, times, loud)
        finally:
            logging.getLogger().removeHandler(loud)
        return self.outcome

    def _rounds(self, table: list[Row], requests: int) -> Iterator[tuple[Row, int]]:
        """The rows in an order of chance, again and again, with how many requests each gets this time."""
        left = requests
        while left > 0:
            for row in self.chance.sample(table, len(table)):
                now = min(left, max(2, requests // len(table)))
                yield row, now
                left -= now
                if left <= 0:
                    return

    def _visit(self, row: Row, times: int, loud: Loud) -> None:
        """What the row is about is made, asked for so many times, and undone."""
        made = transaction.savepoint()
        query = row.asked(self.world) if row.asked else row.query
        arguments = dict(row.arguments(self.world)) if row.arguments else None
        address = reverse(row.name, kwargs=arguments) + query
        posted = {name: [str(value)] for name, value in row.post(self.world).items()} if row.post else {}
        standing = Standing()
        let_in = [role for role, status in row.statuses.items() if status < 400]
        form = self._learned(address, self.chance.choice(let_in or ROLES))
        form.values |= posted
        for _ in range(times):
            # Who is let in finds more to break than who is not.
            role = self.chance.choice(let_in if let_in and self.chance.random() < 0.7 else ROLES)
            before = transaction.savepoint()
            loud.told.clear()
            what, answer = self._send(self._client(role), address, form)
            self._judge(f"{role} {row.name} {what}", answer, standing, loud)
            transaction.savepoint_rollback(before)
        transaction.savepoint_rollback(made)

    def _learned(self, address: str, role: str) -> Form:
        """The fields of the page as somebody sees it who may; what the visit wrote is undone."""
        before = transaction.savepoint()
        answer = self._client(role).get(address)
        page = "" if answer.streaming else answer.content.decode(errors="replace")
        transaction.savepoint_rollback(before)
        return form_of(page)

    def _client(self, role: str) -> Client:
        client, cookies = self.clients[role]
        client.cookies = copy(cookies)
        return client

    def _judge(self, what: str, answer: Any, standing: Standing, loud: Loud) -> None:
        outcome = self.outcome
        outcome.sent += 1
        outcome.statuses[answer.status_code] = outcome.statuses.get(answer.status_code, 0) + 1
        faults = [f"logged {line}" for line in loud.told]
        if answer.status_code >= 500:
            error = getattr(answer, "exc_info", None)
            faults.append(f"{answer.status_code} {error[0].__name__}: {error[1]}" if error else "500")
        else:
            has_changed, found = standing.faults(answer)
            outcome.changed += has_changed
            faults += found
        outcome.faults += [f"{fault:.300} <- {what}" for fault in faults]

    def _send(self, client: Client, address: str, form: Form) -> tuple[str, Any]:
        """One request; what was sent, in words, and the answer."""
        chance = self.chance
        way = chance.random()
        headers = {"HX-Request": "true"} if chance.random() < 0.2 else {}
        if way < 0.15:
            names = list(form.values) or ["q", "page"]
            query = {
                name: self._value(form, name)[:2000] for name in chance.sample(names, min(3, len(names)))
            }
            return f"GET {query!r:.300}", client.get(address.partition("?")[0], query, headers=headers)
        if way < 0.2:
            kind, body = chance.choice(BODIES)
            return f"POST {kind} {body!r:.80}", client.generic("POST", address, body, kind, headers=headers)
        if way < 0.23:
            method = chance.choice(METHODS)
            return method, client.generic(method, address)
        if way < 0.3:
            pairs = [(name, quote_from_bytes(chance.choice(BYTES))) for name in form.values or EXTRA]
            body = "&".join(f"{urlencode({name: ''})}{value}" for name, value in pairs).encode()
            return f"POST {body!r:.300}", client.post(
                address, body, content_type="application/x-www-form-urlencoded", headers=headers
            )
        typed = self._typed(form)
        return f"POST {typed!r:.600}", client.post(address, typed, headers=headers)

    def _value(self, form: Form, name: str) -> str:
        """As it stood or was offered, sound, or spoilt."""
        how, seen = self.chance.random(), form.values.get(name)
        if seen and how < 0.55:
            return self.chance.choice(seen)
        return self.chance.choice(self.sound if how < 0.7 else TEXTS)

    def _typed(self, form: Form) -> dict[str, object]:
        """A body: each field with a value, some twice, some with a file, some left out, some new."""
        chance = self.chance
        # Some forms are right but for one field, some all wrong.
        is_nearly_right = chance.random() < 0.4
        spoilt = chance.choice(list(form.values)) if form.values else ""
        typed: dict[str, object] = {}
        for name, seen in form.values.items():
            how = chance.random()
            if name in form.files:
                if how < 0.85:
                    typed[name] = a_file(chance)
            elif is_nearly_right and name != spoilt:
                value = seen[-1] or chance.choice(self.sound)
                typed[name] = chance.choice(seen) if how < 0.5 else value
            elif how < 0.88:
                typed[name] = self._value(form, name)
            elif how < 0.93:
                typed[name] = [self._value(form, name), self._value(form, name)]
            elif how < 0.95:
                typed[name] = a_file(chance)
        if chance.random() < 0.3:
            typed[chance.choice(EXTRA)] = chance.choice(TEXTS)
        return typed


def fuzz(world: World, table: list[Row], *, seed: int, requests: int) -> Outcome:
    """Sends so many requests to the addresses of the table; the same seed sends the same."""
    assert Account.objects.exists(), "the personas are in the world"
    return Fuzzer(world, seed=seed).run(table, requests)
