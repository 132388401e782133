"""Figures as charts: numbers in rows and columns, each with the list behind it. A table says the same."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from talks.figures.coverage import Coverage, coverage_of
from talks.figures.worklist import MONTH_DAYS, NEAR_DAYS, Duties, Tally
from talks.rules.families import family_name, family_of, family_order
from talks.rules.words import DutyState

_DONE, _SCHEDULED, _OPEN, _OVERDUE = ["done", "late"], ["scheduled"], ["near", "pending"], ["overdue"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A number and where its duties are listed."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One bar."""

    name: str
    cells: tuple[Cell, ...]
    rate: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars that are made of parts; `tones` are the look's words for the parts."""

    key: str
    title: str
    heads: tuple[str, ...]
    tones: tuple[str, ...]
    rows: tuple[Row, ...]

    def drawn(self) -> dict[str, Any]:
        """For the script that draws it."""
        return {
            "names": [row.name for row in self.rows],
            "parts": [
                {
                    "name": head,
                    "tone": tone,
                    "values": [row.cells[place].number for row in self.rows],
                    "urls": [row.cells[place].url for row in self.rows],
                }
                for place, (head, tone) in enumerate(zip(self.heads, self.tones, strict=True))
            ],
        }


def tally_of(duties: Duties) -> Tally:
    """The duties counted by rule, last day and state, in one query."""
    rows = duties.order_by().values_list("rule", "due_on", "state").annotate(number=Count("pk"))
    return [(rule, due_on, DutyState(state), number) for rule, due_on, state, number in rows]


def coverage_chart(tally: Tally, **query: str) -> Chart:
    """How far each family of rules has come; `query` goes with every address."""
    found: dict[str, Counter[DutyState]] = {}
    for rule, _, state, number in tally:
        found.setdefault(family_of(rule), Counter())[state] += number
    families = [(family, coverage_of(found[family])) for family in sorted(found, key=family_order)]
    return Chart(
        key="coverage",
        title="各类应谈办理情况",
        heads=("已谈", "已约", "未约", "逾期"),
        tones=("done", "scheduled", "pending", "overdue"),
        rows=tuple(_family_row(family, figures, query) for family, figures in families if figures.owed),
    )


def _family_row(family: str, figures: Coverage, query: dict[str, str]) -> Row:
    numbers = (figures.met, figures.scheduled, figures.unbooked, figures.overdue)
    states = (_DONE, _SCHEDULED, _OPEN, _OVERDUE)
    return Row(
        name=family_name(family),
        cells=tuple(
            Cell(number, _address({"rule": f"{family}.*", "state": words, **query}))
            for number, words in zip(numbers, states, strict=True)
        ),
        rate=figures.rate,
    )


def due_chart(tally: Tally, *, today: date, **query: str) -> Chart:
    """When the talks that are still wanting are due, and how many of them are booked."""
    spans = (("已过期限", "past"), ("7日内", "week"), (f"8至{MONTH_DAYS}日", "month"), ("以后", "later"))
    found: Counter[tuple[str, bool]] = Counter()
    for _, due_on, state, number in tally:
        if state in (DutyState.OVERDUE, DutyState.PENDING, DutyState.SCHEDULED):
            found[_span(due_on, today), state is DutyState.SCHEDULED] += number
    return Chart(
        key="due",
        title="尚未谈的何时到期",
        heads=("逾期", "未约", "已约"),
        tones=("overdue", "pending", "scheduled"),
        rows=tuple(
            Row(
                name,
                (
                    Cell(found[word, False] if word == "past" else 0, _due(word, _OVERDUE, query)),
                    Cell(found[word, False] if word != "past" else 0, _due(word, _OPEN, query)),
                    Cell(found[word, True], _due(word, _SCHEDULED, query)),
                ),
            )
            for name, word in spans
        ),
    )


def _span(due_on: date, today: date) -> str:
    days = (due_on - today).days
    if days < 0:
        return "past"
    return "week" if days <= NEAR_DAYS else "month" if days <= MONTH_DAYS else "later"


def _due(word: str, states: Iterable[str], query: dict[str, str]) -> str:
    return _address({"due": word, "state": list(states), **query})


def _address(query: dict[str, Any]) -> str:
    return f"{reverse('duties')}?{urlencode(query, doseq=True)}"
