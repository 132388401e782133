"""应谈事项 as they are kept: one row for each duty of rules.md, held right by reconciliation."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from branches.models import Organisation
from members.models import Member
from talks.models.talks import Talk
from talks.rules.keeping import CLOSED_YEARS
from talks.rules.words import DutyState, TalkerRole


class DutyQuerySet(models.QuerySet["Duty"]):
    """Duties, in the words of rules.md section 6."""

    def standing(self) -> Self:
        """Those that are owed: not 撤销."""
        return self.filter(withdrawn_on=None)

    def with_state(self, today: date) -> Self:
        """Annotates `state`, the first that applies on the day; no job is needed for it to be right."""
        return self.annotate(state=state_on(today))

    def unmet(self, today: date) -> Self:
        """Those that stand and for which a talk, or a waiver, is still wanting on the day."""
        return self.standing().filter(Q(waived_on=None) | Q(waived_on__gt=today), met_on=None)

    def waivable(self, today: date) -> Self:
        """Those unmet for which a waiver would still change something: not the periods of closed years."""
        closed = Q(anchor__startswith="period:", year__lt=today.year - CLOSED_YEARS)
        return self.unmet(today).exclude(closed)


class ByDates(models.Func):
    """A CASE over the dates of a duty, the first of `cases` that applies; `{0}` … `{4}` in them are DATES.

    As one text: nested When take Django longer to write than the database to answer, in every query.
    """

    DATES = ("waived_on", "met_on", "due_on", "planned_on", "withdrawn_on")

    def __init__(self, *dates: F, cases: str, output_field: models.Field[Any, Any]) -> None:
        super().__init__(*dates or map(F, self.DATES), output_field=output_field)
        self.cases = cases

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        columns = [compiler.compile(date)[0] for date in self.get_source_expressions()]
        return self.cases.format(*columns), []


def by_state(
    today: date,
    words: Mapping[DutyState, str | int],
    *,
    withdrawn: str | int | None = None,
    near: tuple[str | int, date] | None = None,
) -> ByDates:
    """An expression for the word of the state on the day (rules.md section 6).

    With `withdrawn` that word where it is 撤销; with `near` that word where it is 待谈 and due by the day.
    """
    cases = [
        ("{4} IS NOT NULL", withdrawn),
        (f"{{0}} <= '{today}'", words[DutyState.WAIVED]),
        ("{1} <= {2}", words[DutyState.DONE]),
        ("{1} IS NOT NULL", words[DutyState.LATE]),
        (f"{{2}} < '{today}'", words[DutyState.OVERDUE]),
        (f"{{3}} >= '{today}'", words[DutyState.SCHEDULED]),
        *([(f"{{2}} <= '{near[1]}'", near[0])] if near else []),
    ]
    told = " ".join(f"WHEN {when} THEN {word!r}" for when, word in cases if word is not None)
    field = models.CharField() if isinstance(words[DutyState.PENDING], str) else models.IntegerField()
    return ByDates(cases=f"CASE {told} ELSE {words[DutyState.PENDING]!r} END", output_field=field)


def state_on(today: date) -> ByDates:
    """The state of a duty on the day as an expression (rules.md section 6)."""
    return by_state(today, {state: state.value for state in DutyState})


class Duty(models.Model):
    """One 应谈事项, known by rule version, organisation, anchor and persons.

    `version` is code, maker and first day of the rule's version (talks.rules.facts.Rule.version), `persons`
    the codes of those named, the lower first. Of a pair `subject` is the higher code and `counterpart` the
    lower; other duties name a `role`. `group` and `group_at` say where those in the role were found: they
    are the principals, the team … of that organisation. `planned` is the next talk that would meet it, also
    of an overdue one. Reminders first reach `responsible`, or the principals of `responsible_at`, or with
    neither the 党务管理员. A duty that is no longer owed keeps its row, with the day and the reason (撤销);
    it goes only with a member or organisation that was entered by mistake and is deleted.
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="duties", verbose_name="党组织", db_index=False
    )
    version = models.CharField(max_length=150)
    rule = models.CharField("规则代码", max_length=64)
    anchor = models.CharField("事由标识", max_length=120)
    persons = models.CharField(max_length=140)
    year = models.PositiveSmallIntegerField("年度")
    is_event = models.BooleanField("事件类")
    subject = models.ForeignKey(Member, models.CASCADE, related_name="duties", verbose_name="谈话对象")
    counterpart = models.ForeignKey(
        Member, models.CASCADE, null=True, related_name="pair_duties", verbose_name="对方"
    )
    role = models.CharField(
        "谈话人", max_length=12, choices=[(role.value, role.value) for role in TalkerRole]
    )
    group = models.CharField(max_length=12)
    group_at = models.ForeignKey(Organisation, models.SET_NULL, null=True, related_name="+")
    opens_on = models.DateField("开始日期")
    due_on = models.DateField("截止日期")
    responsible = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+", db_index=False)
    responsible_at = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    met_by = models.ForeignKey(Talk, models.SET_NULL, null=True, related_name="duties_met")
    met_on = models.DateField("谈话日期", null=True)
    planned = models.ForeignKey(Talk, models.SET_NULL, null=True, related_name="duties_planned")
    planned_on = models.DateField("预约日期", null=True)
    waived_on = models.DateField("免予谈话日期", null=True)
    withdrawn_on = models.DateField("撤销日期", null=True)
    withdrawal = models.CharField("撤销原因", max_length=80)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "应谈事项"
        ordering = ["rule", "organisation__code", "anchor", "subject__code", "counterpart__code"]
        constraints = [
            # The organisation first: the same index finds all that one organisation owes.
            models.UniqueConstraint(
                name="duty_once", fields=["organisation", "version", "anchor", "persons"]
            ),
            models.CheckConstraint(
                name="duty_names_pair_or_role",
                condition=Q(counterpart=None) & ~Q(role="") | Q(counterpart__isnull=False) & Q(role=""),
            ),
            models.CheckConstraint(
                name="duty_withdrawn_with_reason",
                condition=Q(withdrawn_on=None, withdrawal="")
                | Q(withdrawn_on__isnull=False) & ~Q(withdrawal=""),
            ),
        ]
        indexes = [
            models.Index(
                name="duty_open_due", fields=["due_on", "id"], condition=Q(met_on=None, withdrawn_on=None)
            ),
            # Few among millions, and summed or counted for everybody who answers for others.
            models.Index(name="duty_event", fields=["organisation"], condition=Q(is_event=True)),
            models.Index(name="duty_waived", fields=["id"], condition=Q(waived_on__isnull=False)),
            models.Index(name="duty_withdrawn", fields=["id"], condition=Q(withdrawn_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.version}·{self.anchor}·{self.persons}"

    @property
    def is_pair(self) -> bool:
        """Whether it names both persons."""
        return self.counterpart_id is not None


class Reconciliation(models.Model):
    """As of which day the duties of an organisation are right, and when time alone may change them."""

    organisation = models.OneToOneField(
        Organisation, models.CASCADE, primary_key=True, related_name="reconciliation", verbose_name="党组织"
    )
    as_of = models.DateField("截至日期", db_index=True)
    at = models.DateTimeField("时间")
    next_on = models.DateField("下次变化日期", db_index=True)

    class Meta:
        verbose_name = "应谈事项核对"

    def __str__(self) -> str:
        return f"{self.organisation_id}·{self.as_of}"


class DutySum(models.Model):
    """How many duties of one organisation, rule, year and last day there are: those of events are not in it.

    Written with the rows that it sums, in the same transaction (talks.services.sums); so that the
    figures of many organisations need not be counted over millions of rows. `owed` are all but 免予谈话,
    `planned` the unmet ones with a talk ahead; overdue are the unmet ones once `due_on` is past. `under` is
    the path of the organisation with which the row was added to the sums of its superiors (BelowSum).
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="duty_sums", verbose_name="党组织", db_index=False
    )
    rule = models.CharField("规则代码", max_length=64)
    year = models.PositiveSmallIntegerField("年度")
    is_meeting = models.BooleanField("会前")
    due_on = models.DateField("截止日期")
    owed = models.PositiveIntegerField("应谈")
    done = models.PositiveIntegerField("已谈")
    late = models.PositiveIntegerField("逾期完成")
    planned = models.PositiveIntegerField("已约")
    waived = models.PositiveIntegerField("免予谈话")
    under = models.CharField("所计路径", max_length=255, blank=True, default="", editable=False)

    class Meta:
        verbose_name = "应谈事项合计"
        constraints = [
            models.UniqueConstraint(
                name="duty_sum_once", fields=["organisation", "rule", "year", "is_meeting", "due_on"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}·{self.rule}·{self.due_on}"


class BelowSum(models.Model):
    """How many duties there are below an organisation, in the words of DutySum; its own are not among them.

    All rows of an organisation, rule, year and last day add up. Who changes a DutySum adds the difference to
    every superior as a row of its own (`is_change`): a row that all changed would let a whole country wait
    for each branch. `fold_sums` makes one of them (talks.services.sums).
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="sums_below", verbose_name="党组织", db_index=False
    )
    rule = models.CharField("规则代码", max_length=64)
    year = models.PositiveSmallIntegerField("年度")
    is_meeting = models.BooleanField("会前")
    due_on = models.DateField("截止日期")
    owed = models.IntegerField("应谈")
    done = models.IntegerField("已谈")
    late = models.IntegerField("逾期完成")
    planned = models.IntegerField("已约")
    waived = models.IntegerField("免予谈话")
    is_change = models.BooleanField("尚未归并", default=True)

    class Meta:
        verbose_name = "下级应谈事项合计"
        indexes = [
            models.Index(name="below_sum_year", fields=["organisation", "year"]),
            models.Index(name="below_sum_change", fields=["id"], condition=Q(is_change=True)),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}·{self.rule}·{self.due_on}"


class Reliance(models.Model):
    """That the duties of an organisation were judged with the posts of another one: of a superior where it
    has no holder of a role itself, of the committee that manages a cadre. Changes there concern it too.
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="relies_on", verbose_name="党组织", db_index=False
    )
    on = models.ForeignKey(
        Organisation, models.CASCADE, related_name="relied_on_by", verbose_name="所依党组织"
    )

    class Meta:
        verbose_name = "应谈事项所依组织"
        constraints = [models.UniqueConstraint(name="reliance_once", fields=["organisation", "on"])]

    def __str__(self) -> str:
        return f"{self.organisation_id}·{self.on_id}"
