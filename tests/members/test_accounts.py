"""Accounts, one-time codes and passwords: the services."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from members.models import Account, Mandate, MandateKind
from members.services import accounts, mandates
from members.services.accounts import Recognition
from tests import factories
from tests.conftest import World
from vault.models import TrailEntry
from vault.services import Actor

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 5)
ACTOR = Actor("staff", "10.0.0.7")
GOOD = "清晨登上嘉陵江边的新堤坝"

pytestmark = pytest.mark.django_db


def _actions() -> list[tuple[str, str, bool]]:
    return list(TrailEntry.objects.order_by("pk").values_list("action", "target", "succeeded"))


def _opened(**more: object) -> tuple[Account, str]:
    return accounts.open_account(actor=ACTOR, at=NOW, username="liang", name="梁志强", **more)  # type: ignore[arg-type]


def _recognise(word: str, *, username: str = "liang", at: datetime = NOW) -> Recognition:
    return accounts.recognise_account(username=username, word=word, at=at, address="10.0.0.9").recognition


# --- opening ----------------------------------------------------------------------------------------------


def test_an_account_opens_with_a_code_that_is_kept_as_a_hash_for_seven_days() -> None:
    account, code = _opened()
    account.refresh_from_db()
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert code not in account.code_hash
    assert "".join(groups) not in account.code_hash
    assert account.code_expires_at == datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
    assert account.must_change_password
    assert not account.has_usable_password()
    assert _actions() == [("开通账号", "liang", True)]


def test_two_codes_differ() -> None:
    _, one = _opened()
    _, other = accounts.open_account(actor=ACTOR, at=NOW, username="shen", name="沈若楠")
    assert one != other


def test_a_name_is_taken_once() -> None:
    _opened()
    with pytest.raises(ValidationError, match="已经有人使用"):
        _opened()
    assert Account.objects.count() == 1


@pytest.mark.parametrize("name", ["system", "System", "command"])
def test_nobody_is_called_as_the_trail_calls_the_system(name: str) -> None:
    with pytest.raises(ValidationError, match="已经有人使用"):
        accounts.open_account(actor=ACTOR, at=NOW, username=name, name="某人")
    member = factories.a_member(code=name)
    with pytest.raises(ValidationError, match="已经有人使用"):
        accounts.open_accounts(actor=ACTOR, at=NOW, members=[member])


def test_a_member_has_one_account(world: World) -> None:
    with pytest.raises(ValidationError, match="已经有账号"):
        _opened(member=world.member)


def test_accounts_of_many_open_all_or_none(world: World) -> None:
    members = [factories.a_member(name, world.branch) for name in ("丁一", "丁二")]
    opened = accounts.open_accounts(actor=ACTOR, at=NOW, members=members)
    assert [(account.username, account.member) for account, _ in opened] == [
        (member.code, member) for member in members
    ]
    assert [_recognise(code, username=account.username) for account, code in opened] == [
        Recognition.MUST_CHOOSE,
        Recognition.MUST_CHOOSE,
    ]
    assert _actions() == [("开通账号", member.code, True) for member in members]
    newcomer = factories.a_member("丁三", world.branch)
    with pytest.raises(ValidationError, match="已经有账号"):
        accounts.open_accounts(actor=ACTOR, at=NOW, members=[newcomer, world.member])
    factories.an_account(username=newcomer.code)
    with pytest.raises(ValidationError) as refused:
        accounts.open_accounts(actor=ACTOR, at=NOW, members=[factories.a_member("丁四"), newcomer])
    assert refused.value.messages == [f"账号名“{newcomer.code}”已经有人使用，请为其单独开通。"]
    assert not Account.objects.filter(name__in=["丁三", "丁四"]).exists()


def test_only_the_demonstration_opens_with_a_password() -> None:
    with pytest.raises(ValueError, match="demonstration"):
        _opened(password=GOOD)
    account, code = _opened(password=GOOD, is_demonstration=True)
    assert code == ""
    assert not account.must_change_password
    assert _recognise(GOOD) is Recognition.SIGNED_IN


# --- recognising ------------------------------------------------------------------------------------------


def test_the_code_leads_to_choosing_a_password_and_not_in() -> None:
    _, code = _opened()
    assert _recognise(code) is Recognition.MUST_CHOOSE


def test_a_code_is_read_as_people_type_it() -> None:
    _, code = _opened()
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), full_width):
        assert _recognise(typed) is Recognition.MUST_CHOOSE


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(days=7) - timedelta(seconds=1), Recognition.MUST_CHOOSE),
        (timedelta(days=7), Recognition.EXPIRED),
    ],
)
def test_a_code_lives_seven_days(age: timedelta, expected: Recognition) -> None:
    _, code = _opened()
    assert _recognise(code, at=NOW + age) is expected


def test_a_wrong_word_and_an_unknown_name_are_told_alike() -> None:
    _opened()
    assert _recognise("AAAA-BBBB-CCCC") is Recognition.WRONG
    assert _recognise("AAAA-BBBB-CCCC", username="nobody") is Recognition.WRONG
    assert _recognise("") is Recognition.WRONG


def test_an_account_out_of_use_is_told_so_only_to_one_who_knows_the_word() -> None:
    account = factories.an_account(username="liang", is_active=False)
    assert _recognise(factories.PASSWORD) is Recognition.INACTIVE
    assert _recognise("其他") is Recognition.WRONG
    assert (
        accounts.recognise_account(username="liang", word=factories.PASSWORD, at=NOW, address="").account
        is None
    )
    assert account.last_login is None


def test_both_outcomes_stand_in_the_trail_with_the_address() -> None:
    factories.an_account(username="liang")
    _recognise(factories.PASSWORD)
    _recognise("不对")
    _recognise("不对", username="把密码填进了账号栏")
    rows = list(
        TrailEntry.objects.order_by("pk").values_list("action", "account", "target", "address", "succeeded")
    )
    assert rows == [
        ("登录", "liang", "liang", "10.0.0.9", True),
        ("登录", "liang", "liang", "10.0.0.9", False),
        # What was typed for a name may be a password.
        ("登录", "", "", "10.0.0.9", False),
    ]


def test_a_password_that_must_be_changed_does_not_let_in() -> None:
    account = factories.an_account(username="liang")
    account.must_change_password = True
    account.save()
    assert _recognise(factories.PASSWORD) is Recognition.MUST_CHOOSE


# --- choosing and changing --------------------------------------------------------------------------------


def test_choosing_a_password_uses_the_code_up() -> None:
    account, code = _opened()
    accounts.choose_password(at=NOW, account=account, password=GOOD, address="10.0.0.9")
    account.refresh_from_db()
    assert (account.code_hash, account.code_expires_at, account.must_change_password) == ("", None, False)
    assert _recognise(code) is Recognition.WRONG
    assert _recognise(GOOD) is Recognition.SIGNED_IN
    assert [action for action, _, succeeded in _actions() if succeeded] == [
        "开通账号",
        "设置密码",
        "登录",
        "登录",
    ]


@pytest.mark.parametrize("weak", ["短", "password1234", "liang-liang-liang"[:5], "梁志强"])
def test_a_weak_password_is_refused_and_the_code_stays(weak: str) -> None:
    account, code = _opened()
    with pytest.raises(ValidationError):
        accounts.choose_password(at=NOW, account=account, password=weak, address="")
    assert _recognise(code) is Recognition.MUST_CHOOSE


def test_a_code_that_was_replaced_or_ran_out_or_was_used_chooses_nothing() -> None:
    account, _ = _opened()
    before = Account.objects.get(pk=account.pk)
    accounts.renew_code(actor=ACTOR, at=NOW, account=account)
    now = Account.objects.get(pk=account.pk)
    for who, at in ((before, NOW), (now, NOW + timedelta(days=7))):
        with pytest.raises(ValidationError, match="失效"):
            accounts.choose_password(at=at, account=who, password=GOOD, address="")
    accounts.choose_password(at=NOW, account=now, password=GOOD, address="")
    with pytest.raises(ValidationError, match="失效"):
        accounts.choose_password(at=NOW, account=now, password=GOOD + "又", address="")


def test_an_account_out_of_use_chooses_no_password() -> None:
    account, _ = _opened()
    accounts.deactivate_account(actor=ACTOR, at=NOW, account=account)
    with pytest.raises(ValidationError, match="失效"):
        accounts.choose_password(at=NOW, account=account, password=GOOD, address="")


def test_a_new_code_voids_the_earlier_one() -> None:
    account, first = _opened()
    second = accounts.renew_code(actor=ACTOR, at=NOW + timedelta(days=8), account=account)
    assert _recognise(first, at=NOW + timedelta(days=8)) is Recognition.WRONG
    assert _recognise(second, at=NOW + timedelta(days=14)) is Recognition.MUST_CHOOSE


def test_no_new_code_once_a_password_was_chosen() -> None:
    account = factories.an_account(username="liang")
    with pytest.raises(ValidationError, match="已经设置过密码"):
        accounts.renew_code(actor=ACTOR, at=NOW, account=account)


def test_changing_the_password_asks_for_the_old_one() -> None:
    account = factories.an_account(username="liang")
    with pytest.raises(ValidationError) as refused:
        accounts.change_password(actor=ACTOR, at=NOW, account=account, old="不对", new=GOOD)
    assert refused.value.message_dict == {"old": ["原密码不正确。"]}
    assert _actions() == [("修改密码", "liang", False)]
    with pytest.raises(ValidationError) as weak:
        accounts.change_password(actor=ACTOR, at=NOW, account=account, old=factories.PASSWORD, new="短")
    assert list(weak.value.message_dict) == ["new"]
    accounts.change_password(actor=ACTOR, at=NOW, account=account, old=factories.PASSWORD, new=GOOD)
    assert _recognise(GOOD) is Recognition.SIGNED_IN
    assert _recognise(factories.PASSWORD) is Recognition.WRONG


def test_closing_and_opening_again() -> None:
    account = factories.an_account(username="liang")
    accounts.deactivate_account(actor=ACTOR, at=NOW, account=account)
    accounts.deactivate_account(actor=ACTOR, at=NOW, account=account)
    assert _recognise(factories.PASSWORD) is Recognition.INACTIVE
    accounts.activate_account(actor=ACTOR, at=NOW, account=account)
    assert _recognise(factories.PASSWORD) is Recognition.SIGNED_IN
    assert [action for action, _, succeeded in _actions() if succeeded] == ["停用账号", "恢复账号", "登录"]


def test_nobody_closes_his_own_account() -> None:
    account = factories.an_account(username="staff")
    with pytest.raises(ValidationError, match="自己"):
        accounts.deactivate_account(actor=ACTOR, at=NOW, account=account)


def test_no_code_and_no_password_stands_in_the_trail() -> None:
    account, code = _opened()
    accounts.choose_password(at=NOW, account=account, password=GOOD, address="")
    _recognise("一个错的口令")
    written = str(list(TrailEntry.objects.values()))
    assert "开通账号" in written
    assert [word for word in (code, code.replace("-", ""), GOOD, "一个错的口令") if word in written] == []


# --- mandates ---------------------------------------------------------------------------------------------


def _grant(account: Account, kind: MandateKind, **more: object) -> Mandate:
    period = {"since": TODAY, "until": date(2027, 3, 5), **more}
    return mandates.grant_mandate(actor=ACTOR, at=NOW, account=account, kind=kind, **period)  # type: ignore[arg-type]


def test_a_mandate_is_granted_for_a_period_and_ends_at_once(world: World) -> None:
    account = factories.an_account(username="li")
    mandate = _grant(account, MandateKind.STAFF, organisation=world.branch, granted_by=world.account("chief"))
    assert (mandate.since, mandate.until, mandate.granted_by) == (
        TODAY,
        date(2027, 3, 5),
        world.account("chief"),
    )
    later = TODAY + timedelta(days=30)
    mandates.end_mandate(actor=ACTOR, at=NOW, mandate=mandate, on=later)
    mandate.refresh_from_db()
    assert mandate.until == later
    assert not Mandate.objects.in_force(later).filter(account=account).exists()
    with pytest.raises(ValidationError, match="已经结束"):
        mandates.end_mandate(actor=ACTOR, at=NOW, mandate=mandate, on=later)
    assert _actions() == [("授权", "li", True), ("结束授权", "li", True)]


def test_a_mandate_that_covered_no_day_is_taken_away_and_stays_in_the_trail(world: World) -> None:
    account = factories.an_account(username="li")
    mandate = _grant(account, MandateKind.STAFF, organisation=world.branch)
    mandates.end_mandate(actor=ACTOR, at=NOW, mandate=mandate, on=TODAY)
    assert not Mandate.objects.filter(account=account).exists()
    assert _actions() == [("授权", "li", True), ("结束授权", "li", True)]


@pytest.mark.parametrize("role", ["colleague", "secretary"])
def test_nobody_inspects_his_own_organisation(world: World, role: str) -> None:
    with pytest.raises(ValidationError, match="督查不能授权给"):
        _grant(world.account(role), MandateKind.INSPECTOR, organisation=world.branch)
    assert _grant(world.account(role), MandateKind.INSPECTOR, organisation=world.other_branch).pk


def test_an_inspector_may_have_left_before_his_mandate_begins(world: World) -> None:
    world.colleague.affiliations.update(until=TODAY)
    assert _grant(world.account("colleague"), MandateKind.INSPECTOR, organisation=world.branch).pk
    # head: his post in the committee lasts into the period.
    world.head.posts.update(until=TODAY + timedelta(days=1))
    with pytest.raises(ValidationError, match="督查不能授权给"):
        _grant(world.account("head"), MandateKind.INSPECTOR, organisation=world.committee)


def test_an_inspector_who_comes_within_his_mandate_is_refused(world: World) -> None:
    factories.an_affiliation(factories.a_member("丁一"), world.branch)
    newcomer = factories.a_member("丁二", world.branch, since=date(2027, 3, 4))
    account = factories.an_account(newcomer)
    with pytest.raises(ValidationError, match="督查不能授权给"):
        _grant(account, MandateKind.INSPECTOR, organisation=world.branch)
    assert _grant(account, MandateKind.INSPECTOR, organisation=world.branch, until=date(2027, 3, 4)).pk


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MandateKind.SYSTEM, MandateKind.SECURITY),
        (MandateKind.SECURITY, MandateKind.AUDITOR),
        (MandateKind.AUDITOR, MandateKind.SYSTEM),
    ],
)
def test_the_three_administrators_are_three_persons(first: MandateKind, second: MandateKind) -> None:
    account = factories.an_account()
    _grant(account, first)
    with pytest.raises(ValidationError, match="由不同的人担任"):
        _grant(account, second)
    assert _grant(account, second, since=date(2027, 3, 5), until=date(2028, 3, 5)).pk


def test_other_refusals(world: World) -> None:
    account = factories.an_account()
    with pytest.raises(ValidationError, match="请选择授权的党组织"):
        _grant(account, MandateKind.STAFF)
    with pytest.raises(ValidationError, match="不针对某个党组织"):
        _grant(account, MandateKind.SYSTEM, organisation=world.branch)
    with pytest.raises(ValidationError, match="结束日期应晚于开始日期"):
        _grant(account, MandateKind.STAFF, organisation=world.branch, until=TODAY)
    with pytest.raises(ValidationError, match="不能给自己授权"):
        _grant(account, MandateKind.STAFF, organisation=world.branch, granted_by=account)
    with pytest.raises(ValidationError, match="已停用"):
        _grant(factories.an_account(is_active=False), MandateKind.STAFF, organisation=world.branch)
    _grant(account, MandateKind.STAFF, organisation=world.branch)
    with pytest.raises(ValidationError, match="已有同样的授权"):
        _grant(account, MandateKind.STAFF, organisation=world.branch, since=date(2027, 3, 4), until=None)
    assert Mandate.objects.filter(account=account).count() == 1
