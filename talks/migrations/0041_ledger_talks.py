"""Which ledgers count which talk; filled with what the facts say, kept by reconciliation from then on."""

import django.db.models.deletion
from django.db import migrations, models

# As `talks.models.in_ledgers_of` judges: on the day a talker and one talked to were team or affiliated.
FILL = """
INSERT INTO talks_ledgertalk (organisation_id, talk_id)
SELECT fact.organisation_id, talk.id
FROM talks_talk talk
JOIN talks_participant person ON person.talk_id = talk.id
JOIN (
    SELECT member_id, organisation_id, since, until FROM members_affiliation
    UNION ALL
    SELECT member_id, organisation_id, since, until FROM members_post WHERE is_team
) fact ON fact.member_id = person.member_id
    AND (fact.since IS NULL OR fact.since <= talk.held_on)
    AND (fact.until IS NULL OR fact.until > talk.held_on)
GROUP BY fact.organisation_id, talk.id
HAVING COUNT(DISTINCT person.side) = 2
"""


class Migration(migrations.Migration):
    dependencies = [("talks", "0040_duty_sums")]

    operations = [
        migrations.CreateModel(
            name="LedgerTalk",
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
                        related_name="ledger_talks",
                        to="branches.organisation",
                        verbose_name="党组织",
                    ),
                ),
                (
                    "talk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ledgers",
                        to="talks.talk",
                        verbose_name="谈话",
                    ),
                ),
            ],
            options={
                "verbose_name": "台账所计谈话",
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "talk"), name="ledger_talk_once")
                ],
            },
        ),
        migrations.RunSQL(FILL, "DELETE FROM talks_ledgertalk"),
    ]
