"""The answer that counts, and that the member is told where the leader has left."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

KINDS = ["asked", "proposed", "booked", "handover", "reopened", "answer", "hold"]


def forget_left(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """The narrower constraint knows no such notices."""
    apps.get_model("talks", "RequestNotice").objects.filter(kind="left").delete()


class Migration(migrations.Migration):
    dependencies = [("talks", "0032_fingerprints")]

    operations = [
        migrations.AddField(
            model_name="talkrequest",
            name="answered_since",
            field=models.DateField(editable=False, null=True, verbose_name="所答复的起始日期"),
        ),
        migrations.RemoveConstraint(model_name="requestnotice", name="request_notice_kind_known"),
        migrations.AlterField(
            model_name="requestnotice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("asked", "收到约谈申请"),
                    ("proposed", "对方另约时间"),
                    ("booked", "约谈时间已定"),
                    ("handover", "对方希望转交"),
                    ("reopened", "约谈重新等待答复"),
                    ("answer", "答复期限"),
                    ("hold", "谈话期限"),
                    ("left", "对方已离任"),
                ],
                max_length=8,
                verbose_name="事项",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=[*KINDS, "left"]), name="request_notice_kind_known"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_left),
    ]
