"""A document with the texts of many talks waits for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


def leave(apps, editor):
    """What was not approved has no file, and the table before has no word for it."""
    apps.get_model("reports", "Report").objects.filter(state__in=["asked", "declined", "lapsed"]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_name_working_days"),
        ("reports", "0011_files_expire"),
        ("talks", "0045_disclosures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("talks", models.PositiveIntegerField(verbose_name="谈话次数")),
                ("reason", vault.models.values.SealedTextField(verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "已批准"), ("declined", "不予批准"), ("lapsed", "已失效")],
                        default="",
                        max_length=8,
                        verbose_name="结果",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="批准时间")),
                ("told_at", models.DateTimeField(null=True, verbose_name="告知时间")),
            ],
            options={
                "verbose_name": "批量导出批准",
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="report",
            name="report_state_known",
        ),
        migrations.AddField(
            model_name="report",
            name="talks_told",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="列出内容的谈话"),
        ),
        migrations.AlterField(
            model_name="report",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "等待生成"),
                    ("done", "已生成"),
                    ("failed", "未能生成"),
                    ("expired", "文件已删除"),
                    ("asked", "待批准"),
                    ("declined", "不予批准"),
                    ("lapsed", "申请已失效"),
                ],
                default="pending",
                max_length=8,
                verbose_name="状态",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["pending", "done", "failed", "expired", "asked", "declined", "lapsed"])
                ),
                name="report_state_known",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="申请人",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="批准人",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approvals",
                to="branches.organisation",
                verbose_name="党组织",
            ),
        ),
        migrations.AddField(
            model_name="approval",
            name="report",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="approval",
                to="reports.report",
                verbose_name="报告",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="approval_not_by_asker",
                violation_error_message="批量导出不能由申请人自己批准。",
            ),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("outcome", "")),
                    models.Q(("decided_at__isnull", False), ("decided_by", None), ("outcome", "lapsed")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("outcome__in", ["approved", "declined"]),
                    ),
                    _connector="OR",
                ),
                name="approval_decided_by_somebody",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, leave),
    ]
