"""Trying to sign in in vain costs time and locks nobody out; the same for accounts that are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from members.models import Account, TryCount
from members.rules import Tried, network_of, wait_after
from members.services import accounts
from members.services.accounts import Recognition
from members.services.tries import begin_try, take_back
from tests import factories
from tests.processes import outcome, start
from vault.services import Actor

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
HOME, AWAY = "10.0.0.9", "172.16.4.4"
NEW = "清晨登上嘉陵江边的新堤坝"


def tried(
    word: str, *, at: datetime = NOW, name: str = "liang", address: str = HOME, browser: str = ""
) -> Recognition:
    return accounts.recognise_account(
        username=name, word=word, at=at, address=address, browser=browser
    ).recognition


def seconds(of: int) -> datetime:
    return NOW + timedelta(seconds=of)


@pytest.mark.parametrize(
    ("kind", "failures", "wait"),
    [
        (Tried.PAIR, 2, 0),
        (Tried.PAIR, 3, 2),
        (Tried.PAIR, 4, 4),
        (Tried.PAIR, 9, 128),
        (Tried.PAIR, 10, 256),
        (Tried.PAIR, 11, 300),
        (Tried.PAIR, 10_000, 300),
        (Tried.ADDRESS, 29, 0),
        (Tried.ADDRESS, 30, 2),
        (Tried.ACCOUNT, 29, 0),
        (Tried.ACCOUNT, 30, 2),
        (Tried.ACCOUNT, 34, 30),
    ],
)
def test_the_wait_doubles_and_has_an_end(kind: Tried, failures: int, wait: int) -> None:
    assert wait_after(kind, failures) == timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.9", "10.0.0.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.9", "10.0.0.9"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_household_of_ipv6_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["liang", "nobody"])
def test_after_three_wrong_words_one_waits_whether_or_not_there_is_such_an_account(name: str) -> None:
    factories.an_account(username="liang")
    assert [tried("不对", name=name) for _ in range(3)] == [Recognition.WRONG] * 3
    assert tried("不对", name=name, at=seconds(1)) is Recognition.EARLY
    assert tried("不对", name=name, at=seconds(2)) is Recognition.WRONG
    assert tried("不对", name=name, at=seconds(5)) is Recognition.EARLY
    assert tried("不对", name=name, at=seconds(6)) is Recognition.WRONG


@pytest.mark.django_db
def test_the_right_word_waits_too_and_then_lets_in() -> None:
    """Else whoever guesses would see at once which word was right."""
    factories.an_account(username="liang")
    for _ in range(3):
        tried("不对")
    assert tried(factories.PASSWORD, at=seconds(1)) is Recognition.EARLY
    assert tried(factories.PASSWORD, at=seconds(2)) is Recognition.SIGNED_IN


@pytest.mark.django_db
def test_who_waits_costs_no_hash() -> None:
    factories.an_account(username="liang")
    for _ in range(3):
        tried("不对")
    with hashes_counted() as counted:
        assert tried("不对", at=seconds(1)) is Recognition.EARLY
    assert counted == []


@pytest.mark.django_db
def test_a_known_and_an_unknown_account_cost_one_argon2_each(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # type: ignore[attr-defined]
    factories.an_account(username="liang")
    for name, word in (("liang", "不对"), ("liang", factories.PASSWORD), ("nobody", "不对")):
        with hashes_counted() as counted:
            tried(word, name=name, address=f"10.0.0.{len(name)}")
        assert len(counted) == 1, (name, word)


@contextmanager
def hashes_counted() -> Iterator[list[str]]:
    """Each time Argon2 is worked out, by making a hash or by comparing with one."""
    done: list[str] = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def encoded(*arguments: object) -> str:
        done.append("encode")
        return str(encode(*arguments))  # type: ignore[arg-type]

    def verified(*arguments: object) -> bool:
        done.append("verify")
        return bool(verify(*arguments))  # type: ignore[arg-type]

    with (
        patch.object(Argon2PasswordHasher, "encode", encoded),
        patch.object(Argon2PasswordHasher, "verify", verified),
    ):
        yield done


@pytest.mark.django_db
def test_right_words_are_no_tries() -> None:
    factories.an_account(username="liang")
    assert [tried(factories.PASSWORD) for _ in range(40)] == [Recognition.SIGNED_IN] * 40


@pytest.mark.django_db
def test_thirty_at_one_address_sign_in_at_the_same_moment() -> None:
    """None of their words is compared yet: each is a try still."""
    assert [begin_try(username=f"m{n}", address=HOME, browser="", at=NOW).seconds for n in range(31)] == [
        *[0] * 30,
        2,
    ]


@pytest.mark.django_db
def test_who_tries_many_names_from_one_address_waits_and_the_next_network_does_not() -> None:
    for number in range(30):
        assert tried("不对", name=f"m{number}", address=f"2001:db8::{number + 1:x}") is Recognition.WRONG
    assert tried("不对", name="m99", address="2001:db8::99") is Recognition.EARLY
    assert tried("不对", name="m99", address="2001:db8:0:1::99") is Recognition.WRONG


@pytest.mark.django_db
def test_a_steady_attacker_keeps_the_owner_out_neither_here_nor_in_his_own_browser() -> None:
    factories.an_account(username="liang")
    for second in range(0, 1500, 10):
        tried("不对", at=seconds(second), address=AWAY)
    assert tried("不对", at=seconds(1500), address=AWAY) is Recognition.EARLY
    assert tried(factories.PASSWORD, at=seconds(1500), address=HOME) is Recognition.SIGNED_IN


@pytest.mark.django_db
def test_from_everywhere_at_once_a_known_browser_does_not_wait() -> None:
    """And a new one at most half a minute."""
    factories.an_account(username="liang")
    for number in range(60):
        tried("不对", at=seconds(number * 31), address=f"172.16.{number}.1")
    last = seconds(59 * 31)
    assert tried(factories.PASSWORD, at=last, browser="known") is Recognition.SIGNED_IN
    assert tried(factories.PASSWORD, at=last) is Recognition.EARLY
    assert tried(factories.PASSWORD, at=last + timedelta(seconds=30)) is Recognition.SIGNED_IN


@pytest.mark.django_db
def test_a_known_browser_has_a_count_of_its_own() -> None:
    factories.an_account(username="liang")
    for _ in range(3):
        assert tried("不对", browser="known") is Recognition.WRONG
    assert tried("不对", browser="known") is Recognition.EARLY


@pytest.mark.django_db
def test_after_half_an_hour_it_is_forgotten_and_after_a_day_cleared_away() -> None:
    for _ in range(3):
        tried("不对")
    assert tried("不对", at=NOW + timedelta(minutes=30, seconds=1)) is Recognition.WRONG
    assert set(TryCount.objects.values_list("failures", flat=True)) == {1}
    tried("不对", name="nobody", address=AWAY, at=NOW + timedelta(days=2))
    assert TryCount.objects.count() == 3


@pytest.mark.django_db
def test_the_table_tells_no_name_and_no_address() -> None:
    tried("不对", name="把密码填进了账号栏")
    for row in TryCount.objects.all():
        assert set(row.key) <= set("0123456789abcdef")


@pytest.mark.django_db
def test_the_old_password_is_not_guessed_either() -> None:
    account = factories.an_account(username="liang")
    actor = Actor("liang", HOME)

    def change(old: str, new: str = NEW) -> None:
        accounts.change_password(actor=actor, at=NOW, account=account, old=old, new=new)

    for _ in range(5):
        with pytest.raises(ValidationError, match="至少12个字符"):
            change(factories.PASSWORD, "短")
    for _ in range(3):
        with pytest.raises(ValidationError, match="原密码不正确"):
            change("不对")
    with pytest.raises(ValidationError, match="请2秒后再试"):
        change(factories.PASSWORD)


# --- the page ---------------------------------------------------------------------------------------------


@pytest.fixture
def frozen() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def posted(client: Client, word: str, name: str = "liang") -> tuple[int, str]:
    response = client.post(reverse("sign-in"), {"username": name, "word": word})
    return response.status_code, response.content.decode()


@pytest.mark.django_db
def test_who_has_to_wait_is_told_how_long_and_keeps_his_name(frozen: None) -> None:
    factories.an_account(username="liang")
    for _ in range(3):
        assert posted(Client(), "不对")[0] == 200
    status, html = posted(Client(), "不对")
    assert status == 429
    assert "连续多次填写有误，请2秒后再试；账号没有被锁定。" in html
    assert 'value="liang"' in html


@pytest.mark.django_db
def test_a_browser_that_signed_in_before_is_not_delayed_until_the_password_changes(frozen: None) -> None:
    account = factories.an_account(username="liang")
    browser = Client()
    assert posted(browser, factories.PASSWORD)[0] == 302
    browser.post(reverse("sign-out"))
    for _ in range(3):
        posted(Client(), "不对")
    assert posted(Client(), factories.PASSWORD)[0] == 429
    assert posted(browser, factories.PASSWORD)[0] == 302
    browser.post(reverse("sign-out"))
    account.set_password(NEW)
    account.save()
    assert posted(browser, NEW)[0] == 429


@pytest.mark.django_db
def test_a_cookie_of_another_or_a_made_up_one_makes_no_browser_known(frozen: None) -> None:
    factories.an_account(username="liang")
    factories.an_account(username="other")
    browser = Client()
    posted(browser, factories.PASSWORD, "other")
    browser.post(reverse("sign-out"))
    for _ in range(3):
        posted(Client(), "不对")
    assert posted(browser, factories.PASSWORD)[0] == 429
    forged = Client()
    forged.cookies["known"] = "eyJuYW1lIjoibGlhbmcifQ:1vyZ0K:abc"
    assert posted(forged, factories.PASSWORD)[0] == 429


# --- two at once ------------------------------------------------------------------------------------------

TRYING = """
import django, sys, time
django.setup()
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from members.models import TryCount
from members.services import tries
if "unguarded" in sys.argv:
    tries.transaction = SimpleNamespace(atomic=nullcontext)
    tries._locked = lambda key, at: (
        TryCount.objects.get_or_create(key=key, defaults={"last_at": at})[0], time.sleep(0.05)
    )[0]
    tries._forget = lambda at: None
for number in range(10):
    at = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    tries.begin_try(username="liang", address=sys.argv[1] + str(number), browser="", at=at)
"""


def highest(*how: str) -> int:
    processes = [start(TRYING, address, *how) for address in ("10.0.1.", "10.0.2.")]
    for process in processes:
        outcome(process)
    return max(TryCount.objects.values_list("failures", flat=True))


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_no_try_is_lost() -> None:
    factories.an_account(username="liang")
    take_back(tries=begin_try(username="liang", address="", browser="", at=NOW))
    assert highest() == 20


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_some_are() -> None:
    factories.an_account(username="liang")
    take_back(tries=begin_try(username="liang", address="", browser="", at=NOW))
    assert highest("unguarded") < 20


@pytest.mark.django_db
def test_an_account_is_never_switched_off_by_tries() -> None:
    factories.an_account(username="liang")
    for _ in range(50):
        tried("不对")
    assert Account.objects.get(username="liang").is_active
    assert tried(factories.PASSWORD, at=NOW + timedelta(minutes=5)) is Recognition.SIGNED_IN
