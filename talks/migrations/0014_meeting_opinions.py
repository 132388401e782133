"""Opinions gathered for a meeting and merged, and the steps of its preparation."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_account_email"),
        ("talks", "0008_waivers_asked_and_decided"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MergedOpinion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("text", vault.models.values.SealedTextField(verbose_name="意见建议")),
                ("about", models.CharField(blank=True, max_length=60, verbose_name="针对对象")),
                ("category", models.CharField(blank=True, max_length=20, verbose_name="类别")),
                ("in_report", models.BooleanField(default=True, verbose_name="列入会议材料")),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_opinions",
                        to="talks.meeting",
                        verbose_name="会议",
                    ),
                ),
                (
                    "persons",
                    models.ManyToManyField(
                        blank=True, related_name="merged_opinions", to="members.member", verbose_name="责任人"
                    ),
                ),
            ],
            options={
                "verbose_name": "梳理后的意见",
                "ordering": ["meeting", "number"],
            },
        ),
        migrations.CreateModel(
            name="GatheredOpinion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("text", vault.models.values.SealedTextField(verbose_name="意见建议")),
                ("about", models.CharField(blank=True, max_length=60, verbose_name="针对对象")),
                ("category", models.CharField(blank=True, max_length=20, verbose_name="类别")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("谈心谈话", "谈心谈话"),
                            ("座谈会", "座谈会"),
                            ("书面征求", "书面征求"),
                            ("意见箱", "意见箱"),
                            ("走访调研", "走访调研"),
                            ("其他", "其他"),
                        ],
                        max_length=12,
                        verbose_name="征求方式",
                    ),
                ),
                ("released_at", models.DateTimeField(editable=False, verbose_name="转交时间")),
                (
                    "agreed_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="同意署名时间"),
                ),
                (
                    "declined_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="不署名时间"),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="gathered_opinions",
                        to="talks.meeting",
                        verbose_name="会议",
                    ),
                ),
                (
                    "opinion",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="released",
                        to="talks.opinion",
                        verbose_name="原意见",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="转交人",
                    ),
                ),
                (
                    "speaker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="提出人",
                    ),
                ),
                (
                    "merged",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sources",
                        to="talks.mergedopinion",
                        verbose_name="梳理为",
                    ),
                ),
            ],
            options={
                "verbose_name": "征集的意见",
                "ordering": ["meeting", "number"],
            },
        ),
        migrations.CreateModel(
            name="MeetingStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("会前学习", "会前学习"),
                            ("征求意见", "征求意见"),
                            ("谈心谈话", "谈心谈话"),
                            ("对照检查", "对照检查"),
                        ],
                        max_length=8,
                        verbose_name="准备事项",
                    ),
                ),
                ("done_on", models.DateField(verbose_name="完成日期")),
                (
                    "done_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="talks.meeting",
                        verbose_name="会议",
                    ),
                ),
            ],
            options={
                "verbose_name": "会前准备",
                "ordering": ["meeting", "step"],
            },
        ),
        migrations.AddConstraint(
            model_name="mergedopinion",
            constraint=models.UniqueConstraint(fields=("meeting", "number"), name="merged_opinion_once"),
        ),
        migrations.AddConstraint(
            model_name="gatheredopinion",
            constraint=models.UniqueConstraint(fields=("meeting", "number"), name="gathered_opinion_once"),
        ),
        migrations.AddConstraint(
            model_name="gatheredopinion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at", None), ("declined_at", None)),
                    ("speaker__isnull", False),
                    _connector="OR",
                ),
                name="gathered_opinion_signed_by_speaker",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatheredopinion",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreed_at", None), ("declined_at", None), _connector="OR"),
                name="gathered_opinion_one_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingstep",
            constraint=models.UniqueConstraint(fields=("meeting", "step"), name="meeting_step_once"),
        ),
    ]
