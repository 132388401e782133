"""附件: files attached to a record, read, and taken out again; the signed paper confirms."""

from collections.abc import Collection
from datetime import datetime
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max

from members.models import Account, Member
from talks.models import Attachment, Correction, Side, Talk
from talks.rules.attachments import MOST_BYTES, FileKind, kind_of_name, tidy_file_name
from talks.rules.words import TalkState
from talks.services.life import ALREADY_CANCELLED, NOT_RECORDED
from talks.services.talks import step_if_confirmed
from vault.services import Actor, enter_trail

MOST_FILES = 20
# The mark of a PDF's end stands within so many bytes of it.
PDF_TAIL = 1024
WRONG_KIND = "只能上传PDF、JPG、PNG或DOCX文件，且文件内容应与格式一致。请另存为其中一种格式后再上传。"
TOO_LARGE = f"文件超过{MOST_BYTES // 1024 // 1024}MB，请压缩或拆分后再上传。"
EMPTY = "文件是空的，请重新选择。"
TOO_MANY = f"每次谈话最多上传{MOST_FILES}个附件。请先删除不需要的附件。"
CONFIRMED = "谈话记录已经确认，不能再增减附件。"
SIGNED_STAYS = "签字件是确认的依据，不能删除。"
NOBODY_SIGNED = "请选择在纸质记录上签字的谈话对象。"
NOT_WAITING = "所选的谈话对象已经确认，或不在这次谈话中。请核对后再上传。"
BY_HIMSELF = "约谈申请由对方在系统中提出，记录请对方在系统中确认，不用签字件。"
ASKED_FOR = "谈话对象提出的更正请求还没有答复，请先答复，再请本人签字确认。"
CHANGED = "谈话记录刚才已有改动，签字件没有保存。请核对最新记录与签字的内容是否一致，再上传。"


@transaction.atomic
def attach_file(
    *, actor: Actor, at: datetime, talk: Talk, account: Account, name: str, content: bytes
) -> Attachment:
    """Seals a file to the talk, until all have confirmed.

    ValidationError where it is none of the four formats by its content, its name claims another, it is
    empty or larger than 10 MB, or the talk takes no more files.
    """
    kind = refuse_file(name=name, content=content)
    locked = _locked(talk)
    if locked.state == TalkState.RECORDED:
        # Who is about to confirm reads what is attached first.
        Talk.objects.filter(pk=locked.pk).update(revision=F("revision") + 1)
    made = _store(locked, account, at, tidy_file_name(name, kind), kind, content, is_signed=False)
    enter_trail(
        actor=actor,
        at=at,
        action="上传附件",
        target_kind="谈话",
        target=talk.code,
        detail={"number": made.number},
    )
    return made


@transaction.atomic
def attach_signed_paper(
    *,
    actor: Actor,
    at: datetime,
    talk: Talk,
    revision: int,
    account: Account,
    signers: Collection[Member],
    name: str,
    content: bytes,
) -> Attachment:
    """The record signed on paper, for those without a phone: it confirms for the subjects who signed it.

    `revision` is that of the record that was printed. ValidationError as for `attach_file`, where nobody is
    named, somebody named does not wait, has asked for the talk himself or waits for the answer to a
    correction asked for, or the record has changed since.
    """
    kind = refuse_file(name=name, content=content)
    if not signers:
        raise ValidationError(NOBODY_SIGNED, code="signers")
    locked = _locked(talk)
    if locked.state != TalkState.RECORDED:
        raise ValidationError(NOT_RECORDED, code="stale")
    if locked.revision != revision:
        raise ValidationError(CHANGED, code="stale")
    waiting = locked.participants.filter(side=Side.SUBJECT, confirmed_at=None, member__in=list(signers))
    if waiting.count() != len(set(signers)):
        raise ValidationError(NOT_WAITING, code="signers")
    if Correction.objects.waiting().filter(participant__in=waiting).exists():
        raise ValidationError(ASKED_FOR, code="signers")
    if locked.requests.filter(sent_at__isnull=False, requester__in=list(signers)).exists():
        # Who asked has an account; a paper would keep him from contesting the record.
        raise ValidationError(BY_HIMSELF, code="signers")
    made = _store(locked, account, at, tidy_file_name(name, kind), kind, content, is_signed=True)
    waiting.update(confirmed_at=at, paper=made)
    step_if_confirmed(talk=locked, revision=revision)
    enter_trail(
        actor=actor,
        at=at,
        action="上传签字件",
        target_kind="谈话",
        target=talk.code,
        detail={"number": made.number, "signers": sorted(member.code for member in signers)},
    )
    return made


@transaction.atomic
def open_attachment(*, actor: Actor, at: datetime, attachment: Attachment) -> bytes:
    """The file; that it was read stands in the trail."""
    enter_trail(
        actor=actor,
        at=at,
        action="下载附件",
        target_kind="谈话",
        target=attachment.talk.code,
        detail={"number": attachment.number},
    )
    return attachment.file


@transaction.atomic
def remove_attachment(*, actor: Actor, at: datetime, attachment: Attachment) -> None:
    """Takes a file out again, until all have confirmed; a signed paper stays."""
    locked = _locked(attachment.talk)
    if attachment.is_signed:
        raise ValidationError(SIGNED_STAYS, code="stale")
    if locked.state == TalkState.RECORDED:
        Talk.objects.filter(pk=locked.pk).update(revision=F("revision") + 1)
    number = attachment.number
    attachment.delete()
    enter_trail(
        actor=actor,
        at=at,
        action="删除附件",
        target_kind="谈话",
        target=locked.code,
        detail={"number": number},
    )


def refuse_file(*, name: str, content: bytes) -> FileKind:
    """The format of the file; ValidationError where it cannot be attached."""
    if not content:
        raise ValidationError(EMPTY, code="file")
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LARGE, code="file")
    kind = kind_of_content(content=content)
    if kind is None or kind is not kind_of_name(name):
        raise ValidationError(WRONG_KIND, code="file")
    return kind


def _locked(talk: Talk) -> Talk:
    """The talk, held until the end, so that numbers count up and nobody confirms meanwhile."""
    locked = Talk.objects.select_for_update().get(pk=talk.pk)
    if locked.state == TalkState.CANCELLED:
        raise ValidationError(ALREADY_CANCELLED, code="stale")
    if locked.state in (TalkState.CONFIRMED, TalkState.CLOSED):
        raise ValidationError(CONFIRMED, code="stale")
    return locked


def _store(
    talk: Talk, account: Account, at: datetime, name: str, kind: FileKind, content: bytes, *, is_signed: bool
) -> Attachment:
    there = talk.attachments.aggregate(last=Max("number"))["last"] or 0
    if talk.attachments.count() >= MOST_FILES:
        raise ValidationError(TOO_MANY, code="file")
    return Attachment.objects.create(
        talk=talk,
        number=there + 1,
        name=name,
        file=content,
        kind=kind.value,
        size=len(content),
        is_signed=is_signed,
        added_by=account,
        added_at=at,
    )


def kind_of_content(*, content: bytes) -> FileKind | None:
    """The format of the file by how it begins and that it ends; None where it is none of the four."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-PDF_TAIL:]:
        return FileKind.PDF
    if content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content:
        return FileKind.JPG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR" and b"IEND" in content:
        return FileKind.PNG
    return FileKind.DOCX if _is_docx(content) else None


def _is_docx(content: bytes) -> bool:
    """A Word document without macros. Only the list of its parts is read: nothing is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = set(archive.namelist())
    except (BadZipFile, ValueError, NotImplementedError):
        return False
    return {"[Content_Types].xml", "word/document.xml"} <= parts and not any(
        part.lower().endswith("vbaproject.bin") for part in parts
    )
