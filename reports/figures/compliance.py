"""Figures of what was owed and what was done, of an organisation and all below it, as a report tells them."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from django.core.exceptions import PermissionDenied

from branches.models import Organisation
from branches.models import OrganisationQuerySet as Organisations
from members.models import Member
from reports.figures.findings import organisation_sums
from reports.figures.versions import Version, used_versions
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
# The fields that are written as they are.
FIELDS = ("organisation", "name", "year", "events_overdue", "withheld", "excluded")
# Whom to turn to has room for two names in a row of the paper.
NAMES_SHOWN = 2


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in one organisation, or in all of them. Event duties are one line, their kinds summed."""

    code: str
    title: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """One organisation: its sum and its rules.

    `party` counts the party members affiliated on the day, None for a committee, which has none of its own.
    `pooled` are event duties told together with those of organisations below it; they are not in `tally`.
    """

    code: str
    name: str
    depth: int
    party: int | None
    tally: Tally
    rules: tuple[RuleLine, ...]
    pooled: Tally | None


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """A duty that is overdue, never one of an event. `days` are natural days since `due_on`."""

    organisation: str
    title: str
    persons: tuple[str, ...]
    due_on: date
    days: int
    responsible: str

    @property
    def names(self) -> str:
        """Both persons, or the one."""
        return "、".join(self.persons)


@dataclass(frozen=True, slots=True)
class RequestSums:
    """约谈 of the year as numbers of their own, in no sum of duties: neither whose nor why."""

    asked: int = 0
    waiting: int = 0
    answered_late: int = 0
    answer_overdue: int = 0
    held: int = 0
    held_late: int = 0
    hold_overdue: int = 0


@dataclass(frozen=True, slots=True)
class FindingSums:
    """疑点 of the organisations by how far they have come; of no person, and without what they are about."""

    open: int = 0
    explained: int = 0
    dismissed: int = 0
    gone: int = 0

    @property
    def all(self) -> int:
        """Every one."""
        return self.open + self.explained + self.dismissed + self.gone


@dataclass(frozen=True, slots=True)
class Rank:
    """An organisation in the order of coverage; `last` is its coverage a year before, on the same day."""

    place: int
    name: str
    tally: Tally
    last: str


@dataclass(frozen=True, slots=True)
class ComplianceFigures:
    """Everything that a compliance report prints.

    `withheld` event duties, fewer than three, are in no sum; the reader hears that there are some, and not
    how many (design.md section 4). `events_overdue` are counted in the sums and not named in `overdue`.
    `excluded` organisations lie below and are not told of, since the reader has a part in them. `last_year`
    are the sums of the year before on the same day, `ranks` the organisations by coverage, `findings` the
    疑点 that the reader may count (None: he may not).
    """

    organisation: str
    name: str
    year: int
    as_of: date
    total: Tally
    organisations: tuple[OrganisationLine, ...]
    rules: tuple[RuleLine, ...]
    overdue: tuple[OverdueLine, ...]
    events_overdue: int
    withheld: int
    versions: tuple[Version, ...]
    excluded: int = 0
    requests: RequestSums = RequestSums()
    last_year: Tally | None = None
    ranks: tuple[Rank, ...] = ()
    findings: FindingSums | None = None

    @property
    def branches(self) -> int:
        """How many organisations lie below."""
        return len(self.organisations) - 1

    def to_text(self) -> str:
        """The figures as one text, the same for the same figures: it is stored, and the HMAC is over it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=date.isoformat)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The figures that `to_text` wrote."""
        data = json.loads(text)
        return cls(
            **{name: data[name] for name in FIELDS},
            as_of=date.fromisoformat(data["as_of"]),
            total=Tally(**data["total"]),
            # Reports made before 约谈 was counted say nothing of it.
            requests=RequestSums(**data.get("requests", {})),
            # Nor of the year before, before that was told.
            last_year=Tally(**data["last_year"]) if data.get("last_year") else None,
            ranks=tuple(Rank(**line | {"tally": Tally(**line["tally"])}) for line in data.get("ranks", ())),
            findings=FindingSums(**data["findings"]) if data.get("findings") else None,
            organisations=tuple(_organisation_line(line) for line in data["organisations"]),
            rules=_rule_lines(data["rules"]),
            overdue=tuple(
                OverdueLine(
                    **line | {"persons": tuple(line["persons"]), "due_on": date.fromisoformat(line["due_on"])}
                )
                for line in data["overdue"]
            ),
            versions=tuple(
                Version(**line | {"since": date.fromisoformat(line["since"])}) for line in data["versions"]
            ),
        )


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


def _rule_lines(data: list[dict[str, Any]]) -> tuple[RuleLine, ...]:
    return tuple(RuleLine(line["code"], line["title"], Tally(**line["tally"])) for line in data)


def _organisation_line(data: dict[str, Any]) -> OrganisationLine:
    return OrganisationLine(
        **{name: data[name] for name in ("code", "name", "depth", "party")},
        tally=Tally(**data["tally"]),
        rules=_rule_lines(data["rules"]),
        pooled=Tally(**data["pooled"]) if data["pooled"] else None,
    )
