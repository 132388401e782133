"""免予谈话."""

from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from members.models import Member
from talks.models.duties import Duty
from talks.rules.words import WaiverState
from vault.models import SealedModel, SealedQuerySet, SealedTextField

ENDINGS = (WaiverState.DECLINED, WaiverState.TAKEN_BACK, WaiverState.REVOKED)
# Decided by somebody else than who asked.
DECISIONS = (WaiverState.DECLINED, WaiverState.REVOKED)


class WaiverQuerySet(SealedQuerySet["Waiver"]):
    """Waivers, by how far they have come."""

    def waiting(self) -> Self:
        """Those that are asked for and not decided."""
        return self.in_states([WaiverState.WAITING])

    def approved(self) -> Self:
        """Those approved and not revoked: for these nothing is owed from `approved_on` on."""
        return self.in_states([WaiverState.APPROVED])

    def of_duty(self, duty: Duty) -> Self:
        """Those of the duty, whichever version of its rule."""
        return self.filter(
            organisation=duty.organisation_id, rule=duty.rule, anchor=duty.anchor, persons=duty.persons
        )

    def in_states(self, states: Collection[WaiverState]) -> Self:
        """Those in one of the states."""
        condition = Q(ending__in=[state.value for state in states if state in ENDINGS])
        if WaiverState.WAITING in states:
            condition |= Q(ending="", approved_on=None)
        if WaiverState.APPROVED in states:
            condition |= Q(ending="", approved_on__isnull=False)
        return self.filter(condition)


class Waiver(SealedModel):
    """That a duty need not be met: asked for, and approved by someone other than the one who asked.

    The duty is named by rule code, organisation, anchor and persons; of a pair the higher code is `subject`,
    the lower `counterpart`. `persons` holds both codes as one non-null text for the unique keys. `number`
    counts how often it was asked for: after a refusal it may be asked again. What came in by a workbook has
    no `asked_on`. `ending` says that it was declined, taken back or revoked, by whom and when; why, it says
    where somebody else decided.
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
    number = models.PositiveSmallIntegerField("次数", default=1, editable=False)
    reason = SealedTextField("理由")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_on = models.DateField("申请日期", null=True, blank=True)
    approved_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    approved_on = models.DateField("批准日期", null=True, blank=True)
    ending = models.CharField(
        "终结", max_length=6, blank=True, default="", choices=[(word.value, word.value) for word in ENDINGS]
    )
    ended_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终结人"
    )
    ended_on = models.DateField("终结日期", null=True, blank=True)
    ending_reason = SealedTextField("终结理由", null=True, blank=True)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        verbose_name = "免予谈话"
        ordering = ["organisation", "rule", "anchor", "persons", "number"]
        constraints = [
            models.UniqueConstraint(
                name="waiver_once",
                fields=["rule", "organisation", "anchor", "persons"],
                condition=Q(ending=""),
            ),
            models.UniqueConstraint(
                name="waiver_number_once", fields=["rule", "organisation", "anchor", "persons", "number"]
            ),
            models.CheckConstraint(
                name="waiver_not_approved_by_asker",
                condition=~Q(asked_by=F("approved_by")),
                violation_error_message="免予谈话不能由申请人自己批准。",
            ),
            models.CheckConstraint(
                name="waiver_approved_by_somebody",
                condition=Q(approved_by=None, approved_on=None)
                | Q(approved_by__isnull=False, approved_on__isnull=False),
            ),
            models.CheckConstraint(
                name="waiver_ends_once",
                condition=Q(ending="", ended_by=None, ended_on=None)
                | Q(ended_by__isnull=False, ended_on__isnull=False)
                & (
                    Q(ending=WaiverState.REVOKED.value, approved_on__isnull=False)
                    | Q(
                        ending__in=[WaiverState.DECLINED.value, WaiverState.TAKEN_BACK.value],
                        approved_on=None,
                    )
                ),
            ),
            models.CheckConstraint(
                name="waiver_not_decided_by_asker",
                condition=Q(ending="")
                | Q(ending=WaiverState.TAKEN_BACK.value, ended_by=F("asked_by"))
                | Q(ending__in=[word.value for word in DECISIONS]) & ~Q(ended_by=F("asked_by")),
            ),
            # A pair's waiver that came in by a workbook (workbook.md) may have been approved by one of them.
            models.CheckConstraint(
                name="waiver_not_approved_by_person",
                condition=Q(asked_on=None, counterpart__isnull=False)
                | ~Q(approved_by=F("subject")) & ~Q(approved_by=F("counterpart")),
            ),
            models.CheckConstraint(
                name="waiver_not_decided_by_person",
                condition=~Q(ending__in=[word.value for word in DECISIONS])
                | ~Q(ended_by=F("subject")) & ~Q(ended_by=F("counterpart")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}·{self.anchor}"

    def sealed_identity(self) -> str:
        again = f"|{self.number}" if self.number > 1 else ""
        return f"{self.rule}|{self.organisation_id}|{self.anchor}|{self.persons}{again}"

    @property
    def state(self) -> WaiverState:
        """How far it has come."""
        if self.ending:
            return WaiverState(self.ending)
        return WaiverState.WAITING if self.approved_on is None else WaiverState.APPROVED

    @property
    def is_event(self) -> bool:
        """Whether it is of an event duty: then that it exists is confidential (design.md section 4)."""
        return self.anchor.startswith("event:")
