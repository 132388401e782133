"""Who may see and do what in branches and members (design.md section 4a).

Rights follow from posts and mandates in force on `today`, never from a stored flag; they add up, and
exclusions win. Each function costs a fixed number of queries: the standing of the account (at most three),
and what the caller then does with the queryset.
"""

from members.permissions.accounts import (
    account_candidates,
    grantable_kinds,
    grantable_organisations,
    holds_mandate,
    manageable_accounts,
    may_manage_accounts,
    may_manage_mandates,
    revocable_mandates,
    visible_accounts,
    visible_mandates,
)
from members.permissions.facts import (
    may_enter_events,
    visible_affiliations,
    visible_events,
    visible_liaisons,
    visible_portfolios,
    visible_posts,
)
from members.permissions.organisations import (
    editable_organisations,
    inspected_organisations,
    is_staff_of,
    led_organisations,
    may_change_working_days,
    may_import,
    own_organisations,
    reported_organisations,
    staff_organisations,
    team_organisations,
    visible_departments,
    visible_organisations,
)
from members.permissions.people import Leader, editable_members, visible_leaders, visible_members
from members.permissions.principals import (
    appoints_himself,
    approvable_organisations,
    approvers_over,
    confirmable_posts,
    contact_members,
    readable_events,
    vouches_for,
)

__all__ = [
    "Leader",
    "account_candidates",
    "appoints_himself",
    "approvable_organisations",
    "approvers_over",
    "confirmable_posts",
    "contact_members",
    "editable_members",
    "editable_organisations",
    "grantable_kinds",
    "grantable_organisations",
    "holds_mandate",
    "inspected_organisations",
    "is_staff_of",
    "led_organisations",
    "manageable_accounts",
    "may_change_working_days",
    "may_enter_events",
    "may_import",
    "may_manage_accounts",
    "may_manage_mandates",
    "own_organisations",
    "readable_events",
    "reported_organisations",
    "revocable_mandates",
    "staff_organisations",
    "team_organisations",
    "visible_accounts",
    "visible_affiliations",
    "visible_departments",
    "visible_events",
    "visible_leaders",
    "visible_liaisons",
    "visible_mandates",
    "visible_members",
    "visible_organisations",
    "visible_portfolios",
    "visible_posts",
    "vouches_for",
]
