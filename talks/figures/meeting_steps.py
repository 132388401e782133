"""How far the preparation of a meeting is: its steps, what the system knows of each, who ticked it."""

from dataclasses import dataclass

from branches.rules.dates import chinese_date
from talks.figures.matrix import Matrix
from talks.figures.opinions import OpinionCount
from talks.models import Meeting
from talks.rules.meetings import BY_HAND, STEP_HINTS, Step


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: `told` says how it stands, `slug` addresses it, `by_hand` whether a person ticks it."""

    step: Step
    slug: str
    hint: str
    told: str
    is_done: bool
    by_hand: bool


def steps_of(meeting: Meeting, matrix: Matrix, count: OpinionCount) -> tuple[StepLine, ...]:
    """The steps in their order; one query. The talks are done when every one that is owed has been held."""
    ticked = {row.step: row for row in meeting.steps.select_related("done_by")}
    told = {
        Step.OPINIONS: f"{count.sentence}{f'，还有{count.unmerged}条待梳理' if count.unmerged else ''}",
        Step.TALKS: f"应谈{matrix.owed}项，已谈{matrix.met}项",
    }
    lines = []
    for step in Step:
        row = ticked.get(step.value)
        by_whom = f"{chinese_date(row.done_on)}，{row.done_by.name}登记" if row else ""
        words = [part for part in (told.get(step, ""), by_whom) if part]
        lines.append(
            StepLine(
                step=step,
                slug=step.name.lower(),
                hint=STEP_HINTS[step],
                told="；".join(words),
                is_done=matrix.is_done if step is Step.TALKS else row is not None,
                by_hand=step in BY_HAND,
            )
        )
    return tuple(lines)
