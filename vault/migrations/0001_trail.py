"""The audit trail and its head."""

from django.db import migrations, models

import vault.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="TrailEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号")),
                ("at", models.DateTimeField(db_index=True, verbose_name="时间")),
                ("account", models.CharField(max_length=150, verbose_name="账号")),
                ("address", models.CharField(blank=True, max_length=64, verbose_name="来源地址")),
                ("action", models.CharField(max_length=40, verbose_name="操作")),
                ("target_kind", models.CharField(blank=True, max_length=40, verbose_name="对象类型")),
                ("target", models.CharField(blank=True, max_length=200, verbose_name="对象")),
                ("detail", models.TextField(default="{}", verbose_name="说明")),
                ("succeeded", models.BooleanField(default=True, verbose_name="成功")),
                (
                    "algorithm",
                    models.PositiveSmallIntegerField(
                        choices=[(1, "AES_256_GCM"), (2, "SM4_GCM")], verbose_name="算法"
                    ),
                ),
                ("previous", models.CharField(max_length=64)),
                ("mac", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "审计记录",
                "ordering": ["number"],
            },
        ),
        migrations.CreateModel(
            name="TrailHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                (
                    "mac",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
                ("secret", vault.models.SealedBinaryField(null=True)),
            ],
            options={
                "verbose_name": "审计链末端",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="trail_head_once")
                ],
            },
        ),
    ]
