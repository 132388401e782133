"""Of two who change one merged opinion, the second is told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talks", "0033_leader_left")]

    operations = [
        migrations.AddField(
            model_name="mergedopinion",
            name="revision",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
