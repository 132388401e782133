"""免予谈话."""

from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from members.models import Member
from vault.models import SealedModel, SealedQuerySet, SealedTextField


class Waiver(SealedModel):
    """A duty that need not be met, approved by someone other than the one who asked.

    The duty is named by rule code, organisation, anchor and persons; of a pair the higher code is `subject`,
    the lower `counterpart`. `persons` holds both codes as one non-null text for the unique key.
    """

    rule = models.CharField("规则代码", max_length=64)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="waivers", verbose_name="党组织"
    )
    anchor = models.CharField("事由标识", max_length=120)
    subject = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="谈话对象")
    counterpart = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="对方"
    )
    persons = models.CharField(max_length=140, editable=False)
    reason = SealedTextField("理由")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="申请人")
    approved_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="批准人")
    approved_on = models.DateField("批准日期")

    objects = SealedQuerySet["Waiver"].as_manager()

    class Meta:
        verbose_name = "免予谈话"
        ordering = ["organisation", "rule", "anchor", "persons"]
        constraints = [
            models.UniqueConstraint(name="waiver_once", fields=["rule", "organisation", "anchor", "persons"]),
            models.CheckConstraint(
                name="waiver_not_approved_by_asker",
                condition=~Q(asked_by=F("approved_by")),
                violation_error_message="免予谈话不能由申请人自己批准。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}·{self.anchor}"

    def sealed_identity(self) -> str:
        return f"{self.rule}|{self.organisation_id}|{self.anchor}|{self.persons}"
