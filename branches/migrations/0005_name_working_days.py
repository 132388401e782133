"""The seeded days get the names of their holidays, which 0003 did not find."""

from django.db import migrations


def name(apps, schema_editor):
    from chinese_calendar.constants import Holiday, holidays, workdays

    working_day = apps.get_model("branches", "WorkingDay")
    names = {day: Holiday(occasion).chinese for day, occasion in (holidays | workdays).items()}
    rows = list(working_day.objects.filter(name="", day__in=names))
    for row in rows:
        row.name = names[row.day][:40]
    working_day.objects.bulk_update(rows, ["name"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("branches", "0004_stale_marks")]

    # Backwards the names stay: they do no harm.
    operations = [migrations.RunPython(name, migrations.RunPython.noop)]
