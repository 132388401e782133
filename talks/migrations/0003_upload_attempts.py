"""How often an upload was claimed: a worker that lost its claim can write nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talks", "0002_compare_codes_by_code_point")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
