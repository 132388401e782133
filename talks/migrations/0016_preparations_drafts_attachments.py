"""What is written before a record stands, files beside it, and what becomes of it after it was confirmed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models.values


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_account_email"),
        ("talks", "0014_meeting_opinions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("name", vault.models.values.SealedTextField(verbose_name="文件名")),
                ("file", vault.models.values.SealedBinaryField(verbose_name="文件")),
                (
                    "kind",
                    models.CharField(
                        choices=[("pdf", "pdf"), ("jpg", "jpg"), ("png", "png"), ("docx", "docx")],
                        max_length=4,
                        verbose_name="格式",
                    ),
                ),
                ("size", models.PositiveIntegerField(verbose_name="字节数")),
                ("is_signed", models.BooleanField(default=False, verbose_name="签字件")),
                ("added_at", models.DateTimeField(editable=False, verbose_name="上传时间")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="talks.talk",
                        verbose_name="谈话",
                    ),
                ),
            ],
            options={
                "verbose_name": "附件",
                "ordering": ["talk", "number"],
            },
        ),
        migrations.AddField(
            model_name="participant",
            name="paper",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="signers",
                to="talks.attachment",
                verbose_name="签字件",
            ),
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("text", vault.models.values.SealedTextField(verbose_name="需要更正之处")),
                ("asked_at", models.DateTimeField(editable=False, verbose_name="提出时间")),
                ("answer", vault.models.values.SealedTextField(blank=True, default="", verbose_name="答复")),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="答复时间"),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="答复人",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="talks.participant",
                        verbose_name="谈话对象",
                    ),
                ),
            ],
            options={
                "verbose_name": "更正请求",
                "ordering": ["participant", "number"],
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", vault.models.values.SealedTextField(blank=True, default="", verbose_name="草稿")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("talk_revision", models.PositiveIntegerField(editable=False)),
                ("saved_at", models.DateTimeField(editable=False, verbose_name="保存时间")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to="talks.talk",
                        verbose_name="谈话",
                    ),
                ),
            ],
            options={
                "verbose_name": "草稿",
            },
        ),
        migrations.CreateModel(
            name="Preparation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", vault.models.values.SealedTextField(blank=True, default="", verbose_name="目的")),
                (
                    "background",
                    vault.models.values.SealedTextField(blank=True, default="", verbose_name="背景"),
                ),
                (
                    "questions",
                    vault.models.values.SealedTextField(blank=True, default="", verbose_name="拟谈问题"),
                ),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preparation",
                        to="talks.participant",
                        verbose_name="谈话人",
                    ),
                ),
            ],
            options={
                "verbose_name": "谈话准备",
            },
        ),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("text", vault.models.values.SealedTextField(verbose_name="补正内容")),
                ("at", models.DateTimeField(editable=False, verbose_name="补正时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                        verbose_name="补正人",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="amendments",
                        to="talks.participant",
                        verbose_name="谈话对象",
                    ),
                ),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="amendments",
                        to="talks.talk",
                        verbose_name="谈话",
                    ),
                ),
            ],
            options={
                "verbose_name": "补正",
                "ordering": ["talk", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("talk", "number"), name="amendment_number_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(fields=("talk", "number"), name="attachment_number_once"),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["pdf", "jpg", "png", "docx"])), name="attachment_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                fields=("participant", "number"), name="correction_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("talk", "account"), name="draft_once"),
        ),
    ]
