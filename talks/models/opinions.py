"""Opinions as an organisation has them before a meeting: gathered, then merged."""

from django.db import models
from django.db.models import Q

from members.models import Member
from talks.models.meetings import Meeting
from talks.models.records import Opinion
from talks.rules.meetings import Channel
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class MergedOpinion(SealedModel):
    """One of the 155: what several opinions come to, in the organisation's words, and who is to see to it."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="merged_opinions", verbose_name="会议")
    number = models.PositiveIntegerField("序号")
    text = SealedTextField("意见建议")
    about = SealedTextField("针对对象", blank=True, default="")
    category = SealedTextField("类别", blank=True, default="")
    persons = models.ManyToManyField(
        Member, blank=True, related_name="merged_opinions", verbose_name="责任人"
    )
    in_report = models.BooleanField("列入会议材料", default=True)
    revision = models.PositiveIntegerField(default=0, editable=False)

    objects = SealedQuerySet["MergedOpinion"].as_manager()

    class Meta:
        verbose_name = "梳理后的意见"
        ordering = ["meeting", "number"]
        constraints = [models.UniqueConstraint(name="merged_opinion_once", fields=["meeting", "number"])]

    def __str__(self) -> str:
        return f"{self.meeting_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.meeting_id}|{self.number}"

    @property
    def channels(self) -> list[str]:
        """征求方式 of what it was made of, each once; the sources are to be prefetched."""
        return list(dict.fromkeys(source.channel for source in self.sources.all()))

    @property
    def signed(self) -> list[str]:
        """The names of those who agreed that theirs stand beside it."""
        return list(dict.fromkeys(source.signed for source in self.sources.all() if source.signed))


class GatheredOpinionQuerySet(SealedQuerySet["GatheredOpinion"]):
    """Opinions gathered, in the words of the summary."""

    def unmerged(self) -> "GatheredOpinionQuerySet":
        """Those that stand in no merged one yet."""
        return self.filter(merged=None)

    def asking(self, member: int | None) -> "GatheredOpinionQuerySet":
        """Those of which the member is asked whether his name may stand beside them."""
        return self.filter(speaker=member, agreed_at=None, declined_at=None) if member else self.none()


class GatheredOpinion(SealedModel):
    """One of the 252: released by a talker in a reworded form, or entered from another channel.

    `opinion` is what was released, and with `released_by` only for the talker to see that he has: neither is
    ever shown to the organisation, for both would tell who spoke. `speaker` was asked whether his name may
    stand beside it, and it does from `agreed_at` on.
    """

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="gathered_opinions", verbose_name="会议"
    )
    number = models.PositiveIntegerField("序号")
    text = SealedTextField("意见建议")
    about = SealedTextField("针对对象", blank=True, default="")
    category = SealedTextField("类别", blank=True, default="")
    channel = models.CharField(
        "征求方式", max_length=12, choices=[(channel.value, channel.value) for channel in Channel]
    )
    opinion = models.OneToOneField(
        Opinion, models.SET_NULL, null=True, blank=True, related_name="released", verbose_name="原意见"
    )
    released_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="转交人"
    )
    released_at = models.DateTimeField("转交时间", editable=False)
    speaker = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人"
    )
    agreed_at = models.DateTimeField("同意署名时间", null=True, blank=True, editable=False)
    declined_at = models.DateTimeField("不署名时间", null=True, blank=True, editable=False)
    merged = models.ForeignKey(
        MergedOpinion, models.SET_NULL, null=True, blank=True, related_name="sources", verbose_name="梳理为"
    )

    objects = GatheredOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "征集的意见"
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(name="gathered_opinion_once", fields=["meeting", "number"]),
            models.CheckConstraint(
                name="gathered_opinion_signed_by_speaker",
                condition=Q(agreed_at=None, declined_at=None) | Q(speaker__isnull=False),
            ),
            models.CheckConstraint(
                name="gathered_opinion_one_answer", condition=Q(agreed_at=None) | Q(declined_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.meeting_id}|{self.number}"

    @property
    def signed(self) -> str:
        """The name of who said it where he has agreed, else nothing."""
        return self.speaker.name if self.speaker and self.agreed_at else ""
