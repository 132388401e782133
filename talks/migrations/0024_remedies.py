"""整改: progress, the ledger, 销号; what was agreed in talks is chased beside duties.

The way back takes away with its tables what was noted, released and settled, and the reminders of it.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


def forget_agreed(apps, schema_editor):
    apps.get_model("talks", "Notice").objects.filter(duty=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0005_name_working_days"),
        ("members", "0003_account_email"),
        ("talks", "0022_arrangements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # An index alone: on SQLite the table stays, and with it the triggers of talks 0018.
        migrations.AddIndex(
            model_name="talk",
            index=models.Index(
                condition=models.Q(("follow_up_on__isnull", False)),
                fields=["follow_up_on"],
                name="talk_follow_up",
            ),
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("noted_on", models.DateField(verbose_name="日期")),
                ("text", vault.models.values.SealedTextField(verbose_name="进展情况")),
            ],
            options={
                "verbose_name": "整改进展",
                "ordering": ["remedy", "number"],
            },
        ),
        migrations.CreateModel(
            name="Settlement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="次数")),
                ("result", vault.models.values.SealedTextField(verbose_name="完成情况")),
                ("asked_on", models.DateField(verbose_name="申请日期")),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[("已销号", "已销号"), ("已退回", "已退回"), ("已撤回", "已撤回")],
                        default="",
                        max_length=4,
                        verbose_name="结果",
                    ),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="办理日期")),
                (
                    "ending_reason",
                    vault.models.values.SealedTextField(blank=True, null=True, verbose_name="退回理由"),
                ),
            ],
            options={
                "verbose_name": "销号",
                "ordering": ["remedy", "number"],
            },
        ),
        migrations.AddField(
            model_name="notice",
            name="follow_up",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="talks.talk",
                verbose_name="回访",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="remedy",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="talks.remedy",
                verbose_name="整改措施",
            ),
        ),
        migrations.AddField(
            model_name="remedy",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="remedies",
                to="branches.organisation",
                verbose_name="台账",
            ),
        ),
        migrations.AddField(
            model_name="remedy",
            name="released_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="列入人",
            ),
        ),
        migrations.AddField(
            model_name="remedy",
            name="released_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="列入日期"),
        ),
        migrations.AddField(
            model_name="remedy",
            name="released_text",
            field=vault.models.values.SealedTextField(blank=True, null=True, verbose_name="台账表述"),
        ),
        migrations.AddField(
            model_name="remedy",
            name="settled_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="销号日期"),
        ),
        migrations.AlterField(
            model_name="notice",
            name="duty",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="talks.duty",
                verbose_name="应谈事项",
            ),
        ),
        migrations.AddIndex(
            model_name="remedy",
            index=models.Index(
                condition=models.Q(("due_on__isnull", False), ("settled_on", None)),
                fields=["due_on"],
                name="remedy_open_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("remedy__isnull", False)),
                fields=("remedy", "step", "member"),
                name="notice_once_of_remedy",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("follow_up__isnull", False)),
                fields=("follow_up", "step", "member"),
                name="notice_once_of_follow_up",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("duty__isnull", False), ("follow_up", None), ("remedy", None)),
                    models.Q(("duty", None), ("follow_up", None), ("remedy__isnull", False)),
                    models.Q(("duty", None), ("follow_up__isnull", False), ("remedy", None)),
                    _connector="OR",
                ),
                name="notice_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="remedy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("organisation", None), ("released_by", None), ("released_on", None)),
                    models.Q(
                        ("organisation__isnull", False),
                        ("released_by__isnull", False),
                        ("released_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="remedy_released_by_somebody",
            ),
        ),
        migrations.AddField(
            model_name="progress",
            name="noted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="填写人",
            ),
        ),
        migrations.AddField(
            model_name="progress",
            name="remedy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="progress",
                to="talks.remedy",
                verbose_name="整改措施",
            ),
        ),
        migrations.AddField(
            model_name="settlement",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="申请人",
            ),
        ),
        migrations.AddField(
            model_name="settlement",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="办理人",
            ),
        ),
        migrations.AddField(
            model_name="settlement",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="branches.organisation",
                verbose_name="党组织",
            ),
        ),
        migrations.AddField(
            model_name="settlement",
            name="remedy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="settlements",
                to="talks.remedy",
                verbose_name="整改措施",
            ),
        ),
        migrations.AddConstraint(
            model_name="progress",
            constraint=models.UniqueConstraint(fields=("remedy", "number"), name="progress_number_once"),
        ),
        migrations.AddConstraint(
            model_name="settlement",
            constraint=models.UniqueConstraint(fields=("remedy", "number"), name="settlement_number_once"),
        ),
        migrations.AddConstraint(
            model_name="settlement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ending__in", ["", "已销号"])),
                fields=("remedy",),
                name="settlement_live_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by", None), ("ended_on", None), ("ending", "")),
                    models.Q(
                        ("ended_by__isnull", False),
                        ("ended_on__isnull", False),
                        ("ending__in", ["已销号", "已退回", "已撤回"]),
                    ),
                    _connector="OR",
                ),
                name="settlement_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ending", ""),
                    models.Q(("ended_by", models.F("asked_by")), ("ending", "已撤回")),
                    models.Q(
                        ("ending__in", ["已销号", "已退回"]),
                        models.Q(("ended_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="settlement_not_decided_by_asker",
                violation_error_message="销号不能由申请人自己批准。",
            ),
        ),
        # Last, so that on the way back it comes first: before this every notice was of a duty.
        migrations.RunPython(migrations.RunPython.noop, forget_agreed),
    ]
