from datetime import timedelta

from django.db import migrations
from django.db.models import F

KEPT = timedelta(hours=24)


def let_files_expire(apps, editor):
    """Files issued before there was a limit have that of all others."""
    reports = apps.get_model("reports", "Report").objects
    reports.filter(state="done", expires_at=None).update(expires_at=F("issued_at") + KEPT)


def leave_compliance_reports(apps, editor):
    """What the tables before could not hold goes; a file that is deleted already stays so."""
    reports = apps.get_model("reports", "Report").objects
    reports.exclude(kind="compliance").delete()
    reports.filter(state="expired").update(state="failed")


class Migration(migrations.Migration):
    dependencies = [("reports", "0010_documents")]
    operations = [migrations.RunPython(let_files_expire, leave_compliance_reports)]
