"""start_fresh: three administrators with one-time codes, in an empty installation only."""

import re
from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from branches.models import Organisation
from members.models import Account, Mandate, MandateKind
from vault.models import TrailEntry

pytestmark = pytest.mark.django_db
CODE = r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}"


@time_machine.travel("2026-11-24 10:00+08:00", tick=False)
def test_it_opens_three_accounts_with_codes_for_seven_days() -> None:
    out = StringIO()
    call_command("start_fresh", sysadmin="高岚", stdout=out)
    codes = re.findall(CODE, out.getvalue())
    assert len(set(codes)) == 3
    assert "2026年12月1日" in out.getvalue()
    accounts = {account.username: account for account in Account.objects.all()}
    assert set(accounts) == {"sysadmin", "secadmin", "auditor"}
    assert accounts["sysadmin"].name == "高岚"
    assert not any(account.has_usable_password() or account.is_demonstration for account in accounts.values())
    assert {(row.account.username, row.kind, row.since) for row in Mandate.objects.all()} == {
        ("sysadmin", MandateKind.SYSTEM, date(2026, 11, 24)),
        ("secadmin", MandateKind.SECURITY, date(2026, 11, 24)),
        ("auditor", MandateKind.AUDITOR, date(2026, 11, 24)),
    }


def test_the_codes_are_kept_nowhere() -> None:
    out = StringIO()
    call_command("start_fresh", stdout=out)
    codes = re.findall(CODE, out.getvalue())
    kept = "".join(f"{account.code_hash}{account.password}" for account in Account.objects.all())
    trail = "".join(str(entry.detail) for entry in TrailEntry.objects.all())
    assert [code for code in codes if code in kept + trail] == []


def test_it_is_refused_where_there_is_an_account() -> None:
    call_command("start_fresh", stdout=StringIO())
    with pytest.raises(CommandError, match="未作任何改动"):
        call_command("start_fresh", stdout=StringIO())
    assert Account.objects.count() == 3


def test_it_is_refused_where_there_is_an_organisation() -> None:
    Organisation.objects.create(code="A", name="甲党支部", kind="党支部", path="/1/")
    with pytest.raises(CommandError, match="未作任何改动"):
        call_command("start_fresh", stdout=StringIO())
    assert not Account.objects.exists()
