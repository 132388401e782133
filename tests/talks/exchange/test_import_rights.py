"""An import in the browser gives nobody a right that he did not have: who reads what stays as it was."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account, Post
from talks.models import Talk
from talks.permissions import OwnRoles, reading_of, visible_duties
from talks.rules.words import Pairing, TalkerRole, TalkState
from talks.services.exchange import Outcome, reach_of
from tests import factories
from tests.conftest import World
from tests.talks.exchange.books import TODAY, Book, cells_of, counts, imported

pytestmark = pytest.mark.django_db

TALK = ["谈话编号", "谈话日期", "谈话人编号", "谈话对象编号", "记录人编号", "状态"]
POST = ["党员编号", "组织编码", "职务", "班子成员", "主要负责同志", "任职日期", "免职日期"]


def by_staff(world: World, book: Book) -> Outcome:
    """The import by 党务管理员 in the browser."""
    return imported(book, within=reach_of(account=world.account("staff"), today=TODAY))


@pytest.mark.parametrize("state", [TalkState.PLANNED, TalkState.HELD, TalkState.RECORDED])
@pytest.mark.parametrize(
    ("talker", "subject", "recorder", "column"),
    [
        ("secretary", "member", "colleague", "记录人编号"),
        ("colleague", "member", None, "谈话人编号"),
        ("secretary", "colleague", None, "谈话对象编号"),
    ],
)
def test_nobody_is_put_into_a_talk_that_is_there(
    world: World, state: TalkState, talker: str, subject: str, recorder: str | None, column: str
) -> None:
    """Whoever is talker, subject or recorder reads: the importer could name himself."""
    talk = factories.a_talk(
        [world.secretary], [world.member], held_on=date(2026, 3, 2), state=state, content="原话", topic="题"
    )
    who = getattr(world, recorder).code if recorder else None
    row = [
        talk.code,
        "2026-03-02",
        getattr(world, talker).code,
        getattr(world, subject).code,
        who,
        state.value,
    ]
    outcome = by_staff(world, {"谈话": [TALK, row]})
    assert len(outcome.errors) == 1
    assert f"「{column}」只能由参加人在页面上更改" in outcome.errors[0]
    assert not reading_of(world.account("colleague"), talk, today=TODAY)


def test_the_command_line_may_correct_the_persons(world: World) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2))
    row = [talk.code, "2026-03-02", world.secretary.code, world.member.code, world.colleague.code, "已记录"]
    assert counts(imported({"谈话": [TALK, row]})) == {"谈话": (0, 1, 0)}


@pytest.mark.parametrize(
    ("until", "is_confirmed"),
    [("2025-06-01", True), ("2026-01-01", True), ("2027-01-01", False), (None, False)],
)
def test_a_longer_term_of_a_principal_is_confirmed_anew(
    world: World, until: str | None, is_confirmed: bool
) -> None:
    """On screen a confirmation is void once the post says more days than were confirmed; so it is here."""
    post = factories.a_post(
        world.colleague,
        world.branch,
        "前任书记",
        is_principal=True,
        since=date(2021, 1, 1),
        until=date(2026, 1, 1),
        confirmed_at=datetime(2021, 1, 2, tzinfo=UTC),
    )
    row = [world.colleague.code, world.branch.code, "前任书记", "是", "是", "2021-01-01", until]
    assert by_staff(world, {"任职": [POST, row]}).errors == ()
    assert (Post.objects.get(pk=post.pk).confirmed_at is not None) is is_confirmed


@pytest.mark.parametrize("guess", ["关怀", "提醒", ""])
def test_of_what_kind_a_talk_was_is_not_told_by_what_would_change(world: World, guess: str) -> None:
    """A talk of 关怀 tells of what happened to somebody; a guess of it is answered like every other."""
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2))
    Talk.objects.filter(pk=talk.pk).update(kind="关怀", occasion="家访")
    row = [talk.code, "2026-03-02", world.secretary.code, world.member.code, None, "已记录", guess, "家访"]
    outcome = by_staff(world, {"谈话": [[*TALK, "谈话类型", "谈话契机"], row]})
    assert counts(outcome) == {"谈话": (0, 0, 1)}
    assert len(outcome.notes) == 1
    assert "未读取" in outcome.notes[0]
    talk.refresh_from_db()
    assert (talk.kind, talk.occasion) == ("关怀", "家访")


def test_the_kind_of_a_new_talk_is_imported(world: World) -> None:
    row = ["NEW", "2026-03-02", world.secretary.code, world.member.code, None, "已记录", "关怀"]
    assert counts(by_staff(world, {"谈话": [[*TALK, "谈话类型"], row]})) == {"谈话": (1, 0, 0)}
    assert Talk.objects.get(code="NEW").kind == "关怀"


def test_an_export_in_the_browser_holds_no_kinds_of_talks(
    world: World, client_of: Callable[[Account], Client]
) -> None:
    talk = factories.a_talk([world.secretary], [world.member], held_on=date(2026, 3, 2))
    Talk.objects.filter(pk=talk.pk).update(kind="关怀", occasion="家访")
    response = client_of(world.account("staff")).post(reverse("export"), {"organisation": world.branch.pk})
    header, row = cells_of(b"".join(response.streaming_content))["谈话"]  # type: ignore[attr-defined]
    assert talk.code in row
    assert [cell for cell in (*header, *row) if cell in ("谈话类型", "谈话契机", "关怀", "家访")] == []


def _staff_of_the_branch(world: World) -> Account:
    """The 党务管理员, who is a member of the branch with the number STAFF."""
    staff = world.account("staff")
    staff.member = factories.a_member("敖雪梅", world.branch, code="STAFF")
    staff.save()
    return staff


def test_nobody_gives_himself_a_post_by_an_import(world: World) -> None:
    """A seat in the team shows the events of its members."""
    staff = _staff_of_the_branch(world)
    header = ["党员编号", "组织编码", "职务", "班子成员", "任职日期"]
    own = by_staff(world, {"任职": [header, ["STAFF", world.branch.code, "宣传委员", "是", "2026-01-01"]]})
    assert own.errors == ("任职!A2: 本人的任职应由其他党务管理员录入或修改",)
    code = world.colleague.code
    other = by_staff(world, {"任职": [header, [code, world.branch.code, "宣传委员", "是", "2026-01-01"]]})
    assert other.errors == ()
    factories.a_post(staff.member, world.branch, "宣传委员", is_team=True, since=date(2026, 1, 1))
    same = by_staff(world, {"任职": [header, ["STAFF", world.branch.code, "宣传委员", "是", "2026-01-01"]]})
    assert counts(same) == {"任职": (0, 0, 1)}


RULE = [
    *("规则代码", "规则名称", "适用组织编码", "适用类型", "触发", "天数", "天数单位"),
    *("配对", "谈话人", "一对一", "生效日期"),
]


@pytest.mark.parametrize(("role", "is_refused"), [("普通党员", True), ("主要负责同志", False)])
def test_nobody_lets_himself_hear_of_events_by_a_rule(world: World, role: str, is_refused: bool) -> None:
    """Whoever is in the role of an event rule is told whom it is about: all ordinary members would be."""
    staff = _staff_of_the_branch(world)
    factories.an_event(world.member, happened_on=date(2026, 11, 20))
    row = [
        "own",
        "关心",
        "SYJ",
        "全部",
        "事件:家庭变故",
        30,
        "自然日",
        "事件当事人",
        role,
        "否",
        "2020-01-01",
    ]
    outcome = by_staff(world, {"规则": [RULE, row]})
    assert outcome.errors == (
        (
            "规则!I2: 谈话人为「普通党员」的事件规则会使您本人得知他人的事件，"
            "应由不在其列的党务管理员办理，或由系统管理员在服务器上导入",
        )
        if is_refused
        else ()
    )
    factories.keep_duties(TODAY)
    assert not visible_duties(staff, today=TODAY).filter(is_event=True).exists()


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_who_sits_in_a_team_lets_it_hear_of_no_event_by_an_import(
    world: World, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Staff who are 支委 would hear; the control, without the question for their own roles, shows that."""
    if not guarded:
        monkeypatch.setattr("talks.services.exchange.rules.own_roles", lambda *_, **__: OwnRoles())
    staff = _staff_of_the_branch(world)
    assert staff.member is not None
    factories.a_post(staff.member, world.branch, is_team=True, since=date(2026, 1, 1))
    rule = [
        "own",
        "关心",
        "SYJ",
        "全部",
        "事件:情绪低落",
        30,
        "自然日",
        "事件当事人",
        "班子成员",
        "否",
        "2020-01-01",
    ]
    assert by_staff(world, {"规则": [RULE, rule]}).errors == (
        (
            "规则!I2: 谈话人为「班子成员」的事件规则会使您本人得知他人的事件，"
            "应由不在其列的党务管理员办理，或由系统管理员在服务器上导入",
        )
        if guarded
        else ()
    )
    factories.an_event(world.member, kind="情绪低落", happened_on=date(2026, 11, 20))
    factories.keep_duties(TODAY)
    heard = visible_duties(staff, today=TODAY).filter(is_event=True)
    assert heard.exists() == (not guarded)


def test_who_sits_in_a_team_may_hasten_by_an_import_what_it_hears(world: World) -> None:
    staff = _staff_of_the_branch(world)
    assert staff.member is not None
    factories.a_post(staff.member, world.branch, is_team=True, since=date(2026, 1, 1))
    factories.a_rule(
        world.committee,
        "own",
        trigger="事件:情绪低落",
        days=30,
        pairing=Pairing.EVENT,
        talker_role=TalkerRole.TEAM,
    )
    later = [
        "own",
        "关心",
        "SYJ",
        "全部",
        "事件:情绪低落",
        7,
        "自然日",
        "事件当事人",
        "班子成员",
        "否",
        "2026-12-01",
    ]
    assert by_staff(world, {"规则": [RULE, later]}).errors == ()
    wider = [*later[:4], "事件:情绪低落,家庭变故", *later[5:-1], "2026-12-15"]
    refused = by_staff(world, {"规则": [RULE, wider]}).errors
    assert [error.split(":")[0] for error in refused] == ["规则!I2"]


def test_nobody_puts_himself_in_contact_with_members_by_an_import(world: World) -> None:
    """A rule may let those in contact talk, and they hear of the events then."""
    _staff_of_the_branch(world)
    header = ["支委编号", "党员编号", "开始日期"]
    own = by_staff(world, {"联系党员": [header, ["STAFF", "P013", "2026-01-01"]]})
    assert own.errors == ("联系党员!A2: 由本人联系的党员应由其他党务管理员录入或修改",)
    assert by_staff(world, {"联系党员": [header, ["P012", "P014", "2026-01-01"]]}).errors == ()


def test_nor_a_department_into_his_charge(world: World) -> None:
    _staff_of_the_branch(world)
    header = ["党员编号", "单位编码", "开始日期"]
    own = by_staff(world, {"分管": [header, ["STAFF", "SYJ-YWK", "2026-01-01"]]})
    assert own.errors == ("分管!A2: 本人的分管应由其他党务管理员录入或修改",)
    assert by_staff(world, {"分管": [header, ["P002", "SYJ-YWK", "2026-01-01"]]}).errors == ()
