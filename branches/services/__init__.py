"""Writes of branches: the tree, departments, working days, marks on organisations whose facts changed."""

from branches.services.organisations import (
    add_department,
    add_organisation,
    change_department,
    change_organisation,
    dissolve_organisation,
    rebuild_paths,
    remove_department,
    remove_organisation,
)
from branches.services.stale import mark_stale
from branches.services.working_days import (
    add_working_day,
    change_working_day,
    planned_changes,
    remove_working_day,
    replace_working_days,
)

__all__ = [
    "add_department",
    "add_organisation",
    "add_working_day",
    "change_department",
    "change_organisation",
    "change_working_day",
    "dissolve_organisation",
    "mark_stale",
    "planned_changes",
    "rebuild_paths",
    "remove_department",
    "remove_organisation",
    "remove_working_day",
    "replace_working_days",
]
