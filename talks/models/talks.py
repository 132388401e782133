"""谈心谈话: who talked with whom, when and how. What was said is sealed."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from members.models import Member
from talks.rules.index import COUNTING_STATES
from talks.rules.words import TalkState
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class TalkQuerySet(SealedQuerySet["Talk"]):
    """Talks, in the words of their life."""

    def of_member(self, member: Member) -> Self:
        """Talks in which the member is talker, subject or recorder."""
        return self.filter(Q(participants__member=member) | Q(recorder=member)).distinct()

    def counting(self) -> Self:
        """Talks that can meet a duty: 已记录, 已确认, 办结."""
        return self.filter(state__in=sorted(state.value for state in COUNTING_STATES))

    def planned(self) -> Self:
        """Talks that are booked and not yet held."""
        return self.filter(state=TalkState.PLANNED.value)


class Talk(SealedModel):
    """A talk through its whole life (design.md section 4). `revision` guards against a lost update."""

    code = models.CharField("谈话编号", max_length=64, unique=True)
    held_on = models.DateField("谈话日期", db_index=True)
    starts_at = models.TimeField("开始时间", null=True, blank=True)
    ends_at = models.TimeField("结束时间", null=True, blank=True)
    external_talker = models.CharField("外部谈话人", max_length=120, blank=True)
    members = models.ManyToManyField(
        Member, through="Participant", related_name="talks", verbose_name="参加人"
    )
    recorder = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="recorded_talks", verbose_name="记录人"
    )
    form = models.CharField("谈话方式", max_length=20, blank=True)
    mode = models.CharField("谈话形式", max_length=20, blank=True)
    kind = models.CharField("谈话类型", max_length=20, blank=True)
    occasion = models.CharField("谈话契机", max_length=40, blank=True)
    place = models.CharField("地点", max_length=80, blank=True)
    state = models.CharField(
        "状态",
        max_length=6,
        choices=[(state.value, state.value) for state in TalkState],
        default=TalkState.PLANNED.value,
    )
    topic = SealedTextField("主题", blank=True, default="")
    content = SealedTextField("谈话内容", blank=True, default="")
    cancel_reason = SealedTextField("取消原因", blank=True, default="")
    participants_only = models.BooleanField("限参与人", default=False)
    follow_up_on = models.DateField("回访日期", null=True, blank=True)
    stated_entry = models.DateTimeField("录入时间", null=True, blank=True)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="预约人",
    )
    entered_at = models.DateTimeField("系统录入时间", editable=False)
    recorded_at = models.DateTimeField("记录时间", null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = TalkQuerySet.as_manager()

    class Meta:
        verbose_name = "谈话"
        ordering = ["-held_on", "code"]
        indexes = [
            models.Index(fields=["state", "held_on"], name="talk_state_day"),
            # In the order of a calendar, which is shown to a limit.
            models.Index(fields=["held_on", "starts_at", "code"], name="talk_calendar"),
            models.Index(
                name="talk_follow_up", fields=["follow_up_on"], condition=Q(follow_up_on__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="talk_state_known", condition=Q(state__in=[state.value for state in TalkState])
            ),
            models.CheckConstraint(
                name="talk_ends_after_start",
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
                violation_error_message="结束时间不能早于开始时间。",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def sealed_identity(self) -> str:
        return self.code

    @property
    def counts(self) -> bool:
        """Whether the state lets the talk meet a duty."""
        return self.state in COUNTING_STATES

    @property
    def is_open(self) -> bool:
        """Whether it can still be recorded: 计划 or 已谈."""
        return self.state in (TalkState.PLANNED, TalkState.HELD)
