"""约谈申请."""

from django.db import models
from django.db.models import F, Q

from members.models import Member
from talks.models.talks import Talk
from vault.models import SealedModel, SealedQuerySet, SealedTextField

REQUEST_STATES = ("待答复", "已接受", "另约", "已转交", "已谈", "已撤回")


class TalkRequest(SealedModel):
    """A member asks a leader for a talk (rules.md section 9)."""

    code = models.CharField("申请编号", max_length=64, unique=True)
    requester = models.ForeignKey(Member, models.PROTECT, related_name="requests_made", verbose_name="申请人")
    asked = models.ForeignKey(
        Member, models.PROTECT, related_name="requests_received", verbose_name="约谈对象"
    )
    asked_on = models.DateField("申请日期")
    reason = SealedTextField("事由", blank=True, default="")
    wished_time = models.CharField("期望时间", max_length=120, blank=True)
    state = models.CharField("状态", max_length=6, choices=[(state, state) for state in REQUEST_STATES])
    answered_on = models.DateField("答复日期", null=True, blank=True)
    talk = models.ForeignKey(
        Talk, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="谈话"
    )

    objects = SealedQuerySet["TalkRequest"].as_manager()

    class Meta:
        verbose_name = "约谈申请"
        ordering = ["-asked_on", "code"]
        constraints = [
            models.CheckConstraint(name="request_state_known", condition=Q(state__in=REQUEST_STATES)),
            models.CheckConstraint(
                name="request_not_of_oneself",
                condition=~Q(requester=F("asked")),
                violation_error_message="不能向自己申请约谈。",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def sealed_identity(self) -> str:
        return self.code
