"""The second factor: codes of a telephone, recovery codes; who must have one, and how one comes to it.

The key and its codes are those of RFC 6238, appendix B (the last six of their eight digits).
"""

import base64
import hmac
import re
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from members.models import Account, MandateKind, RecoveryCode, SecondFactor
from members.permissions.second_factor import must_have_second_factor
from members.services import accounts
from members.services import second_factor as services
from members.services.accounts import Recognition
from members.services.confirmations import confirm_identity
from tests import factories
from tests.conftest import World
from tests.factories import PASSWORD, SECOND_FACTOR_KEY
from tests.members.test_tries import hashes_counted
from tests.processes import outcome, start
from vault.models import TrailEntry
from vault.rules.envelope import EnvelopeRefused
from vault.services import Actor

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
# 37037036 steps after 1970; its code is 081804, that of the step after it 050471.
THEN = datetime.fromtimestamp(1111111109, UTC)
CODE, NEXT = "081804", "050471"
NEW = "清晨登上嘉陵江边的新堤坝"
LIANG = Actor("liang", "10.0.0.9")
SECOND, BEGIN = "/sign-in/second/", "/sign-in/begin/"


def _account(**more: object) -> Account:
    account = factories.an_account(username="liang", **more)  # type: ignore[arg-type]
    factories.a_second_factor(account)
    return account


def _proved(account: Account, code: str, at: datetime = THEN, address: str = "10.0.0.9") -> Recognition:
    return services.prove_second_factor(account=account, code=code, at=at, address=address).recognition


def _later(seconds: int) -> datetime:
    return THEN + timedelta(seconds=seconds)


# --- codes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("at", "code"), [(59, "287082"), (1111111109, CODE), (1234567890, "005924")])
def test_a_code_is_that_of_the_moment(at: int, code: str) -> None:
    moment = datetime.fromtimestamp(at, UTC)
    assert _proved(_account(), code, moment) is Recognition.SIGNED_IN


@pytest.mark.parametrize(
    ("seconds", "expected"),
    # The step of the code begins 29 seconds before and ends with THEN.
    [(-60, False), (-59, True), (0, True), (30, True), (31, False)],
)
def test_the_neighbouring_steps_count_too_and_no_others(seconds: int, expected: bool) -> None:
    assert (_proved(_account(), CODE, _later(seconds)) is Recognition.SIGNED_IN) is expected


def test_a_code_is_taken_once_and_none_before_it_afterwards() -> None:
    account = _account()
    assert _proved(account, NEXT) is Recognition.SIGNED_IN
    assert _proved(account, NEXT) is Recognition.WRONG
    assert _proved(account, CODE) is Recognition.WRONG


def test_a_code_is_read_as_people_type_it() -> None:
    assert _proved(_account(), "０８１ 804") is Recognition.SIGNED_IN


def test_the_code_of_another_is_none() -> None:
    account = _account()
    other = factories.an_account(username="other")
    factories.a_second_factor(other, b"another key of 20 by")
    assert _proved(other, CODE) is Recognition.WRONG
    assert _proved(factories.an_account(username="third"), CODE) is Recognition.WRONG
    assert _proved(account, "") is Recognition.WRONG


def test_wrong_codes_cost_time_like_wrong_passwords_and_the_right_one_waits_too() -> None:
    account = _account()
    assert [_proved(account, "000000") for _ in range(3)] == [Recognition.WRONG] * 3
    attempt = services.prove_second_factor(account=account, code=CODE, at=THEN, address="10.0.0.9")
    assert attempt.recognition is Recognition.EARLY
    assert attempt.early is not None
    assert "请2秒后再试" in attempt.early.sentence
    assert (
        accounts.recognise_account(username="liang", word=PASSWORD, at=THEN, address="10.0.0.9").recognition
        is Recognition.EARLY
    )
    assert _proved(account, CODE, _later(2)) is Recognition.SIGNED_IN


# --- recovery codes ---------------------------------------------------------------------------------------


def _started(account: Account) -> list[str]:
    return list(
        services.start_second_factor(
            actor=LIANG, at=THEN, account=account, key=SECOND_FACTOR_KEY, code=CODE, is_first=True
        )
    )


def test_ten_recovery_codes_each_work_once() -> None:
    account = factories.an_account(username="liang")
    codes = _started(account)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"\d{4}( \d{4}){3}", code) for code in codes)
    assert [_proved(account, code) for code in codes] == [Recognition.SIGNED_IN] * 10
    assert _proved(account, codes[0]) is Recognition.WRONG
    assert services.codes_left(account=account) == 0


def test_a_recovery_code_of_another_is_none() -> None:
    account, other = factories.an_account(username="liang"), factories.an_account(username="other")
    codes = _started(account)
    factories.a_second_factor(other)
    assert _proved(other, codes[0]) is Recognition.WRONG
    assert _proved(account, codes[0].replace(" ", "-")) is Recognition.SIGNED_IN


def test_new_recovery_codes_void_the_old() -> None:
    account = factories.an_account(username="liang")
    with pytest.raises(ValidationError, match="还没有启用"):
        services.renew_recovery_codes(actor=LIANG, at=THEN, account=account)
    old = _started(account)
    new = services.renew_recovery_codes(actor=LIANG, at=THEN, account=account)
    assert _proved(account, old[0]) is Recognition.WRONG
    assert _proved(account, new[0]) is Recognition.SIGNED_IN


def test_the_code_used_to_begin_does_not_sign_in_as_well() -> None:
    account = factories.an_account(username="liang")
    _started(account)
    assert _proved(account, CODE) is Recognition.WRONG
    assert _proved(account, NEXT) is Recognition.SIGNED_IN


def test_another_telephone_voids_the_first() -> None:
    account = _account()
    RecoveryCode.objects.create(account=account, mark="0" * 64)
    key = b"another key of 20 by"
    with pytest.raises(ValidationError, match="手机的时间"):
        services.start_second_factor(
            actor=LIANG, at=THEN, account=account, key=key, code=CODE, is_first=False
        )
    assert SecondFactor.objects.get(account=account).key == SECOND_FACTOR_KEY
    # The code of the other key by RFC 4226: counted below, as the RFC has none for it.
    code = next(f"{number:06d}" for number in range(10**6) if services._step_of(key, f"{number:06d}", THEN))
    services.start_second_factor(actor=LIANG, at=THEN, account=account, key=key, code=code, is_first=False)
    assert _proved(account, CODE) is Recognition.WRONG
    assert RecoveryCode.objects.filter(mark="0" * 64).count() == 0


def test_who_knows_the_password_only_puts_no_key_in_the_place_of_the_owners() -> None:
    account = _account()
    with pytest.raises(ValidationError, match="已经启用"):
        _started(account)
    assert RecoveryCode.objects.count() == 0


# --- a stolen dump ----------------------------------------------------------------------------------------


def test_the_tables_tell_neither_key_nor_code() -> None:
    account = factories.an_account(username="liang")
    codes = _started(account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM members_secondfactor")
        key = b"".join(bytes(value) for value in cursor.fetchone() if isinstance(value, bytes | memoryview))
        cursor.execute("SELECT * FROM members_recoverycode")
        told = repr(cursor.fetchall())
    assert len(key) > len(SECOND_FACTOR_KEY)
    assert SECOND_FACTOR_KEY not in key
    assert not any(code.replace(" ", "") in told for code in codes)


def test_the_key_of_another_row_does_not_open() -> None:
    account, other = _account(), factories.an_account(username="other")
    factories.a_second_factor(other, b"another key of 20 by")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_secondfactor SET key ="
            " (SELECT key FROM members_secondfactor WHERE account_id = %s) WHERE account_id = %s",
            [account.pk, other.pk],
        )
    moved = SecondFactor.objects.get(account=other)
    with pytest.raises(EnvelopeRefused):
        _ = moved.key


# --- who --------------------------------------------------------------------------------------------------


def test_principals_and_holders_of_mandates_must_have_one(
    world: World, settings: pytest.FixtureRequest
) -> None:
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    today = THEN.date().replace(year=2026)
    must = {role for role, account in world.accounts.items() if must_have_second_factor(account, today=today)}
    assert must == {
        *("chief", "secretary", "other_secretary", "stranger"),
        *("staff", "inspector", "system", "security", "auditor"),
    }
    Account.objects.update(is_demonstration=True)
    for role in must:
        assert not must_have_second_factor(Account.objects.get(username=role), today=today)
    Account.objects.update(is_demonstration=False)
    settings.SECOND_FACTOR = "offered"  # type: ignore[attr-defined]
    for role in must:
        assert not must_have_second_factor(Account.objects.get(username=role), today=today)


def test_who_must_have_one_cannot_stop_it(world: World, settings: pytest.FixtureRequest) -> None:
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    at = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    for role in ("secretary", "member"):
        factories.a_second_factor(world.account(role))
    with pytest.raises(ValidationError, match="不能停用"):
        services.stop_second_factor(actor=LIANG, at=at, account=world.account("secretary"))
    services.stop_second_factor(actor=LIANG, at=at, account=world.account("member"))
    assert [factor.account.username for factor in SecondFactor.objects.all()] == ["secretary"]


def test_forgotten_it_is_begun_anew(world: World, settings: pytest.FixtureRequest) -> None:
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    account, at = world.account("secretary"), datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    factories.a_second_factor(account)

    def recognised() -> Recognition:
        return accounts.recognise_account(username="secretary", word=PASSWORD, at=at, address="").recognition

    assert recognised() is Recognition.MUST_PROVE
    services.forget_second_factor(account=account, by=Actor("security", "10.0.0.7"), at=at)
    assert recognised() is Recognition.MUST_BEGIN
    entry = TrailEntry.objects.get(action="重置动态口令")
    assert (entry.account, entry.target) == ("security", "secretary")


def test_one_argon2_for_who_has_a_second_factor_and_who_is_nobody(settings: pytest.FixtureRequest) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # type: ignore[attr-defined]
    account = _account()
    for name, word in (("liang", "不对"), ("liang", PASSWORD), ("nobody", "不对")):
        with hashes_counted() as counted:
            accounts.recognise_account(username=name, word=word, at=THEN, address=name)
        assert len(counted) == 1, (name, word)
    with hashes_counted() as counted:
        _proved(account, CODE, address="10.0.0.8")
    assert counted == []


# --- step-up ------------------------------------------------------------------------------------------------


def test_a_code_confirms_who_one_is_as_well_as_the_password_and_a_recovery_code_does_not() -> None:
    account = factories.an_account(username="liang")
    codes = _started(account)
    confirm_identity(actor=LIANG, at=THEN, account=account, word=NEXT)
    confirm_identity(actor=LIANG, at=THEN, account=account, word=PASSWORD)
    for word in (NEXT, codes[0]):
        with pytest.raises(ValidationError, match="不正确"):
            confirm_identity(actor=LIANG, at=THEN, account=account, word=word)
    assert services.codes_left(account=account) == 10


def test_guessing_at_a_browser_found_open_costs_time() -> None:
    account = _account()
    for _ in range(3):
        with pytest.raises(ValidationError, match="不正确"):
            confirm_identity(actor=LIANG, at=THEN, account=account, word="000000")
    with pytest.raises(ValidationError, match="请2秒后再试"):
        confirm_identity(actor=LIANG, at=THEN, account=account, word=PASSWORD)
    # Who signs in does not wait for it.
    assert _proved(account, CODE) is Recognition.SIGNED_IN


# --- the pages --------------------------------------------------------------------------------------------


@pytest.fixture
def frozen() -> Iterator[None]:
    with time_machine.travel(THEN, tick=False):
        yield


def _browser(word: str = PASSWORD, name: str = "liang", **more: str) -> tuple[Client, str]:
    """A browser after the first step, and where it was sent."""
    client = Client()
    answer = client.post("/sign-in/", {"username": name, "word": word, **more})
    return client, answer.headers.get("Location", "")


def test_the_password_alone_opens_nothing(frozen: None) -> None:
    _account()
    browser, sent = _browser(next="/account/?x=1")
    assert sent == SECOND
    assert browser.get("/account/").headers["Location"] == "/sign-in/?next=/account/"
    assert browser.get(BEGIN).headers["Location"] == "/sign-in/"
    page = browser.get(SECOND)
    assert 'autocomplete="one-time-code"' in page.text
    assert 'inputmode="numeric"' in page.text
    assert "no-store" in page.headers["Cache-Control"]
    wrong = browser.post(SECOND, {"shown_code": "000000"})
    assert "动态口令或恢复码不正确" in wrong.text
    assert not TrailEntry.objects.filter(action="登录", succeeded=True).exists()
    done = browser.post(SECOND, {"shown_code": CODE})
    assert done.headers["Location"] == "/account/?x=1"
    assert browser.get("/account/").status_code == 200
    assert TrailEntry.objects.filter(action="登录", succeeded=True, account="liang").count() == 1


def test_after_a_quarter_of_an_hour_or_another_password_the_first_step_comes_again(frozen: None) -> None:
    account = _account()
    browser, _ = _browser()
    with time_machine.travel(_later(901), tick=False):
        assert browser.get(SECOND).headers["Location"] == "/sign-in/"
    browser, _ = _browser()
    account.set_password(NEW)
    account.save()
    assert browser.post(SECOND, {"shown_code": CODE}).headers["Location"] == "/sign-in/"


def test_without_a_first_step_there_is_no_second(frozen: None) -> None:
    _account()
    assert Client().post(SECOND, {"shown_code": CODE}).headers["Location"] == "/sign-in/"


def test_who_has_to_wait_is_told_how_long(frozen: None) -> None:
    _account()
    browser, _ = _browser()
    for _ in range(3):
        assert browser.post(SECOND, {"shown_code": "000000"}).status_code == 200
    answer = browser.post(SECOND, {"shown_code": CODE})
    assert answer.status_code == 429
    assert "请2秒后再试" in answer.text


def test_with_a_recovery_code_one_is_told_how_many_are_left(frozen: None) -> None:
    codes = _started(factories.an_account(username="liang"))
    browser, _ = _browser(next="/account/")
    assert browser.post(SECOND, {"shown_code": codes[3]}).headers["Location"] == "/account/"
    assert "还剩9个" in browser.get("/account/").text


def code_of(page: str, at: datetime) -> str:
    """What an application shows that was given the key on the page."""
    found = re.search(r'factor-key"[^>]*>([A-Z2-7 ]+)<', page)
    assert found, page
    key = base64.b32decode(found[1].replace(" ", ""))
    digest = hmac.new(key, struct.pack(">Q", int(at.timestamp()) // 30), "sha1").digest()
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def test_from_the_slip_over_password_and_key_to_the_recovery_codes(
    world: World, settings: pytest.FixtureRequest
) -> None:
    settings.SECOND_FACTOR = "required"  # type: ignore[attr-defined]
    at = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        _, slip = accounts.open_account(actor=LIANG, at=at, username="jiwei", name="督查员甲")
        account = Account.objects.get(username="jiwei")
        factories.a_mandate(account, MandateKind.INSPECTOR, world.committee)
        browser, sent = _browser(slip, "jiwei", next="/account/")
        answer = browser.post(sent, {"new": NEW, "again": NEW})
        assert answer.headers["Location"] == BEGIN
        assert browser.get("/account/").status_code == 302
        page = browser.get(BEGIN).text
        assert 'src="data:image/svg+xml' in page
        assert code_of(browser.get(BEGIN).text, at) == code_of(page, at)
        assert not SecondFactor.objects.filter(account=account).exists()
        assert "动态口令不正确" in browser.post(BEGIN, {"shown_code": "12345"}).text
        # Who has the password only is shown another key in a browser of his own.
        stranger, _ = _browser(NEW, "jiwei")
        assert code_of(stranger.get(BEGIN).text, at) != code_of(page, at)
        shown = browser.post(BEGIN, {"shown_code": code_of(page, at)})
        assert len(re.findall(r'class="code">\d{4} \d{4} \d{4} \d{4}<', shown.text)) == 10
        assert 'href="/account/"' in shown.text
        assert "no-store" in shown.headers["Cache-Control"]
        assert "督查员甲" in browser.get("/account/").text
        # It is once; and the stranger's key is none.
        assert browser.get(BEGIN).headers["Location"] == "/sign-in/"
        assert stranger.get(BEGIN).headers["Location"] == "/sign-in/"
        assert _browser(NEW, "jiwei")[1] == SECOND
    done = TrailEntry.objects.filter(account="jiwei", succeeded=True).order_by("number")
    assert list(done.values_list("action", flat=True)) == ["设置密码", "启用动态口令", "登录"]


def test_a_member_begins_it_and_stops_it_himself(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("member"))
    assert "没有启用" in browser.get("/account/").text
    page = browser.get("/account/second-factor/").text
    at = datetime.now(UTC)
    with time_machine.travel(at, tick=False):
        shown = browser.post("/account/second-factor/", {"shown_code": code_of(page, at)})
    assert "只显示这一次" in shown.text
    assert "未使用的恢复码还有10个" in browser.get("/account/").text
    # The key of before is not offered again.
    assert code_of(browser.get("/account/second-factor/").text, at) != code_of(page, at)
    assert "只显示这一次" in browser.post("/account/recovery-codes/").text
    assert browser.post("/account/second-factor/stop/").headers["Location"] == "/account/"
    assert "没有启用" in browser.get("/account/").text


# --- two at once ------------------------------------------------------------------------------------------

USING = """
import django, sys, time
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from members.models import Account, RecoveryCode
from members.services import second_factor
if "unguarded" in sys.argv:
    def looked_at_and_taken(*, account, code, at):
        mark = second_factor._mark(account, code)
        row = RecoveryCode.objects.filter(account=account, used_at=None, mark=mark).first()
        # Both have looked before one takes it.
        Path(sys.argv[3]).touch()
        while not Path(sys.argv[4]).exists():
            time.sleep(0.05)
        if row:
            row.used_at = at
            row.save()
            return second_factor.Proof.RECOVERY
    second_factor.use_recovery_code = looked_at_and_taken
account = Account.objects.get(username="liang")
print(second_factor.prove_second_factor(
    account=account, code=sys.argv[1], at=datetime.fromtimestamp(1111111109, UTC), address=sys.argv[2]
).recognition.name)
"""


def _at_once(code: str, folder: Path, *how: str) -> list[str]:
    one, other = str(folder / "one"), str(folder / "other")
    sides = [("10.0.1.1", one, other), ("10.0.2.1", other, one)]
    processes = [start(USING, code, *side, *how) for side in sides]
    return sorted(outcome(process) for process in processes)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_recovery_code_at_once_one_is_in(tmp_path: Path) -> None:
    codes = _started(factories.an_account(username="liang"))
    assert _at_once(codes[0].replace(" ", ""), tmp_path) == ["SIGNED_IN", "WRONG"]


@pytest.mark.django_db(transaction=True)
def test_without_the_conditional_update_both_are(tmp_path: Path) -> None:
    codes = _started(factories.an_account(username="liang"))
    assert _at_once(codes[0].replace(" ", ""), tmp_path, "unguarded") == ["SIGNED_IN", "SIGNED_IN"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_code_at_once_one_is_in(tmp_path: Path) -> None:
    _account()
    assert _at_once(CODE, tmp_path) == ["SIGNED_IN", "WRONG"]
