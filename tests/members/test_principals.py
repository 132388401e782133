"""What hangs on a principal who is confirmed (design.md section 4a)."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from branches.rules import OrganisationKind
from members.models import Account, Event, Mandate, MandateKind, Member, Post
from members.permissions import (
    confirmable_posts,
    contact_members,
    grantable_organisations,
    readable_events,
    vouches_for,
)
from tests import factories as make
from tests.conftest import World

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 5)


def waiting(member: Member, organisation: make.Organisation, **more: object) -> Post:
    return make.a_post(member, organisation, "书记", is_principal=True, confirmed_at=None, **more)  # type: ignore[arg-type]


def confirmers(world: World, post: Post) -> set[str]:
    """The roles that may confirm the post."""
    return {
        role
        for role, account in world.accounts.items()
        if confirmable_posts(account, today=TODAY).filter(pk=post.pk).exists()
    }


def test_a_principal_above_or_another_of_the_organisation_confirms(world: World) -> None:
    assert confirmers(world, waiting(world.committee_member, world.branch)) == {"chief", "secretary"}
    assert confirmers(world, waiting(world.deputy, world.committee)) == {"chief"}


def test_nobody_confirms_himself(world: World) -> None:
    assert confirmers(world, waiting(world.secretary, world.branch, since=date(2026, 3, 1))) == {"chief"}


def test_a_post_that_is_over_waits_no_longer_and_one_to_come_does(world: World) -> None:
    over = waiting(world.member, world.branch, since=date(2026, 1, 1), until=TODAY)
    coming = waiting(world.member, world.branch, since=date(2026, 4, 1))
    assert confirmers(world, over) == set()
    assert confirmers(world, coming) == {"chief", "secretary"}


def test_one_who_waits_himself_confirms_nobody(world: World) -> None:
    first = waiting(world.member, world.branch)
    second = waiting(world.colleague, world.branch, since=date(2026, 3, 1))
    assert "member" not in confirmers(world, second)
    Post.objects.filter(pk=first.pk).update(confirmed_at=make.datetime(2026, 3, 1, tzinfo=make.UTC))
    assert "member" in confirmers(world, second)


def test_at_the_top_the_first_principals_may_begin(world: World) -> None:
    # Nobody stands above: as long as none is confirmed there, they vouch for one another and for those below.
    top = make.an_organisation("新党委", OrganisationKind.COMMITTEE)
    branch = make.an_organisation("新支部", superior=top)
    one, two, leader = make.a_member(), make.a_member(), make.a_member()
    accounts = {who.pk: make.an_account(who) for who in (one, two, leader)}
    first, second, below = waiting(one, top), waiting(two, top), waiting(leader, branch)

    def may(who: Member) -> set[Post]:
        return set(confirmable_posts(accounts[who.pk], today=TODAY))

    assert may(one) == {second, below}
    assert may(two) == {first, below}
    assert may(leader) == set()
    Post.objects.filter(pk=first.pk).update(confirmed_at=make.datetime(2026, 3, 1, tzinfo=make.UTC))
    assert may(one) == {second, below}
    assert may(two) == set()


def test_who_could_confirm_vouches_when_he_enters(world: World) -> None:
    secretary, chief, staff = (world.account(role) for role in ("secretary", "chief", "staff"))
    assert vouches_for(secretary, world.branch, world.member, today=TODAY)
    assert vouches_for(chief, world.branch, world.member, today=TODAY)
    assert not vouches_for(secretary, world.branch, world.secretary, today=TODAY)
    assert not vouches_for(secretary, world.committee, world.member, today=TODAY)
    assert not vouches_for(staff, world.branch, world.member, today=TODAY)


def test_the_numbers_are_for_staff_the_principal_and_the_person(world: World) -> None:
    roles = {
        role
        for role, account in world.accounts.items()
        if contact_members(account, today=TODAY).filter(pk=world.member.pk).exists()
    }
    assert roles == {"staff", "secretary", "member"}
    # A principal whom staff entered and nobody has confirmed has them not shown: they are sealed as well.
    post = waiting(world.committee_member, world.branch)
    entered = world.account("committee_member")
    assert not contact_members(entered, today=TODAY).filter(pk=world.member.pk).exists()
    Post.objects.filter(pk=post.pk).update(confirmed_at=make.datetime(2026, 3, 1, tzinfo=make.UTC))
    assert contact_members(entered, today=TODAY).filter(pk=world.member.pk).exists()
    account = world.account("member")
    account.is_active = False
    assert not contact_members(account, today=TODAY).exists()


def test_the_note_of_an_event_is_for_a_confirmed_principal_and_who_entered_it(world: World) -> None:
    event = make.an_event(world.member, happened_on=date(2026, 3, 2))
    entered = make.an_event(
        world.member, happened_on=date(2026, 3, 2), entered_by=world.account("other_secretary")
    )

    def readers(of: Event) -> set[str]:
        return {
            role
            for role, account in world.accounts.items()
            if readable_events(account, today=TODAY).filter(pk=of.pk).exists()
        }

    waiting(world.committee_member, world.branch)
    assert readers(event) == {"secretary"}
    assert readers(entered) == {"secretary", "other_secretary"}


def test_a_principal_reads_of_the_days_when_the_member_was_his(world: World) -> None:
    moved = make.a_member("江平", world.other_branch, since=date(2026, 3, 1))
    make.an_affiliation(moved, world.branch, since=date(2020, 1, 1), until=date(2026, 3, 1))
    before = make.an_event(moved, happened_on=date(2026, 2, 28))
    after = make.an_event(moved, happened_on=date(2026, 3, 1))
    about_himself = make.an_event(world.secretary, happened_on=date(2026, 3, 1))
    assert set(readable_events(world.account("secretary"), today=TODAY)) == {before}
    assert set(readable_events(world.account("other_secretary"), today=TODAY)) == {after}
    assert about_himself not in readable_events(world.account("secretary"), today=TODAY)


def test_staff_give_themselves_no_post_and_change_none_of_their_own(
    world: World, client_of: Callable[[Account], Client]
) -> None:
    """A seat in the team shows the events of its members: another member of staff enters it."""
    account = world.account("staff")
    account.member = make.a_member("敖雪梅", world.branch, code="STAFF")
    account.save()
    own = make.a_post(account.member, world.branch, "干事")
    staff = client_of(account)
    typed = {"title": "宣传委员", "is_team": "on", "since": "2026-01-01"}
    add, change = reverse("post-add", args=["HC"]), reverse("post-change", args=[own.pk])
    for address, values in ((add, {**typed, "member": "STAFF"}), (change, typed)):
        assert "本人的任职应由其他党务管理员录入或修改。" in staff.post(address, values).content.decode()
    assert not Post.objects.filter(member=account.member, is_team=True).exists()
    assert staff.post(add, {**typed, "member": world.colleague.code}).status_code == 302


def test_a_principal_who_keeps_his_roster_himself_may(
    world: World, client_of: Callable[[Account], Client]
) -> None:
    Mandate.objects.all().delete()
    secretary = client_of(world.account("secretary"))
    typed = {"title": "纪检委员", "is_team": "on", "since": "2026-01-01", "member": "P011"}
    assert secretary.post(reverse("post-add", args=["HC"]), typed).status_code == 302


def test_a_principal_who_waits_grants_no_mandate_and_ends_none(
    world: World, client_of: Callable[[Account], Client]
) -> None:
    """Who keeps the roster could else enter one, have himself a mandate granted and the inspector's ended."""
    post = waiting(world.colleague, world.branch)
    mandate = make.a_mandate(world.account("inspector"), MandateKind.INSPECTOR, world.branch)
    client, account = client_of(world.account("colleague")), world.account("colleague")
    # The list is only read: whoever sends it something is told so, before he is asked who he is.
    assert client.get(reverse("mandates")).status_code == 404
    assert client.post(reverse("mandates")).status_code == 405
    for address in (reverse("mandate-grant"), reverse("mandate-end", args=[mandate.pk])):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert Mandate.objects.get(pk=mandate.pk).until is None
    Post.objects.filter(pk=post.pk).update(confirmed_at=make.datetime(2026, 3, 1, tzinfo=make.UTC))
    assert set(grantable_organisations(account, today=TODAY)) == {world.branch}
    assert client.get(reverse("mandate-end", args=[mandate.pk])).status_code == 200


def test_at_the_top_the_first_principal_may_grant(world: World) -> None:
    top = make.an_organisation("新党委", OrganisationKind.COMMITTEE)
    waiting(world.colleague, top)
    assert set(grantable_organisations(world.account("colleague"), today=TODAY)) == {top}
