"""Members are found by their names: namesakes, and whom a search names from the beginning."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0012_try_counts")]

    operations = [
        migrations.AlterField("member", "name", models.CharField("姓名", max_length=60, db_index=True)),
    ]
