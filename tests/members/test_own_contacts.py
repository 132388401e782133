"""Who keeps the roster by a 党务管理员 mandate gives himself no 分管 and no 联系党员: nobody's events."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Liaison, MandateKind, Portfolio
from members.views import contacts
from talks.models import Rule
from talks.permissions import visible_duties
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db

Browser = Callable[[Account], Client]
TODAY = timezone.localdate()


@pytest.fixture
def both(world: World, client_of: Browser) -> Client:
    """A browser of the 支委 of the branch, who is 党务管理员 over it as well."""
    account = world.account("committee_member")
    factories.a_mandate(account, MandateKind.STAFF, world.branch)
    return client_of(account)


def _liaison(world: World) -> tuple[str, dict[str, object]]:
    address = reverse("liaison-add", args=[world.branch.code])
    return address, {
        "committee_member": world.committee_member.pk,
        "member": world.colleague.pk,
        "since": date(2020, 1, 1).isoformat(),
    }


def _portfolio(world: World) -> tuple[str, dict[str, object]]:
    place = factories.a_department(world.branch)
    address = reverse("portfolio-add", args=[world.branch.code])
    typed = {"member": world.committee_member.pk, "department": place.pk, "since": TODAY.isoformat()}
    return address, typed


def test_he_takes_nobody_into_contact(world: World, both: Client) -> None:
    answer = both.post(*_liaison(world))
    assert contacts.OWN_LIAISON in answer.content.decode()
    assert not Liaison.objects.filter(member=world.colleague).exists()


def test_nor_a_department_into_his_charge(world: World, both: Client) -> None:
    answer = both.post(*_portfolio(world))
    assert contacts.OWN_PORTFOLIO in answer.content.decode()
    assert not Portfolio.objects.filter(member=world.committee_member).exists()


def test_nor_prolongs_what_has_ended(world: World, both: Client) -> None:
    liaison = factories.a_liaison(world.committee_member, world.colleague)
    Liaison.objects.filter(pk=liaison.pk).update(until=date(2021, 1, 1))
    answer = both.post(reverse("liaison-change", args=[liaison.pk]), {"since": "2020-01-01", "until": ""})
    assert contacts.OWN_LIAISON in answer.content.decode()
    liaison.refresh_from_db()
    assert liaison.until == date(2021, 1, 1)


def test_without_the_question_he_hears_of_an_event(
    world: World, both: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control, where a rule of the branch lets those in contact talk."""
    Rule.objects.create(
        code="own",
        title="本级规则",
        organisation=world.branch,
        applies_to="全部",
        trigger="事件:苗头性问题",
        pairing="event",
        talker_role="liaison",
        one_to_one=True,
        days=7,
        unit="自然日",
        effective_from=date(2020, 1, 1),
    )
    factories.an_event(world.colleague, "苗头性问题", happened_on=TODAY)
    factories.a_liaison(world.secretary, world.colleague)

    def told() -> bool:
        factories.keep_duties(TODAY)
        known = visible_duties(world.account("committee_member"), today=TODAY)
        return known.filter(rule="own", subject=world.colleague).exists()

    both.post(*_liaison(world))
    assert not told()
    monkeypatch.setattr(contacts, "takes_into_contact", lambda *_, **__: False)
    both.post(*_liaison(world))
    assert told()


def test_for_others_he_does_both(world: World, client_of: Browser) -> None:
    browser = client_of(world.account("staff"))
    for address, typed in (_liaison(world), _portfolio(world)):
        assert browser.post(address, typed).status_code == 302
    assert Liaison.objects.filter(member=world.colleague).exists()
    assert Portfolio.objects.filter(member=world.committee_member).exists()


def test_the_principal_who_keeps_his_own_roster_may_do_so(world: World, client_of: Browser) -> None:
    """He knows of all events of the branch as it is."""
    world.account("staff").mandates.all().delete()
    typed = {"committee_member": world.secretary.pk, "member": world.colleague.pk, "since": TODAY.isoformat()}
    browser = client_of(world.account("secretary"))
    assert browser.post(reverse("liaison-add", args=[world.branch.code]), typed).status_code == 302
    assert Liaison.objects.filter(member=world.colleague, committee_member=world.secretary).exists()
