"""口令重置: one asks, another approves; each holds half of the code."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0013_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(editable=False, verbose_name="次数")),
                (
                    "half",
                    vault.models.values.SealedTextField(blank=True, default="", verbose_name="前半口令"),
                ),
                ("with_factor", models.BooleanField(default=False, verbose_name="动态口令一并重置")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "已重置"), ("declined", "不予重置"), ("lapsed", "已失效")],
                        default="",
                        max_length=8,
                        verbose_name="结果",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
            ],
            options={
                "verbose_name": "口令重置",
                "ordering": ["-asked_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "number"), name="reset_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")), fields=("account",), name="reset_waits_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account", models.F("asked_by")), _negated=True),
                        name="reset_not_asked_by_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(
                                models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                models.Q(("decided_by", models.F("account")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reset_decided_by_a_third",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("outcome", "")),
                            models.Q(
                                ("decided_at__isnull", False), ("decided_by", None), ("outcome", "lapsed")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("outcome__in", ["approved", "declined"]),
                            ),
                            _connector="OR",
                        ),
                        name="reset_decided_by_somebody",
                    ),
                ],
            },
        ),
    ]
