"""The audit trail (design.md section 5). Triggers refuse to change or delete an entry (migration 0002)."""

from collections.abc import Iterator

from django.db import models

from vault.models.sealed import SealedModel
from vault.models.values import SealedBinaryField
from vault.rules.envelope import Algorithm
from vault.rules.trail import START, Entry


class TrailEntryQuerySet(models.QuerySet["TrailEntry"]):
    """The trail as a chain."""

    def chained(self) -> Iterator[Entry]:
        """The entries in their order, as the values that the chain is reckoned over."""
        columns = [column for column in Entry.__slots__ if column != "algorithm"]
        rows = self.order_by("number").values_list(*columns, "algorithm")
        for row in rows.iterator(chunk_size=2000):
            yield Entry(**dict(zip(columns, row, strict=False)), algorithm=Algorithm(row[-1]))


class TrailEntry(models.Model):
    """Who did what, when, from where, and whether it succeeded. It names fields, never sealed values."""

    number = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间", db_index=True)
    account = models.CharField("账号", max_length=150)
    address = models.CharField("来源地址", max_length=64, blank=True)
    action = models.CharField("操作", max_length=40)
    target_kind = models.CharField("对象类型", max_length=40, blank=True)
    target = models.CharField("对象", max_length=200, blank=True)
    detail = models.TextField("说明", default="{}")
    succeeded = models.BooleanField("成功", default=True)
    algorithm = models.PositiveSmallIntegerField(
        "算法", choices=[(item.value, item.name) for item in Algorithm]
    )
    previous = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    objects = TrailEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        ordering = ["number"]
        indexes = [models.Index(fields=["target_kind", "target"], name="trail_target")]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"


class TrailHead(SealedModel):
    """The one row that every writer of the trail locks: the last entry, and the secret that its HMACs are
    under.

    The secret is random and sealed under the vault key, so that a rotation leaves the chain as it is.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    mac = models.CharField(max_length=64, default=START)
    secret = SealedBinaryField(null=True)

    class Meta:
        verbose_name = "审计链末端"
        constraints = [models.CheckConstraint(name="trail_head_once", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.number)

    def sealed_identity(self) -> str:
        return "head"
