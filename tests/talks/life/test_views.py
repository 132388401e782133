"""The life of a talk on screen: preparing, drafts, correcting, amending, files."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from talks.models import Amendment, Attachment, Correction, Draft, Preparation, Side, Talk
from talks.rules.topics import QUESTIONS
from talks.rules.words import TalkState
from talks.services import amendments, attachments, life, preparations
from talks.services.drafts import OTHER_WINDOW
from talks.views.records import COPY_FIRST
from tests import factories
from tests.conftest import World
from tests.talks.life.conftest import ClientOf, actions
from tests.talks.life.test_attachments import JPG, PDF
from tests.talks.test_views_talks import SAID, record_data
from vault.models import TrailEntry


@pytest.fixture
def booked(world: World) -> Talk:
    """The 支委 is to talk with the member today."""
    return factories.a_talk(
        [world.committee_member], [world.member], held_on=timezone.localdate(), state=TalkState.PLANNED
    )


@pytest.fixture
def recorded(world: World) -> Talk:
    """The 支委 talked with the member yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    return factories.a_talk([world.committee_member], [world.member], held_on=yesterday, content=SAID)


def address(name: str, talk: Talk, *more: object) -> str:
    """Where the page of the talk is."""
    return reverse(name, args=[talk.code, *more])


# --- preparing -------------------------------------------------------------------------------------------


def test_a_talk_is_prepared_with_questions_of_the_five_topics(
    world: World, client_of: ClientOf, booked: Talk
) -> None:
    client = client_of(world.account("committee_member"))
    page = address("talk-prepare", booked)
    html = client.get(page).content.decode()
    assert [question for question in QUESTIONS if question not in html] == []
    data = {
        "revision": "0",
        "purpose": "了解值班情况",
        "questions": "值班有什么困难？",
        "chosen": QUESTIONS[:1],
    }
    html = client.post(page, data, follow=True).content.decode()
    assert "了解值班情况" in html
    assert Preparation.objects.get().question_lines == ["值班有什么困难？", QUESTIONS[0]]
    # Beside the record, and on the page of the talk, for him alone.
    for name in ("talk-record", "talk"):
        assert "了解值班情况" in client.get(address(name, booked)).content.decode()
    Talk.objects.update(state=TalkState.RECORDED)
    assert "了解值班情况" in client.get(address("talk", booked)).content.decode()
    for role in ("member", "secretary", "staff"):
        other = client_of(world.account(role)).get(address("talk", booked)).content.decode()
        assert "了解值班情况" not in other


def test_a_second_window_of_the_preparation_is_told_once(
    world: World, client_of: ClientOf, booked: Talk
) -> None:
    client = client_of(world.account("committee_member"))
    page = address("talk-prepare", booked)
    client.post(page, {"revision": "0", "purpose": "第一个窗口"})
    response = client.post(page, {"revision": "0", "purpose": "第二个窗口"})
    html = response.content.decode()
    assert preparations.STALE in html
    assert "第二个窗口" in html
    assert Preparation.objects.get().purpose == "第一个窗口"
    # Whoever saves again means it.
    client.post(page, {"revision": "1", "purpose": "第二个窗口"})
    assert Preparation.objects.get().purpose == "第二个窗口"


# --- drafts ----------------------------------------------------------------------------------------------


def typed(talk: Talk, known: int = 0, **more: object) -> dict[str, object]:
    """What the window of a record holds."""
    return record_data(talk, draft_revision=known, private_notes="下次问问", **more)


def test_what_was_typed_is_kept_and_found_again(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    response = client.post(address("talk-draft", booked), typed(booked, participants_only="on"))
    assert response.status_code == 200
    assert response.json()["revision"] == 1
    booked.refresh_from_db()
    # A draft is no record: nothing has changed for anybody else.
    assert (booked.state, booked.revision, booked.content) == (TalkState.PLANNED, 1, "")
    html = client.get(address("talk-record", booked)).content.decode()
    for text in (SAID, "下次问问", "主题党日放到测站开", "每季度一次", 'value="沈若楠"', "已恢复"):
        assert text in html
    assert 'name="draft_revision" value="1"' in html
    assert 'name="participants_only" class="form-check-input" id="id_participants_only" checked' in html
    assert f'value="{timezone.localdate().isoformat()}"' in html
    assert "csrfmiddlewaretoken" not in Draft.objects.get().text
    assert "没有提交的草稿" in client.get(address("talk", booked)).content.decode()


def test_nobody_else_is_shown_a_draft(world: World, client_of: ClientOf, booked: Talk) -> None:
    client_of(world.account("committee_member")).post(address("talk-draft", booked), typed(booked))
    for role in ("member", "secretary", "inspector", "staff"):
        client = client_of(world.account(role))
        html = client.get(address("talk", booked)).content.decode()
        assert SAID not in html
        assert "草稿" not in html
        assert client.get(address("talk-draft", booked)).status_code == 404


def test_two_windows_do_not_overwrite_each_other(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    client.post(address("talk-draft", booked), typed(booked))
    client.post(address("talk-draft", booked), typed(booked, 1, content="第一个窗口"))
    answer = client.post(address("talk-draft", booked), typed(booked, 1, content="第二个窗口"))
    assert (answer.status_code, answer.json()) == (409, {"message": OTHER_WINDOW})
    # Nor does the second window hand over its own without having been told.
    html = client.post(
        address("talk-record", booked), typed(booked, 1, content="第二个窗口")
    ).content.decode()
    assert OTHER_WINDOW in html
    assert "第二个窗口" in html
    assert "data-behind" in html
    booked.refresh_from_db()
    assert booked.state == TalkState.PLANNED
    client.post(address("talk-record", booked), typed(booked, 2, content="第二个窗口"))
    booked.refresh_from_db()
    assert (booked.state, booked.content) == (TalkState.RECORDED, "第二个窗口")
    assert not Draft.objects.exists()


def test_after_another_sign_in_the_window_goes_on(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    client.post(address("talk-draft", booked), typed(booked))
    client.logout()
    answer = client.post(address("talk-draft", booked), typed(booked, 1))
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, reverse("sign-in"))
    client.force_login(world.account("committee_member"))
    told = client.get(address("talk-draft", booked)).json()
    assert told["revision"] == 1
    assert len(told["token"]) == 64


def test_a_window_is_told_who_is_signed_in_now(world: World, client_of: ClientOf, booked: Talk) -> None:
    """On a machine of the office the window of one must not go on with the session of another."""
    client = client_of(world.account("committee_member"))
    assert 'data-account="committee_member"' in client.get(address("talk-record", booked)).content.decode()
    Talk.objects.filter(pk=booked.pk).update(recorder=world.secretary)
    client.force_login(world.account("secretary"))
    assert client.get(address("talk-draft", booked)).json()["account"] == "secretary"


def test_a_draft_of_a_recorded_talk_is_not_kept_and_shown_to_its_writer(
    world: World, client_of: ClientOf
) -> None:
    talk = factories.a_talk(
        [world.committee_member, world.secretary],
        [world.member],
        held_on=timezone.localdate(),
        state=TalkState.PLANNED,
    )
    slow, fast = client_of(world.account("committee_member")), client_of(world.account("secretary"))
    rows = {"private_notes": "自己的笔记", "opinions-TOTAL_FORMS": "1", "opinions-0-text": "听到的意见"}
    slow.post(address("talk-draft", talk), {**typed(talk, content="我也写了"), **rows})
    fast.post(address("talk-record", talk), record_data(talk))
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.CLOSED)
    answer = slow.post(address("talk-draft", talk), typed(talk, 1))
    assert (answer.status_code, answer.json()) == (409, {"message": life.ALREADY_RECORDED})
    mine, others = (client.get(address("talk", talk)).content.decode() for client in (slow, fast))
    for words in ("我也写了", "自己的笔记", "听到的意见"):
        assert words in mine
        assert words not in others
    assert slow.post(address("talk-draft-discard", talk)).status_code == 302
    assert "我也写了" not in slow.get(address("talk", talk)).content.decode()


def test_a_draft_from_before_a_change_says_so(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    client.post(address("talk-draft", booked), typed(booked))
    assert "这次谈话已有改动" not in client.get(address("talk-record", booked)).content.decode()
    Talk.objects.update(revision=2)
    html = client.get(address("talk-record", booked)).content.decode()
    assert "这次谈话已有改动" in html
    assert 'name="revision" value="2"' in html


def test_odd_drafts_do_no_harm(world: World, client_of: ClientOf, booked: Talk) -> None:
    client = client_of(world.account("committee_member"))
    odd = {
        "draft_revision": "²",
        "revision": "-1",
        "held_on": "昨天",
        "opinions-TOTAL_FORMS": "999999999",
        "opinions-0-text": "一条",
        "remedies-TOTAL_FORMS": "2",
        "remedies-0-text": "一项",
        "remedies-0-due_on": "2026-13-40",
    }
    assert client.post(address("talk-draft", booked), odd).status_code == 200
    html = client.get(address("talk-record", booked)).content.decode()
    assert 'value="一条"' in html
    assert 'value="一项"' in html
    response = client.post(address("talk-draft-discard", booked))
    assert response.headers["Location"] == address("talk-record", booked)
    assert "已恢复" not in client.get(address("talk-record", booked)).content.decode()


# --- correcting and amending -----------------------------------------------------------------------------


def test_a_subject_asks_the_writer_corrects_and_answers(
    world: World, client_of: ClientOf, recorded: Talk
) -> None:
    subject, writer = client_of(world.account("member")), client_of(world.account("committee_member"))
    assert "请求更正" in subject.get(address("talk", recorded)).content.decode()
    subject.post(address("talk-correction-ask", recorded), {"text": "地点是测站，不是机关。"})
    asked = Correction.objects.get()
    html = writer.get(address("talk", recorded)).content.decode()
    assert "地点是测站，不是机关。" in html
    principal = client_of(world.account("secretary")).get(address("talk", recorded)).content.decode()
    assert "地点是测站，不是机关。" not in principal
    html = writer.get(address("talk-correct", recorded)).content.decode()
    assert SAID in html
    writer.post(address("talk-correct", recorded), record_data(recorded, content="在测站谈的。"))
    recorded.refresh_from_db()
    assert (recorded.content, recorded.state) == ("在测站谈的。", TalkState.RECORDED)
    writer.post(address("talk-correction-answer", recorded, asked.pk), {"answer": "已更正地点。"})
    html = subject.get(address("talk", recorded)).content.decode()
    for text in ("在测站谈的。", "已更正地点。", "内容属实，确认"):
        assert text in html
    # Answered: it is there no more to be answered again.
    again = writer.post(address("talk-correction-answer", recorded, asked.pk), {"answer": "再答。"})
    assert again.status_code == 404


def test_what_is_missing_is_said_at_the_field(world: World, client_of: ClientOf, recorded: Talk) -> None:
    subject, writer = client_of(world.account("member")), client_of(world.account("committee_member"))
    html = subject.post(address("talk-correction-ask", recorded), {"text": " "}).content.decode()
    assert amendments.TEXT_MISSING in html
    html = writer.post(address("talk-attach", recorded), {}).content.decode()
    assert "请选择要上传的文件。" in html
    html = writer.post(
        address("talk-sign", recorded), {"file": SimpleUploadedFile("a.pdf", PDF)}
    ).content.decode()
    assert attachments.NOBODY_SIGNED in html


def test_a_confirmed_record_is_amended(world: World, client_of: ClientOf, recorded: Talk) -> None:
    writer, subject = client_of(world.account("committee_member")), client_of(world.account("member"))
    assert writer.get(address("talk-amend", recorded)).status_code == 404
    subject.post(address("talk-confirm", recorded), {"revision": "1"})
    # Who still has the page of the correction open keeps what he typed.
    html = writer.post(
        address("talk-correct", recorded), record_data(recorded, content="改")
    ).content.decode()
    assert life.CONFIRMED_ALREADY in html
    assert COPY_FIRST in html
    writer.post(address("talk-amend", recorded), {"text": "补：四月起。"})
    html = subject.get(address("talk", recorded)).content.decode()
    assert SAID in html
    assert "补：四月起。" in html


def test_in_a_group_an_amendment_goes_to_who_said_it(world: World, client_of: ClientOf) -> None:
    talk = factories.a_talk(
        [world.committee_member],
        [world.member, world.colleague],
        held_on=timezone.localdate(),
        content=SAID,
        state=TalkState.CONFIRMED,
        confirmed_by=[world.member, world.colleague],
    )
    row = talk.participants.get(side=Side.SUBJECT, member=world.colleague)
    client = client_of(world.account("committee_member"))
    client.post(address("talk-amend", talk), {"text": "她还谈到培训。", "participant": row.pk})
    assert Amendment.objects.get().participant == row
    for role, is_shown in (("colleague", True), ("member", False), ("committee_member", True)):
        html = client_of(world.account(role)).get(address("talk", talk)).content.decode()
        assert ("她还谈到培训。" in html) is is_shown
    stranger = factories.a_talk([world.secretary], [world.other_member], held_on=timezone.localdate())
    foreign = stranger.participants.get(side=Side.SUBJECT)
    client.post(address("talk-amend", talk), {"text": "不属于这次谈话", "participant": foreign.pk})
    assert Amendment.objects.count() == 1


# --- files -----------------------------------------------------------------------------------------------


def test_a_file_is_attached_downloaded_and_removed(world: World, client_of: ClientOf, recorded: Talk) -> None:
    client = client_of(world.account("committee_member"))
    client.post(address("talk-attach", recorded), {"file": SimpleUploadedFile("值班 表.jpeg", JPG)})
    html = client_of(world.account("member")).get(address("talk", recorded)).content.decode()
    assert "值班 表.jpg" in html
    response = client_of(world.account("member")).get(address("talk-attachment", recorded, 1))
    assert b"".join(response.streaming_content) == JPG  # type: ignore[attr-defined]
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    entry = TrailEntry.objects.get(action="下载附件")
    assert (entry.account, entry.target) == ("member", recorded.code)
    remove = address("talk-attachment-remove", recorded, 1)
    assert "值班 表.jpg" in client.get(remove).content.decode()
    client.post(remove)
    assert not Attachment.objects.exists()


def test_a_file_of_the_wrong_kind_or_size_is_refused_in_words(
    world: World, client_of: ClientOf, recorded: Talk
) -> None:
    client = client_of(world.account("committee_member"))
    for name, content, words in (
        ("a.jpg", b"MZ", attachments.WRONG_KIND),
        ("a.pdf", b"%PDF-1.7" + b"0" * (10 * 1024 * 1024) + b"%%EOF", attachments.TOO_LARGE),
        ("a.pdf", b"", attachments.EMPTY),
    ):
        data = {"file": SimpleUploadedFile(name, content)}
        assert words in client.post(address("talk-attach", recorded), data).content.decode()
    assert not Attachment.objects.exists()


def test_the_signed_paper_confirms_on_screen(world: World, client_of: ClientOf, recorded: Talk) -> None:
    client = client_of(world.account("committee_member"))
    row = recorded.participants.get(side=Side.SUBJECT)
    data = {"file": SimpleUploadedFile("签字.pdf", PDF), "signers": [row.pk], "revision": "1"}
    html = client.post(address("talk-sign", recorded), data, follow=True).content.decode()
    recorded.refresh_from_db()
    assert recorded.state == TalkState.CONFIRMED
    assert "签字确认" in html
    assert client.get(address("talk-attachment-remove", recorded, 1)).status_code == 404
    assert "上传签字件" in actions()


def test_three_and_ten_of_everything_cost_the_same(world: World, client_of: ClientOf, recorded: Talk) -> None:
    client = client_of(world.account("committee_member"))
    row = recorded.participants.get(side=Side.SUBJECT)

    def queries(times: int) -> int:
        Attachment.objects.all().delete()
        Amendment.objects.all().delete()
        Correction.objects.all().delete()
        for number in range(1, times + 1):
            Attachment.objects.create(
                talk=recorded,
                number=number,
                name=f"{number}.pdf",
                file=PDF,
                kind="pdf",
                size=len(PDF),
                added_by=world.account("committee_member"),
                added_at=timezone.now(),
            )
            Amendment.objects.create(
                talk=recorded,
                number=number,
                participant=row,
                text="补",
                by=world.committee_member,
                at=timezone.now(),
            )
            Correction.objects.create(
                participant=row,
                number=number,
                text="更正",
                asked_at=timezone.now(),
                answered_by=world.committee_member,
                answered_at=timezone.now(),
                answer="好",
            )
        client.get(address("talk", recorded))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address("talk", recorded)).content.decode().count("更正") >= times
        return len(captured)

    assert queries(3) == queries(10)
