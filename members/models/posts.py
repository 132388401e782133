"""任职, 分管 and 联系党员."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from branches.models import Department, Organisation
from members.models.dated import DatedQuerySet, covers_a_day
from members.models.people import Member

PRINCIPAL_IS_TEAM = "主要负责同志应同时是班子成员。"
HEAD_NEEDS_DEPARTMENT = "部门主要负责人应填写所在部门。"


class PostQuerySet(DatedQuerySet["Post"]):
    """Posts, in the words of rules.md section 1."""

    def team_of(self, organisation: Organisation, day: date) -> Self:
        """team(O, d): team posts of the organisation in force on the day."""
        return self.in_force(day).filter(organisation=organisation, is_team=True)

    def principals_of(self, organisation: Organisation, day: date) -> Self:
        """principals(O, d)."""
        return self.in_force(day).filter(organisation=organisation, is_principal=True)

    def heads_of(self, department: Department, day: date) -> Self:
        """heads(D, d)."""
        return self.in_force(day).filter(department=department, is_head=True)


class Post(models.Model):
    """A 任职. The flags are all that the engine reads; the title is for people.

    `confirmed_at` guards the right to read content that a principal's post gives (design.md section 4a):
    it is set when a principal above, or another principal of the organisation, has confirmed the entry.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="posts", verbose_name="党员")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="posts", verbose_name="任职组织"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="部门单位"
    )
    title = models.CharField("职务", max_length=80)
    is_team = models.BooleanField("班子成员", default=False)
    is_principal = models.BooleanField("主要负责同志", default=False)
    is_head = models.BooleanField("部门主要负责人", default=False)
    is_key = models.BooleanField("重点岗位", default=False)
    since = models.DateField("任职日期")
    until = models.DateField("免职日期", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        ordering = ["organisation", "-is_principal", "-is_team", "-is_head", "member__code"]
        indexes = [models.Index(fields=["organisation", "is_team"], name="post_team")]
        constraints = [
            models.UniqueConstraint(name="post_once", fields=["member", "organisation", "title", "since"]),
            covers_a_day("post_covers_a_day"),
            models.CheckConstraint(
                name="post_principal_is_team",
                condition=Q(is_principal=False) | Q(is_team=True),
                violation_error_message=PRINCIPAL_IS_TEAM,
            ),
            models.CheckConstraint(
                name="post_head_needs_department",
                condition=Q(is_head=False) | Q(department__isnull=False),
                violation_error_message=HEAD_NEEDS_DEPARTMENT,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def as_shown(self) -> str:
        """What is confirmed with a post: its title and its days."""
        return f"{self.title}|{self.since}|{self.until or ''}"


class Portfolio(models.Model):
    """分管: a team member is in charge of a department."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="portfolios", verbose_name="班子成员")
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="portfolios", verbose_name="部门单位"
    )
    since = models.DateField("开始日期")
    until = models.DateField("结束日期", null=True, blank=True)

    objects = DatedQuerySet["Portfolio"].as_manager()

    class Meta:
        verbose_name = "分管"
        ordering = ["department", "since"]
        constraints = [
            models.UniqueConstraint(name="portfolio_once", fields=["member", "department", "since"]),
            covers_a_day("portfolio_covers_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}·{self.department_id}"


class Liaison(models.Model):
    """联系党员: a committee member keeps in contact with a member."""

    committee_member = models.ForeignKey(
        Member, models.PROTECT, related_name="liaisons_kept", verbose_name="支委"
    )
    member = models.ForeignKey(Member, models.PROTECT, related_name="liaisons", verbose_name="党员")
    since = models.DateField("开始日期")
    until = models.DateField("结束日期", null=True, blank=True)

    objects = DatedQuerySet["Liaison"].as_manager()

    class Meta:
        verbose_name = "联系党员"
        ordering = ["committee_member", "member", "since"]
        constraints = [
            models.UniqueConstraint(name="liaison_once", fields=["committee_member", "member", "since"]),
            covers_a_day("liaison_covers_a_day"),
            models.CheckConstraint(
                name="liaison_not_with_oneself",
                condition=~Q(committee_member=F("member")),
                violation_error_message="联系人和被联系人不能是同一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee_member_id}·{self.member_id}"
