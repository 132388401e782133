"""附件: told by their content, sealed, read by who reads the record; the signed paper confirms."""

from collections.abc import Sequence
from functools import partial
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection

from members.models import Member
from talks.models import Attachment, Correction, Side, Talk
from talks.permissions import may_attach, visible_attachments
from talks.rules.attachments import FileKind, kind_of_name, tidy_file_name
from talks.rules.words import TalkState
from talks.services import amendments, attachments, life, talks
from talks.services.attachments import kind_of_content
from talks.services.talks import Circumstances, Persons
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.life.conftest import ACTOR, AT, TODAY, actions, refused

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 20 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def zipped(*names: str) -> bytes:
    """An archive with these parts."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return file.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
FILES = {FileKind.PDF: PDF, FileKind.JPG: JPG, FileKind.PNG: PNG, FileKind.DOCX: DOCX}


def attach(talk: Talk, world: World, name: str = "照片.jpg", content: bytes = JPG) -> Attachment:
    """The 支委 attaches a file."""
    return attachments.attach_file(
        actor=ACTOR,
        at=AT,
        talk=talk,
        account=world.account("committee_member"),
        name=name,
        content=content,
    )


def sign(
    talk: Talk, world: World, signers: Sequence[Member], revision: int = 1, content: bytes = PDF
) -> Attachment:
    """The 支委 attaches the paper that these have signed."""
    return attachments.attach_signed_paper(
        actor=ACTOR,
        at=AT,
        talk=talk,
        revision=revision,
        account=world.account("committee_member"),
        signers=signers,
        name="签字件.pdf",
        content=content,
    )


# --- formats ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FileKind)
def test_a_file_is_known_by_its_content(kind: FileKind) -> None:
    assert kind_of_content(content=FILES[kind]) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a",
        b"%PDF-1.7 cut off",
        b"\xff\xd8\xff cut off",
        PNG[:20],
        zipped("xl/workbook.xml", "[Content_Types].xml"),
        zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        DOCX[:-30],
        b"PK\x03\x04",
    ],
)
def test_other_content_is_no_file_of_ours(content: bytes) -> None:
    assert kind_of_content(content=content) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.PDF", FileKind.PDF),
        ("a.jpeg", FileKind.JPG),
        ("a.docx", FileKind.DOCX),
        ("a.exe", None),
        ("a", None),
    ],
)
def test_a_name_claims_a_format(name: str, kind: FileKind | None) -> None:
    assert kind_of_name(name) is kind


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("家访 照片.jpeg", "家访 照片.jpg"),
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\照片\\值班.jpg", "值班.jpg"),
        ('a"b\r\nc\0.jpg', "abc.jpg"),
        (".jpg", ".jpg.jpg"),
        ("长" * 200 + ".jpg", "长" * 115 + ".jpg"),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(name: str, kept: str) -> None:
    assert tidy_file_name(name, FileKind.JPG) == kept


# --- attaching -------------------------------------------------------------------------------------------


def test_a_file_is_sealed_and_opened_again(world: World, booked: Talk) -> None:
    made = attach(booked, world)
    found = Attachment.objects.get()
    assert (found.number, found.name, found.kind, found.size) == (1, "照片.jpg", "jpg", len(JPG))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, file FROM talks_attachment")
        stored = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"JFIF" not in stored
    assert "照片".encode() not in stored
    assert attachments.open_attachment(actor=ACTOR, at=AT, attachment=made) == JPG
    assert actions() == ["上传附件", "下载附件"]


def test_what_is_not_what_it_says_is_refused(world: World, booked: Talk) -> None:
    for name, content in (("a.jpg", PDF), ("a.exe", PDF), ("a.pdf", b"MZ"), ("a.docx", zipped("x"))):
        assert refused(partial(attach, booked, world, name, content)) == attachments.WRONG_KIND
    assert refused(lambda: attach(booked, world, "a.jpg", b"")) == attachments.EMPTY
    assert not Attachment.objects.exists()


def test_ten_megabytes_are_taken_and_one_byte_more_is_not(world: World, booked: Talk) -> None:
    whole = JPG[:-2] + b"\0" * (10 * 1024 * 1024 - len(JPG)) + b"\xff\xd9"
    attach(booked, world, content=whole)
    assert refused(lambda: attach(booked, world, content=whole + b"\0")) == attachments.TOO_LARGE


def test_a_talk_takes_twenty_files(world: World, booked: Talk) -> None:
    for _ in range(20):
        attach(booked, world)
    assert refused(lambda: attach(booked, world)) == attachments.TOO_MANY


def test_a_file_added_to_a_record_has_to_be_seen_before_it_is_confirmed(
    world: World, booked: Talk, recorded: Talk
) -> None:
    attach(booked, world)
    attach(recorded, world)
    booked.refresh_from_db()
    recorded.refresh_from_db()
    # A record that is being written is not disturbed by a file.
    assert (booked.revision, recorded.revision) == (1, 2)


def test_a_confirmed_record_takes_and_loses_no_file(world: World, recorded: Talk) -> None:
    made = attach(recorded, world)
    talks.confirm_record(actor=ACTOR, at=AT, talk=recorded, revision=2, member=world.member)
    assert refused(lambda: attach(recorded, world)) == attachments.CONFIRMED
    assert (
        refused(lambda: attachments.remove_attachment(actor=ACTOR, at=AT, attachment=made))
        == attachments.CONFIRMED
    )


def test_a_file_is_taken_out_and_its_number_not_given_again_while_others_stand(
    world: World, booked: Talk
) -> None:
    first = attach(booked, world)
    attach(booked, world)
    attachments.remove_attachment(actor=ACTOR, at=AT, attachment=first)
    assert attach(booked, world).number == 3
    assert actions() == ["上传附件", "上传附件", "删除附件", "上传附件"]


# --- the signed paper ------------------------------------------------------------------------------------


def test_the_signed_paper_confirms(world: World, recorded: Talk) -> None:
    paper = sign(recorded, world, [world.member])
    recorded.refresh_from_db()
    assert recorded.state == TalkState.CONFIRMED
    row = recorded.participants.get(side=Side.SUBJECT)
    assert (row.confirmed_at, row.paper) == (AT, paper)
    assert actions() == ["上传签字件"]


def test_of_a_group_those_are_confirmed_who_signed(world: World, group: Talk) -> None:
    sign(group, world, [world.member])
    group.refresh_from_db()
    assert group.state == TalkState.RECORDED
    talks.confirm_record(actor=ACTOR, at=AT, talk=group, revision=1, member=world.colleague)
    group.refresh_from_db()
    assert group.state == TalkState.CONFIRMED


def test_a_paper_that_confirms_nothing_is_refused(world: World, recorded: Talk, booked: Talk) -> None:
    assert refused(lambda: sign(recorded, world, [])) == attachments.NOBODY_SIGNED
    assert refused(lambda: sign(recorded, world, [world.colleague])) == attachments.NOT_WAITING
    assert refused(lambda: sign(recorded, world, [world.member], revision=4)) == attachments.CHANGED
    assert refused(lambda: sign(recorded, world, [world.member], content=b"MZ")) == attachments.WRONG_KIND
    assert refused(lambda: sign(booked, world, [world.member])) == life.NOT_RECORDED
    assert not Attachment.objects.exists()
    recorded.refresh_from_db()
    assert recorded.state == TalkState.RECORDED


def test_whose_correction_waits_has_not_signed(world: World, recorded: Talk) -> None:
    """He says that the record is not as it was: a paper does not confirm it over his head."""
    asked = amendments.ask_correction(
        actor=ACTOR, at=AT, talk=recorded, member=world.member, text="排班一事已经解决"
    )
    recorded.refresh_from_db()
    words = refused(lambda: sign(recorded, world, [world.member], revision=recorded.revision))
    assert words == attachments.ASKED_FOR
    Correction.objects.filter(pk=asked.pk).update(answered_at=AT)
    sign(recorded, world, [world.member], revision=recorded.revision)
    recorded.refresh_from_db()
    assert recorded.state == TalkState.CONFIRMED


def test_a_signed_paper_stays(world: World, group: Talk) -> None:
    paper = sign(group, world, [world.member])
    assert (
        refused(lambda: attachments.remove_attachment(actor=ACTOR, at=AT, attachment=paper))
        == attachments.SIGNED_STAYS
    )


# --- who reads -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", PERSONAS)
def test_a_file_is_read_by_who_took_part(world: World, recorded: Talk, group: Talk, role: str) -> None:
    for talk in (recorded, group):
        attach(talk, world)
    read = set(visible_attachments(world.account(role), today=TODAY).values_list("talk__code", flat=True))
    # In a group no subject reads a file: it may hold the words of the others. No principal does either: a
    # file, and the signed paper above all, may hold an opinion about himself, and cannot be sifted.
    wanted = {"committee_member": {"T2", "T3"}, "member": {"T2"}}
    assert read == wanted.get(role, set())
    assert may_attach(world.account(role), recorded, today=TODAY) is (role == "committee_member")


def test_before_it_is_recorded_the_subject_reads_no_file(world: World, booked: Talk) -> None:
    attach(booked, world)
    assert not visible_attachments(world.account("member"), today=TODAY).exists()
    assert visible_attachments(world.account("committee_member"), today=TODAY).exists()


def test_what_was_attached_goes_to_nobody_without_those_who_attached_it(world: World, booked: Talk) -> None:
    """A principal who puts himself into a booked talk reads neither the topic nor the files."""
    attach(booked, world)
    change = partial(
        talks.change_plan,
        actor=ACTOR,
        at=AT,
        talk=booked,
        circumstances=Circumstances(held_on=TODAY),
    )
    # The 支委 takes a colleague in, who then reads it with him; a change of the hour changes nothing.
    both = Persons(talkers=[world.committee_member, world.colleague], subjects=[world.member])
    change(revision=1, persons=both, topic="排班")
    change(revision=2, persons=both, topic=None)
    assert visible_attachments(world.account("colleague"), today=TODAY).count() == 1
    change(revision=3, persons=Persons(talkers=[world.secretary], subjects=[world.member]), topic=None)
    assert not visible_attachments(world.account("secretary"), today=TODAY).exists()
    assert not Attachment.objects.exists()
    assert actions()[-2:] == ["删除附件", "修改"]


def test_a_cancelled_talk_takes_no_file(world: World) -> None:
    talk = factories.a_talk(
        [world.committee_member], [world.member], held_on=TODAY, state=TalkState.CANCELLED
    )
    assert refused(lambda: attach(talk, world)) == life.ALREADY_CANCELLED
    assert not may_attach(world.account("committee_member"), talk, today=TODAY)
