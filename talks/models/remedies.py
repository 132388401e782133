"""整改 as it goes on: progress of a remedy, 销号, and the organisation that sees to it."""

from collections.abc import Collection

from django.db import connection, models
from django.db.models import F, Q

from branches.models import Organisation
from members.models import Member
from talks.models.records import Remedy
from talks.rules.words import SettlementState
from vault.models import SealedModel, SealedQuerySet, SealedTextField

# Of each talk in `asked` the organisation that sees to what comes of it. The highest of those to whose
# ledgers it belongs (design.md section 4): what two leaders agree upon is their committee's, not that of the
# branch in which both are affiliated. A talk that belongs to none is its talkers', else its subjects'.
HOMES = """
belonging AS (
    SELECT part.talk_id, part.side, place.organisation_id, place.is_team
    FROM asked
    JOIN talks_talk talk ON talk.id = asked.talk_id
    JOIN talks_participant part ON part.talk_id = talk.id
    JOIN (
        SELECT member_id, organisation_id, since, until, FALSE AS is_team FROM members_affiliation
        UNION ALL
        SELECT member_id, organisation_id, since, until, TRUE FROM members_post WHERE is_team
    ) place ON place.member_id = part.member_id
        AND (place.since IS NULL OR place.since <= talk.held_on)
        AND (place.until IS NULL OR place.until > talk.held_on)
),
candidate AS (
    SELECT talk_id, organisation_id,
        CASE
            WHEN COUNT(DISTINCT side) = 2 THEN 0
            WHEN MAX(CASE WHEN side = 'talker' AND is_team THEN 1 ELSE 0 END) = 1 THEN 1
            WHEN MAX(CASE WHEN side = 'talker' THEN 1 ELSE 0 END) = 1 THEN 2
            ELSE 3
        END AS rank
    FROM belonging GROUP BY talk_id, organisation_id
),
ordered AS (
    SELECT candidate.talk_id, candidate.organisation_id, ROW_NUMBER() OVER (
        PARTITION BY candidate.talk_id
        ORDER BY candidate.rank, LENGTH(place.path) - LENGTH(REPLACE(place.path, '/', '')), place.code
    ) AS number
    FROM candidate JOIN branches_organisation place ON place.id = candidate.organisation_id
),
home AS (SELECT talk_id, organisation_id FROM ordered WHERE number = 1)
"""


# Constants and signs for values; the values are parameters.
ASK_HOMES = """
WITH asked AS (SELECT id AS talk_id FROM talks_talk WHERE id IN ({signs})), {homes}
SELECT talk_id, organisation_id FROM home
"""


def homes_of(talks: Collection[int]) -> dict[int, int]:
    """The organisation (primary key) that sees to what comes of each talk (primary key)."""
    if not talks:
        return {}
    signs = ", ".join(["%s"] * len(talks))
    with connection.cursor() as cursor:
        cursor.execute(ASK_HOMES.format(signs=signs, homes=HOMES), list(talks))
        return dict(cursor.fetchall())


class Progress(SealedModel):
    """进展: what has been done about a remedy, on which day, by whom."""

    remedy = models.ForeignKey(Remedy, models.CASCADE, related_name="progress", verbose_name="整改措施")
    number = models.PositiveSmallIntegerField("序号")
    noted_on = models.DateField("日期")
    noted_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="填写人")
    text = SealedTextField("进展情况")

    objects = SealedQuerySet["Progress"].as_manager()

    class Meta:
        verbose_name = "整改进展"
        ordering = ["remedy", "number"]
        constraints = [models.UniqueConstraint(name="progress_number_once", fields=["remedy", "number"])]

    def __str__(self) -> str:
        return f"{self.remedy_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.remedy_id}|{self.number}"


class SettlementQuerySet(SealedQuerySet["Settlement"]):
    """销号, by how far it has come."""

    def waiting(self) -> "SettlementQuerySet":
        """Those that nobody has decided."""
        return self.filter(ending="")


ENDINGS = (SettlementState.SETTLED, SettlementState.RETURNED, SettlementState.TAKEN_BACK)


class Settlement(SealedModel):
    """销号 of a remedy: asked for with what was done, approved or sent back by somebody else.

    `organisation` is the one whose principals decide, and those above it, as it was when it was asked for.
    `number` counts: after one was sent back it may be asked for again.
    """

    remedy = models.ForeignKey(Remedy, models.CASCADE, related_name="settlements", verbose_name="整改措施")
    number = models.PositiveSmallIntegerField("次数")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="党组织")
    result = SealedTextField("完成情况")
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_on = models.DateField("申请日期")
    ending = models.CharField(
        "结果", max_length=4, blank=True, default="", choices=[(word.value, word.value) for word in ENDINGS]
    )
    ended_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    ended_on = models.DateField("办理日期", null=True, blank=True)
    ending_reason = SealedTextField("退回理由", null=True, blank=True)

    objects = SettlementQuerySet.as_manager()

    class Meta:
        verbose_name = "销号"
        ordering = ["remedy", "number"]
        constraints = [
            models.UniqueConstraint(name="settlement_number_once", fields=["remedy", "number"]),
            models.UniqueConstraint(
                name="settlement_live_once",
                fields=["remedy"],
                condition=Q(ending__in=["", SettlementState.SETTLED.value]),
            ),
            models.CheckConstraint(
                name="settlement_ends_once",
                condition=Q(ending="", ended_by=None, ended_on=None)
                | Q(
                    ending__in=[word.value for word in ENDINGS],
                    ended_by__isnull=False,
                    ended_on__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="settlement_not_decided_by_asker",
                condition=Q(ending="")
                | Q(ending=SettlementState.TAKEN_BACK.value, ended_by=F("asked_by"))
                | Q(ending__in=[SettlementState.SETTLED.value, SettlementState.RETURNED.value])
                & ~Q(ended_by=F("asked_by")),
                violation_error_message="销号不能由申请人自己批准。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remedy_id}·{self.number}"

    def sealed_identity(self) -> str:
        return f"{self.remedy_id}|{self.number}"

    @property
    def state(self) -> SettlementState:
        """How far it has come."""
        return SettlementState(self.ending) if self.ending else SettlementState.WAITING
