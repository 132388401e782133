"""调阅: that an inspector may read one record for some minutes, and who was told of it."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from members.models import Account, Member
from talks.models.talks import Talk
from talks.rules.disclosures import (
    MOST_MINUTES,
    WAITS_DAYS,
    DisclosureState,
    disclosure_state,
    ends_at,
    lapses_at,
)
from vault.models import SealedModel, SealedQuerySet, SealedTextField

ENDINGS = (
    DisclosureState.DECLINED,
    DisclosureState.TAKEN_BACK,
    DisclosureState.REVOKED,
    DisclosureState.LAPSED,
)


class DisclosureQuerySet(SealedQuerySet["Disclosure"]):
    """Disclosures, by how far they have come."""

    def undecided(self) -> Self:
        """Those asked for, neither approved nor ended; they may have lapsed."""
        return self.filter(ending="", approved_at=None)

    def waiting(self, at: datetime) -> Self:
        """Those that may be approved at the moment."""
        return self.undecided().filter(asked_at__gt=at - timedelta(days=WAITS_DAYS))

    def approved_of_late(self, at: datetime) -> Self:
        """Those among which whatever is open at the moment must be."""
        return self.filter(ending="", approved_at__gt=at - timedelta(minutes=MOST_MINUTES))


class Disclosure(SealedModel):
    """One record, one reason, one who asked, one who approved, at most half an hour (design.md section 4).

    `organisation` is the one whose principals, and those above, decide. `number` counts how often this
    account asked for this record. `minutes` is how long it may be read, from the approval on; the time
    itself is not stored, so that nobody can put it off.
    """

    talk = models.ForeignKey(Talk, models.PROTECT, related_name="disclosures", verbose_name="谈话")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="disclosures", verbose_name="党组织"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人"
    )
    number = models.PositiveSmallIntegerField("次数", default=1, editable=False)
    reason = SealedTextField("理由")
    asked_at = models.DateTimeField("申请时间")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="批准人"
    )
    approved_at = models.DateTimeField("批准时间", null=True)
    minutes = models.PositiveSmallIntegerField("查看时限", null=True)
    ending = models.CharField(
        "终结", max_length=8, blank=True, default="", choices=[(word.value, word.value) for word in ENDINGS]
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="终结人"
    )
    ended_at = models.DateTimeField("终结时间", null=True)
    ending_reason = SealedTextField("终结理由", null=True)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = "调阅"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="disclosure_waits_once",
                fields=["talk", "asked_by"],
                condition=Q(ending="", approved_at=None),
            ),
            models.UniqueConstraint(name="disclosure_number_once", fields=["talk", "asked_by", "number"]),
            models.CheckConstraint(
                name="disclosure_not_approved_by_asker",
                condition=Q(approved_by=None) | ~Q(asked_by=F("approved_by")),
                violation_error_message="调阅不能由申请人自己批准。",
            ),
            models.CheckConstraint(
                name="disclosure_approved_by_somebody_for_minutes",
                condition=Q(approved_by=None, approved_at=None, minutes=None)
                | Q(
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    minutes__isnull=False,
                    minutes__gte=1,
                    minutes__lte=MOST_MINUTES,
                ),
            ),
            models.CheckConstraint(
                name="disclosure_approved_after_asked",
                condition=Q(approved_at=None) | Q(approved_at__gte=F("asked_at")),
            ),
            models.CheckConstraint(
                name="disclosure_ends_once",
                condition=Q(ending="", ended_by=None, ended_at=None)
                | Q(
                    ending=DisclosureState.REVOKED.value,
                    approved_at__isnull=False,
                    ended_by__isnull=False,
                    ended_at__isnull=False,
                )
                | Q(
                    ending=DisclosureState.LAPSED.value,
                    approved_at=None,
                    ended_by=None,
                    ended_at__isnull=False,
                )
                | Q(
                    ending__in=[DisclosureState.DECLINED.value, DisclosureState.TAKEN_BACK.value],
                    approved_at=None,
                    ended_by__isnull=False,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="disclosure_not_declined_by_asker",
                condition=~Q(ending=DisclosureState.DECLINED.value) | ~Q(asked_by=F("ended_by")),
            ),
            models.CheckConstraint(
                name="disclosure_taken_back_by_asker",
                condition=~Q(ending=DisclosureState.TAKEN_BACK.value) | Q(asked_by=F("ended_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.asked_by_id}|{self.number}"

    def state_at(self, at: datetime) -> DisclosureState:
        """How far it has come at the moment."""
        return disclosure_state(
            asked_at=self.asked_at,
            approved_at=self.approved_at,
            minutes=self.minutes,
            ending=self.ending,
            at=at,
        )

    @property
    def ends_at(self) -> datetime | None:
        """Until when the record may be read; None where nobody has approved."""
        return ends_at(self.approved_at, self.minutes or 0) if self.approved_at else None

    @property
    def lapses_at(self) -> datetime:
        """From when on the request is void if nobody approves it."""
        return lapses_at(self.asked_at)


class DisclosureNoticeQuerySet(models.QuerySet["DisclosureNotice"]):
    """Notices of disclosures."""

    def of(self, account: Account) -> Self:
        """Those addressed to the account's member."""
        return self.filter(member=account.member_id, member__isnull=False)

    def unread(self) -> Self:
        """Those not read; that somebody was let in is news for as long as it is not read."""
        return self.filter(read_at=None)


class DisclosureNotice(models.Model):
    """That who took part in a talk was told that its record is disclosed; written with the approval."""

    disclosure = models.ForeignKey(
        Disclosure, models.CASCADE, related_name="notices", verbose_name="调阅", db_index=False
    )
    member = models.ForeignKey(
        Member, models.CASCADE, related_name="disclosure_notices", verbose_name="党员", db_index=False
    )
    noticed_on = models.DateField("提醒日期")
    read_at = models.DateTimeField("已读时间", null=True)

    objects = DisclosureNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "调阅提醒"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="disclosure_notice_once", fields=["disclosure", "member"]),
        ]
        indexes = [models.Index(name="disclosure_notice_of_member", fields=["member", "read_at"])]

    def __str__(self) -> str:
        return f"{self.disclosure_id}·{self.member_id}"
