"""The addresses of members: accounts and mandates, people."""

from collections.abc import Mapping

from django.utils import timezone

from branches.models import WorkingDay
from members.models import Mandate, MandateKind, Reset
from members.services.resets import ask_reset
from tests import factories
from tests.access import Row, everybody, only
from tests.conftest import World
from vault.services import Actor


def _account_of_the_branch(world: World) -> Mapping[str, object]:
    return {"pk": world.account("colleague").pk}


def _account_out_of_use(world: World) -> Mapping[str, object]:
    account = world.account("colleague")
    account.is_active = False
    account.save()
    return {"pk": account.pk}


def _mandate_over_the_committee(world: World) -> Mapping[str, object]:
    return {"pk": Mandate.objects.get(kind=MandateKind.STAFF, organisation=world.committee).pk}


def _second_factors(world: World) -> Mapping[str, object]:
    for account in world.accounts.values():
        factories.a_second_factor(account)
    return {}


def _session_of_the_member(world: World) -> Mapping[str, object]:
    return {"pk": factories.a_session(world.account("member")).pk}


def _nothing(world: World) -> Mapping[str, object]:
    return {}


ACCOUNTS = [
    Row("sign-in", everybody(302), is_open=True),
    # Without a one-time code recognised a moment ago there is nothing to choose.
    Row("choose-password", everybody(302), is_open=True),
    # Nor is there a second step without a first.
    Row("prove-second-factor", everybody(302), is_open=True),
    Row("begin-second-factor", everybody(302), is_open=True),
    Row("sign-out", everybody(302), post=_nothing),
    Row("own-account", everybody()),
    Row("change-password", everybody()),
    Row("confirm-identity", everybody()),
    Row("own-second-factor", everybody()),
    Row("own-second-factor-stop", everybody(), _second_factors),
    Row("own-sessions", everybody()),
    Row("own-session-end", only("member", status=302), _session_of_the_member, post=_nothing),
    Row("own-sessions-end", everybody(302), post=_nothing),
    # Nothing was typed.
    Row("kept-form", {}),
    Row("kept-form-drop", everybody(302), post=_nothing),
    Row("recovery-codes", everybody(), _second_factors, post=_nothing),
    Row("accounts", only("staff", "system")),
    Row("account-open", only("staff", "system")),
    Row("account-open-branch", only("staff")),
    Row("account", only("staff", "system"), _account_of_the_branch),
    Row("account-code", only("staff", "system", status=302), _account_of_the_branch, post=_nothing),
    Row("account-deactivate", only("staff", "system"), _account_of_the_branch),
    # The colleague, whose account it is, is sent to the door.
    Row(
        "account-activate",
        only("staff", "system", "colleague", status=302),
        _account_out_of_use,
        post=_nothing,
    ),
    Row("mandates", only("chief", "secretary", "other_secretary", "stranger", "security")),
    Row("mandate-grant", only("chief", "secretary", "other_secretary", "stranger", "security")),
    Row("mandate-end", only("chief", "security"), _mandate_over_the_committee),
]


def _a_reset(world: World) -> Mapping[str, object]:
    """That staff asks for the password of somebody of the branch to be reset."""
    now = timezone.now()
    ask_reset(
        actor=Actor("tests", ""),
        at=now,
        account=world.account("staff"),
        owner=world.account("colleague"),
        today=timezone.localdate(now),
    )
    return {"pk": Reset.objects.get().pk}


APPROVERS = ("chief", "secretary", "security")
ACCOUNTS += [
    Row("account-reset", only("staff", "system"), _account_of_the_branch),
    Row("resets", only("chief", "secretary", "other_secretary", "stranger", "security")),
    Row("reset-approve", only(*APPROVERS), _a_reset, post=_nothing),
    Row("reset-decline", only(*APPROVERS, status=302), _a_reset, post=_nothing),
]


def _the_branch(world: World) -> Mapping[str, object]:
    return {"code": world.branch.code}


def _the_committee(world: World) -> Mapping[str, object]:
    return {"code": world.committee.code}


def _another_tree(world: World) -> Mapping[str, object]:
    return {"code": world.foreign_branch.code}


def _the_office(world: World) -> Mapping[str, object]:
    return {"code": world.office.code}


def _the_member(world: World) -> Mapping[str, object]:
    return {"code": world.member.code}


def _his_affiliation(world: World) -> Mapping[str, object]:
    return {"pk": world.member.affiliations.get().pk}


def _post_of_the_committee_member(world: World) -> Mapping[str, object]:
    return {"pk": world.committee_member.posts.get().pk}


def _post_that_waits(world: World) -> Mapping[str, object]:
    post = factories.a_post(
        world.committee_member, world.branch, "副书记（主持工作）", is_principal=True, confirmed_at=None
    )
    return {"pk": post.pk}


def _portfolio_of_the_deputy(world: World) -> Mapping[str, object]:
    return {"pk": world.deputy.portfolios.get().pk}


def _liaison_of_the_member(world: World) -> Mapping[str, object]:
    return {"pk": world.member.liaisons.get().pk}


# Staff cover the committee and all below it; only in the other tree does the 书记 keep his own branch.
PEOPLE = [
    Row("organisations", everybody()),
    Row("organisation-add", only("staff")),
    Row(
        "organisation",
        only(
            *("chief", "head", "secretary", "committee_member", "member", "colleague", "former"),
            *("staff", "inspector"),
        ),
        _the_branch,
    ),
    Row(
        "organisation",
        only(
            *("chief", "deputy", "head", "secretary", "committee_member", "member", "colleague", "former"),
            *("other_secretary", "other_committee_member", "other_member", "staff", "inspector"),
        ),
        _the_committee,
        query="?part=departments",
    ),
    Row("organisation", only("stranger"), _another_tree, query="?part=roster"),
    Row("organisation-change", only("staff"), _the_branch),
    Row("organisation-dissolve", only("staff"), _the_branch),
    Row("organisation-remove", only("staff"), _the_branch),
    Row("department-add", only("staff"), _the_committee),
    Row("department-change", only("staff"), _the_office),
    Row("department-remove", only("staff"), _the_office),
    Row("members", everybody()),
    Row("member-add", only("staff", "stranger")),
    Row("member", only("secretary", "committee_member", "member", "staff"), _the_member),
    Row("member-change", only("staff"), _the_member),
    Row("member-remove", only("staff"), _the_member),
    Row("member-transfer", only("staff"), _the_member),
    Row("member-contact", only("secretary", "member", "staff"), _the_member, post=_nothing),
    Row("affiliation-change", only("staff"), _his_affiliation),
    Row("affiliation-remove", only("staff"), _his_affiliation),
    Row("post-add", only("staff"), _the_branch),
    Row("post-add", only("stranger"), _another_tree, query="?member=P091"),
    Row("post-change", only("staff"), _post_of_the_committee_member),
    Row("post-end", only("staff"), _post_of_the_committee_member),
    Row("post-remove", only("staff"), _post_of_the_committee_member),
    Row("post-confirm", only("chief", "secretary"), _post_that_waits),
    Row("portfolio-add", only("staff"), _the_committee),
    Row("portfolio-change", only("staff"), _portfolio_of_the_deputy),
    Row("portfolio-remove", only("staff"), _portfolio_of_the_deputy),
    Row("liaison-add", only("staff"), _the_branch),
    Row("liaison-change", only("staff"), _liaison_of_the_member),
    Row("liaison-remove", only("staff"), _liaison_of_the_member),
]


def _new_year(world: World) -> Mapping[str, object]:
    # A test that empties the tables afterwards takes along what a migration put there.
    day, _ = WorkingDay.objects.get_or_create(
        day="2026-01-01", defaults={"is_working": False, "name": "元旦"}
    )
    return {"pk": day.pk}


WORKING_DAYS = [
    Row("working-days", everybody()),
    Row("working-day-add", only("system")),
    Row("working-day-change", only("system"), _new_year),
    Row("working-day-remove", only("system"), _new_year),
    Row("working-days-import", only("system")),
    Row("working-days-replace", only("system", status=302), post=_nothing),
]

ROWS = [*ACCOUNTS, *PEOPLE, *WORKING_DAYS]
