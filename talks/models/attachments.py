"""附件: files that belong to a record, the signed paper among them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from talks.models.talks import Talk
from talks.rules.attachments import FileKind
from vault.models import SealedBinaryField, SealedModel, SealedQuerySet, SealedTextField


class Attachment(SealedModel):
    """One file. Its name is sealed as well: it may tell what was talked about.

    `is_signed`: it is the record on paper, with the subjects' signatures.
    """

    talk = models.ForeignKey(Talk, models.CASCADE, related_name="attachments", verbose_name="谈话")
    number = models.PositiveSmallIntegerField("序号")
    name = SealedTextField("文件名")
    file = SealedBinaryField("文件")
    kind = models.CharField("格式", max_length=4, choices=[(kind.value, kind.value) for kind in FileKind])
    size = models.PositiveIntegerField("字节数")
    is_signed = models.BooleanField("签字件", default=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人"
    )
    added_at = models.DateTimeField("上传时间", editable=False)

    objects = SealedQuerySet["Attachment"].as_manager()

    class Meta:
        verbose_name = "附件"
        ordering = ["talk", "number"]
        constraints = [
            models.UniqueConstraint(name="attachment_number_once", fields=["talk", "number"]),
            models.CheckConstraint(
                name="attachment_kind_known", condition=Q(kind__in=[kind.value for kind in FileKind])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.talk_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.talk_id}|{self.number}"
