"""Whoever asks who has read his records finds the entries by what they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0002_guard_trail")]

    operations = [
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(fields=["target_kind", "target"], name="trail_target"),
        ),
    ]
