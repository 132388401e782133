"""How often signing in was tried in vain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0010_offices_apart")]

    operations = [
        migrations.CreateModel(
            name="TryCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(db_index=True)),
            ],
            options={"verbose_name": "登录尝试"},
        ),
    ]
