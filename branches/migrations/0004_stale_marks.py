"""Marks on organisations whose facts have changed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0003_seed_working_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="Stale",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reaches_others", models.BooleanField(default=False, verbose_name="涉及其他组织")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stale_marks",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
            ],
            options={
                "verbose_name": "待重算标记",
            },
        ),
    ]
