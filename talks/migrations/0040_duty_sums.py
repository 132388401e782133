"""Sums of the duties of an organisation; filled with what stands, kept by reconciliation from then on."""

import django.db.models.deletion
from django.db import migrations, models

# As `talks.figures.keeping.counted_sums` counts.
FILL = """
INSERT INTO talks_dutysum
    (organisation_id, rule, year, is_meeting, due_on, owed, done, late, planned, waived)
SELECT organisation_id, rule, year, anchor LIKE 'meeting:%', due_on,
    SUM(CASE WHEN waived_on IS NULL THEN 1 ELSE 0 END),
    SUM(CASE WHEN waived_on IS NULL AND met_on <= due_on THEN 1 ELSE 0 END),
    SUM(CASE WHEN waived_on IS NULL AND met_on > due_on THEN 1 ELSE 0 END),
    SUM(CASE WHEN waived_on IS NULL AND met_on IS NULL AND planned_on IS NOT NULL THEN 1 ELSE 0 END),
    SUM(CASE WHEN waived_on IS NOT NULL THEN 1 ELSE 0 END)
FROM talks_duty
WHERE NOT is_event AND withdrawn_on IS NULL
GROUP BY 1, 2, 3, 4, 5
"""


class Migration(migrations.Migration):
    dependencies = [("talks", "0034_merged_revision")]

    operations = [
        migrations.CreateModel(
            name="DutySum",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duty_sums",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
                ("rule", models.CharField(max_length=64, verbose_name="规则代码")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("is_meeting", models.BooleanField(verbose_name="会前")),
                ("due_on", models.DateField(verbose_name="截止日期")),
                ("owed", models.PositiveIntegerField(verbose_name="应谈")),
                ("done", models.PositiveIntegerField(verbose_name="已谈")),
                ("late", models.PositiveIntegerField(verbose_name="逾期完成")),
                ("planned", models.PositiveIntegerField(verbose_name="已约")),
                ("waived", models.PositiveIntegerField(verbose_name="免予谈话")),
            ],
            options={
                "verbose_name": "应谈事项合计",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "rule", "year", "is_meeting", "due_on"), name="duty_sum_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("is_event", True)), fields=["organisation"], name="duty_event"
            ),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("waived_on__isnull", False)), fields=["id"], name="duty_waived"
            ),
        ),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("withdrawn_on__isnull", False)), fields=["id"], name="duty_withdrawn"
            ),
        ),
        migrations.RemoveIndex(model_name="duty", name="duty_open_due"),
        migrations.AddIndex(
            model_name="duty",
            index=models.Index(
                condition=models.Q(("met_on", None), ("withdrawn_on", None)),
                fields=["due_on", "id"],
                name="duty_open_due",
            ),
        ),
        migrations.RunSQL(FILL, "DELETE FROM talks_dutysum"),
    ]
