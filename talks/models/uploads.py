"""Exchange workbooks on their way in; the file is sealed and deleted after the import."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from vault.models import SealedBinaryField, SealedModel, SealedQuerySet, SealedTextField


class UploadQuerySet(SealedQuerySet["Upload"]):
    """Uploads as work that waits."""

    def waiting(self, now: datetime) -> Self:
        """Uploads to be checked or imported that no worker holds (a claim lapses at `claimed_until`)."""
        return self.filter(state__in=[Upload.State.CHECKING, Upload.State.IMPORTING]).filter(
            Q(claimed_until=None) | Q(claimed_until__lt=now)
        )


class Upload(SealedModel):
    """One uploaded workbook: checked first (dry run), imported when its owner confirms."""

    class State(models.TextChoices):
        CHECKING = "checking", "正在检查"
        CHECKED = "checked", "检查完毕，等待确认"
        REFUSED = "refused", "有错误，未导入"
        UNNUMBERED = "unnumbered", "缺少党员编号"
        IMPORTING = "importing", "正在导入"
        DONE = "done", "已导入"
        DISCARDED = "discarded", "已放弃"

    token = models.UUIDField(unique=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads", verbose_name="上传人"
    )
    file_name = models.CharField("文件名", max_length=200)
    file = SealedBinaryField("文件", null=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.CHECKING)
    outcome = SealedTextField("结果", blank=True, default="")
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    uploaded_at = models.DateTimeField("上传时间")
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Counted up with each claim: who lost his claim can write nothing.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "导入文件"
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                name="upload_state_known",
                condition=Q(
                    state__in=[
                        "checking",
                        "checked",
                        "refused",
                        "unnumbered",
                        "importing",
                        "done",
                        "discarded",
                    ]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def sealed_identity(self) -> str:
        return str(self.token)
