"""Sign-in, own account, accounts and mandates, as a browser sees them."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Account, Mandate, MandateKind
from members.permissions import accounts_otherwise, kept_affiliations, visible_accounts
from tests import factories
from tests.conftest import World
from tests.doors import NONCES
from tests.factories import PASSWORD
from vault.models import TrailEntry

Browser = Callable[[Account], Client]
GOOD = "清晨登上嘉陵江边的新堤坝"
DOOR = "/sign-in/"


def _enter(username: str, word: str, **more: str) -> tuple[Client, str, str]:
    """A browser after an attempt to sign in, where it was sent (or nothing), and what it was shown."""
    client = Client()
    response = client.post(DOOR, {"username": username, "word": word, **more})
    return client, response.headers.get("Location", ""), response.text


def _open(client: Client, code: str) -> tuple[str, str]:
    """Opens an account for the member; gives the page and the one-time code on it."""
    page = client.post("/accounts/open/", {"member_code": code}).text
    found = re.search(r'class="code">([^<]+)<', page)
    assert found, page
    return page, found.group(1)


# --- the door ---------------------------------------------------------------------------------------------


def test_the_door_says_what_must_never_be_typed_in(world: World) -> None:
    page = Client().get(DOOR).text
    assert "不得录入国家秘密" in page


def test_signing_in_leads_to_where_one_wanted_to_go(world: World) -> None:
    assert Client().get("/account/").headers["Location"] == "/sign-in/?next=/account/"
    client, target, _ = _enter("secretary", PASSWORD, next="/account/")
    assert target == "/account/"
    assert "陆秉川" in client.get(target).text
    assert _enter("secretary", PASSWORD)[1] == "/"


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example.com/", "//elsewhere.example.com/", "javascript:f()"]
)
def test_signing_in_leads_nowhere_else(world: World, target: str) -> None:
    assert _enter("secretary", PASSWORD, next=target)[1] == "/"


def test_a_wrong_word_and_an_unknown_account_read_alike(world: World) -> None:
    def told(username: str) -> str:
        _, target, page = _enter(username, "不对")
        assert target == ""
        # What was typed is still there; the rest of the page is the same to the letter.
        assert f'value="{username}"' in page
        return NONCES.sub("", page).replace(username, "")

    assert told("secretary") == told("nobody-here")
    assert "账号或密码不正确" in told("secretary")


def test_the_word_is_never_shown_again(world: World) -> None:
    assert "错误的密码文本" not in _enter("secretary", "错误的密码文本")[2]


def test_an_account_out_of_use_is_told_so(world: World) -> None:
    Account.objects.filter(username="member").update(is_active=False)
    client, target, page = _enter("member", PASSWORD)
    assert target == ""
    assert "该账号已停用" in page
    assert client.get("/account/").status_code == 302


def test_who_is_closed_while_signed_in_is_out_at_the_next_request(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("member"))
    assert browser.get("/account/").status_code == 200
    Account.objects.filter(username="member").update(is_active=False)
    assert browser.get("/account/").headers["Location"] == "/sign-in/?next=/account/"


def test_signing_in_and_out_stand_in_the_trail(world: World) -> None:
    client, _, _ = _enter("member", PASSWORD)
    assert client.post("/sign-out/").headers["Location"] == DOOR
    assert client.get("/account/").status_code == 302
    _enter("member", "不对")
    rows = TrailEntry.objects.order_by("number").values_list("account", "action", "address", "succeeded")
    assert list(rows) == [
        ("member", "登录", "127.0.0.1", True),
        ("member", "退出", "127.0.0.1", True),
        ("member", "登录", "127.0.0.1", False),
    ]


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, "10.9.9.9"), (("HTTP_X_FORWARDED_PROTO", "https"), "192.0.2.8")],
)
def test_the_address_is_the_proxys_word_only_behind_a_proxy(
    world: World, header: tuple[str, str] | None, expected: str
) -> None:
    with override_settings(SECURE_PROXY_SSL_HEADER=header):
        Client(REMOTE_ADDR="10.9.9.9", headers={"X-Forwarded-For": "203.0.113.5, 192.0.2.8"}).post(
            DOOR, {"username": "member", "word": PASSWORD}
        )
    assert TrailEntry.objects.get().address == expected


def test_a_form_that_is_not_ours_is_refused_in_words(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(DOOR, {"username": "member", "word": PASSWORD})
    assert response.status_code == 403
    assert "请返回上一页，刷新后重新填写" in response.text
    assert client.get("/account/").status_code == 302


def test_a_fault_is_told_in_words(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("members.views.sign_in.recognise_account", fail)
    client = Client(raise_request_exception=False)
    response = client.post(DOOR, {"username": "member", "word": PASSWORD})
    assert response.status_code == 500
    assert "已经保存的内容不受影响" in response.text
    assert "broken on purpose" not in response.text


def test_who_is_signed_in_passes_the_door_by(world: World, client_of: Browser) -> None:
    assert client_of(world.account("member")).get(DOOR).headers["Location"] == "/"


# --- the first password -----------------------------------------------------------------------------------


def test_from_the_slip_to_the_first_password(world: World, client_of: Browser) -> None:
    factories.a_member("丁一", world.branch, code="P050")
    slip, code = _open(client_of(world.account("staff")), "P050")
    assert "丁一" in slip
    client, target, _ = _enter("P050", code.lower(), next="/account/")
    assert target == "/sign-in/password/"
    # Recognised is not signed in.
    assert client.get("/account/").headers["Location"] == "/sign-in/?next=/account/"
    page = client.post(target, {"new": GOOD, "again": GOOD + "又"}).text
    assert "两次填写的密码不一样" in page
    page = client.post(target, {"new": "password1234", "again": "password1234"}).text
    assert "这个密码太常见了" in page
    assert client.post(target, {"new": GOOD, "again": GOOD}).headers["Location"] == "/account/"
    assert "丁一" in client.get("/account/").text
    assert _enter("P050", code)[1] == ""
    assert _enter("P050", GOOD)[1] == "/"


def test_a_code_out_of_date_is_told_so(world: World, client_of: Browser) -> None:
    factories.a_member("丁一", world.branch, code="P050")
    _, code = _open(client_of(world.account("staff")), "P050")
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        _, target, page = _enter("P050", code)
    assert target == ""
    assert "一次性口令已超过7天" in page


def test_what_was_recognised_waits_a_quarter_of_an_hour(world: World, client_of: Browser) -> None:
    factories.a_member("丁一", world.branch, code="P050")
    _, code = _open(client_of(world.account("staff")), "P050")
    client, target, _ = _enter("P050", code)
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert client.get(target).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert client.get(target).headers["Location"] == DOOR
        assert client.post(target, {"new": GOOD, "again": GOOD}).headers["Location"] == DOOR
    assert not Account.objects.get(username="P050").has_usable_password()


def test_a_new_code_ends_what_was_recognised_by_the_old_one(world: World, client_of: Browser) -> None:
    factories.a_member("丁一", world.branch, code="P050")
    staff = client_of(world.account("staff"))
    _, code = _open(staff, "P050")
    client, target, _ = _enter("P050", code)
    pk = Account.objects.get(username="P050").pk
    assert 'class="code">' in staff.post(f"/accounts/{pk}/code/").text
    assert client.get(target).headers["Location"] == DOOR


# --- one's own account ------------------------------------------------------------------------------------


def test_the_own_account_shows_posts_and_mandates_in_force(world: World, client_of: Browser) -> None:
    factories.a_mandate(world.account("secretary"), MandateKind.STAFF, world.other_branch)
    factories.a_mandate(
        world.account("secretary"), MandateKind.INSPECTOR, world.committee, until=date(2021, 1, 1)
    )
    factories.a_post(world.secretary, world.committee, "前任科长", until=date(2021, 1, 1))
    page = client_of(world.account("secretary")).get("/account/").text
    for text in ("P011", "合川分局党支部", "支部书记", "沿江支队党支部"):
        assert text in page
    assert "前任科长" not in page
    assert "督查" not in page


def test_changing_the_password_leaves_this_browser_in_and_the_others_out(world: World) -> None:
    here, _, _ = _enter("member", PASSWORD)
    there, _, _ = _enter("member", PASSWORD)
    address = "/account/password/"
    refused = here.post(address, {"old": "不对", "new": GOOD, "again": GOOD}).text
    assert "原密码不正确" in refused
    assert there.get("/account/").status_code == 200
    done = here.post(address, {"old": PASSWORD, "new": GOOD, "again": GOOD})
    assert done.headers["Location"] == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


# --- accounts ---------------------------------------------------------------------------------------------


def test_the_code_is_shown_once_and_stored_nowhere(world: World, client_of: Browser) -> None:
    factories.a_member("丁一", world.branch, code="P050")
    browser = client_of(world.account("staff"))
    response = browser.post("/accounts/open/", {"member_code": "P050"})
    found = re.search(r'class="code">([^<]+)<', response.text)
    assert found
    assert "no-store" in response.headers["Cache-Control"]
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert found.group(1) not in str(kept)
    account = Account.objects.get(username="P050")
    assert found.group(1) not in browser.get(f"/accounts/{account.pk}/").text
    # A reload asks again, and is told that there is an account.
    again = browser.post("/accounts/open/", {"member_code": "P050"}).text
    assert "已有账号" in again
    assert 'class="code">' not in again


def test_staff_open_accounts_of_their_own_subtree_only(world: World, client_of: Browser) -> None:
    factories.a_member("丁二", world.foreign_branch, code="P060")
    page = client_of(world.account("staff")).post("/accounts/open/", {"member_code": "P060"}).text
    # A stranger reads as one who is not there.
    assert "没有找到可以开通账号的这位同志" in page
    assert 'value="P060"' in page
    assert not Account.objects.filter(username="P060").exists()


def test_staff_open_the_accounts_of_a_whole_branch(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("members.views.accounts.AT_ONCE", 2)
    for name in ("丁一", "丁二", "丁三"):
        factories.a_member(name, world.branch)
    elsewhere = factories.a_member("丁四", world.foreign_branch)
    browser, address = client_of(world.account("staff")), "/accounts/open/branch/"
    page = browser.get(address).text
    assert "合川分局党支部（3人）" in page
    assert "外埠党支部" not in page
    assert "请选择列出的党组织" in browser.post(address, {"organisation": "WB1"}).text
    slips = browser.post(address, {"organisation": "HC"})
    assert "no-store" in slips.headers["Cache-Control"]
    assert len(re.findall(r'class="code">', slips.text)) == 2
    assert "该党组织还有1人没有账号" in slips.text
    code = re.findall(r'class="code">([^<]+)<', slips.text)[0]
    assert _enter(Account.objects.get(name="丁一").username, code)[1] == "/sign-in/password/"
    assert "丁三" in browser.post(address, {"organisation": "HC"}).text
    assert "人人都有账号" in browser.get(address).text
    assert not Account.objects.filter(member=elsewhere).exists()


def test_of_very_many_organisations_one_is_typed_to_open_its_accounts(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None is looked for among them all; one in which nobody waits, or beyond the mandate, is told."""
    monkeypatch.setattr("members.permissions.people.MOST_COUNTED", 1)
    monkeypatch.setattr("branches.forms.choices.MOST_OFFERED", 1)
    factories.a_member("丁一", world.branch, code="P060")
    browser, address = client_of(world.account("staff")), "/accounts/open/branch/"
    for role in ("chief", "deputy", "other_secretary", "other_member"):
        world.account(role)
    assert "请填写党组织的全称或编码" in browser.get(address).text
    for typed, told in (
        ("外埠党支部", "没有找到“外埠党支部”"),
        ("沿江支队党支部", "这个党组织的同志都已有账号"),
        ("", "请写明是哪个党组织"),
    ):
        page = browser.post(address, {"organisation": typed}).text
        assert told in page
        assert f'value="{typed}"' in page or not typed
    assert not Account.objects.filter(username="P060").exists()
    assert 'class="code">' in browser.post(address, {"organisation": "合川分局党支部"}).text
    assert Account.objects.filter(username="P060").exists()


def test_the_system_administrator_must_know_whom_he_opens_for(world: World, client_of: Browser) -> None:
    factories.a_member("丁二", world.foreign_branch, code="P060")
    browser = client_of(world.account("system"))
    page = browser.post("/accounts/open/", {"member_code": "P060", "name": "丁三"}).text
    assert "姓名与党员编号不符" in page
    assert "丁二" not in page
    assert 'class="code">' in browser.post("/accounts/open/", {"member_code": "P060", "name": "丁二"}).text
    # Somebody who is no member needs a name of his own to sign in with.
    assert "请填写账号" in browser.post("/accounts/open/", {"name": "巡察组甲"}).text
    page = browser.post("/accounts/open/", {"name": "巡察组甲", "username": "xuncha-1"}).text
    assert 'class="code">' in page
    assert Account.objects.get(username="xuncha-1").member is None


def test_a_name_of_strange_signs_or_one_that_is_taken_is_refused(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("system"))
    for username, told in (("带空格 的", "账号由字母"), ("member", "已经有人使用")):
        page = browser.post("/accounts/open/", {"name": "巡察组甲", "username": username}).text
        assert told in page
    assert not Account.objects.filter(name="巡察组甲").exists()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("q=lzq", {"梁志强"}),
        ("q=liangzhiq", {"梁志强"}),
        ("q=志强", {"梁志强"}),
        ("q=P013", {"梁志强"}),
        ("q=other_m", {"马建国"}),
        ("state=closed", {"吴桂兰"}),
        ("state=waiting", {"孙雨晴"}),
        ("q=石磊", set()),
    ],
)
@pytest.mark.parametrize("many", [False, True])
def test_accounts_are_found(
    world: World,
    client_of: Browser,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    expected: set[str],
    many: bool,
) -> None:
    """Whether the rosters are few, or so many that the database begins with those of the name."""
    if many:
        monkeypatch.setattr("members.permissions.people.MOST_COUNTED", 0)
    Account.objects.filter(username="colleague").update(is_active=False)
    Account.objects.filter(username="applicant").update(must_change_password=True)
    response = client_of(world.account("staff")).get(f"/accounts/?{asked}")
    assert set(re.findall(r'<a href="/accounts/\d+/">([^<]+)</a>', response.text)) == expected


@pytest.mark.parametrize("per_page", [25, 4])
def test_accounts_go_by_organisation_and_the_others_come_last(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch, per_page: int
) -> None:
    """Of 党务管理员 who is no member his own, and that of a member who is nowhere now; no stranger's."""
    monkeypatch.setattr("members.views.accounts.PAGE", per_page)
    factories.an_account(factories.a_member("甲", world.branch, until=date(2026, 1, 1)), username="aaa")
    world.account("stranger")
    rosters = {
        world.branch.path: ["head", "secretary", "committee_member", "member", "colleague", "applicant"],
        world.other_branch.path: ["chief", "deputy", "other_secretary", "other_member"],
    }
    for role in [*rosters[world.branch.path], *rosters[world.other_branch.path]]:
        world.account(role)
    expected = [role for path in sorted(rosters) for role in sorted(rosters[path])] + ["aaa", "staff"]
    browser = client_of(world.account("staff"))
    for most in (200, 0):
        monkeypatch.setattr("members.permissions.people.MOST_COUNTED", most)
        found: list[str] = []
        for number in range(1, 2 + len(expected) // per_page):
            page = browser.get("/accounts/", {"page": number}).context["page"]
            found += [row.username for row in page if page.number == number]
        assert found == expected


def test_who_is_listed_is_whose_account_is_visible_and_each_once(world: World) -> None:
    factories.an_account(factories.a_member("甲", world.branch, until=date(2026, 1, 1)), username="aaa")
    account = world.account("staff")
    account.member = world.head
    Account.objects.filter(member=world.head).exclude(pk=account.pk).delete()
    account.save()
    today = date(2026, 3, 5)
    here = kept_affiliations(account, today=today).filter(member__account__isnull=False)
    listed = [*here.values_list("member__account", flat=True)]
    listed += accounts_otherwise(account, today=today).values_list("pk", flat=True)
    assert sorted(listed) == sorted(visible_accounts(account, today=today).values_list("pk", flat=True))


def test_pages_hold_25_and_keep_what_was_asked(world: World, client_of: Browser) -> None:
    for _ in range(30):
        factories.an_account(factories.a_member("丁一", world.branch))
    browser = client_of(world.account("staff"))
    first = browser.get("/accounts/?q=dingyi").text
    assert len(re.findall(r'<a href="/accounts/\d+/">', first)) == 25
    assert "?q=dingyi&amp;page=2" in first
    assert len(re.findall(r'<a href="/accounts/\d+/">', browser.get("/accounts/?q=dingyi&page=2").text)) == 5


def test_closing_asks_first_and_opening_again_undoes_it(world: World, client_of: Browser) -> None:
    browser, pk = client_of(world.account("staff")), world.account("member").pk
    assert "停用梁志强的账号？" in browser.get(f"/accounts/{pk}/deactivate/").text
    assert Account.objects.get(pk=pk).is_active
    browser.post(f"/accounts/{pk}/deactivate/")
    assert not Account.objects.get(pk=pk).is_active
    browser.post(f"/accounts/{pk}/activate/")
    assert Account.objects.get(pk=pk).is_active


@pytest.mark.parametrize("what", ["deactivate", "activate", "code"])
@pytest.mark.parametrize("whose", ["stranger", "staff", "auditor"])
def test_staff_reach_nobody_else(world: World, client_of: Browser, what: str, whose: str) -> None:
    browser = client_of(world.account("staff"))
    assert browser.post(f"/accounts/{world.account(whose).pk}/{what}/").status_code == 404
    assert Account.objects.get(username=whose).is_active


def test_no_new_code_for_one_who_has_a_password(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("system"))
    page = browser.post(f"/accounts/{world.account('member').pk}/code/", follow=True).text
    assert "已经设置过密码" in page
    assert 'class="code">' not in page


# --- mandates ---------------------------------------------------------------------------------------------


def _grant(client: Client, **fields: str) -> str:
    filled = {
        "username": "colleague",
        "name": "吴桂兰",
        "kind": "inspector",
        "organisation": "HC",
        "since": "2026-03-05",
        "until": "2027-03-05",
    }
    return client.post("/mandates/grant/", {**filled, **fields}, follow=True).text


def test_a_principal_grants_over_his_own_organisation_alone(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("secretary"))
    assert "已授权吴桂兰为党务管理员" in _grant(browser, kind="staff")
    mandate = Mandate.objects.get(account=world.account("colleague"))
    assert (mandate.organisation, mandate.granted_by) == (world.branch, world.account("secretary"))
    assert "不由您授权" in _grant(browser, kind="staff", organisation="YJ")
    assert "请选择列出的授权类型" in _grant(browser, kind="system")
    assert Mandate.objects.filter(account=world.account("colleague")).count() == 1


def test_an_inspector_of_his_own_organisation_is_refused_with_the_reason(
    world: World, client_of: Browser
) -> None:
    page = _grant(client_of(world.account("secretary")))
    assert "督查不能授权给在该党组织任职或组织关系在该党组织的人，请另选人员。" in page
    assert 'value="吴桂兰"' in page
    assert not Mandate.objects.filter(account=world.account("colleague")).exists()


def test_the_security_administrator_names_any_organisation_by_its_code(
    world: World, client_of: Browser
) -> None:
    browser = client_of(world.account("security"))
    assert "已授权吴桂兰为督查" in _grant(browser, organisation="WB")
    assert "没有这个党组织" in _grant(browser, organisation="NONE")
    assert "请填写党组织" in _grant(browser, organisation="")
    assert "请填写结束日期" in _grant(browser, organisation="YJ", until="")
    assert "不针对某个党组织" in _grant(browser, kind="auditor")
    office = {"kind": "auditor", "organisation": "", "until": ""}
    # An office of the installation goes to an account of its own, not to that of a member.
    assert "请另开一个不关联党员的账号" in _grant(browser, **office)
    factories.an_account(username="shenji2", name="詹守正")
    assert "已授权詹守正为安全审计员" in _grant(browser, **office, username="shenji2", name="詹守正")


def test_account_and_name_must_both_be_known(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("secretary"))
    for username, name in (("colleague", "吴桂花"), ("nobody", "吴桂兰")):
        page = _grant(browser, kind="staff", username=username, name=name)
        assert "没有这个账号，或者账号与姓名不符" in page


def test_ending_asks_first(world: World, client_of: Browser) -> None:
    mandate = Mandate.objects.get(account=world.account("inspector"))
    browser = client_of(world.account("chief"))
    address = f"/mandates/{mandate.pk}/end/"
    assert "结束督查员的督查授权？" in browser.get(address).text
    assert "督查授权已结束" in browser.post(address, follow=True).text
    mandate.refresh_from_db()
    assert mandate.until == timezone.localdate()
    # And with it the right, at once.
    assert client_of(world.account("inspector")).get("/account/").text.count("现在没有授权") == 1


def test_the_list_shows_what_is_in_force_first_of_all(world: World, client_of: Browser) -> None:
    old = factories.an_account(username="old", name="旧督查")
    factories.a_mandate(old, MandateKind.INSPECTOR, world.branch, until=date(2021, 1, 1))
    browser = client_of(world.account("chief"))
    assert "旧督查" not in browser.get("/mandates/").text
    assert "旧督查" in browser.get("/mandates/?state=ended").text
    assert "旧督查" in browser.get("/mandates/?state=all&kind=inspector&q=旧").text
    assert "旧督查" not in browser.get("/mandates/?state=all&kind=staff").text


# --- cost -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "address"), [("staff", "/accounts/"), ("system", "/accounts/"), ("security", "/mandates/")]
)
def test_thirty_rows_cost_the_queries_of_three(
    world: World, client_of: Browser, role: str, address: str
) -> None:
    browser = client_of(world.account(role))

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    before = cost()
    for number in range(30):
        branch = factories.an_organisation(f"第{number}党支部", superior=world.committee)
        account = factories.an_account(factories.a_member("丁一", branch))
        factories.a_mandate(account, MandateKind.STAFF, branch, granted_by=world.account("chief"))
    # Fewer: who is listed for another reason than a roster is asked only on the last page.
    assert cost() <= before <= 20
