"""The words and tables of a report, the same for the page and for Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.flags.display import format_flags, format_point, format_value
from tunesmith.flags.values import FlagValue
from tunesmith.query.cells import count, format_clock, format_expected, format_started
from tunesmith.query.origins import MEANINGS
from tunesmith.ranking import best_first, n_outside
from tunesmith.report.charts import n_beyond, n_not_drawn
from tunesmith.report.facts import MAX_FITTED, BatchFacts
from tunesmith.scalar import MAX_DRAWN
from tunesmith.search.importance import TRUSTED_TRIALS
from tunesmith.trial import Run, short_id

WHY_RECOMMENDED = (
    "With a noisy objective the best observed value is partly luck; a Gaussian process of all "
    "trials expects the most of this one."
)
NO_COMMAND = (
    "Its trials are the rows of a batch file whose name an earlier Tunesmith did not note, so the "
    "command that ran it is not known."
)
MAX_ROWS = 2000
"""Trials that the table of a page lists; of more, the best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """A line of the table of trials."""

    cells: tuple[str, ...]
    is_best: bool


def subtitle(facts: BatchFacts) -> str:
    """Return when the batch ran, and how long."""
    started = [run.started for run in facts.trials if run.started is not None]
    parts = [count(len(facts.trials), "trial"), str(facts.objective)]
    if started:
        parts.append(f"started {format_started(min(started))}")
        parts.append(f"ran {format_clock(facts.seconds)}")
    return ", ".join(parts)


def command_note(facts: BatchFacts) -> str:
    """Return what the command of a batch leaves out; empty where it says it all."""
    n = facts.spec.generation
    if not n:
        return ""
    times = "once" if n == 1 else f"{n} times"
    return f"The batch went on {times}: the command starts a new one with what was asked for last."


def no_best(facts: BatchFacts) -> str:
    """Return why no trial is the best."""
    where = "in the space that is searched now " if facts.points else ""
    return f"No trial {where}reported {facts.objective.column}"


def headings(facts: BatchFacts) -> list[str]:
    """Return the headings of the table of trials."""
    names = ["trial", "run", "status", "proposed by", *facts.varied, str(facts.objective.column)]
    names.append("seconds")
    return [*names, "expected", "±", "acquisition"] if _has_predictions(facts) else names


def trial_rows(facts: BatchFacts, *, limit: int, is_best_first: bool = False) -> list[TrialRow]:
    """Return the rows of the table of trials, in their order, or the best ones.

    Args:
        facts: Of the batch.
        limit: How many; where there are more, the best are taken.
        is_best_first: Whether the best come first.
    """
    chosen: Sequence[Run] = facts.trials
    if is_best_first or len(chosen) > limit:
        chosen = _best_first(facts)[:limit]
    if not is_best_first:
        chosen = sorted(chosen, key=lambda run: run.number)
    best, is_predicted = facts.best, _has_predictions(facts)
    return [
        TrialRow(
            cells=_cells(facts, run, is_predicted=is_predicted),
            is_best=best is not None and run is best.run,
        )
        for run in chosen
    ]


def notes(facts: BatchFacts) -> list[str]:
    """Return what a reader of the charts has to know."""
    found = []
    if n := n_beyond(facts):
        found.append(f"{count(n, 'trial')} so much worse that it is drawn at the edge, as a ring.")
        if n > 1:
            found[-1] = f"{n} trials so much worse that they are drawn at the edge, as rings."
    if n := n_not_drawn(facts):
        found.append(f"{n} of {len(facts.points)} trials are left out of the charts.")
    if n := n_outside(facts.spec, facts.trials):
        found.append(
            f"{count(n, 'trial')} of before, outside of what is searched since a restart: the "
            "best and the recommended one are of the others."
        )
    n_silent = len(facts.trials) - len(facts.points) - facts.n_failures
    if n_silent > 0:
        found.append(f"{count(n_silent, 'trial')} without {facts.objective.column}.")
    if any(one.count > MAX_DRAWN for run in facts.trials for one in run.scalars.values()):
        found.append(
            f"TensorBoard's files hold at most {MAX_DRAWN} points of each series; all of them: "
            "tunesmith tensorboard --export-scalars FILE"
        )
    return found


def importance_notes(facts: BatchFacts) -> list[str]:
    """Return the cautions beside the importance of flags."""
    found = []
    n = len(facts.points)
    if n < TRUSTED_TRIALS:
        found.append(
            f"Caution: these are {count(n, 'trial')}. With fewer than {TRUSTED_TRIALS}, a flag "
            "without influence can come before one that has some."
        )
    if any(not one.is_clear for one in facts.importances):
        found.append("A pale bar is one that chance may give as well.")
    return found


def fitted_note(facts: BatchFacts) -> str:
    """Return which trials the model knows, where it does not know all."""
    if len(facts.points) <= MAX_FITTED:
        return ""
    return f"; it was fitted to {MAX_FITTED} of the trials, the best and the latest"


def origins(facts: BatchFacts) -> list[tuple[str, int, str]]:
    """Return each origin of trials, how many it proposed, and what it means."""
    return [(origin, n, MEANINGS.get(origin, "")) for origin, n in facts.origins.items()]


def expected(facts: BatchFacts) -> str:
    """Return what the model expects of the recommended trial; empty where there is none."""
    found = facts.recommendation
    return "" if found is None else format_expected(found.mean, found.sd)


def describe_flags(facts: BatchFacts, run: Run) -> str:
    """Return the flags of a trial in which trials differ."""
    if not facts.varied:
        return format_flags(run.flags)
    return format_point({name: run.flags.get(name) for name in facts.varied})


def _best_first(facts: BatchFacts) -> list[Run]:
    first = best_first(facts.spec, facts.trials)
    ids = {run.id for run in first}
    return [*first, *(run for run in facts.trials if run.id not in ids)]


def _cells(facts: BatchFacts, run: Run, *, is_predicted: bool) -> tuple[str, ...]:
    cells = [str(run.number), short_id(run.id), str(run.status), run.origin]
    cells += [_number(run.flags.get(name)) for name in facts.varied]
    cells.append(_number(run.objective))
    cells.append("" if run.seconds is None else f"{run.seconds:.2f}")
    if is_predicted:
        said = run.prediction
        numbers = (None,) * 3 if said is None else (said.mean, said.sd, said.acquisition)
        cells += [_number(number) for number in numbers]
    return tuple(cells)


def _number(value: FlagValue) -> str:
    return "" if value is None else format_value(value)


def _has_predictions(facts: BatchFacts) -> bool:
    return any(run.prediction is not None for run in facts.trials)
