"""About whom an opinion is, its category, and when somebody would like to talk are sealed as words are."""

from django.db import migrations, models

import vault.models.values

# What an envelope is bound to, as the models of today say.
IDENTITIES = {
    "Opinion": lambda row: f"{row.talk_id}|{row.number}",
    "GatheredOpinion": lambda row: f"{row.meeting_id}|{row.number}",
    "MergedOpinion": lambda row: f"{row.meeting_id}|{row.number}",
    "TalkRequest": lambda row: row.code,
}
FIELDS = {
    **dict.fromkeys(("Opinion", "GatheredOpinion", "MergedOpinion"), (("about", 60), ("category", 20))),
    "TalkRequest": (("wished_time", 120),),
}
NAMES = {"about": "针对对象", "category": "类别", "wished_time": "期望时间"}


def seal(apps, schema_editor):
    """Seals what stands in clear."""
    for name, identity in IDENTITIES.items():
        model = apps.get_model("talks", name)
        model.sealed_identity = identity
        fields = [field for field, _ in FIELDS[name]]
        for row in model.objects.exclude(**{f"{field}_in_clear": "" for field in fields}).iterator():
            for field in fields:
                setattr(row, field, getattr(row, f"{field}_in_clear"))
            row.save(update_fields=fields)


def open_again(apps, schema_editor):
    """The way back."""
    for name, identity in IDENTITIES.items():
        model = apps.get_model("talks", name)
        model.sealed_identity = identity
        fields = [field for field, _ in FIELDS[name]]
        for row in model.objects.iterator():
            for field, most in FIELDS[name]:
                setattr(row, f"{field}_in_clear", getattr(row, field)[:most])
            row.save(update_fields=[f"{field}_in_clear" for field in fields])


def each(operation):
    """The operation for each field of each model."""
    return [operation(model, field, most) for model, fields in FIELDS.items() for field, most in fields]


class Migration(migrations.Migration):
    dependencies = [("talks", "0047_sums_below")]

    operations = [
        *each(lambda model, field, _: migrations.RenameField(model, field, f"{field}_in_clear")),
        *each(
            lambda model, field, most: migrations.AlterField(
                model, f"{field}_in_clear", models.CharField(blank=True, default="", max_length=most)
            )
        ),
        *each(
            lambda model, field, _: migrations.AddField(
                model,
                field,
                vault.models.values.SealedTextField(blank=True, default="", verbose_name=NAMES[field]),
            )
        ),
        migrations.RunPython(seal, open_again),
        *each(lambda model, field, _: migrations.RemoveField(model, f"{field}_in_clear")),
    ]
