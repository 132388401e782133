"""Talks are found by day in the order of a calendar: the first of a whole country at once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talks", "0045_disclosures")]

    operations = [
        migrations.AddIndex(
            "talk", models.Index(fields=["held_on", "starts_at", "code"], name="talk_calendar")
        ),
    ]
