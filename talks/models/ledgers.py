"""Which ledgers count which talk, kept for lists of many organisations."""

from collections.abc import Collection

from django.db import models
from django.db.models import F

from branches.models import Organisation, OrganisationQuerySet, Stale
from members.models.dated import in_force
from talks.models.records import Participant, Side
from talks.models.talks import Talk


class LedgerTalk(models.Model):
    """That a talk belongs to an organisation, as `in_ledgers_of` judges it (design.md section 4).

    Written by reconciliation (talks.services.reconciliation) in the transaction that takes the marks off; of
    a marked organisation, or one never reconciled, the rows may say what is over: `listed_talks` judges its
    talks itself.
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="ledger_talks", verbose_name="党组织", db_index=False
    )
    talk = models.ForeignKey(Talk, models.CASCADE, related_name="ledgers", verbose_name="谈话")

    class Meta:
        verbose_name = "台账所计谈话"
        constraints = [models.UniqueConstraint(name="ledger_talk_once", fields=["organisation", "talk"])]

    def __str__(self) -> str:
        return f"{self.organisation_id}·{self.talk_id}"


def unkept_ledgers() -> OrganisationQuerySet:
    """Organisations of which LedgerTalk may say what is over: marked, or never reconciled."""
    never = Organisation.objects.order_by().filter(reconciliation=None).values("pk")
    marked = Stale.objects.order_by().values("organisation")
    return Organisation.objects.filter(pk__in=never.union(marked))


def ledgers_by_facts(
    *, organisations: Collection[int] | None = None, talks: Collection[int] | None = None
) -> set[tuple[int, int]]:
    """The pairs (organisation, talk) as `in_ledgers_of` judges, of the organisations or talks given by keys.

    Two queries, which begin with what is given.
    """
    of_side: dict[str, set[tuple[int, int]]] = {side.value: set() for side in Side}
    for fact, team in (("member__affiliations__", {}), ("member__posts__", {"member__posts__is_team": True})):
        given: dict[str, object] = dict(team)
        if organisations is not None:
            given[f"{fact}organisation__in"] = organisations
        if talks is not None:
            given["talk__in"] = talks
        # In one call: the fact that is in force is the one of the organisation.
        rows = Participant.objects.filter(in_force(F("talk__held_on"), fact), **given)
        columns = rows.order_by().values_list("side", f"{fact}organisation", "talk")
        for side, organisation, talk in columns.iterator(chunk_size=5000):
            of_side[side].add((organisation, talk))
    return of_side[Side.TALKER] & of_side[Side.SUBJECT]
