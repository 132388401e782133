"""事件: what happened to a member and calls for a talk."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from members.models.people import Member
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class Event(SealedModel):
    """An event. That it exists about a named person is itself confidential (design.md section 4)."""

    code = models.CharField("事件编号", max_length=64, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="events", verbose_name="党员")
    kind = models.CharField("事件类型", max_length=40)
    happened_on = models.DateField("发生日期")
    known_on = models.DateField("知悉日期", db_index=True)
    note = SealedTextField("情况说明", blank=True, default="")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="录入人",
    )

    objects = SealedQuerySet["Event"].as_manager()

    class Meta:
        verbose_name = "事件"
        ordering = ["-known_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="event_known_after_it_happened",
                condition=Q(known_on__gte=F("happened_on")),
                violation_error_message="知悉日期不能早于发生日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def sealed_identity(self) -> str:
        return self.code
