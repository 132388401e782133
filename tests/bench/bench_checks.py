"""填写时的提示：与 300 次谈话的记录逐一比对，每份 1,000 字

The request with which a window keeps its draft, as the 书记 of a branch sends it two seconds after the last
letter. Seconds of the processor, since the machine is shared; beside it what no record to compare costs.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import process_time

from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from members.models import Account, Member
from talks.models import Talk
from talks.rules.likeness import words_of
from talks.rules.words import TalkState
from talks.services.checks import check_record
from talks.views.checks import stored
from tests import factories
from vault.services import Actor

RECORDS, LETTERS, MEMBERS = 300, 1_000, 30
TIMES = 7
DAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 2, tzinfo=UTC)
# Frequent characters, and one in twenty is punctuation.
CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面"
)


def run() -> list[tuple[str, str]]:
    """Milliseconds of one autosave, and of the comparison in it."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        account, talk, people = _a_branch()
        # The first request of a process loads what the later ones find.
        _autosaves(account, talk, "甲")
        without = _autosaves(account, talk, _text(0))
        for number in range(1, RECORDS + 1):
            factories.a_talk(
                [people[0]],
                [people[1 + number % (MEMBERS - 1)]],
                held_on=DAY - timedelta(days=number),
                content=_text(number),
            )
        another, alike = _autosaves(account, talk, _text(0)), _autosaves(account, talk, _text(7)[:-20])
        checking = _worked(lambda: _checked(account, talk, _text(0)))
        texts = [_text(number) for number in range(RECORDS)]
        words = _worked(lambda: [words_of(text, ("党员1", "党员2")) for text in texts])
        transaction.set_rollback(True)
    return [
        ("没有可比对的记录，一次自动保存", f"{without:.0f} 毫秒"),
        (f"{RECORDS} 份记录、各 {LETTERS:,} 字，内容不同，一次自动保存", f"{another:.0f} 毫秒"),
        ("同上，与其中一份高度相似", f"{alike:.0f} 毫秒"),
        ("其中比对（解密在内）", f"{checking:.0f} 毫秒，其中整理 {RECORDS} 份文字 {words:.0f} 毫秒"),
    ]


def _a_branch() -> tuple[Account, Talk, list[Member]]:
    branch = factories.an_organisation("测量队党支部")
    people = [factories.a_member(f"党员{number}", branch) for number in range(MEMBERS)]
    factories.a_post(people[0], branch, "支部书记", is_principal=True)
    talk = factories.a_talk([people[0]], [people[1]], held_on=DAY, state=TalkState.PLANNED)
    return factories.an_account(people[0]), talk, people


def _text(number: int) -> str:
    chance = random.Random(number)
    return "".join(chance.choice(CHARACTERS) if place % 20 else "，" for place in range(1, LETTERS + 1))


def _checked(account: Account, talk: Talk, content: str) -> None:
    check_record(
        actor=Actor("bench", ""),
        at=AT,
        account=account,
        talk=talk,
        today=DAY,
        written=stored(talk, content),
        is_entered=True,
    )


def _autosaves(account: Account, talk: Talk, content: str) -> float:
    """The median of some, in a window of its own."""
    talk.drafts.all().delete()
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(account)
    address = reverse("talk-draft", args=[talk.code])
    revisions = iter(range(TIMES))

    def save() -> None:
        typed = {"content": content, "held_on": DAY.isoformat(), "draft_revision": next(revisions)}
        assert client.post(address, typed).status_code == 200

    return _worked(save)


def _worked(what: Callable[[], object]) -> float:
    spent = []
    for _ in range(TIMES):
        start = process_time()
        what()
        spent.append((process_time() - start) * 1000)
    return median(spent)
