"""Members and where they are affiliated."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from branches.models import Organisation
from members.models.dated import DatedQuerySet, covers_a_day
from members.rules import PARTY_CATEGORIES, Category, pinyin_of
from vault.models import SealedModel, SealedQuerySet, SealedTextField

# No name, code or pinyin is longer.
LONGEST = 200


class MemberQuerySet(SealedQuerySet["Member"]):
    """Members, in the words of the field."""

    def affiliated(self, organisation: Organisation, day: date) -> Self:
        """Members of whatever category affiliated with the organisation on the day."""
        return self.filter(
            Exists(Affiliation.objects.in_force(day).filter(member=OuterRef("pk"), organisation=organisation))
        )

    def party_on(self, day: date) -> Self:
        """Party members on the day: 正式党员 and 预备党员 whose 入党日期 is empty or not after it."""
        return self.filter(Q(joined_on=None) | Q(joined_on__lte=day), category__in=sorted(PARTY_CATEGORIES))

    def party_of(self, organisation: Organisation, day: date) -> Self:
        """party(O, d) of rules.md section 1."""
        return self.party_on(day).affiliated(organisation, day)

    def named_like(self, text: str) -> Self:
        """Members whose name, code, pinyin or pinyin initials begin with or hold the text."""
        return self.filter(named_like(text))


def named_like(text: str, prefix: str = "") -> Q:
    """The condition of `MemberQuerySet.named_like`, for a member reached over `prefix`.

    A text longer than any name is nobody's: SQLite fails on one of 50,000 bytes.
    """
    text = text.strip()
    if not text:
        return Q()
    if len(text) > LONGEST:
        return Q(**{f"{prefix}pk__in": []})
    plain = text.lower().replace(" ", "")
    found = Q(**{f"{prefix}name__contains": text}) | Q(**{f"{prefix}code": text})
    if pinyin_of(plain)[0] != plain:
        # A sign that has a pinyin, or is left out of one, stands in none: a million rows are tried with less.
        return found
    by_pinyin = Q(**{f"{prefix}pinyin__startswith": plain}) | Q(**{f"{prefix}initials__startswith": plain})
    return found | by_pinyin


class Member(SealedModel):
    """A 党员 (or somebody on the way to become one, or a 群众) known by his code.

    `pinyin` and `initials` are kept by the services, for the search.
    """

    code = models.CharField("党员编号", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField(max_length=200, default="", editable=False, db_index=True)
    initials = models.CharField(max_length=60, default="", editable=False, db_index=True)
    category = models.CharField(
        "党员类别", max_length=12, choices=[(item.value, item.value) for item in Category]
    )
    sex = models.CharField("性别", max_length=4, blank=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    born_on = models.DateField("出生日期", null=True, blank=True)
    education = models.CharField("学历", max_length=40, blank=True)
    joined_on = models.DateField("入党日期", null=True, blank=True)
    full_on = models.DateField("转正日期", null=True, blank=True)
    phone = SealedTextField("手机号码", blank=True, default="")
    identity_number = SealedTextField("公民身份号码", blank=True, default="")
    job = models.CharField("工作岗位", max_length=80, blank=True)
    is_floating = models.BooleanField("流动党员", default=False)
    is_in_difficulty = models.BooleanField("困难党员", default=False)
    is_frail = models.BooleanField("年老体弱", default=False)
    remark = models.CharField("备注", max_length=300, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = "党员"
        ordering = ["code"]
        indexes = [models.Index(fields=["name"], name="member_name")]
        constraints = [
            models.CheckConstraint(
                name="member_category_known", condition=Q(category__in=[item.value for item in Category])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def sealed_identity(self) -> str:
        return self.code


class Affiliation(models.Model):
    """组织关系: with which organisation a member is affiliated; at most one on any day (migration 0002)."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="affiliations", verbose_name="党员")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="affiliations", verbose_name="所在组织"
    )
    since = models.DateField("转入日期", null=True, blank=True)
    until = models.DateField("转出日期", null=True, blank=True)

    objects = DatedQuerySet["Affiliation"].as_manager()

    class Meta:
        verbose_name = "组织关系"
        ordering = ["member", "since"]
        constraints = [covers_a_day("affiliation_covers_a_day")]

    def __str__(self) -> str:
        return f"{self.member_id}·{self.organisation_id}"
