"""Waivers are asked for, decided, taken back and revoked; asking again after a refusal is another row."""

import django.db.models.deletion
from django.db import migrations, models

import vault.models


def keep_approved(apps, schema_editor):
    """The way back: the table then holds approved waivers in force only, one for each duty.

    Their reasons are sealed anew where they were bound to the number of the request, which goes.
    """
    Waiver = apps.get_model("talks", "Waiver")
    Waiver.objects.exclude(ending="").delete()
    Waiver.objects.filter(approved_on=None).delete()
    Waiver.sealed_identity = lambda row: f"{row.rule}|{row.organisation_id}|{row.anchor}|{row.persons}"
    for row in Waiver.objects.filter(number__gt=1):
        row.__dict__["reason"].identity = f"{row.sealed_identity()}|{row.number}"
        row.save(update_fields=["reason"])


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0004_stale_marks"),
        ("members", "0002_guard_facts"),
        ("talks", "0006_notices"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="waiver",
            options={
                "ordering": ["organisation", "rule", "anchor", "persons", "number"],
                "verbose_name": "免予谈话",
            },
        ),
        migrations.RemoveConstraint(
            model_name="waiver",
            name="waiver_once",
        ),
        migrations.AddField(
            model_name="waiver",
            name="asked_on",
            field=models.DateField(blank=True, null=True, verbose_name="申请日期"),
        ),
        migrations.AddField(
            model_name="waiver",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="终结人",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="终结日期"),
        ),
        migrations.AddField(
            model_name="waiver",
            name="ending",
            field=models.CharField(
                blank=True,
                choices=[
                    ("不予批准", "不予批准"),
                    ("申请已撤回", "申请已撤回"),
                    ("批准已撤回", "批准已撤回"),
                ],
                default="",
                max_length=6,
                verbose_name="终结",
            ),
        ),
        migrations.AddField(
            model_name="waiver",
            name="ending_reason",
            field=vault.models.SealedTextField(blank=True, null=True, verbose_name="终结理由"),
        ),
        migrations.AddField(
            model_name="waiver",
            name="number",
            field=models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="次数"),
        ),
        migrations.AlterField(
            model_name="waiver",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
                verbose_name="批准人",
            ),
        ),
        migrations.AlterField(
            model_name="waiver",
            name="approved_on",
            field=models.DateField(blank=True, null=True, verbose_name="批准日期"),
        ),
        migrations.RunPython(migrations.RunPython.noop, keep_approved),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ending", "")),
                fields=("rule", "organisation", "anchor", "persons"),
                name="waiver_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.UniqueConstraint(
                fields=("rule", "organisation", "anchor", "persons", "number"), name="waiver_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_by", None), ("approved_on", None)),
                    models.Q(("approved_by__isnull", False), ("approved_on__isnull", False)),
                    _connector="OR",
                ),
                name="waiver_approved_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by", None), ("ended_on", None), ("ending", "")),
                    models.Q(
                        ("ended_by__isnull", False),
                        ("ended_on__isnull", False),
                        models.Q(
                            models.Q(("approved_on__isnull", False), ("ending", "批准已撤回")),
                            models.Q(("approved_on", None), ("ending__in", ["不予批准", "申请已撤回"])),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="waiver_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ending", ""),
                    models.Q(("ended_by", models.F("asked_by")), ("ending", "申请已撤回")),
                    models.Q(
                        ("ending__in", ["不予批准", "批准已撤回"]),
                        models.Q(("ended_by", models.F("asked_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="waiver_not_decided_by_asker",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_on", None), ("counterpart__isnull", False)),
                    models.Q(
                        models.Q(("approved_by", models.F("subject")), _negated=True),
                        models.Q(("approved_by", models.F("counterpart")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="waiver_not_approved_by_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="waiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ending__in", ["不予批准", "批准已撤回"]), _negated=True),
                    models.Q(
                        models.Q(("ended_by", models.F("subject")), _negated=True),
                        models.Q(("ended_by", models.F("counterpart")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="waiver_not_decided_by_person",
            ),
        ),
    ]
