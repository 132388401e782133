"""The addresses of members: accounts and mandates, people."""

from collections.abc import Mapping

from members.models import Mandate, MandateKind
from tests.access import Row, everybody, only
from tests.conftest import World


def _account_of_the_branch(world: World) -> Mapping[str, object]:
    return {"pk": world.account("colleague").pk}


def _account_out_of_use(world: World) -> Mapping[str, object]:
    account = world.account("colleague")
    account.is_active = False
    account.save()
    return {"pk": account.pk}


def _mandate_over_the_committee(world: World) -> Mapping[str, object]:
    return {"pk": Mandate.objects.get(kind=MandateKind.STAFF, organisation=world.committee).pk}


def _nothing(world: World) -> Mapping[str, object]:
    return {}


ACCOUNTS = [
    Row("sign-in", everybody(302), is_open=True),
    # Without a one-time code recognised a moment ago there is nothing to choose.
    Row("choose-password", everybody(302), is_open=True),
    Row("sign-out", everybody(302), post=_nothing),
    Row("own-account", everybody()),
    Row("change-password", everybody()),
    Row("accounts", only("staff", "system")),
    Row("account-open", only("staff", "system")),
    Row("account", only("staff", "system"), _account_of_the_branch),
    Row("account-code", only("staff", "system", status=302), _account_of_the_branch, post=_nothing),
    Row("account-deactivate", only("staff", "system"), _account_of_the_branch),
    Row("account-activate", only("staff", "system", status=302), _account_out_of_use, post=_nothing),
    Row("mandates", only("chief", "secretary", "other_secretary", "stranger", "security")),
    Row("mandate-grant", only("chief", "secretary", "other_secretary", "stranger", "security")),
    Row("mandate-end", only("chief", "security"), _mandate_over_the_committee),
]

PEOPLE: list[Row] = []

ROWS = [*ACCOUNTS, *PEOPLE]
