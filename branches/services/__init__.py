"""Writes of branches: the tree of organisations and departments, and marks on those whose facts changed."""

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

__all__ = [
    "add_department",
    "add_organisation",
    "change_department",
    "change_organisation",
    "dissolve_organisation",
    "mark_stale",
    "rebuild_paths",
    "remove_department",
    "remove_organisation",
]
