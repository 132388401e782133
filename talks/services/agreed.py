"""Chasing what was agreed in talks, as duties are (rules.md section 8): remedies with a limit, and 回访.

Reminded are the owner of a remedy, or without one the talkers, who are also those of a 回访; from the third
day overdue the principals of the organisation that sees to it, from the seventh those above.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from talks.models.remedies import HOMES
from talks.rules.chasing import BEFORE, TO_PRINCIPALS, TO_SUPERIORS
from talks.rules.index import COUNTING_STATES

# The newest step by the days since the due day, and who is told of it. A step that had passed when the talk
# was recorded is told all the same: it is the first that the owner hears of it.
INSERT = """
INSERT INTO talks_notice (remedy_id, follow_up_id, step, member_id, noticed_on)
WITH RECURSIVE
item AS (
    SELECT remedy.id AS remedy_id, CAST(NULL AS bigint) AS follow_up_id, remedy.talk_id,
        {remedy_due_for} AS due_for, remedy.owner_id
    FROM talks_remedy remedy JOIN talks_talk talk ON talk.id = remedy.talk_id
    WHERE remedy.settled_on IS NULL AND remedy.due_on IS NOT NULL AND talk.state IN ({states})
        AND {remedies}
    UNION ALL
    SELECT NULL, talk.id, talk.id, {follow_up_due_for}, NULL
    FROM talks_talk talk
    WHERE talk.follow_up_on IS NOT NULL AND talk.state IN ({states}) AND {follow_ups}
        AND NOT EXISTS (
            SELECT 1 FROM talks_participant talker
            JOIN talks_participant again ON again.member_id = talker.member_id
            JOIN talks_talk later ON later.id = again.talk_id
            JOIN talks_participant opposite ON opposite.talk_id = later.id AND opposite.side <> again.side
            JOIN talks_participant subject ON subject.member_id = opposite.member_id
            WHERE talker.talk_id = talk.id AND talker.side = 'talker'
                AND subject.talk_id = talk.id AND subject.side = 'subject'
                AND later.held_on > talk.held_on AND later.state IN ({states})
        )
),
reached AS (SELECT item.*, {newest} AS step FROM item WHERE due_for >= {first}),
principal AS (
    SELECT DISTINCT organisation_id, member_id FROM members_post
    WHERE is_principal AND since <= %(today)s AND (until IS NULL OR until > %(today)s)
),
writer AS (
    SELECT part.talk_id, part.member_id FROM talks_participant part
    WHERE part.side = 'talker' AND part.talk_id IN (SELECT talk_id FROM reached WHERE owner_id IS NULL)
    UNION
    SELECT talk.id, talk.recorder_id FROM talks_talk talk
    WHERE talk.recorder_id IS NOT NULL AND talk.id IN (SELECT talk_id FROM reached WHERE owner_id IS NULL)
        AND NOT EXISTS (
            SELECT 1 FROM talks_participant part WHERE part.talk_id = talk.id AND part.side = 'talker'
        )
),
asked AS (SELECT DISTINCT talk_id FROM reached WHERE step >= {to_principals}),
{homes},
above (organisation_id, at_id) AS (
    SELECT place.id, place.superior_id FROM branches_organisation place
    WHERE place.id IN (SELECT organisation_id FROM home)
    UNION ALL
    SELECT above.organisation_id, place.superior_id
    FROM above JOIN branches_organisation place ON place.id = above.at_id
    WHERE NOT EXISTS (SELECT 1 FROM principal WHERE principal.organisation_id = above.at_id)
),
told AS (
    SELECT remedy_id, follow_up_id, step, owner_id AS member_id FROM reached WHERE owner_id IS NOT NULL
    UNION
    SELECT remedy_id, follow_up_id, step, writer.member_id
    FROM reached JOIN writer ON writer.talk_id = reached.talk_id WHERE owner_id IS NULL
    UNION
    SELECT remedy_id, follow_up_id, step, principal.member_id
    FROM reached JOIN home ON home.talk_id = reached.talk_id
    JOIN principal ON principal.organisation_id = home.organisation_id
    WHERE step >= {to_principals}
    UNION
    SELECT remedy_id, follow_up_id, step, principal.member_id
    FROM reached JOIN home ON home.talk_id = reached.talk_id
    JOIN above ON above.organisation_id = home.organisation_id
    JOIN principal ON principal.organisation_id = above.at_id
    WHERE step >= {to_superiors}
)
SELECT remedy_id, follow_up_id, step, member_id, %(today)s FROM told WHERE TRUE
ON CONFLICT DO NOTHING
"""


def remind_of_agreed(
    *, days: str, newest: str, remedies: str, follow_ups: str, values: Mapping[str, Any]
) -> int:
    """Inserts the notices that are wanting of the remedies and talks that the two conditions choose.

    `days` are the days since a column named {column}, `newest` the newest step by them
    (talks.services.chasing); `values` the parameters. How many were made.
    """
    states = ", ".join(f"'{state.value}'" for state in sorted(COUNTING_STATES))
    statement = INSERT.format(
        remedy_due_for=days.format(column="remedy.due_on"),
        follow_up_due_for=days.format(column="talk.follow_up_on"),
        states=states,
        remedies=remedies,
        follow_ups=follow_ups,
        newest=newest,
        first=BEFORE[0],
        homes=HOMES,
        to_principals=TO_PRINCIPALS,
        to_superiors=TO_SUPERIORS,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        made: int = max(cursor.rowcount, 0)
    return made
