"""The State Council's calendar as far as chinesecalendar knows it, as rows that can be edited."""

from django.db import migrations


def seed(apps, schema_editor):
    from chinese_calendar.constants import holidays, workdays

    working_day = apps.get_model("branches", "WorkingDay")
    names = {True: workdays, False: holidays}
    working_day.objects.bulk_create(
        [
            working_day(day=day, is_working=is_working, name=str(getattr(occasion, "chinese", ""))[:40])
            for is_working, days in names.items()
            for day, occasion in sorted(days.items())
        ],
        ignore_conflicts=True,
    )


def clear(apps, schema_editor):
    apps.get_model("branches", "WorkingDay").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("branches", "0002_guard_tree")]

    operations = [migrations.RunPython(seed, clear)]
