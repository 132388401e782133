"""An import in the browser tells nothing of rows that its importer may not see, however he guesses."""

from datetime import date

import pytest

from talks.models import Waiver
from talks.rules.words import TalkState
from talks.services.exchange import Outcome, reach_of
from tests import factories
from tests.conftest import World
from tests.talks.exchange.books import TODAY, Book, counts, imported

pytestmark = pytest.mark.django_db

TALK = ["谈话编号", "谈话日期", "谈话人编号", "谈话对象编号", "状态", "主题"]
EVENT = ["事件编号", "党员编号", "事件类型", "发生日期"]
MEMBER = ["党员编号", "姓名", "党员类别", "所在组织编码"]
WAIVER = ["规则代码", "组织编码", "事由标识", "谈话对象编号", "理由", "申请人编号", "批准人编号", "批准日期"]


def by_staff(world: World, book: Book) -> Outcome:
    """What 党务管理员 of the committee hears."""
    return imported(book, within=reach_of(account=world.account("staff"), today=TODAY))


@pytest.mark.parametrize(
    "guess",
    [
        ["2026-03-03", "P011", "P013", "计划", "别的"],
        ["2026-03-02", "P091", "P092", "已记录", "家庭情况"],
        ["2026-03-02", "P092", "P092", "已记录", ""],
    ],
)
def test_a_talk_of_others_is_compared_with_nothing(world: World, guess: list[str]) -> None:
    """Numbers of talks run on, so those of others can be named: day, persons, state, topic stay untold."""
    subject = factories.a_member("石芳", world.foreign_branch, code="P092")
    factories.a_talk(
        [world.stranger],
        [subject],
        held_on=date(2026, 3, 2),
        state=TalkState.CONFIRMED,
        topic="家庭情况",
        code="T2026-000009",
    )
    outcome = by_staff(world, {"谈话": [TALK, ["T2026-000009", *guess]]})
    assert (outcome.errors, outcome.notes) == (("谈话!A2: 编码不可用",), ())


@pytest.mark.parametrize(
    "state", [TalkState.HELD, TalkState.RECORDED, TalkState.CONFIRMED, TalkState.CANCELLED]
)
@pytest.mark.parametrize("column", ["主题", "谈话内容", "意见建议", "整改措施"])
@pytest.mark.parametrize("guess", ["家里有病人", "别的", ""])
def test_what_was_said_is_neither_guessed_nor_changed(
    world: World, state: TalkState, column: str, guess: str
) -> None:
    """A right guess used to be no change, and a wrong one to be refused."""
    talk = factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=date(2026, 3, 2),
        state=state,
        topic="家里有病人",
        content="家里有病人",
        opinions=["家里有病人"],
        remedies=["家里有病人"],
        code="T1",
    )
    outcome = by_staff(
        world, {"谈话": [[*TALK[:5], column], ["T1", "2026-03-02", "P011", "P013", state.value, guess]]}
    )
    assert counts(outcome) == {"谈话": (0, 0, 1)}
    assert len(outcome.notes) == bool(guess)
    talk.refresh_from_db()
    lines = [*talk.opinions.all(), *talk.remedies.all()]
    assert [talk.topic, talk.content, *(line.text for line in lines)] == ["家里有病人"] * 4


def test_what_is_prepared_for_a_booked_talk_is_neither_guessed_nor_changed(world: World) -> None:
    """What nobody has written yet may come with the workbook: so a record follows its booking."""
    talk = factories.a_talk(
        [world.secretary],
        [world.member],
        held_on=date(2026, 3, 2),
        state=TalkState.PLANNED,
        topic="家里有病人",
        code="T1",
    )
    header = [*TALK, "谈话内容"]
    for guess in ("家里有病人", "别的"):
        outcome = by_staff(
            world, {"谈话": [header, ["T1", "2026-03-02", "P011", "P013", "计划", guess, None]]}
        )
        assert counts(outcome) == {"谈话": (0, 0, 1)}
        assert len(outcome.notes) == 1
    written = by_staff(
        world, {"谈话": [header, ["T1", "2026-03-02", "P011", "P013", "已记录", None, "谈了"]]}
    )
    assert counts(written) == {"谈话": (0, 1, 0)}
    talk.refresh_from_db()
    assert (talk.topic, talk.content, talk.state) == ("家里有病人", "谈了", TalkState.RECORDED)


def test_numbers_of_a_member_kept_by_others_are_not_guessed(world: World) -> None:
    """石磊 holds a post here, so his row may be named, but only his own organisation sees his numbers."""
    factories.a_post(world.stranger, world.branch, "挂职委员", is_team=True)
    world.stranger.phone = "13800000001"
    world.stranger.save()
    for guess in ("13800000001", "13900000001"):
        row = ["P091", "石磊", "正式党员", "HC", guess]
        outcome = by_staff(world, {"党员": [[*MEMBER, "手机号码"], row]})
        assert "党员!A2: 编码不可用" in outcome.errors


@pytest.mark.parametrize("day", ["2026-02-01", "2026-03-04", "2026-03-06"])
def test_when_an_event_became_known_is_not_found_by_halving(world: World, day: str) -> None:
    factories.an_event(world.member, happened_on=date(2026, 3, 1), known_on=date(2026, 3, 5), code="E1")
    outcome = by_staff(world, {"事件": [EVENT, ["E1", "P013", "家庭变故", day]]})
    assert outcome.errors == ("事件!A2: 编码不可用",)


@pytest.mark.parametrize("person", ["P013", "P014"])
def test_a_waiver_does_not_tell_whose_event_it_is(world: World, person: str) -> None:
    """The event is 梁志强's (P013); a guess at his colleague is answered in the same words."""
    factories.an_event(world.member, happened_on=date(2026, 3, 1), code="E1")
    Waiver.objects.create(
        rule="four.family",
        organisation=world.branch,
        anchor="event:E1",
        subject=world.member,
        persons="P013",
        asked_by=world.secretary,
        approved_by=world.chief,
        approved_on=date(2026, 3, 5),
    )
    row = ["four.family", "HC", "event:E1", person, "休养", "P011", "P001", "2026-03-05"]
    assert by_staff(world, {"免予谈话": [WAIVER, row]}).errors == ("免予谈话!C2: 事件编号「E1」不存在",)


@pytest.mark.parametrize("place", ["WB", "WB1", "NONE"])
def test_where_somebody_elsewhere_belongs_is_not_told(world: World, place: str) -> None:
    outcome = by_staff(world, {"党员": [MEMBER, ["P091", "石磊", "正式党员", place]]})
    assert outcome.errors == ("党员!A2: 编码不可用",)


@pytest.mark.parametrize("superior", ["WB", "WB1", "NONE"])
def test_of_what_kind_an_organisation_elsewhere_is_is_not_told(world: World, superior: str) -> None:
    header = ["组织编码", "组织名称", "组织类型", "上级组织编码"]
    outcome = by_staff(world, {"党组织": [header, ["NEW", "新支部", "党支部", superior]]})
    assert outcome.errors == (f"党组织!D2: 组织编码「{superior}」不存在",)
