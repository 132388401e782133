"""调阅: one record, one reason, a second person, at most thirty minutes; and who was told of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_name_working_days"),
        ("members", "0003_account_email"),
        ("talks", "0041_ledger_talks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="次数")),
                ("reason", vault.models.values.SealedTextField(verbose_name="理由")),
                ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="批准时间")),
                ("minutes", models.PositiveSmallIntegerField(null=True, verbose_name="查看时限")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("不予批准", "不予批准"),
                            ("申请已撤回", "申请已撤回"),
                            ("批准已收回", "批准已收回"),
                            ("逾期未批准", "逾期未批准"),
                        ],
                        default="",
                        max_length=8,
                        verbose_name="终结",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="终结时间")),
                ("ending_reason", vault.models.values.SealedTextField(null=True, verbose_name="终结理由")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="批准人",
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
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="终结人",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="talks.talk",
                        verbose_name="谈话",
                    ),
                ),
            ],
            options={
                "verbose_name": "调阅",
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="DisclosureNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("noticed_on", models.DateField(verbose_name="提醒日期")),
                ("read_at", models.DateTimeField(null=True, verbose_name="已读时间")),
                (
                    "disclosure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="talks.disclosure",
                        verbose_name="调阅",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="disclosure_notices",
                        to="members.member",
                        verbose_name="党员",
                    ),
                ),
            ],
            options={
                "verbose_name": "调阅提醒",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at", None), ("ending", "")),
                fields=("talk", "asked_by"),
                name="disclosure_waits_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(
                fields=("talk", "asked_by", "number"), name="disclosure_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(("asked_by", models.F("approved_by")), _negated=True),
                    _connector="OR",
                ),
                name="disclosure_not_approved_by_asker",
                violation_error_message="调阅不能由申请人自己批准。",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", None), ("minutes", None)),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("minutes__gte", 1),
                        ("minutes__isnull", False),
                        ("minutes__lte", 30),
                    ),
                    _connector="OR",
                ),
                name="disclosure_approved_by_somebody_for_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_at", None), ("approved_at__gte", models.F("asked_at")), _connector="OR"
                ),
                name="disclosure_approved_after_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None), ("ending", "")),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ending", "批准已收回"),
                    ),
                    models.Q(
                        ("approved_at", None),
                        ("ended_at__isnull", False),
                        ("ended_by", None),
                        ("ending", "逾期未批准"),
                    ),
                    models.Q(
                        ("approved_at", None),
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("ending__in", ["不予批准", "申请已撤回"]),
                    ),
                    _connector="OR",
                ),
                name="disclosure_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ending", "不予批准"), _negated=True),
                    models.Q(("asked_by", models.F("ended_by")), _negated=True),
                    _connector="OR",
                ),
                name="disclosure_not_declined_by_asker",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ending", "申请已撤回"), _negated=True),
                    ("asked_by", models.F("ended_by")),
                    _connector="OR",
                ),
                name="disclosure_taken_back_by_asker",
            ),
        ),
        migrations.AddIndex(
            model_name="disclosurenotice",
            index=models.Index(fields=["member", "read_at"], name="disclosure_notice_of_member"),
        ),
        migrations.AddConstraint(
            model_name="disclosurenotice",
            constraint=models.UniqueConstraint(
                fields=("disclosure", "member"), name="disclosure_notice_once"
            ),
        ),
    ]
