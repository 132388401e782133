"""谈话准备 and 草稿: what is written before a record stands. Nobody reads either but who wrote it."""

from django.conf import settings
from django.db import models

from talks.models.records import Participant
from talks.models.talks import Talk
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class Preparation(SealedModel):
    """谈话准备: what one talker means to bring up. It goes with him when he leaves the talk.

    `questions` holds one question a line. `revision` guards against a lost update.
    """

    participant = models.OneToOneField(
        Participant, models.CASCADE, related_name="preparation", verbose_name="谈话人"
    )
    purpose = SealedTextField("目的", blank=True, default="")
    background = SealedTextField("背景", blank=True, default="")
    questions = SealedTextField("拟谈问题", blank=True, default="")
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = SealedQuerySet["Preparation"].as_manager()

    class Meta:
        verbose_name = "谈话准备"

    def __str__(self) -> str:
        return str(self.participant_id)

    def sealed_identity(self) -> str:
        return str(self.participant_id)

    @property
    def question_lines(self) -> list[str]:
        """The questions, one by one."""
        return [line.strip() for line in self.questions.splitlines() if line.strip()]


class Draft(SealedModel):
    """草稿: the form of a record as far as somebody has filled it in, kept while he writes.

    `text` is the form as a browser sends it. `revision` counts how often it was kept: a second window that
    began with an older one overwrites nothing. `talk_revision` is that of the talk on which it is based.
    """

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="drafts", verbose_name="谈话")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts", verbose_name="起草人"
    )
    text = SealedTextField("草稿", blank=True, default="")
    revision = models.PositiveIntegerField(default=1, editable=False)
    talk_revision = models.PositiveIntegerField(editable=False)
    saved_at = models.DateTimeField("保存时间", editable=False)

    objects = SealedQuerySet["Draft"].as_manager()

    class Meta:
        verbose_name = "草稿"
        constraints = [models.UniqueConstraint(name="draft_once", fields=["talk", "account"])]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.account_id}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.account_id}"
