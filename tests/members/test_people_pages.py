"""Organisations and members as a browser sees them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from branches.models import Department, Organisation
from branches.services import organisations as branches
from members.forms.people import AMBIGUOUS, BAD_IDENTITY, BAD_PHONE, DAY_AHEAD, UNKNOWN, MemberField
from members.models import Account, Affiliation, Liaison, Member, Portfolio, Post
from members.services import people
from members.services.contacts import PORTFOLIO_TWICE
from tests import factories as make
from tests.conftest import World
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]


@pytest.fixture
def staff(world: World, client_of: Browser) -> Client:
    return client_of(world.account("staff"))


@pytest.fixture
def secretary(world: World, client_of: Browser) -> Client:
    return client_of(world.account("secretary"))


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


def send(client: Client, address: str, /, *args: object, **values: object) -> Any:
    return client.post(reverse(address, args=args), values, follow=True)


def seen_of(text: str) -> str:
    """What the page of a question sends back of what it showed."""
    found = re.search(r'name="seen" value="([^"]+)"', text)
    assert found is not None
    return found[1]


# --- the tree ----------------------------------------------------------------------------------------------


def test_the_tree_shows_what_one_may_know_and_figures_where_one_may(world: World, client_of: Browser) -> None:
    text = page(client_of(world.account("chief")), "organisations")
    assert "上游局党委" in text
    assert "合川分局党支部" in text
    assert "陆秉川" in text
    assert "外埠" not in text
    # A member knows his branch and what stands above it; the figure of his own branch only.
    text = page(client_of(world.account("member")), "organisations")
    assert "合川分局党支部" in text
    assert "沿江支队党支部" not in text
    assert text.count("名党员</span>") == 1


def test_filters_stay_in_the_address_and_narrow(world: World, staff: Client) -> None:
    text = page(staff, "organisations", query="?q=合川&kind=党支部")
    assert "合川分局党支部" in text
    assert "沿江支队党支部" not in text
    assert 'value="合川"' in text
    assert "没有符合条件的党组织" in page(staff, "organisations", query="?q=没有这个")
    branches.Organisation.objects.filter(code="HC").update(dissolved=date(2021, 1, 1))
    assert "合川分局党支部" not in page(staff, "organisations")
    assert "合川分局党支部" in page(staff, "organisations", query="?state=dissolved")


def test_an_empty_tree_says_what_to_do(world: World, client_of: Browser) -> None:
    assert "还没有可以查看的党组织" in page(client_of(world.account("auditor")), "organisations")


def test_pages_of_25(world: World, staff: Client) -> None:
    for number in range(30):
        make.an_organisation(f"第{number:02}党支部", superior=world.committee, code=f"Z{number:02}")
    # 3 of the world and 30: 25 on the first page, 8 on the second.
    assert page(staff, "organisations").count('<th scope="row"') == 25
    second = page(staff, "organisations", query="?q=&page=2")
    assert second.count('<th scope="row"') == 8
    assert "q=" in second


def test_a_tree_of_very_many_comes_a_page_at_a_time(
    world: World, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("members.figures.tree.MOST_TOGETHER", 2)
    text = page(staff, "organisations")
    # The committee stands above two branches, of five and four party members; its own sum is not told.
    assert text.count("名党员</span>") == 2
    assert "5<span" in text
    assert "4<span" in text
    assert "只列党支部的人数" in text
    assert text.index("上游局党委") < text.index("合川分局党支部")
    assert text.count("indent-1") == 2
    for number in range(30):
        make.an_organisation(f"第{number:02}党支部", superior=world.committee, code=f"Z{number:02}")
    assert "25个以上" in page(staff, "organisations")
    # 3 of the world and 30: 8 on the second page.
    assert page(staff, "organisations", query="?page=2").count('<th scope="row"') == 8


def test_a_page_of_a_very_large_tree_costs_the_same_with_3_rows_and_with_25(
    world: World, staff: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr("members.figures.tree.MOST_TOGETHER", 2)
    with django_assert_max_num_queries(100) as of_three:
        page(staff, "organisations")
    filled(world, 27)
    with django_assert_max_num_queries(len(of_three)):
        page(staff, "organisations")


def test_posts_to_be_confirmed_are_shown_fifty_at_a_time(
    world: World, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("members.views.organisations.MOST_WAITING", 2)
    browser = client_of(world.account("chief"))
    filled(world, 2)
    assert page(browser, "organisations").count("核对并确认</a>") == 2
    filled(world, 1)
    text = page(browser, "organisations")
    assert text.count("核对并确认</a>") == 2
    assert "2项以上" in text


def test_only_who_sees_others_is_offered_to_find_them(world: World, client_of: Browser) -> None:
    find = f'href="{reverse("members")}"'
    assert find in page(client_of(world.account("secretary")), "organisations")
    assert find not in page(client_of(world.account("member")), "organisations")
    assert find not in page(client_of(world.account("inspector")), "organisations")


def test_subordinates_in_pages_of_25(world: World, staff: Client) -> None:
    for number in range(30):
        make.an_organisation(f"第{number:02}党支部", superior=world.committee, code=f"Z{number:02}")
    # HC, YJ and 30 others: Z23 begins the second page.
    first = page(staff, "organisation", "SYJ")
    assert "第22党支部" in first
    assert "第23党支部" not in first
    assert "第23党支部" in page(staff, "organisation", "SYJ", query="?part=posts&below=2")


# --- one organisation --------------------------------------------------------------------------------------


def test_the_team_is_shown_and_links_only_to_pages_one_may_open(world: World, client_of: Browser) -> None:
    text = page(client_of(world.account("member")), "organisation", "HC")
    assert "支部书记" in text
    assert "组织委员" in text
    assert reverse("member", args=["P011"]) not in text
    assert "党员名册" not in text
    assert reverse("member", args=["P011"]) in page(
        client_of(world.account("secretary")), "organisation", "HC"
    )


def test_an_inspector_sees_no_roster(world: World, client_of: Browser) -> None:
    text = page(client_of(world.account("inspector")), "organisation", "HC", query="?part=roster")
    assert "主要负责同志陆秉川" in text
    assert "梁志强" not in text
    assert "没有可以查看的任职" in text


def test_the_roster_is_found_by_name_pinyin_code_and_category(world: World, secretary: Client) -> None:
    def names(query: str) -> set[str]:
        text = page(secretary, "organisation", "HC", query=f"?part=roster&{query}")
        people = ("谭晓峰", "陆秉川", "沈若楠", "梁志强", "吴桂兰", "孙雨晴")
        rows = text.partition("<tbody>")[2]
        return {name for name in people if name in rows}

    assert names("") == {"谭晓峰", "陆秉川", "沈若楠", "梁志强", "吴桂兰", "孙雨晴"}
    assert names("q=梁") == {"梁志强"}
    assert names("q=liangzhi") == {"梁志强"}
    assert names("q=wgl") == {"吴桂兰"}
    assert names("q=P015") == {"孙雨晴"}
    assert names("category=入党申请人") == {"孙雨晴"}
    assert names("q=梁&category=入党申请人") == set()
    assert names("category=没有") == names("")
    text = page(secretary, "organisation", "HC", query="?part=roster&q=梁&category=正式党员")
    assert 'value="梁"' in text
    assert '<option value="正式党员" selected>' in text


def test_departments_show_heads_and_who_is_in_charge(world: World, staff: Client) -> None:
    text = page(staff, "organisation", "SYJ", query="?part=departments")
    assert "办公室" in text
    assert "谭晓峰" in text
    assert "何静宜" in text
    assert "主要负责人未录入" in text  # 业务科


def test_liaisons_are_a_part_of_a_branch_alone(world: World, staff: Client) -> None:
    text = page(staff, "organisation", "HC", query="?part=liaisons")
    assert "沈若楠" in text.partition("<tbody>")[2]
    assert "part=liaisons" not in page(staff, "organisation", "SYJ")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("posts", "还没有录入任职"),
        ("roster", "名册还是空的"),
        ("departments", "还没有部门单位"),
        ("liaisons", "还没有录入支委联系党员"),
    ],
)
def test_an_empty_part_says_what_to_do_next(world: World, staff: Client, part: str, words: str) -> None:
    make.an_organisation("新支部", superior=world.committee, code="NEW")
    text = page(staff, "organisation", "NEW", query=f"?part={part}")
    assert words in text
    assert "新增" in text.partition('class="empty"')[2]


# --- entering organisations and departments -----------------------------------------------------------------


def test_staff_add_move_dissolve_and_delete_an_organisation(world: World, staff: Client) -> None:
    response = send(staff, "organisation-add", name="新总支", kind="党总支", superior=world.committee.pk)
    made = Organisation.objects.get(name="新总支")
    assert response.redirect_chain == [(reverse("organisation", args=[made.code]), 302)]
    send(staff, "organisation-change", "HC", name="合川党支部", kind="联合党支部", superior=made.pk)
    branch = Organisation.objects.get(code="HC")
    assert (branch.name, branch.kind, branch.superior, branch.path) == (
        "合川党支部",
        "联合党支部",
        made,
        f"{made.path}{branch.pk}/",
    )
    text = send(staff, "organisation-dissolve", made.code, on="2026-03-01").content.decode()
    assert branches.SUBORDINATES_STAND in text
    send(staff, "organisation-dissolve", "HC", on="2026-03-01")
    branch.refresh_from_db()
    assert branch.dissolved == date(2026, 3, 1)
    send(staff, "organisation-dissolve", "HC")
    branch.refresh_from_db()
    assert branch.dissolved is None
    assert branches.ORGANISATION_IN_USE in send(staff, "organisation-remove", "HC").content.decode()
    empty = make.an_organisation(superior=world.committee, code="EMPTY")
    send(staff, "organisation-remove", "EMPTY")
    assert not Organisation.objects.filter(pk=empty.pk).exists()


def test_the_top_of_a_mandate_stays_where_it_is(world: World, staff: Client) -> None:
    text = page(staff, "organisation-change", "SYJ")
    assert 'name="superior"' not in text
    send(staff, "organisation-change", "SYJ", name="上游局委员会", kind="党委", superior=world.branch.pk)
    world.committee.refresh_from_db()
    assert (world.committee.name, world.committee.superior) == ("上游局委员会", None)


def test_no_superior_outside_the_mandate_is_offered_or_taken(world: World, staff: Client) -> None:
    assert "外埠党委" not in page(staff, "organisation-add")
    send(staff, "organisation-add", name="新", kind="党支部", superior=world.foreign_committee.pk)
    assert not Organisation.objects.filter(name="新").exists()


def test_what_was_typed_stays_when_it_is_refused(world: World, staff: Client) -> None:
    response = send(
        staff, "organisation-add", name="新支部", code="HC", kind="党支部", superior=world.committee.pk
    )
    text = response.content.decode()
    assert branches.CODE_TAKEN in text
    assert 'value="新支部"' in text


def test_departments_are_entered(world: World, staff: Client) -> None:
    send(staff, "department-add", "SYJ", name="水情处")
    made = Department.objects.get(name="水情处")
    send(staff, "department-change", made.code, name="水情中心", organisation=world.committee.pk)
    made.refresh_from_db()
    assert made.name == "水情中心"
    send(staff, "department-remove", made.code)
    assert not Department.objects.filter(pk=made.pk).exists()
    assert branches.DEPARTMENT_IN_USE in send(staff, "department-remove", "SYJ-BGS").content.decode()


def test_departments_of_another_tree_are_not_there(world: World, staff: Client) -> None:
    foreign = make.a_department(world.foreign_committee, code="WB-1")
    for name in ("department-change", "department-remove"):
        assert staff.get(reverse(name, args=[foreign.code])).status_code == 404


# --- members -----------------------------------------------------------------------------------------------

NEW = {"name": "王 小明", "category": "预备党员", "joined_on": "2026-01-01", "phone": "13800001234"}


def test_a_member_is_added_changed_and_moved(world: World, staff: Client) -> None:
    response = send(staff, "member-add", **NEW, organisation=world.branch.pk, since="2026-01-01")
    made = Member.objects.get(name="王小明")
    assert response.redirect_chain == [(reverse("member", args=["HC-001"]), 302)]
    assert (made.code, made.phone, made.initials) == ("HC-001", "13800001234", "wxm")
    # The number is not shown in the form, and left empty it stays.
    assert "13800001234" not in page(staff, "member-change", "HC-001")
    send(staff, "member-change", "HC-001", name="王小明", category="正式党员")
    made.refresh_from_db()
    assert (made.category, made.phone, made.joined_on) == ("正式党员", "13800001234", None)
    send(staff, "member-change", "HC-001", name="王小明", category="正式党员", clear_numbers="on")
    made.refresh_from_db()
    assert made.phone == ""
    send(staff, "member-transfer", "HC-001", organisation=world.other_branch.pk, on="2026-03-01")
    assert list(made.affiliations.order_by("since").values_list("organisation__code", "since", "until")) == [
        ("HC", date(2026, 1, 1), date(2026, 3, 1)),
        ("YJ", date(2026, 3, 1), None),
    ]


def test_numbers_and_days_that_cannot_be_are_refused_in_words(world: World, staff: Client) -> None:
    typed = {**NEW, "organisation": world.branch.pk}
    wrong = {"joined_on": "2062-07-01", "phone": "1380000123a", "identity_number": "440524188001010015"}
    html = send(staff, "member-add", **{**typed, **wrong}).content.decode()
    for words in (DAY_AHEAD, BAD_PHONE, BAD_IDENTITY):
        assert words in html
    assert 'value="2062-07-01"' in html
    assert not Member.objects.filter(name="王小明").exists()
    send(staff, "member-add", **{**typed, "phone": "023-6880 1234", "identity_number": "11010519491231002x"})
    made = Member.objects.get(name="王小明")
    assert (made.phone, made.identity_number) == ("02368801234", "11010519491231002X")


def test_a_member_entered_by_mistake_is_deleted_on_screen(world: World, staff: Client) -> None:
    make.a_member(organisation=world.branch, code="P777")
    assert reverse("member-remove", args=["P777"]) in page(staff, "member-change", "P777")
    send(staff, "member-remove", "P777")
    assert not Member.objects.filter(code="P777").exists()
    assert people.MEMBER_IN_USE in send(staff, "member-remove", "P012").content.decode()
    assert Member.objects.filter(code="P012").exists()


def test_the_page_leads_on_to_what_one_may_do_about_the_member(world: World, client_of: Browser) -> None:
    event, account = f"{reverse('event-add')}?member=P013", f"{reverse('account-open')}?member="
    text = page(client_of(world.account("secretary")), "member", "P013")
    assert event in text
    assert account not in text
    assert event not in page(client_of(world.account("committee_member")), "member", "P013")
    make.a_member(organisation=world.branch, code="P777")
    staff = client_of(world.account("staff"))
    assert f"{account}P777" in page(staff, "member", "P777")
    assert account not in page(staff, "member", "P013")  # has one


def test_a_refusal_of_the_service_stands_in_the_form(world: World, staff: Client) -> None:
    text = send(
        staff, "member-add", name="王小明", code="P013", category="群众", organisation=world.branch.pk
    ).content.decode()
    assert people.CODE_TAKEN in text
    text = send(
        staff, "member-transfer", "P013", organisation=world.branch.pk, on="2026-03-01"
    ).content.decode()
    assert people.ALREADY_THERE in text


def test_affiliations_are_corrected_and_deleted(world: World, staff: Client) -> None:
    first = world.member.affiliations.get()
    send(
        staff,
        "affiliation-change",
        first.pk,
        organisation=world.branch.pk,
        since="2020-01-01",
        until="2026-01-01",
    )
    first.refresh_from_db()
    assert first.until == date(2026, 1, 1)
    assert people.LAST_AFFILIATION in send(staff, "affiliation-remove", first.pk).content.decode()
    wrong = make.an_affiliation(world.member, world.other_branch, since=date(2026, 1, 1))
    send(staff, "affiliation-remove", wrong.pk)
    assert list(world.member.affiliations.all()) == [first]


def test_a_principal_keeps_his_own_branch_where_no_staff_does(world: World, client_of: Browser) -> None:
    stranger = client_of(world.account("stranger"))
    send(stranger, "member-add", **NEW, organisation=world.foreign_branch.pk)
    assert Member.objects.filter(code="WB1-001").exists()
    # In no other place.
    send(stranger, "member-add", name="王二", category="群众", organisation=world.branch.pk)
    assert not Member.objects.filter(name="王二").exists()


def test_the_page_of_a_member_shows_the_dated_rows(world: World, secretary: Client) -> None:
    text = page(secretary, "member", "P013")
    assert "合川分局党支部" in text
    assert "2020年1月1日" in text
    assert "沈若楠" in text
    assert "修改资料" not in text  # staff keep the branch
    assert "党员的编号" not in text
    text = page(secretary, "member", "P012")
    assert "组织委员" in text
    assert "联系的党员" in text
    assert "梁志强" in text


def test_the_numbers_are_shown_on_a_click_that_leaves_an_entry(world: World, secretary: Client) -> None:
    world.member.phone, world.member.identity_number = "13800001234", "500102"
    world.member.save()
    assert "13800001234" not in page(secretary, "member", "P013")
    assert not TrailEntry.objects.filter(action="查看联系方式").exists()
    response = send(secretary, "member-contact", "P013")
    text = response.content.decode()
    assert "13800001234" in text
    assert "500102" in text
    assert "no-store" in response.headers["Cache-Control"]
    entry = TrailEntry.objects.get(action="查看联系方式")
    assert (entry.account, entry.target) == ("secretary", "P013")
    assert "13800001234" not in entry.detail
    assert secretary.get(reverse("member-contact", args=["P013"])).status_code == 405


def test_one_in_the_team_does_not_see_the_numbers(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("committee_member"))
    assert "联系方式" not in page(browser, "member", "P013")
    assert browser.post(reverse("member-contact", args=["P013"])).status_code == 404


def test_members_are_found_over_all_organisations_that_one_sees(world: World, staff: Client) -> None:
    text = page(staff, "members", query="?q=ljs")
    assert "没有符合条件的同志" in text
    rows = page(staff, "members", query="?q=mjg").partition("<tbody>")[2]
    assert "马建国" in rows
    assert "沿江支队党支部" in rows
    assert "石磊" not in page(staff, "members")


def test_members_of_very_many_organisations_are_not_counted(
    world: World, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 9 party members and an applicant of the world, 30 more: the second page has 15.
    filled(world, 15)
    assert "共40项" in page(staff, "members")
    monkeypatch.setattr("members.permissions.people.MOST_COUNTED", 1)
    text = page(staff, "members")
    assert "25项以上" in text
    assert "共40" not in text
    assert page(staff, "members", query="?page=2").count('<th scope="row"') == 15


@pytest.mark.parametrize("per_page", [25, 4])
def test_a_roster_goes_by_organisation_and_the_others_come_last(
    world: World, staff: Client, monkeypatch: pytest.MonkeyPatch, per_page: int
) -> None:
    """丙 was affiliated with 合川 and is nowhere now; who kept him lists him after all the others."""
    monkeypatch.setattr("members.views.people.PAGE", per_page)
    make.a_member("甲", world.branch, code="A2")
    make.a_member("乙", world.other_branch, code="A1")
    make.a_member("丙", world.branch, code="A0", until=date(2026, 1, 1))
    rosters = {
        world.branch.path: ["A2", "P003", "P011", "P012", "P013", "P014", "P015"],
        world.other_branch.path: ["A1", "P001", "P002", "P021", "P022"],
    }
    expected = [code for path in sorted(rosters) for code in rosters[path]] + ["A0"]
    pages = [expected[start : start + per_page] for start in range(0, len(expected), per_page)]
    assert len(pages) == (1 if per_page == 25 else 4)
    for most in (200, 0):
        monkeypatch.setattr("members.permissions.people.MOST_COUNTED", most)
        for number, codes in enumerate(pages, 1):
            shown = staff.get("/members/", {"page": number}).context["page"]
            assert [row.code for row in shown] == codes
            assert shown.has_next() == (number < len(pages))
            assert len(shown[0].current_affiliations) == (shown[0].code != "A0")


@pytest.mark.parametrize("few", [200, 0])
def test_a_name_is_found_among_many(
    world: World, staff: Client, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """By the people of that name, or where these are many by the rosters; and nobody beyond them."""
    make.a_member("梁志勇", world.other_branch, code="A1")
    make.a_member("梁志远", world.branch, code="A0", until=date(2026, 1, 1))
    make.a_member("梁志高", world.foreign_branch, code="A9")
    monkeypatch.setattr("members.permissions.people.MOST_COUNTED", 1)
    monkeypatch.setattr("members.figures.rosters.FEW_FOUND", few)
    for name, expected in (
        ("梁志", {"A0", "A1", "P013"}),
        ("lzq", {"P013"}),
        ("A1", {"A1"}),
        ("无此人", set()),
    ):
        found = staff.get("/members/", {"q": name}).context["page"]
        assert {row.code for row in found} == expected
    party = staff.get("/members/", {"q": "孙", "category": "正式党员"}).context["page"]
    assert [*party] == []


# --- typing a member ---------------------------------------------------------------------------------------


def test_a_member_is_typed_as_name_pinyin_or_number(world: World) -> None:
    field = MemberField()
    field.people = Member.objects.all()
    for typed in ("梁志强", "P013", "lzq", "liangzhiqiang", "梁 志强"):
        assert field.clean(typed) == world.member
    double = make.a_member("梁志强", code="P099")
    with pytest.raises(ValidationError) as error:
        field.clean("梁志强")
    typed = {"typed": "梁志强", "count": 2, "names": "梁志强（P013）、梁志强（P099）"}
    assert error.value.messages == [AMBIGUOUS % typed]
    assert field.clean("P099") == double
    with pytest.raises(ValidationError) as error:
        field.clean("没有这人")
    assert error.value.messages == [UNKNOWN % {"typed": "没有这人"}]


# --- posts, portfolios, liaisons ---------------------------------------------------------------------------


def test_a_post_is_entered_changed_ended_and_deleted(world: World, staff: Client) -> None:
    send(staff, "post-add", "HC", member="吴桂兰", title="宣传委员", is_team="on", since="2026-01-01")
    post = Post.objects.get(title="宣传委员")
    assert (post.member, post.organisation, post.is_team) == (world.colleague, world.branch, True)
    send(
        staff, "post-change", post.pk, title="纪检委员", is_team="on", since="2026-01-01", until="2026-12-31"
    )
    post.refresh_from_db()
    assert (post.title, post.until) == ("纪检委员", date(2026, 12, 31))
    send(staff, "post-end", post.pk, until="2026-03-01")
    post.refresh_from_db()
    assert post.until == date(2026, 3, 1)
    send(staff, "post-remove", post.pk)
    assert not Post.objects.filter(pk=post.pk).exists()


def test_a_principal_entered_by_staff_is_confirmed_by_the_one_above(
    world: World, staff: Client, client_of: Browser
) -> None:
    values = {"title": "副书记（主持）", "is_team": "on", "is_principal": "on", "since": "2026-01-01"}
    text = send(staff, "post-add", "HC", member="P014", **values).content.decode()
    post = Post.objects.get(member=world.colleague)
    assert post.confirmed_at is None
    assert "待确认" in text
    chief = client_of(world.account("chief"))
    assert reverse("post-confirm", args=[post.pk]) in page(chief, "organisations")
    assert reverse("post-confirm", args=[post.pk]) in page(chief, "organisation", "HC")
    assert reverse("post-confirm", args=[post.pk]) not in page(staff, "organisation", "HC")
    text = page(chief, "post-confirm", post.pk)
    assert "确认吴桂兰任合川分局党支部副书记（主持）" in text
    # From which day on he will read is a part of what is confirmed.
    assert "任职时间：2026年1月1日起" in text
    send(chief, "post-confirm", post.pk, seen=seen_of(text))
    post.refresh_from_db()
    assert post.confirmed_at is not None
    assert chief.get(reverse("post-confirm", args=[post.pk])).status_code == 404


def test_who_confirms_and_who_waits_are_told(world: World, staff: Client, client_of: Browser) -> None:
    chief, colleague = client_of(world.account("chief")), client_of(world.account("colleague"))
    assert "待您确认" not in page(chief, "workbench")
    values = {"title": "副书记（主持）", "is_team": "on", "is_principal": "on", "since": "2026-01-01"}
    send(staff, "post-add", "HC", member="P014", **values)
    text = page(chief, "workbench")
    assert "1项任职待您确认" in text
    assert f'href="{reverse("organisations")}">核对并确认' in text
    for other in (staff, colleague, client_of(world.account("deputy"))):
        assert "任职待您确认" not in page(other, "workbench")
    # Who was entered knows why he reads nothing.
    assert "待上级或本组织其他主要负责同志确认" in page(colleague, "own-account")
    post = Post.objects.get(member=world.colleague)
    send(chief, "post-confirm", post.pk, seen=seen_of(page(chief, "post-confirm", post.pk)))
    assert "待您确认" not in page(chief, "workbench")
    assert "待上级" not in page(colleague, "own-account")


def test_posts_to_confirm_are_counted_up_to_a_number(
    world: World, staff: Client, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stands over a country has thousands of them: the first screen does not count them all."""
    monkeypatch.setattr("talks.views.workbench.todos.MOST_WAITING", 1)
    values = {"is_team": "on", "is_principal": "on", "since": "2026-01-01"}
    send(staff, "post-add", "HC", member="P014", title="副书记（主持）", **values)
    chief = client_of(world.account("chief"))
    assert "1项任职待您确认" in page(chief, "workbench")
    send(staff, "post-add", "HC", member="P014", title="负责人", **values)
    assert "1项以上任职待您确认" in page(chief, "workbench")


def _dated_back(world: World, staff: Client, chief: Client) -> tuple[Post, str]:
    """A principal whom staff enter, show to who confirms him, and date back; and what was shown."""
    values = {"title": "副书记（主持）", "is_team": "on", "is_principal": "on", "since": "2026-01-01"}
    send(staff, "post-add", "HC", member="P014", **values)
    post = Post.objects.get(member=world.colleague)
    seen = seen_of(page(chief, "post-confirm", post.pk))
    send(staff, "post-change", post.pk, **{**values, "since": "2010-01-01"})
    return post, seen


def test_nobody_confirms_days_that_he_was_not_shown(world: World, staff: Client, client_of: Browser) -> None:
    chief = client_of(world.account("chief"))
    post, seen = _dated_back(world, staff, chief)
    for stale in ({"seen": seen}, {}):
        text = send(chief, "post-confirm", post.pk, **stale).content.decode()
        assert "刚才有修改" in text
        assert "任职时间：2010年1月1日起" in text
        post.refresh_from_db()
        assert post.confirmed_at is None


def test_without_the_question_he_would(
    world: World, staff: Client, client_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Post, "as_shown", "always the same")
    chief = client_of(world.account("chief"))
    post, seen = _dated_back(world, staff, chief)
    send(chief, "post-confirm", post.pk, seen=seen)
    post.refresh_from_db()
    assert (post.confirmed_at is not None, post.since) == (True, date(2010, 1, 1))


def test_a_principal_who_enters_another_needs_no_further_confirmation(
    world: World, client_of: Browser
) -> None:
    stranger = client_of(world.account("stranger"))
    colleague = make.a_member("江平", world.foreign_branch, code="P092")
    values = {"title": "书记", "is_team": "on", "is_principal": "on", "since": "2026-01-01"}
    send(stranger, "post-add", "WB1", member="P092", **values)
    assert colleague.posts.get().confirmed_at is not None


def test_portfolios_and_liaisons_are_entered(world: World, staff: Client) -> None:
    send(
        staff,
        "portfolio-add",
        "SYJ",
        member=world.deputy.pk,
        department=world.division.pk,
        since="2026-01-01",
    )
    portfolio = Portfolio.objects.get(department=world.division)
    send(staff, "portfolio-change", portfolio.pk, since="2026-01-01", until="2026-02-01")
    portfolio.refresh_from_db()
    assert portfolio.until == date(2026, 2, 1)
    send(staff, "portfolio-remove", portfolio.pk)
    send(
        staff,
        "liaison-add",
        "HC",
        committee_member=world.committee_member.pk,
        member=world.colleague.pk,
        since="2026-01-01",
    )
    liaison = Liaison.objects.get(member=world.colleague)
    send(staff, "liaison-change", liaison.pk, since="2026-01-01", until="2026-02-01")
    liaison.refresh_from_db()
    assert liaison.until == date(2026, 2, 1)
    send(staff, "liaison-remove", liaison.pk)
    assert (Portfolio.objects.count(), Liaison.objects.count()) == (1, 1)


def test_what_is_wrong_with_the_whole_is_told_once(world: World, staff: Client) -> None:
    typed = {"member": world.deputy.pk, "department": world.division.pk, "since": "2026-01-01"}
    send(staff, "portfolio-add", "SYJ", **typed)
    page = staff.post(reverse("portfolio-add", args=["SYJ"]), typed).content.decode()
    assert page.count(PORTFOLIO_TWICE) == 1


# --- how many queries --------------------------------------------------------------------------------------


def filled(world: World, number: int) -> None:
    """So many more organisations, and in the branch members, posts, departments and liaisons."""
    for _ in range(number):
        below = make.an_organisation(superior=world.committee)
        make.a_post(make.a_member(organisation=below), below, "书记", is_principal=True, confirmed_at=None)
        member = make.a_member(organisation=world.branch)
        make.a_post(member, world.branch, "委员", is_team=True)
        make.a_liaison(world.committee_member, member)
        office = make.a_department(world.branch)
        make.a_post(member, world.branch, "主任", department=office, is_head=True)
        make.a_portfolio(member, office)
    assert Affiliation.objects.count() >= number


LISTS = [
    "/organisations/",
    "/organisations/HC/?part=posts",
    "/organisations/HC/?part=roster",
    "/organisations/HC/?part=departments",
    "/organisations/HC/?part=liaisons",
    "/organisations/SYJ/",
    "/members/",
    "/members/P012/",
]


@pytest.mark.parametrize("role", ["staff", "secretary"])
@pytest.mark.parametrize("address", LISTS)
def test_a_list_of_30_costs_the_queries_of_3(
    world: World, client_of: Browser, address: str, role: str, django_assert_max_num_queries: Any
) -> None:
    browser = client_of(world.account(role))
    filled(world, 3)
    with django_assert_max_num_queries(100) as of_three:
        assert browser.get(address).status_code == 200
    filled(world, 27)
    with django_assert_max_num_queries(len(of_three)):
        assert browser.get(address).status_code == 200
