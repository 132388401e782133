"""Writes of branches: the tree of organisations and their departments."""

from collections.abc import Collection

from django.db import connection, transaction

from branches.models import Organisation

# One statement for the whole tree, on both databases; a row whose path is right is not touched.
PATHS = """
WITH RECURSIVE line(id, path) AS (
    SELECT id, '/' || CAST(id AS text) || '/' FROM branches_organisation WHERE superior_id IS NULL
    UNION ALL
    SELECT lower.id, line.path || CAST(lower.id AS text) || '/'
    FROM branches_organisation lower JOIN line ON lower.superior_id = line.id
)
UPDATE branches_organisation SET path = line.path
FROM line WHERE line.id = branches_organisation.id AND branches_organisation.path <> line.path
"""


@transaction.atomic
def rebuild_paths(*, organisations: Collection[Organisation] | None = None) -> int:
    """Set the path of every organisation whose path is wrong; gives back how many there were.

    The instances given as `organisations` have their `path` read again, so that the caller may go on with
    them. One query, and one more for the instances.
    """
    with connection.cursor() as cursor:
        cursor.execute(PATHS)
        changed = cursor.rowcount
    if organisations:
        wanted = {organisation.pk for organisation in organisations}
        paths = dict(Organisation.objects.filter(pk__in=wanted).order_by().values_list("pk", "path"))
        for organisation in organisations:
            organisation.path = paths[organisation.pk]
    return changed
