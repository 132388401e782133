"""Members are found by their names: whoever has namesakes is written with his number."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0014_resets")]

    operations = [
        migrations.AddIndex("member", models.Index(fields=["name"], name="member_name")),
    ]
