"""Figures of what was owed and what was done, of an organisation and all below it, as a report tells them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.core.exceptions import PermissionDenied

from branches.models import Organisation
from branches.models import OrganisationQuerySet as Organisations
from members.models import Member
from reports.figures.findings import organisation_sums
from reports.figures.lines import (
    ComplianceFigures,
    FindingSums,
    OrganisationLine,
    OverdueLine,
    Rank,
    RequestSums,
    RuleLine,
)
from reports.figures.versions import used_versions
from reports.models.findings import FindingQuerySet
from reports.rules import EventCells, Tally, event_cells, set_rank, tally_of, total
from talks.figures.duties import duties_of
from talks.figures.requests import RequestCounts, request_counts
from talks.models import TalkRequest
from talks.rules import duties as engine
from talks.rules.duties import Duty
from talks.rules.facts import Facts
from talks.rules.index import index_of
from talks.rules.words import DutyState

EVENT_TITLE = "事件类必谈"
NOBODY_IN_CHARGE = "党务管理员"
# Whom to turn to has room for two names in a row of the paper.
NAMES_SHOWN = 2


def compliance_figures(
    organisation: Organisation,
    *,
    year: int,
    as_of: date,
    within: Organisations | None,
    reader: Member | None = None,
    findings: FindingQuerySet | None = None,
) -> ComplianceFigures:
    """Counts what the organisation and all below it owed for the year, as of the day.

    `within` are the organisations that may be told of (None: all). Those left out by it are counted in
    `excluded` and in nothing else. Event duties about the `reader` are left out too: who knows the others
    would learn of his own by the difference. PermissionDenied where the organisation itself may not be told
    of. The number of queries does not grow with the rows.
    """
    below = list(Organisation.objects.below(organisation))
    allowed = below if within is None else list(within.filter(path__startswith=organisation.path))
    if organisation not in allowed:
        raise PermissionDenied
    figures = _of_year(allowed, organisation, reader, year, as_of)
    before = _of_year(allowed, organisation, reader, year - 1, _year_before(as_of))
    told = Organisation.objects.below(organisation) if within is None else within
    requests = _request_sums(told.filter(path__startswith=organisation.path), year, as_of)
    return replace(
        figures,
        excluded=len(below) - len(allowed),
        requests=requests,
        last_year=before.total,
        ranks=_ranks(figures, before),
        findings=_finding_sums(findings, allowed, year, as_of) if findings is not None else None,
    )


def _of_year(
    allowed: list[Organisation], top: Organisation, reader: Member | None, year: int, as_of: date
) -> ComplianceFigures:
    facts, found = duties_of(allowed, year=year, as_of=as_of)
    duties = [duty for duty in found if not (reader and duty.is_event and duty.subject == reader.code)]
    return figures_of(facts, duties, _standing(allowed, top, duties, year, as_of), year=year, as_of=as_of)


def _year_before(day: date) -> date:
    """The same day a year earlier; the 28th of February for the 29th."""
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _ranks(figures: ComplianceFigures, before: ComplianceFigures) -> tuple[Rank, ...]:
    """Organisations that owe something, the highest coverage first; those alike share a place."""
    last = {line.code: line.tally for line in before.organisations}
    owing = [line for line in figures.organisations if line.tally.owed]
    owing.sort(key=lambda line: (-line.tally.met / line.tally.owed, line.code))
    ranks: list[Rank] = []
    for number, line in enumerate(owing, 1):
        above = ranks[-1] if ranks else None
        alike = above and above.tally.met * line.tally.owed == line.tally.met * above.tally.owed
        place = above.place if above and alike else number
        ranks.append(Rank(place, line.name, line.tally, last.get(line.code, Tally()).coverage))
    return tuple(ranks) if len(ranks) > 1 else ()


def _finding_sums(
    findings: FindingQuerySet, allowed: list[Organisation], year: int, as_of: date
) -> FindingSums:
    """Those about records of the year that were found by the day."""
    ours = findings.filter(organisation__in=allowed, day__year=year, found_on__lte=as_of)
    sums = organisation_sums(ours)
    return FindingSums(
        *(sum(getattr(one, name) for one in sums) for name in ("open", "explained", "dismissed", "gone"))
    )


def figures_of(
    facts: Facts,
    duties: Sequence[Duty],
    organisations: Sequence[Organisation],
    *,
    year: int,
    as_of: date,
) -> ComplianceFigures:
    """The figures of duties already evaluated; `organisations` in tree order, the top one first."""
    top = organisations[0]
    known = {organisation.pk: organisation.code for organisation in organisations}
    plain: dict[str, dict[str, list[DutyState]]] = defaultdict(lambda: defaultdict(list))
    events: dict[str, list[DutyState]] = defaultdict(list)
    titles: dict[str, str] = {}
    for duty in duties:
        if duty.is_event:
            events[duty.organisation].append(duty.state)
        else:
            titles[duty.rule.code] = duty.rule.title
            plain[duty.organisation][duty.rule.code].append(duty.state)
    cells = event_cells(
        [(row.code, _superior_within(row, known)) for row in organisations],
        {code: tally_of(states) for code, states in events.items()},
    )
    tallies = {
        code: {
            rule: tally_of(states)
            for rule, states in sorted(rules.items(), key=lambda item: set_rank(item[0]))
        }
        for code, rules in plain.items()
    }
    index = index_of(facts)
    lines = tuple(
        _line(
            row,
            row.depth - top.depth,
            len(index.party(row.code, as_of)),
            tallies.get(row.code, {}),
            titles,
            cells,
        )
        for row in organisations
    )
    rules = _sums_by_rule(tallies.values(), titles, cells)
    return ComplianceFigures(
        organisation=top.code,
        name=top.name,
        year=year,
        as_of=as_of,
        total=total(line.tally for line in rules),
        organisations=lines,
        rules=rules,
        overdue=_overdue(facts, duties, [row.code for row in organisations], as_of),
        events_overdue=cells.total.overdue,
        withheld=cells.withheld,
        versions=used_versions(facts, duties, organisations, min(as_of, date(year, 12, 31))),
    )


def _request_sums(organisations: Organisations, year: int, as_of: date) -> RequestSums:
    found = TalkRequest.objects.placed_in(organisations).filter(asked_on__lte=as_of)
    counts = sum(request_counts(found, year=year, today=as_of), RequestCounts())
    return RequestSums(**{name: getattr(counts, name) for name in RequestSums.__slots__})


def _standing(
    rows: Iterable[Organisation], top: Organisation, duties: Sequence[Duty], year: int, as_of: date
) -> list[Organisation]:
    """The organisations in the order of the tree, without branches that neither stood then nor owe."""
    owing = {duty.organisation for duty in duties}
    first, last = date(year, 1, 1), min(as_of, date(year, 12, 31))
    return _depth_first(
        [
            row
            for row in rows
            if row.pk == top.pk
            or row.code in owing
            or not row.is_branch
            or (
                (row.established is None or row.established <= last)
                and (row.dissolved is None or row.dissolved > first)
            )
        ]
    )


def _depth_first(rows: list[Organisation]) -> list[Organisation]:
    """Each organisation before those below it, siblings by code."""
    by_pk = {row.pk: row for row in rows}

    def line(row: Organisation) -> list[str]:
        return [by_pk[pk].code for pk in row.ancestor_ids() if pk in by_pk] + [row.code]

    return sorted(rows, key=line)


def _superior_within(row: Organisation, known: dict[int, str]) -> str | None:
    """The nearest organisation above it that the report holds."""
    return next((known[pk] for pk in reversed(row.ancestor_ids()) if pk in known), None)


def _line(
    row: Organisation,
    depth: int,
    party: int,
    tallies: dict[str, Tally],
    titles: dict[str, str],
    cells: EventCells,
) -> OrganisationLine:
    rules = [RuleLine(code, titles[code], tally) for code, tally in tallies.items()]
    if row.code in cells.own:
        rules.append(RuleLine("", EVENT_TITLE, cells.own[row.code]))
    return OrganisationLine(
        code=row.code,
        name=row.name,
        depth=depth,
        party=party if row.is_branch or party else None,
        tally=total(line.tally for line in rules),
        rules=tuple(rules),
        pooled=cells.pooled.get(row.code),
    )


def _sums_by_rule(
    tallies: Iterable[dict[str, Tally]], titles: dict[str, str], cells: EventCells
) -> tuple[RuleLine, ...]:
    sums: dict[str, Tally] = defaultdict(Tally)
    for rules in tallies:
        for code, tally in rules.items():
            sums[code] += tally
    lines = [
        RuleLine(code, titles[code], tally)
        for code, tally in sorted(sums.items(), key=lambda item: set_rank(item[0]))
    ]
    if cells.own or cells.pooled:
        lines.append(RuleLine("", EVENT_TITLE, cells.total))
    return tuple(lines)


def _overdue(facts: Facts, duties: Sequence[Duty], order: list[str], as_of: date) -> tuple[OverdueLine, ...]:
    names = {member.code: member.name for member in facts.members}
    organisations = {organisation.code: organisation.name for organisation in facts.organisations}
    place = {code: number for number, code in enumerate(order)}
    late = [duty for duty in duties if duty.state == DutyState.OVERDUE and not duty.is_event]
    late.sort(
        key=lambda duty: (place[duty.organisation], duty.due_on, *set_rank(duty.rule.code), duty.persons)
    )
    return tuple(
        OverdueLine(
            organisation=organisations[duty.organisation],
            title=duty.rule.title,
            persons=tuple(names[code] for code in duty.persons),
            due_on=duty.due_on,
            days=(as_of - duty.due_on).days,
            responsible=_named(engine.responsible(facts, duty, today=as_of), names),
        )
        for duty in late
    )


def _named(codes: frozenset[str], names: dict[str, str]) -> str:
    if not codes:
        return NOBODY_IN_CHARGE
    shown = [names[code] for code in sorted(codes)[:NAMES_SHOWN]]
    return "、".join(shown) + ("等" if len(codes) > NAMES_SHOWN else "")
