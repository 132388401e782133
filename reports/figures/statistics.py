"""谈心谈话统计表: figures of an organisation and all below it, nobody named."""

from collections import Counter
from datetime import date

from django.db.models import Count, Q

from branches.models import Organisation
from branches.models import OrganisationQuerySet as Organisations
from members.models import Member
from reports.figures.compliance import compliance_figures
from reports.figures.lines import ComplianceFigures
from reports.figures.sheets import Cell, Column, Register, Table
from reports.figures.talks import TalkTally, talk_tallies
from reports.rules import Tally
from talks.models import GatheredOpinion, Remedy

COLUMNS = (
    Column("序号", 8, "number"),
    Column("党组织名称", 41, "left"),
    Column("党员数", 9.5, "number"),
    Column("应谈", 9, "number"),
    Column("已谈", 9, "number"),
    Column("覆盖率", 13.5, "number"),
    Column("谈话次数", 9, "number"),
    Column("班子之间", 9, "number"),
    Column("班子与党员", 9.5, "number"),
    Column("党员之间", 9, "number"),
    Column("征求意见（条）", 10, "number"),
    Column("整改措施（项）", 10, "number"),
    Column("已销号（项）", 9.5, "number"),
)
EMPTY = "没有可以统计的党组织。"
NOTES = (
    "应谈不含免予谈话；已谈含逾期完成；覆盖率为已谈与应谈之比。同一次谈话可以满足几项应谈，每项只计一次。",
    "谈话次数按谈话当天双方的组织关系和班子任职归入党组织；同属几个党组织的，在各党组织各计一次。",
    "征求意见为该年度会前征集的意见建议，整改措施为已列入台账的措施。",
)
POOLED = "由岗位变动、家庭变故等事件引起的应谈事项，一个党组织不足3项的，与上级及其所属党组织合并列示。"
WITHHELD = "另有事件类必谈不足3项，不分列完成情况，不计入以上各数。"
EXCLUDED = "按照回避要求，不含申请人任职或者组织关系所在的{number}个党组织。"


def statistics_figures(
    organisation: Organisation,
    *,
    year: int,
    as_of: date,
    within: Organisations | None,
    reader: Member | None,
) -> Register:
    """A row for each organisation, as far as they may be told of; refusals as for the compliance report."""
    figures = compliance_figures(organisation, year=year, as_of=as_of, within=within, reader=reader)
    codes = [line.code for line in figures.organisations]
    places = list(Organisation.objects.filter(code__in=codes))
    last = min(as_of, date(year, 12, 31))
    tallies = talk_tallies(places, since=date(year, 1, 1), until=last)
    keys = {place.code: place.pk for place in places}
    gathered = _counts(
        GatheredOpinion.objects.filter(meeting__organisation__in=places, meeting__year=year)
        .order_by()
        .values_list("meeting__organisation")
        .annotate(number=Count("pk"))
    )
    remedies = Remedy.objects.agreed().filter(
        organisation__in=places, released_on__year=year, released_on__lte=last
    )
    listed = _counts(remedies.order_by().values_list("organisation").annotate(number=Count("pk")))
    settled = _counts(
        remedies.order_by()
        .values_list("organisation")
        .annotate(number=Count("pk", filter=Q(settled_on__lte=last)))
    )

    rows: list[tuple[Cell, ...]] = []
    for line in figures.organisations:
        key = keys[line.code]
        talks = tallies.get(key, TalkTally())
        rows.append(
            (
                len(rows) + 1,
                "　" * line.depth + line.name,
                line.party if line.party is not None else "—",
                *_duties(line.tally),
                talks.all,
                talks.team,
                talks.mixed,
                talks.others,
                gathered[key],
                listed[key],
                settled[key],
            )
        )
    for line in figures.organisations:
        if line.pooled:
            name = f"事件类必谈（{line.name}及所属党组织合并列示）"
            rows.append(("—", name, "—", *_duties(line.pooled), *["—"] * 7))
    found = tallies.values()
    return Register(
        title="谈心谈话统计表",
        subtitle=f"{organisation.name}　{year}年度",
        left=f"党组织{len(figures.organisations)}个",
        right=f"覆盖率{figures.total.coverage}",
        as_of=as_of,
        versions=figures.versions,
        tables=(
            Table(
                name="统计表",
                caption="",
                columns=COLUMNS,
                rows=tuple(rows),
                empty=EMPTY,
                sums=(
                    "",
                    "合计",
                    sum(line.party or 0 for line in figures.organisations),
                    *_duties(figures.total),
                    sum(one.all for one in found),
                    sum(one.team for one in found),
                    sum(one.mixed for one in found),
                    sum(one.others for one in found),
                    sum(gathered.values()),
                    sum(listed.values()),
                    sum(settled.values()),
                ),
            ),
        ),
        notes=_notes(figures),
    )


def _duties(tally: Tally) -> tuple[int, int, str]:
    return tally.owed, tally.met, tally.coverage


def _counts(rows: object) -> Counter[int]:
    return Counter(dict(rows))  # type: ignore[call-overload]


def _notes(figures: ComplianceFigures) -> tuple[str, ...]:
    notes = [*NOTES, POOLED]
    if figures.withheld:
        notes.append(WITHHELD)
    if figures.excluded:
        notes.append(EXCLUDED.format(number=figures.excluded))
    return tuple(notes)
