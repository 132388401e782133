"""疑点, what was said to them, and the days on which all records were checked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_name_working_days"),
        ("members", "0003_account_email"),
        ("reports", "0001_reports"),
        ("talks", "0032_fingerprints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Sweep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="核对日期")),
                ("at", models.DateTimeField(verbose_name="核对时间")),
                ("found", models.PositiveIntegerField(default=0, verbose_name="新发现")),
                ("gone", models.PositiveIntegerField(default=0, verbose_name="已消除")),
            ],
            options={
                "verbose_name": "疑点核对",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "check_name",
                    models.CharField(
                        choices=[
                            ("copied", "内容雷同"),
                            ("overlap", "时间重叠"),
                            ("crowded", "单日谈话过多"),
                            ("chain", "连续谈话无间隔"),
                            ("late", "录入不及时"),
                            ("batch", "集中补录"),
                            ("group", "集体谈话登记为一对一"),
                            ("signed", "短时间内在同一地址确认"),
                            ("standing", "组织关系或任职不符"),
                            ("ahead", "谈话日期晚于录入日期"),
                            ("remedy", "整改超期"),
                        ],
                        max_length=12,
                        verbose_name="类型",
                    ),
                ),
                ("key", models.CharField(max_length=150)),
                ("day", models.DateField(verbose_name="日期")),
                ("other_day", models.DateField(null=True, verbose_name="相关日期")),
                ("figure", models.PositiveIntegerField(default=0, verbose_name="数值")),
                ("is_high", models.BooleanField(default=False, verbose_name="重点核实")),
                ("beside_thin", models.BooleanField(default=False, verbose_name="内容简略")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待说明"), ("explained", "已说明"), ("dismissed", "已排除")],
                        default="open",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("found_on", models.DateField(verbose_name="发现日期")),
                ("gone_on", models.DateField(null=True, verbose_name="消除日期")),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="人员",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
                (
                    "talks",
                    models.ManyToManyField(related_name="findings", to="talks.talk", verbose_name="谈话"),
                ),
            ],
            options={
                "verbose_name": "疑点",
                "ordering": ["-is_high", "-day", "pk"],
            },
        ),
        migrations.CreateModel(
            name="FindingStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("explained", "说明"),
                            ("dismissed", "排除"),
                            ("reopened", "重新列为疑点"),
                            ("gone", "核对时已不存在"),
                            ("returned", "核对时再次发现"),
                        ],
                        max_length=9,
                        verbose_name="办理",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("text", vault.models.values.SealedTextField(blank=True, default="", verbose_name="说明")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="reports.finding",
                        verbose_name="疑点",
                    ),
                ),
            ],
            options={
                "verbose_name": "疑点办理",
                "ordering": ["finding", "number"],
            },
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("check_name", "key"), name="finding_once"),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "explained", "dismissed"])),
                name="finding_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="findingstep",
            constraint=models.UniqueConstraint(fields=("finding", "number"), name="finding_step_once"),
        ),
    ]
