"""Duties as they are kept, and how far their reconciliation has come."""

import django.db.models.deletion
from django.db import migrations, models

# Codes compare by code point on PostgreSQL as they do on SQLite.
CODES = {"version": 150, "rule": 64, "anchor": 120, "persons": 140}


def compare_by_code_point(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for column, length in CODES.items():
            schema_editor.execute(
                f'ALTER TABLE talks_duty ALTER COLUMN "{column}" TYPE varchar({length}) COLLATE "C"'
            )


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0004_stale_marks"),
        ("members", "0002_guard_facts"),
        ("talks", "0003_upload_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="reconciliation",
                        serialize=False,
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
                ("as_of", models.DateField(db_index=True, verbose_name="截至日期")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("next_on", models.DateField(db_index=True, verbose_name="下次变化日期")),
            ],
            options={
                "verbose_name": "应谈事项核对",
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=150)),
                ("rule", models.CharField(max_length=64, verbose_name="规则代码")),
                ("anchor", models.CharField(max_length=120, verbose_name="事由标识")),
                ("persons", models.CharField(max_length=140)),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("is_event", models.BooleanField(verbose_name="事件类")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("principal", "principal"),
                            ("team", "team"),
                            ("liaison", "liaison"),
                            ("ordinary", "ordinary"),
                            ("authority", "authority"),
                            ("leader", "leader"),
                        ],
                        max_length=12,
                        verbose_name="谈话人",
                    ),
                ),
                ("group", models.CharField(max_length=12)),
                ("opens_on", models.DateField(verbose_name="开始日期")),
                ("due_on", models.DateField(verbose_name="截止日期")),
                ("met_on", models.DateField(null=True, verbose_name="谈话日期")),
                ("planned_on", models.DateField(null=True, verbose_name="预约日期")),
                ("waived_on", models.DateField(null=True, verbose_name="免予谈话日期")),
                ("withdrawn_on", models.DateField(null=True, verbose_name="撤销日期")),
                ("withdrawal", models.CharField(max_length=80, verbose_name="撤销原因")),
                (
                    "counterpart",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pair_duties",
                        to="members.member",
                        verbose_name="对方",
                    ),
                ),
                (
                    "group_at",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="branches.organisation",
                    ),
                ),
                (
                    "met_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="duties_met",
                        to="talks.talk",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duties",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
                (
                    "planned",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="duties_planned",
                        to="talks.talk",
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "responsible_at",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="branches.organisation",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duties",
                        to="members.member",
                        verbose_name="谈话对象",
                    ),
                ),
            ],
            options={
                "verbose_name": "应谈事项",
                "ordering": ["rule", "organisation__code", "anchor", "subject__code", "counterpart__code"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("met_on", None), ("withdrawn_on", None)),
                        fields=["due_on"],
                        name="duty_open_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "version", "anchor", "persons"), name="duty_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("counterpart", None), models.Q(("role", ""), _negated=True)),
                            models.Q(("counterpart__isnull", False), ("role", "")),
                            _connector="OR",
                        ),
                        name="duty_names_pair_or_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawal", ""), ("withdrawn_on", None)),
                            models.Q(
                                ("withdrawn_on__isnull", False), models.Q(("withdrawal", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="duty_withdrawn_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reliance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "on",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relied_on_by",
                        to="branches.organisation",
                        verbose_name="所依党组织",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relies_on",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
            ],
            options={
                "verbose_name": "应谈事项所依组织",
                "constraints": [models.UniqueConstraint(fields=("organisation", "on"), name="reliance_once")],
            },
        ),
        migrations.RunPython(compare_by_code_point, migrations.RunPython.noop),
    ]
