"""Drafts: a record as far as it is written, kept every few seconds and lost with no session."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from members.models import Account
from talks.models import Draft, Talk
from vault.services import Actor, enter_trail

OTHER_WINDOW = (
    "这次谈话的草稿已在另一个窗口改动，本窗口没有覆盖它。请先打开另一份草稿核对；以本窗口为准的，再保存一次。"
)
LONGEST = 200_000
TOO_LONG = "内容过长，草稿没有保存。请把大段材料作为附件上传。"


@dataclass(frozen=True, slots=True)
class Window:
    """From where a record is written: whose window, and the revision of the draft that it knows (0: none)."""

    account: Account
    revision: int = 0


@transaction.atomic
def keep_draft(
    *, actor: Actor, at: datetime, talk: Talk, window: Window, talk_revision: int, text: str
) -> Draft:
    """Keeps what the window holds, sealed; gives the draft with its new revision.

    ValidationError where another window of the same account has kept its own since: nothing is overwritten.
    In the trail stands that a draft was begun, not every few seconds of it.
    """
    if len(text) > LONGEST:
        raise ValidationError(TOO_LONG, code="draft")
    columns = {"talk_revision": talk_revision, "saved_at": at}
    mine = Draft.objects.filter(talk=talk, account=window.account)
    if window.revision:
        # The row is locked from here on: of two at once the second finds another revision.
        if not mine.filter(revision=window.revision).update(revision=F("revision") + 1, **columns):
            raise ValidationError(OTHER_WINDOW, code="draft")
        draft = mine.get()
        draft.text = text
        draft.save(update_fields=["text"])
        return draft
    draft = Draft(talk=talk, account=window.account, text=text, **columns)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(OTHER_WINDOW, code="draft") from error
    enter_trail(actor=actor, at=at, action="起草", target_kind="谈话", target=talk.code)
    return draft


@transaction.atomic
def open_draft(*, actor: Actor, at: datetime, draft: Draft) -> str:
    """The text of one's own draft; that it was read stands in the trail."""
    enter_trail(actor=actor, at=at, action="查看草稿", target_kind="谈话", target=draft.talk.code)
    return draft.text


@transaction.atomic
def discard_draft(*, actor: Actor, at: datetime, draft: Draft) -> None:
    """Throws one's own draft away."""
    if draft.delete()[0]:
        enter_trail(actor=actor, at=at, action="删除草稿", target_kind="谈话", target=draft.talk.code)


def settle_draft(*, talk: Talk, window: Window) -> None:
    """What the window held has gone into the record: its draft ends, within the caller's transaction.

    ValidationError where another window of the account holds another draft.
    """
    mine = Draft.objects.filter(talk=talk, account=window.account)
    mine.filter(revision=window.revision).delete()
    if mine.exists():
        raise ValidationError(OTHER_WINDOW, code="draft")
