"""What becomes of a record after it was handed over: corrections asked for, and amendments."""

from typing import Self

from django.db import models

from members.models import Member
from talks.models.records import Participant
from talks.models.talks import Talk
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class CorrectionQuerySet(SealedQuerySet["Correction"]):
    """Corrections asked for, by how far they have come."""

    def waiting(self) -> Self:
        """Those not answered yet."""
        return self.filter(answered_at=None)


class Correction(SealedModel):
    """更正请求: a subject says what in the record is not as it was; who keeps the record answers."""

    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="corrections", verbose_name="谈话对象"
    )
    number = models.PositiveSmallIntegerField("序号")
    text = SealedTextField("需要更正之处")
    asked_at = models.DateTimeField("提出时间", editable=False)
    answer = SealedTextField("答复", blank=True, default="")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = "更正请求"
        ordering = ["participant", "number"]
        constraints = [
            models.UniqueConstraint(name="correction_number_once", fields=["participant", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.participant_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.participant_id}|{self.number}"


class Amendment(SealedModel):
    """补正: what is added to a record that was confirmed; the confirmed text stays beside it.

    `participant`: it is about what this subject himself said in a group talk; else about the record.
    """

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="amendments", verbose_name="谈话")
    number = models.PositiveSmallIntegerField("序号")
    participant = models.ForeignKey(
        Participant,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="amendments",
        verbose_name="谈话对象",
    )
    text = SealedTextField("补正内容")
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="补正人")
    at = models.DateTimeField("补正时间", editable=False)

    objects = SealedQuerySet["Amendment"].as_manager()

    class Meta:
        verbose_name = "补正"
        ordering = ["talk", "number"]
        constraints = [models.UniqueConstraint(name="amendment_number_once", fields=["talk", "number"])]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.number}"
