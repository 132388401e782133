"""What is below each organisation is summed as well, so that the figures of a country are a few rows."""

from collections import defaultdict

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery, Sum

KEY = ("rule", "year", "is_meeting", "due_on")
SUMMED = ("owed", "done", "late", "planned", "waived")


def sum_up(apps, schema_editor):
    """Of what is kept by now: of each superior the sums right below it, then added to all above it."""
    duty_sum, below_sum = apps.get_model("talks", "DutySum"), apps.get_model("talks", "BelowSum")
    paths = apps.get_model("branches", "Organisation").objects.filter(pk=OuterRef("organisation"))
    duty_sum.objects.update(under=Subquery(paths.values("path")[:1]))
    rows = duty_sum.objects.exclude(organisation__superior=None).order_by()
    summed = rows.values_list("organisation__superior__path", *KEY).annotate(*(Sum(name) for name in SUMMED))
    found = defaultdict(lambda: [0] * len(SUMMED))
    for path, rule, year, is_meeting, due_on, *values in summed:
        for above in path.split("/")[1:-1]:
            sums = found[int(above), rule, year, is_meeting, due_on]
            sums[:] = [a + b for a, b in zip(sums, values, strict=True)]
    below_sum.objects.bulk_create(
        (
            below_sum(
                organisation_id=above,
                is_change=False,
                **dict(zip((*KEY, *SUMMED), (*key, *values), strict=True)),
            )
            for (above, *key), values in found.items()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("branches", "0005_name_working_days"), ("talks", "0046_talk_calendar")]

    operations = [
        migrations.AddField(
            "dutysum",
            "under",
            models.CharField("所计路径", max_length=255, blank=True, default="", editable=False),
        ),
        migrations.CreateModel(
            "BelowSum",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField("规则代码", max_length=64)),
                ("year", models.PositiveSmallIntegerField("年度")),
                ("is_meeting", models.BooleanField("会前")),
                ("due_on", models.DateField("截止日期")),
                ("owed", models.IntegerField("应谈")),
                ("done", models.IntegerField("已谈")),
                ("late", models.IntegerField("逾期完成")),
                ("planned", models.IntegerField("已约")),
                ("waived", models.IntegerField("免予谈话")),
                ("is_change", models.BooleanField("尚未归并", default=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sums_below",
                        to="branches.organisation",
                        verbose_name="党组织",
                        db_index=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "下级应谈事项合计",
                "indexes": [
                    models.Index(fields=["organisation", "year"], name="below_sum_year"),
                    models.Index(condition=Q(is_change=True), fields=["id"], name="below_sum_change"),
                ],
            },
        ),
        migrations.RunPython(sum_up, migrations.RunPython.noop),
    ]
