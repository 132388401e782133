"""Documents asked for, on their way, issued, and gone again."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from branches.models import Organisation
from branches.rules.dates import chinese_date
from members.models import Account
from reports.rules.documents import DOCUMENTS, FORMAT_NAMES, Document, Format, Kind, Scope
from talks.models import Meeting, Talk
from vault.models import SealedBinaryField, SealedModel, SealedQuerySet, SealedTextField

MEETING_KINDS = frozenset(kind for kind, one in DOCUMENTS.items() if one.scope is Scope.MEETING)


class ReportQuerySet(SealedQuerySet["Report"]):
    """Reports as work that waits, and as files that are kept for a time."""

    def waiting(self, now: datetime) -> Self:
        """Reports to be rendered that no worker holds (a claim lapses at `claimed_until`)."""
        return self.filter(state=Report.State.PENDING).filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now)
        )

    def expired(self, now: datetime) -> Self:
        """Issued reports whose file is still kept although its time is over."""
        return self.filter(state=Report.State.DONE, expires_at__lte=now)

    def issued(self) -> Self:
        """Those that were issued, whether or not the file is still kept."""
        return self.filter(state__in=[Report.State.DONE, Report.State.EXPIRED])

    def ready_for(self, account: Account, now: datetime) -> Self:
        """Those of the account that are issued and that it has neither downloaded nor lost."""
        return self.filter(requested_by=account, state=Report.State.DONE, fetched_at=None, expires_at__gt=now)


class Report(SealedModel):
    """One document: what was asked for, and the sealed file once it is rendered.

    Which of organisation, period, meeting and talk it has, its kind says (reports.rules.documents);
    `with_content` is set where it holds sealed text that others may not read, `talks_told` of how many talks
    in which who asked took no part; many wait for an approval first (reports.models.approvals). The file is
    gone at `expires_at`. `token` is the random number of the QR code, `digest` the SHA-256 of the file,
    `figures` what a compliance report prints (as JSON, so that the page shows what the paper shows),
    `figures_mac` the HMAC of what is printed; by them a paper is told from a forgery. `attempts` counts the
    claims: a report that kills its workers is given up in the end.
    """

    class State(models.TextChoices):
        PENDING = "pending", "等待生成"
        DONE = "done", "已生成"
        FAILED = "failed", "未能生成"
        EXPIRED = "expired", "文件已删除"
        ASKED = "asked", "待批准"
        DECLINED = "declined", "不予批准"
        LAPSED = "lapsed", "申请已失效"

    number = models.CharField("编号", max_length=24, unique=True)
    token = models.UUIDField(unique=True)
    kind = models.CharField(
        "种类", max_length=16, choices=[(kind.value, document.title) for kind, document in DOCUMENTS.items()]
    )
    file_format = models.CharField(
        "格式",
        max_length=4,
        choices=[(one.value, name) for one, name in FORMAT_NAMES.items()],
        default=Format.PDF.value,
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="reports", verbose_name="党组织"
    )
    with_below = models.BooleanField("含所属党组织", default=True)
    since = models.DateField("起始日期", null=True)
    until = models.DateField("截止日期", null=True)
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, related_name="reports", verbose_name="会议"
    )
    talk = models.ForeignKey(Talk, models.SET_NULL, null=True, related_name="reports", verbose_name="谈话")
    with_content = models.BooleanField("带内容", default=False)
    talks_told = models.PositiveIntegerField("列出内容的谈话", default=0, editable=False)
    year = models.PositiveSmallIntegerField("年度")
    as_of = models.DateField("数据截至")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name="申请人",
    )
    requested_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.PENDING)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    issued_at = models.DateTimeField("签发时间", null=True, blank=True)
    expires_at = models.DateTimeField("文件保留至", null=True, blank=True, db_index=True)
    fetched_at = models.DateTimeField("首次下载时间", null=True, blank=True)
    file = SealedBinaryField("文件", null=True)
    figures = SealedTextField("数据", blank=True, default="")
    digest = models.CharField("文件摘要", max_length=64, blank=True)
    figures_mac = models.CharField("数据校验码", max_length=64, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "报告"
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                name="report_state_known",
                condition=Q(
                    state__in=["pending", "done", "failed", "expired", "asked", "declined", "lapsed"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def sealed_identity(self) -> str:
        return self.number

    @property
    def document(self) -> Document:
        """Its kind, as the list of documents has it."""
        return DOCUMENTS[Kind(self.kind)]

    @property
    def title(self) -> str:
        """What it is called: of whom, and what."""
        if self.kind == Kind.RECORD:
            return f"{self.document.title}（{self.talk.code if self.talk else '谈话已删除'}）"
        if self.kind in MEETING_KINDS:
            return f"{self.meeting or '会议已删除'}{self.document.title}"
        return self.public_title

    @property
    def public_title(self) -> str:
        """The same without saying anything of persons or talks: for who verifies it without an account."""
        if self.kind in MEETING_KINDS and self.meeting:
            return f"{self.meeting.organisation.name}{self.meeting}{self.document.title}"
        name = self.organisation.name if self.organisation else ""
        return f"{name}{'谈心谈话' if self.kind == Kind.COMPLIANCE else ''}{self.document.title}"

    @property
    def period(self) -> str:
        """Of which time it is, in words."""
        if self.since and self.until:
            return f"{chinese_date(self.since)}至{chinese_date(self.until)}"
        return f"{self.year}年度"
