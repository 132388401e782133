"""Where an account is told of reminders by mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_guard_facts"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="email",
            field=models.EmailField(blank=True, default="", max_length=254, verbose_name="电子邮箱"),
        ),
    ]
