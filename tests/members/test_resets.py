"""口令重置: two persons, half a code each; the owner alone has it whole; every session ends."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Mandate, MandateKind, RecoveryCode, Reset, SecondFactor
from members.models.resets import ResetQuerySet
from members.permissions import decidable_resets, resettable_accounts
from members.services import accounts, resets
from tests import factories
from tests.conftest import PERSONAS, World
from tests.talks.test_services import at_once
from vault.models import TrailEntry
from vault.services import Actor

TODAY = date(2026, 6, 15)
AT = datetime(2026, 6, 15, 2, tzinfo=UTC)
ACTOR = Actor(account="tests", address="127.0.0.1")
ADDRESSES = count(1)


def ask(world: World, owner: str = "colleague", by: str = "staff", at: datetime = AT) -> str:
    return resets.ask_reset(
        actor=ACTOR, at=at, account=world.account(by), owner=world.account(owner), today=TODAY
    )


def approve(world: World, by: str = "secretary", at: datetime = AT, reset: Reset | None = None) -> str:
    return resets.approve_reset(
        actor=ACTOR,
        at=at,
        account=world.account(by),
        reset=reset or Reset.objects.get(outcome=""),
        today=TODAY,
    )


def refused(action: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as refusal:
        action()
    return " ".join(refusal.value.messages)


def tried(word: str, at: datetime = AT) -> accounts.Recognition:
    """What comes of the word; each try of another address, as after so many vain ones one waits."""
    address = f"10.0.0.{next(ADDRESSES)}"
    return accounts.recognise_account(username="colleague", word=word, at=at, address=address).recognition


def test_each_half_alone_opens_nothing_and_both_together_do(world: World) -> None:
    first = ask(world)
    second = approve(world)
    assert tried(first) is accounts.Recognition.WRONG
    assert tried(second) is accounts.Recognition.WRONG
    assert tried(second + first) is accounts.Recognition.WRONG
    assert tried(factories.PASSWORD) is accounts.Recognition.WRONG
    assert tried(first + second) is accounts.Recognition.MUST_CHOOSE
    assert tried(first + second, AT + timedelta(days=1)) is accounts.Recognition.EXPIRED


def test_until_it_is_approved_the_password_works_and_nothing_else_does(world: World) -> None:
    first = ask(world)
    assert tried(factories.PASSWORD) is accounts.Recognition.SIGNED_IN
    assert tried(first) is accounts.Recognition.WRONG


def test_the_first_half_is_sealed_and_gone_once_it_was_used(world: World) -> None:
    first = ask(world)
    assert Reset.objects.get().half == first
    approve(world)
    assert Reset.objects.get().half == ""
    told = "".join(TrailEntry.objects.values_list("detail", flat=True))
    assert first not in told


def test_every_session_of_the_owner_ends_at_the_next_request(world: World) -> None:
    owner = Client()
    assert owner.login(username="colleague", password=factories.PASSWORD)
    assert owner.get(reverse("workbench")).status_code == 200
    ask(world)
    assert owner.get(reverse("workbench")).status_code == 200
    approve(world)
    assert owner.get(reverse("workbench")).status_code == 302


def test_no_single_person_gives_a_code_where_one_was_reset(world: World) -> None:
    """Else the new code of an account not yet opened would be had by one person whole."""
    ask(world)
    approve(world)
    owner = world.account("colleague")
    assert (
        refused(lambda: accounts.renew_code(actor=ACTOR, at=AT, account=owner))
        == accounts.PASSWORD_ALREADY_CHOSEN
    )
    # But it may be asked for again, by two.
    assert len(ask(world, at=AT + timedelta(days=1))) == 6


def test_who_may_ask(world: World) -> None:
    owner = world.account("colleague")
    asking = {
        role
        for role in PERSONAS
        if resettable_accounts(world.account(role), today=TODAY).filter(pk=owner.pk).exists()
    }
    assert asking == {"staff", "system"}
    # The only system administrator is not shut out for ever.
    system = world.account("system")
    assert resettable_accounts(world.account("security"), today=TODAY).filter(pk=system.pk).exists()
    assert not resettable_accounts(system, today=TODAY).filter(pk=system.pk).exists()


def deciders(world: World) -> set[str]:
    return {role for role in PERSONAS if decidable_resets(world.account(role), today=TODAY).exists()}


def test_who_may_approve(world: World) -> None:
    ask(world)
    assert deciders(world) == {"chief", "secretary", "security"}


def test_neither_who_asked_nor_the_owner_nor_one_unconfirmed(world: World) -> None:
    ask(world, owner="secretary")
    world.chief.posts.filter(is_principal=True).update(confirmed_at=None)
    factories.a_post(world.deputy, world.committee, "副书记", is_principal=True)
    # The chief's entry is not confirmed while another's is; the secretary is the owner.
    assert deciders(world) == {"deputy", "security"}
    assert refused(lambda: approve(world, by="secretary")) == resets.NOT_YOURS
    assert refused(lambda: approve(world, by="staff")) == resets.NOT_YOURS


def test_the_account_of_an_administrator_is_for_the_top_of_the_tree(world: World) -> None:
    ask(world, owner="system", by="security")
    assert deciders(world) == {"chief"}


def test_the_account_of_staff_is_for_those_whose_organisation_it_keeps(world: World) -> None:
    """Not for whoever stands at the top of some other tree."""
    factories.a_post(world.stranger, world.foreign_committee, "党委书记", is_principal=True)
    ask(world, owner="staff", by="system")
    assert deciders(world) == {"chief", "security"}


def test_what_somebody_asked_who_has_the_right_no_more_is_not_approved(world: World) -> None:
    """He holds the first half: it must be worth nothing once his mandate is over."""
    ask(world)
    Mandate.objects.filter(account=world.account("staff")).update(until=TODAY)
    assert refused(lambda: approve(world)) == resets.ASKER_HAS_LEFT
    assert tried(factories.PASSWORD) is accounts.Recognition.SIGNED_IN
    resets.decline_reset(
        actor=ACTOR, at=AT, account=world.account("secretary"), reset=Reset.objects.get(), today=TODAY
    )
    assert Reset.objects.get().half == ""


def test_without_the_question_it_would_be(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(world)
    Mandate.objects.filter(account=world.account("staff")).update(until=TODAY)
    monkeypatch.setattr(resets, "resettable_accounts", lambda *_, today: Account.objects.all())
    assert len(approve(world)) == 6


def test_an_account_out_of_use_is_not_reset(world: World) -> None:
    ask(world)
    Account.objects.filter(username="colleague").update(is_active=False)
    assert deciders(world) == set()
    assert refused(lambda: approve(world)) == resets.NOT_YOURS


def test_the_table_asks_for_a_third(world: World) -> None:
    ask(world)
    for wrong in ("staff", "colleague"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reset.objects.update(outcome="approved", decided_by=world.account(wrong), decided_at=AT)


def test_what_nobody_decides_in_three_days_is_void(world: World) -> None:
    ask(world)
    assert refused(lambda: ask(world)) == resets.ALREADY_ASKED
    later = AT + timedelta(days=3)
    assert refused(lambda: approve(world, at=later)) == resets.TOO_LATE
    ask(world, at=later)
    assert sorted(Reset.objects.values_list("outcome", flat=True)) == ["", "lapsed"]
    assert Reset.objects.get(outcome="lapsed").half == ""


def test_declined_the_password_stays(world: World) -> None:
    ask(world)
    resets.decline_reset(
        actor=ACTOR, at=AT, account=world.account("chief"), reset=Reset.objects.get(), today=TODAY
    )
    assert tried(factories.PASSWORD) is accounts.Recognition.SIGNED_IN
    assert Reset.objects.get().half == ""


def both(world: World) -> list[str]:
    one, other = (Reset.objects.get() for _ in range(2))
    return sorted(
        at_once(
            lambda: approve(world, by="chief", reset=one),
            lambda: approve(world, by="secretary", reset=other),
        )
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_is_too_late(world: World) -> None:
    ask(world)
    assert both(world) == ["", resets.TOO_LATE]
    assert TrailEntry.objects.filter(action="批准重置口令").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_conditions_both_would_get_half_a_code(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what is decided is taken for undecided."""
    monkeypatch.setattr(ResetQuerySet, "undecided", lambda self: self)
    ask(world)
    assert both(world) == ["", ""]


def test_the_second_factor_goes_only_where_that_was_asked_for_and_approved(world: World) -> None:
    owner = world.account("colleague")
    factor = SecondFactor.objects.create(account=owner, key=b"k" * 20, proved_at=AT, last_step=0)
    RecoveryCode.objects.create(account=owner, mark="m")
    ask(world)
    approve(world)
    assert SecondFactor.objects.get() == factor
    accounts.choose_password(
        at=AT, account=Account.objects.get(pk=owner.pk), password="另一个口令 2026-06-15", address=""
    )
    asked = {"actor": ACTOR, "at": AT, "account": world.account("staff"), "today": TODAY}
    resets.ask_reset(**asked, owner=owner, with_factor=True)
    assert SecondFactor.objects.exists()
    approve(world)
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert TrailEntry.objects.filter(action="重置动态口令", target="colleague").count() == 1


ClientOf = Callable[[Account], Client]


def test_the_way_on_screen(world: World, client_of: ClientOf) -> None:
    owner = world.account("colleague")
    staff, secretary = client_of(world.account("staff")), client_of(world.account("secretary"))
    assert "重置口令" in staff.get(reverse("account", args=[owner.pk])).content.decode()
    page = staff.post(reverse("account-reset", args=[owner.pk])).content.decode()
    assert "前半截口令" in page
    assert "吴桂兰" in secretary.get(reverse("resets")).content.decode()
    answer = secretary.post(reverse("reset-approve", args=[Reset.objects.get().pk]))
    assert "后半截口令" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    told = client_of(Account.objects.get(pk=owner.pk)).get(reverse("own-account")).content.decode()
    assert "党务管理员申请，陆秉川审批" in told


def test_the_security_officer_finds_the_accounts_of_the_other_offices(
    world: World, client_of: ClientOf
) -> None:
    """She has no list of accounts: those whose reset she may ask for stand among the mandates."""
    security = client_of(world.account("security"))
    listed = security.get(reverse("mandates")).text
    addresses = {role: reverse("account-reset", args=[world.account(role).pk]) for role in PERSONAS}
    assert {role for role, address in addresses.items() if address in listed} == {"system", "auditor"}
    asked = security.get(addresses["system"])
    assert f'href="{reverse("mandates")}">返回' in asked.text
    assert reverse("account", args=[world.account("system").pk]) not in asked.text
    assert "前半截口令" in security.post(addresses["system"]).text
    # A principal, who grants mandates as well, asks for none; staff go back to the account.
    listed = client_of(world.account("chief")).get(reverse("mandates")).text
    assert not [role for role, address in addresses.items() if address in listed]
    page = client_of(world.account("staff")).get(addresses["colleague"]).text
    assert f'href="{reverse("account", args=[world.account("colleague").pk])}">返回' in page


def test_the_owner_and_who_decides_find_it_on_the_first_screen(world: World, client_of: ClientOf) -> None:
    def first_screen(role: str) -> str:
        return client_of(world.account(role)).get(reverse("workbench")).content.decode()

    ask(world, at=timezone.now())
    assert "申请重置您的口令" in first_screen("colleague")
    assert "1项口令重置待审批" in first_screen("secretary")
    assert "1项口令重置待审批" in first_screen("security")
    assert "口令重置" not in first_screen("committee_member")


def test_the_owner_is_told_who_did_it_before_he_chooses_a_password(world: World) -> None:
    now = timezone.now()
    word = ask(world, at=now) + approve(world, at=now)
    owner = Client()
    owner.post(reverse("sign-in"), {"username": "colleague", "word": word})
    page = owner.get(reverse("choose-password")).content.decode()
    assert "党务管理员申请，陆秉川批准" in page
    assert "首次登录" not in page


def test_the_box_of_the_second_factor_is_there_for_who_has_one(world: World, client_of: ClientOf) -> None:
    owner, staff = world.account("colleague"), client_of(world.account("staff"))
    address = reverse("account-reset", args=[owner.pk])
    assert "动态口令一并重置" not in staff.get(address).content.decode()
    SecondFactor.objects.create(account=owner, key=b"k" * 20, proved_at=AT, last_step=0)
    assert "动态口令一并重置" in staff.get(address).content.decode()
    staff.post(address, {"with_factor": "on"})
    assert Reset.objects.get().with_factor
    secretary = client_of(world.account("secretary"))
    assert "动态口令一并重置" in secretary.get(reverse("resets")).content.decode()


def test_an_administrator_does_not_approve_where_he_leads(world: World) -> None:
    ask(world)
    factories.a_mandate(world.account("chief"), MandateKind.AUDITOR)
    assert deciders(world) == {"secretary", "security"}
