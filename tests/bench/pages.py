"""What `bench_pages` measures, in a process of its own over a country on PostgreSQL; prints JSON.

Every list and detail page, asked for by people of every role: the time that the processors worked, here and
for the connection in the database, and beside it the clock (tests/bench/country.py says why).
"""

import json
import os
import re
import sys
from datetime import UTC, datetime, time
from statistics import median
from time import process_time
from urllib.parse import urlencode

import django

if __name__ == "__main__":
    django.setup()

import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from branches.models import Organisation
from members.models import Account, Affiliation, Mandate, MandateKind, Post
from talks.management.country.organisations import AS_OF
from tests.bench.country import Cost, cost

AT = datetime.combine(AS_OF, time(2), UTC)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
# A page is fast enough with so many milliseconds of work at the median (issue 4).
LIMIT = 150
SHOWN = 12
# The addresses of the lists; then those of which the first that a list leads to is asked for.
LISTS = (
    "/",
    "/duties/",
    "/duties/?state=overdue",
    "/duties/?state=near&mine=on",
    "/duties/?who=王",
    "/talks/",
    "/talks/book/",
    "/calendar/",
    "/calendar/talks/?" + urlencode({"since": "2026-10-26", "until": "2026-12-07"}),
    "/meetings/",
    "/calendar/feed/",
    "/requests/",
    "/requests/ask/",
    "/requests/figures/",
    "/requests/hours/",
    "/own/",
    "/own/opinions/",
    "/own/readings/",
    "/contacts/",
    "/remedies/",
    "/waivers/",
    "/disclosures/",
    "/notices/",
    "/rules/",
    "/uploads/",
    "/export/",
    "/events/",
    "/events/add/",
    "/members/",
    "/members/?q=王",
    "/organisations/",
    "/accounts/",
    "/accounts/?q=王",
    "/accounts/open/",
    "/accounts/open/branch/",
    "/mandates/",
    "/mandates/grant/",
    "/resets/",
    "/working-days/",
    "/reports/",
    "/reports/approvals/",
    "/findings/",
    "/findings/organisations/",
    "/inspection/",
    "/samples/",
    "/trail/",
    "/account/",
    "/account/sessions/",
)
DETAILS = (
    r"/duties/\d+/",
    r"/duties/book/\?[^\"#]+",
    r"/talks/T[^/\"?]*/",
    r"/meetings/\d+/",
    r"/meetings/\d+/opinions/",
    r"/meetings/\d+/mine/",
    r"/meetings/\d+/arrange/",
    r"/contacts/\?[^\"#]+",
    r"/remedies/\d+/",
    r"/waivers/\d+/",
    r"/rules/[^/\"?]+/",
    r"/events/(?!add/)[^/\"?]+/",
    r"/members/(?!add/)[^/\"?]+/",
    r"/organisations/(?!add/)[^/\"?]+/",
    r"/accounts/\d+/",
    r"/requests/ask/[^/\"?]+/",
    r"/findings/\d+/",
)


def accounts() -> dict[str, Account]:
    """Somebody of every role: of a branch, of a committee in the middle of the tree, and over all."""
    branches = Organisation.objects.branches().filter(dissolved=None)
    teams = Post.objects.in_force(AS_OF).filter(is_team=True)
    branch = branches.filter(posts__in=teams.filter(is_principal=False)).order_by("path")[0]
    top, upper, middle = (Organisation.objects.get(pk=pk) for pk in list(branch.ancestor_ids())[:3])
    leader = teams.filter(is_principal=True)
    affiliated = Affiliation.objects.in_force(AS_OF).filter(organisation=branch)
    ordinary = affiliated.exclude(member__posts__in=Post.objects.in_force(AS_OF))
    persons = {
        "支部书记": leader.filter(organisation=branch)[0].member,
        "支委": teams.filter(organisation=branch, is_principal=False)[0].member,
        "党员": ordinary[0].member,
        "基层党委书记": leader.filter(organisation=middle)[0].member,
        "上级党委书记": leader.filter(organisation=upper)[0].member,
        "全国书记": leader.filter(organisation=top)[0].member,
    }
    found = {
        role: Account.objects.create(username=f"bench-{at}", name=person.name, member=person)
        for at, (role, person) in enumerate(persons.items())
    }
    for kind in (MandateKind.STAFF, MandateKind.INSPECTOR):
        for name, place in (("基层党委", middle), ("上级党委", upper), ("全国", top)):
            role = f"{name}{kind.label}"
            found[role] = Account.objects.create(username=f"bench-{kind}-{place.pk}", name=role)
            Mandate.objects.create(account=found[role], kind=kind, organisation=place, since=AS_OF)
    for kind in (MandateKind.SYSTEM, MandateKind.SECURITY, MandateKind.AUDITOR):
        found[kind.label] = Account.objects.create(username=f"bench-{kind}", name=kind.label)
        Mandate.objects.create(account=found[kind.label], kind=kind, since=AS_OF)
    _open_accounts()
    return found


def _open_accounts() -> None:
    """One for each member who has none, as they stand once everybody has signed in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_account (username, name, member_id, password, is_active,"
            " must_change_password, code_hash, is_demonstration, email)"
            " SELECT m.code, m.name, m.id, '!', true, false, '', false, '' FROM members_member m"
            " WHERE NOT EXISTS (SELECT 1 FROM members_account a WHERE a.member_id = m.id)"
        )
        cursor.execute("ANALYZE members_account")


class Visitor:
    """One who is signed in and asks for pages."""

    def __init__(self, account: Account) -> None:
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(account)

    def pages(self) -> list[str]:
        """The lists that are open to him, and the first page of every sort to which one of them leads."""
        found, links = [], ""
        for page in LISTS:
            response = self.client.get(page)
            if response.status_code == 200:
                found.append(page)
                links += response.content.decode().replace("&amp;", "&")
        for pattern in DETAILS:
            match = re.search(f'href="({pattern})"', links)
            if match and self.client.get(match[1]).status_code == 200:
                found.append(match[1])
        return found

    def median(self, page: str) -> tuple[float, float, int]:
        """Milliseconds of work and on the clock at the median, and how many queries."""
        with CaptureQueriesContext(connection) as queries:
            self.client.get(page)
        # Each request forgets what was asked before it.
        number = len(queries)
        costs: list[Cost] = [cost(lambda: self.client.get(page)) for _ in range(ROUNDS)]
        return (
            median(each.worked for each in costs) * 1000,
            median(each.clock for each in costs) * 1000,
            number,
        )


def yardstick() -> float:
    """Milliseconds of work for always the same: other load makes a processor slower, and so this."""
    started = process_time()
    assert len({str(number): number for number in range(100_000)}) == 100_000
    return (process_time() - started) * 1000


def main() -> list[tuple[str, str]]:
    """What was measured, and the figures: the slowest pages, each for the role that waits longest."""
    figures: list[tuple[float, float, int, str, str]] = []
    yardsticks: list[float] = []
    only = os.environ.get("BENCH_ROLES", "")
    with transaction.atomic(), time_machine.travel(AT, tick=True):
        for role, account in accounts().items():
            if only and role not in only.split(","):
                continue
            visitor = Visitor(account)
            for page in visitor.pages():
                yardsticks.append(yardstick())
                figures.append((*visitor.median(page), role, page))
                print(*figures[-1], file=sys.stderr, flush=True)
        transaction.set_rollback(True)
    figures.sort(reverse=True)
    over = [worked for worked, *_ in figures if worked > LIMIT]
    rows = [
        (
            f"页面与角色{len(figures)}组，各{ROUNDS}次，中位数",
            f"超过{LIMIT} ms的{len(over)}组，最慢{figures[0][0]:.0f} ms",
        ),
        ("同时所做的固定计算（机器空闲时与忙时之比即其他负荷的影响）", f"{median(yardsticks):.0f} ms"),
    ]
    for role in dict.fromkeys(role for *_, role, _ in figures):
        worked = [one[0] for one in figures if one[3] == role]
        slow = sum(one > LIMIT for one in worked)
        rows.append((f"{role}的{len(worked)}页", f"{len(worked) - slow}页在{LIMIT} ms以内，{slow}页超过"))
    shown = [one for one in figures if one[0] > LIMIT] or figures[:SHOWN]
    rows += [
        (f"{page}（{role}）", f"{worked:.0f} ms（钟表 {clock:.0f} ms），查询{queries}次")
        for worked, clock, queries, role, page in shown
    ]
    return rows


if __name__ == "__main__":
    json.dump(main(), sys.stdout, ensure_ascii=False)
