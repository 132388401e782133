"""The tree of party organisations and their departments (rules.md section 1)."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from branches.rules import BRANCH_KINDS, OrganisationKind
from branches.rules.working_days import NamedDay

RANGE_EMPTY = "结束日期应晚于开始日期。"


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    """Organisations, in the words of the tree."""

    def below(self, organisation: "Organisation") -> Self:
        """The organisation itself and everything below it."""
        return self.filter(path__startswith=organisation.path)

    def below_any(self, organisations: "list[Organisation]") -> Self:
        """All of the given organisations and everything below them; none for an empty list."""
        condition = Q(pk__in=[])
        for organisation in organisations:
            condition |= Q(path__startswith=organisation.path)
        return self.filter(condition)

    def above(self, organisation: "Organisation") -> Self:
        """The superiors of the organisation, nearest first, without itself."""
        return self.filter(pk__in=organisation.ancestor_ids()).order_by(Length("path").desc())

    def standing(self, day: date) -> Self:
        """Organisations that exist on the day."""
        return self.filter(
            Q(established=None) | Q(established__lte=day), Q(dissolved=None) | Q(dissolved__gt=day)
        )

    def branches(self) -> Self:
        """Organisations of a branch kind (党支部, 联合党支部, 临时党支部)."""
        return self.filter(kind__in=sorted(BRANCH_KINDS))


class Organisation(models.Model):
    """A 党组织. `path` is the materialised line of ids from the top, kept by the services of this app.

    Circles and superiors of a branch kind are refused by triggers (migration 0002).
    """

    code = models.CharField("组织编码", max_length=64, unique=True)
    name = models.CharField("组织名称", max_length=120)
    kind = models.CharField(
        "组织类型", max_length=12, choices=[(kind.value, kind.value) for kind in OrganisationKind]
    )
    superior = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subordinates", verbose_name="上级组织"
    )
    established = models.DateField("成立日期", null=True, blank=True)
    dissolved = models.DateField("撤销日期", null=True, blank=True)
    path = models.CharField(max_length=255, default="", editable=False, db_index=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "党组织"
        ordering = ["path", "code"]
        constraints = [
            models.CheckConstraint(
                name="organisation_kind_known",
                condition=Q(kind__in=[kind.value for kind in OrganisationKind]),
            ),
            models.CheckConstraint(
                name="organisation_dissolved_after_established",
                condition=Q(established=None) | Q(dissolved=None) | Q(dissolved__gt=F("established")),
                violation_error_message=RANGE_EMPTY,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_branch(self) -> bool:
        """Whether the kind is a branch kind: its own members, no organisation below it."""
        return self.kind in BRANCH_KINDS

    def ancestor_ids(self) -> list[int]:
        """The ids of all superiors, from the top down."""
        return [int(part) for part in self.path.split("/") if part][:-1]

    @property
    def depth(self) -> int:
        """0 for the top of a tree."""
        return self.path.count("/") - 2


class Department(models.Model):
    """A 部门 or 单位 of an organisation."""

    code = models.CharField("单位编码", max_length=64, unique=True)
    name = models.CharField("单位名称", max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="departments", verbose_name="所属组织"
    )

    class Meta:
        verbose_name = "部门单位"
        ordering = ["organisation", "code"]

    def __str__(self) -> str:
        return self.name


class WorkingDayQuerySet(models.QuerySet["WorkingDay"]):
    """Days that the State Council's calendar names."""

    def of_year(self, year: int) -> Self:
        """Those of the year; none where its calendar is not known."""
        return self.filter(day__year=year)

    def known_years(self) -> set[int]:
        """The years whose calendar is known."""
        return {first.year for first in self.dates("day", "year")}


class WorkingDay(models.Model):
    """One day on which the State Council's calendar differs from Monday to Friday, or confirms it.

    A year with any row is known; other years count Monday to Friday (rules.md section 3).
    """

    day = models.DateField("日期", unique=True)
    is_working = models.BooleanField("上班")
    name = models.CharField("说明", max_length=40, blank=True)

    objects = WorkingDayQuerySet.as_manager()

    class Meta:
        verbose_name = "工作日安排"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {'上班' if self.is_working else '放假'}"

    @property
    def named(self) -> NamedDay:
        """The row as the rules know it."""
        return NamedDay(self.day, self.is_working, self.name)


class Stale(models.Model):
    """A mark that a fact of the organisation has changed: what is reckoned from its facts is to be looked at
    again (design.md section 6). Written in the transaction of the change; several may stand at once.

    `reaches_others`: a change of posts, which may also decide who talks with whom in other organisations.
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="stale_marks", verbose_name="党组织"
    )
    reaches_others = models.BooleanField("涉及其他组织", default=False)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "待重算标记"

    def __str__(self) -> str:
        return str(self.organisation_id)
