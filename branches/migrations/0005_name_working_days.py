"""The seeded days get the names of their holidays, which 0003 did not find."""

from django.db import migrations

# As the notices write them.
IN_FULL = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


def fill_in(apps, schema_editor):
    from chinese_calendar.constants import Holiday, holidays, workdays

    working_day = apps.get_model("branches", "WorkingDay")
    short = {day: Holiday(occasion).chinese for day, occasion in (holidays | workdays).items()}
    names = {day: IN_FULL.get(name, name)[:40] for day, name in short.items()}
    rows = list(working_day.objects.filter(name="", day__in=names))
    for row in rows:
        row.name = names[row.day]
    working_day.objects.bulk_update(rows, ["name"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("branches", "0004_stale_marks")]

    # Backwards the names stay: they do no harm.
    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
