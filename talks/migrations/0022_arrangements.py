"""排谈草稿: the talks before a meeting as they were laid into slots, before they are booked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_account_email"),
        ("talks", "0018_calendar"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrangement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wishes", models.JSONField(verbose_name="条件")),
                ("told", models.JSONField(default=list, verbose_name="说明")),
                ("drawn_up_at", models.DateTimeField(editable=False, verbose_name="排定时间")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrangements",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="排谈人",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrangements",
                        to="talks.meeting",
                        verbose_name="会议",
                    ),
                ),
            ],
            options={
                "verbose_name": "排谈草稿",
            },
        ),
        migrations.CreateModel(
            name="ArrangedTalk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(verbose_name="先后")),
                ("title", models.CharField(max_length=200, verbose_name="事由")),
                ("held_on", models.DateField(null=True, verbose_name="日期")),
                ("starts_at", models.TimeField(null=True, verbose_name="开始")),
                ("ends_at", models.TimeField(null=True, verbose_name="结束")),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                        verbose_name="谈话对象",
                    ),
                ),
                (
                    "talker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                        verbose_name="谈话人",
                    ),
                ),
                (
                    "arrangement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="talks",
                        to="talks.arrangement",
                        verbose_name="排谈草稿",
                    ),
                ),
            ],
            options={
                "verbose_name": "拟约谈话",
                "ordering": ["held_on", "starts_at", "rank", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="arrangement",
            constraint=models.UniqueConstraint(fields=("meeting", "account"), name="arrangement_once"),
        ),
        migrations.AddConstraint(
            model_name="arrangedtalk",
            constraint=models.UniqueConstraint(
                fields=("arrangement", "talker", "subject"), name="arranged_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrangedtalk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at", None), ("held_on", None), ("starts_at", None)),
                    models.Q(
                        ("ends_at__isnull", False), ("held_on__isnull", False), ("starts_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="arranged_day_and_hours",
            ),
        ),
    ]
