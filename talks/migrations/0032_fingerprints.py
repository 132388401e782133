"""Fingerprints by which records are compared unopened; `fingerprint_records` fills the table."""

import django.db.models.deletion
from django.db import migrations, models

import vault.models


class Migration(migrations.Migration):
    dependencies = [("talks", "0030_requests")]

    operations = [
        migrations.CreateModel(
            name="Fingerprint",
            fields=[
                (
                    "talk",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="fingerprint",
                        serialize=False,
                        to="talks.talk",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("value", vault.models.SealedBinaryField()),
            ],
            options={"verbose_name": "内容指纹"},
        ),
    ]
