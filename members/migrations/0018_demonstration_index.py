"""Whether there are demonstration accounts is asked by every page: an index of these alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0017_password_policy")]

    operations = [
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("is_demonstration", True)),
                fields=["is_demonstration"],
                name="account_demonstration",
            ),
        ),
    ]
