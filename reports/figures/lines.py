"""What a compliance report prints, line by line, and how it is kept as one text."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from reports.figures.versions import Version
from reports.rules import Tally

# The fields that are written as they are.
FIELDS = ("organisation", "name", "year", "events_overdue", "withheld", "excluded")


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


def _rule_lines(data: list[dict[str, Any]]) -> tuple[RuleLine, ...]:
    return tuple(RuleLine(line["code"], line["title"], Tally(**line["tally"])) for line in data)


def _organisation_line(data: dict[str, Any]) -> OrganisationLine:
    return OrganisationLine(
        **{name: data[name] for name in ("code", "name", "depth", "party")},
        tally=Tally(**data["tally"]),
        rules=_rule_lines(data["rules"]),
        pooled=Tally(**data["pooled"]) if data["pooled"] else None,
    )
