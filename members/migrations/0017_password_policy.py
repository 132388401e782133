"""Since when an account has its password, and those that it had before."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0016_signed_in")]

    operations = [
        migrations.AddField(
            model_name="account",
            name="password_set_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="密码设置时间"),
        ),
        migrations.CreateModel(
            name="OldPassword",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128)),
                ("ended_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="old_passwords",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
            ],
            options={"verbose_name": "用过的密码", "ordering": ["-ended_at", "-pk"]},
        ),
    ]
