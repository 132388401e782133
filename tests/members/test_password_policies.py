"""The two policies of passwords, chosen by a setting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client

from members.models import Account, OldPassword, Reset
from members.rules import kinds_in
from members.services import accounts
from members.services.accounts import Recognition
from members.services.resets import approve_reset, ask_reset
from tests import factories
from tests.conftest import World
from tests.factories import PASSWORD
from vault.services import Actor

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
LIANG = Actor("liang", "10.0.0.9")
Settings = pytest.FixtureRequest
Policy = Callable[[str], None]
STRONG = [f"Jiang-Shui-{number}" for number in range(7)]


@pytest.fixture
def policy(settings: Settings) -> Policy:
    def choose(name: str) -> None:
        settings.PASSWORD_POLICY = name  # type: ignore[attr-defined]

    return choose


def _account() -> Account:
    account = factories.an_account(username="liang", name="梁志强")
    account.password_set_at = NOW
    account.save()
    return account


def _change(new: str, old: str = PASSWORD, at: datetime = NOW) -> None:
    accounts.change_password(
        actor=LIANG, at=at, account=Account.objects.get(username="liang"), old=old, new=new
    )


def _recognised(at: datetime, word: str = PASSWORD) -> Recognition:
    return accounts.recognise_account(username="liang", word=word, at=at, address="10.0.0.9").recognition


@pytest.mark.parametrize(
    ("password", "kinds"),
    [("", 0), ("abc", 1), ("abcD", 2), ("abcD1", 3), ("abcD1-", 4), ("江水", 1), ("江水a", 2), ("江　１", 1)],
)
def test_kinds_of_signs(password: str, kinds: int) -> None:
    assert kinds_in(password) == kinds


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        ("asvs", "x7kq-zpvmal", "至少12个字符"),
        ("asvs", "x7kq-zpvmalw", ""),
        ("asvs", "zpvmalwkqxhr", ""),
        ("asvs", "清晨登上嘉陵江边的新堤坝", ""),
        ("asvs", "1234567890123", "常见|common|全部是数字|numeric"),
        ("asvs", "password1234", "常见|common"),
        ("djbh3", "Zp7-mal", "至少8个字符"),
        ("djbh3", "Zp7mvalw", ""),
        ("djbh3", "zp7-mvalw", ""),
        ("djbh3", "zp7mvalwkqxhr", "至少3类"),
        ("djbh3", "zpvm-alw", "至少3类"),
        ("djbh3", "P@ssw0rd", "常见|common"),
    ],
)
def test_what_is_taken(policy: Policy, name: str, password: str, reason: str) -> None:
    policy(name)
    _account()
    if not reason:
        _change(password)
        assert _recognised(NOW, password) is Recognition.SIGNED_IN
        return
    with pytest.raises(ValidationError, match=reason):
        _change(password)
    assert _recognised(NOW) is Recognition.SIGNED_IN


def test_by_djbh3_none_of_the_last_five_comes_again(policy: Policy) -> None:
    policy("djbh3")
    _account()
    for number in range(5):
        _change(STRONG[number], STRONG[number - 1] if number else PASSWORD)
    for used in STRONG[:5]:
        with pytest.raises(ValidationError, match="最近5次"):
            _change(used, STRONG[4])
    _change(PASSWORD + "Aa1", STRONG[4])
    _change(STRONG[0], PASSWORD + "Aa1")
    assert OldPassword.objects.count() == 5


def test_by_asvs_no_earlier_password_is_kept(policy: Policy) -> None:
    policy("asvs")
    _account()
    _change("x7kq-zpvmalw")
    _change("zpvmalwkqxhr", "x7kq-zpvmalw")
    _change("x7kq-zpvmalw", "zpvmalwkqxhr")
    assert not OldPassword.objects.exists()


def test_by_djbh3_a_password_that_was_reset_does_not_come_again(policy: Policy, world: World) -> None:
    """Who asked for the reset had a reason: the old password may be known to others."""
    policy("djbh3")
    owner = world.account("colleague")
    first = ask_reset(actor=LIANG, at=NOW, account=world.account("staff"), owner=owner, today=NOW.date())
    approve_reset(
        actor=LIANG,
        at=NOW,
        account=world.account("secretary"),
        reset=Reset.objects.get(),
        today=NOW.date(),
    )
    assert first
    waiting = Account.objects.get(pk=owner.pk)
    with pytest.raises(ValidationError, match="最近5次"):
        accounts.choose_password(at=NOW, account=waiting, password=PASSWORD, address="")
    accounts.choose_password(at=NOW, account=waiting, password=STRONG[0], address="")
    assert OldPassword.objects.filter(account=owner).count() == 1


def test_by_djbh3_a_password_lives_ninety_days_and_by_asvs_for_ever(policy: Policy) -> None:
    policy("djbh3")
    _account()
    assert _recognised(NOW + timedelta(days=90) - timedelta(seconds=1)) is Recognition.SIGNED_IN
    policy("asvs")
    assert _recognised(NOW + timedelta(days=3650)) is Recognition.SIGNED_IN
    policy("djbh3")
    assert _recognised(NOW + timedelta(days=90)) is Recognition.MUST_CHOOSE


def test_a_password_of_unknown_age_is_changed_and_that_of_the_demonstration_is_not(policy: Policy) -> None:
    policy("djbh3")
    account = _account()
    Account.objects.update(password_set_at=None, is_demonstration=True)
    assert _recognised(NOW) is Recognition.SIGNED_IN
    Account.objects.update(is_demonstration=False)
    assert _recognised(NOW) is Recognition.MUST_CHOOSE
    account.refresh_from_db()
    assert account.must_change_password


def test_an_old_password_is_changed_at_the_door_after_the_second_factor(policy: Policy) -> None:
    policy("djbh3")
    factories.a_second_factor(_account())
    # The moment and its code of RFC 6238, which is long after the password was set.
    at = datetime.fromtimestamp(20000000000, UTC)
    with time_machine.travel(at, tick=False):
        browser = Client()
        sent = browser.post("/sign-in/", {"username": "liang", "word": PASSWORD})
        assert sent.headers["Location"] == "/sign-in/second/"
        assert browser.get("/sign-in/password/").headers["Location"] == "/sign-in/"
        sent = browser.post("/sign-in/second/", {"shown_code": "353130"})
        assert sent.headers["Location"] == "/sign-in/password/"
        page = browser.get("/sign-in/password/").text
        assert "已到更换期限" in page
        assert "90天更换一次" in page
        assert browser.get("/account/").status_code == 302
        refused = browser.post("/sign-in/password/", {"new": PASSWORD, "again": PASSWORD})
        assert "最近5次" in refused.text
        done = browser.post("/sign-in/password/", {"new": STRONG[0], "again": STRONG[0]})
        assert done.headers["Location"] == "/"
        assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize(("name", "told"), [("asvs", "至少12个字符"), ("djbh3", "至少8个字符")])
def test_the_form_says_what_is_asked_for(
    policy: Policy, client_of: Callable[[Account], Client], name: str, told: str
) -> None:
    policy(name)
    assert told in client_of(_account()).get("/account/password/").text
