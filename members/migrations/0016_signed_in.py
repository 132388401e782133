"""Who is signed in where, and what was typed when a session ended over it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import vault.models


class Migration(migrations.Migration):
    dependencies = [("members", "0015_member_names")]

    operations = [
        migrations.CreateModel(
            name="SignedIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("since", models.DateTimeField(verbose_name="登录时间")),
                ("seen_at", models.DateTimeField(verbose_name="最近使用")),
                ("device", models.CharField(max_length=60, verbose_name="设备")),
                ("network", models.CharField(blank=True, max_length=64, verbose_name="网络")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signed_in",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={"verbose_name": "登录设备", "ordering": ["-seen_at", "-pk"]},
        ),
        migrations.CreateModel(
            name="KeptForm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=32, unique=True)),
                ("kept_at", models.DateTimeField(verbose_name="保留时间")),
                ("sent", vault.models.SealedTextField(verbose_name="填写的内容")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={"verbose_name": "未提交的内容"},
        ),
    ]
