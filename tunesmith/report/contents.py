"""The texts and tables of a report, shared by the page and by Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.batch_conditions import conditions_text
from tunesmith.flags.display import format_flags, format_point, format_value
from tunesmith.flags.values import FlagValue
from tunesmith.objective import Objective
from tunesmith.query.cells import count, format_clock, format_expected, format_started
from tunesmith.query.origins import MEANINGS
from tunesmith.query.results import (
    describe_misses,
    describe_results,
    format_objective,
    front_lines,
    result_columns,
)
from tunesmith.ranking import best_first, n_outside, nearest_of
from tunesmith.report.charts import n_beyond, n_not_drawn
from tunesmith.report.curves import n_with_curves
from tunesmith.report.facts import BatchFacts
from tunesmith.report.model_slices import MAX_FITTED
from tunesmith.scalar import MAX_DRAWN
from tunesmith.search.importance import TRUSTED_TRIALS
from tunesmith.trial import Run, TrialStatus, short_id

WHY_RECOMMENDED = (
    "With a noisy objective the best observed value is partly luck. A Gaussian process fitted to "
    "all trials expects the best result from this one."
)
NO_COMMAND = (
    "No command can repeat the batch: its trials are the rows of a batch file whose name an "
    "earlier version of Tunesmith did not record, or a sweep file gave its flags steps, a "
    "distribution or probabilities that no argument can."
)
MAX_ROWS = 2000
"""The most trials that the table of a page lists: the best ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """A row of the table of trials."""

    cells: tuple[str, ...]
    status: TrialStatus
    is_best: bool


def subtitle(facts: BatchFacts) -> str:
    """Return the number of trials, the objective, when and how long it ran, and why it ended."""
    started = [run.started for run in facts.trials if run.started is not None]
    parts = [count(len(facts.trials), "trial"), *map(str, facts.spec.objectives)]
    parts += [f"subject to {conditions_text(facts.spec.subject_to)}"] * bool(facts.spec.subject_to)
    if started:
        parts.append(f"started {format_started(min(started))}")
        parts.append(f"ran {format_clock(facts.seconds)}")
    return ", ".join(parts) + (f"; ended early: {facts.ended}" if facts.ended else "")


def front(facts: BatchFacts) -> list[str]:
    """Return a line for each trial of the front; empty with one objective."""
    return [] if facts.front is None else front_lines(facts.spec, facts.front)


def command_note(facts: BatchFacts) -> str:
    """Return what the command of a batch does not show: its restarts. Empty without any."""
    n = facts.spec.generation
    if not n:
        return ""
    times = "once" if n == 1 else f"{n} times"
    return (
        f"The batch was restarted {times}; this command starts a new batch with its last settings."
    )


def no_best(facts: BatchFacts) -> str:
    """Return why there is no best trial."""
    if (nearest := nearest_of(facts.spec, facts.trials)) is not None:
        results, missed = (
            describe_results(facts.spec, nearest),
            describe_misses(facts.spec, nearest),
        )
        return f"No trial meets {missed}; the nearest is trial {nearest.number}, {results}"
    where = "in the current search space " if facts.points else ""
    return f"No trial {where}reported {facts.objective.column}"


def headings(facts: BatchFacts) -> list[str]:
    """Return the headings of the table of trials."""
    first, *more = map(str, result_columns(facts.spec))
    runs = ["runs"] if facts.spec.repeats is not None else []
    names = ["trial", "run", "status", first, *runs, *more, *facts.varied]
    names += ["proposed by", "seconds"]
    names += ["expected", "±", "acquisition"] if _has_predictions(facts) else []
    return [*names, "reason"] if _has_reasons(facts) else names


def trial_rows(facts: BatchFacts, *, limit: int, is_best_first: bool = False) -> list[TrialRow]:
    """Return the rows of the table of trials.

    Args:
        facts: The facts of the batch.
        limit: The most rows; if there are more trials, the best ones are listed.
        is_best_first: Whether to sort them by the objective, best first, instead of by number.
    """
    chosen: Sequence[Run] = facts.candidates
    if is_best_first or len(chosen) > limit:
        chosen = _best_first(facts)[:limit]
    if not is_best_first:
        chosen = sorted(chosen, key=lambda run: run.number)
    is_predicted = _has_predictions(facts)
    leading = {point.run.id for point in facts.points if point.is_best}
    return [
        TrialRow(
            cells=_cells(facts, run, is_predicted=is_predicted),
            status=run.status,
            is_best=run.id in leading,
        )
        for run in chosen
    ]


def notes(facts: BatchFacts) -> list[str]:
    """Return the notes for a reader of the charts."""
    found = []
    if n := n_beyond(facts):
        found.append(f"Rings at the edge: {count(n, 'trial')} far worse than the others.")
    if n := n_not_drawn(facts):
        found.append(f"The charts leave out {n} of {len(facts.points)} trials.")
    if n := n_outside(facts.spec, facts.trials):
        found.append(
            f"{count(n, 'trial')} outside the current search space, which a restart has changed: "
            "the best and the recommended trial are chosen among the others."
        )
    n_pruned = sum(run.status is TrialStatus.PRUNED for run in facts.candidates)
    if n_pruned:
        found.append(f"Without the {count(n_pruned, 'pruned trial')}: only finished ones count.")
    n_failed = sum(run.status.is_failed for run in facts.candidates)
    n_silent = len(facts.candidates) - len(facts.points) - n_failed - n_pruned
    if n_silent > 0:
        found.append(f"{count(n_silent, 'trial')} without {facts.objective.column}.")
    if any(one.count > MAX_DRAWN for run in facts.trials for one in run.scalars.values()):
        found.append(
            f"The TensorBoard files hold at most {MAX_DRAWN} points of each series. To export all "
            "points: tunesmith tensorboard --export-scalars FILE"
        )
    return found


def pruning_notes(facts: BatchFacts) -> list[str]:
    """Return what pruning did, in sentences; none if no trial was to be stopped early."""
    found = facts.pruning
    if found is None:
        return []
    lines = [f"Rule: {found.rule}. Pruned: {found.describe()}."]
    if found.points:
        low, high = found.points[0], found.points[-1]
        middle = found.points[(len(found.points) - 1) // 2]
        span = f"points {low} to {high}, half of them by point {middle}"
        lines.append(f"Stopped at {f'point {low}' if low == high else span}.")
    if found.length is not None:
        lines.append(
            "The share is of the steps that all would have run: a pruned trial "
            f"{count(found.length, 'point')}, the median of the completed ones."
        )
    return lines


def curves_note(facts: BatchFacts) -> str:
    """Return how to read the chart of the curves."""
    said = ["The thick green curve is that of the best trial."] if facts.best else []
    if any(curve.is_pruned for curve in facts.curves):
        said.append("Pale curves that end in a dot are those of pruned trials.")
    n = n_with_curves(facts.spec, facts.trials)
    if len(facts.curves) < n:
        said.append(f"{len(facts.curves)} of {n} trials are drawn.")
    return " ".join(said)


def importance_notes(facts: BatchFacts) -> list[str]:
    """Return the notes on the importance of flags."""
    found = []
    n = len(facts.points)
    if n < TRUSTED_TRIALS:
        found.append(
            f"Caution: there are only {count(n, 'trial')}. With fewer than {TRUSTED_TRIALS}, a "
            "flag without influence can rank above one with influence."
        )
    if any(not one.is_clear for one in facts.importances):
        found.append("Pale bars may be due to chance.")
    return found


def fitted_note(facts: BatchFacts) -> str:
    """Return which trials the model was fitted to; empty if to all of them."""
    if len(facts.points) <= MAX_FITTED:
        return ""
    return f"; it was fitted to {MAX_FITTED} of the trials, the best and the latest"


def origins(facts: BatchFacts) -> list[tuple[str, int, str]]:
    """Return each origin, how many trials it proposed, and its meaning."""
    return [(origin, n, MEANINGS.get(origin, "")) for origin, n in facts.origins.items()]


def expected(facts: BatchFacts) -> str:
    """Return what the model expects of the recommended trial; empty if there is none."""
    found = facts.recommendation
    return "" if found is None else format_expected(found.mean, found.sd)


def describe_flags(facts: BatchFacts, run: Run) -> str:
    """Return the flags of a trial that differ between trials and are active in it."""
    if not facts.varied:
        return format_flags(run.flags)
    return format_point({name: run.flags[name] for name in facts.varied if name in run.flags})


def _best_first(facts: BatchFacts) -> list[Run]:
    first = best_first(facts.spec, facts.trials)
    ids = {run.id for run in first}
    return [*first, *(run for run in facts.candidates if run.id not in ids)]


def _cells(facts: BatchFacts, run: Run, *, is_predicted: bool) -> tuple[str, ...]:
    further = result_columns(facts.spec)[1:]
    cells = [str(run.number), short_id(run.id), str(run.status), _objective(run)]
    cells += [_runs(run)] if facts.spec.repeats is not None else []
    cells += [_number(Objective(column=column).read(run)) for column in further]
    cells += [_number(run.flags.get(name)) for name in facts.varied]
    cells += [run.origin, "" if run.seconds is None else f"{run.seconds:.2f}"]
    if is_predicted:
        said = run.prediction
        numbers = (None,) * 3 if said is None else (said.mean, said.sd, said.acquisition)
        cells += [_number(number) for number in numbers]
    return (*cells, run.reason) if _has_reasons(facts) else tuple(cells)


def _objective(run: Run) -> str:
    return "" if run.objective is None else format_objective(run)


def _runs(run: Run) -> str:
    """Return the results of the runs of a candidate, in their order."""
    return "" if run.repeated is None else ", ".join(map(format_value, run.repeated.values))


def _number(value: FlagValue) -> str:
    return "" if value is None else format_value(value)


def _has_reasons(facts: BatchFacts) -> bool:
    """Return whether the table says why trials were ended; where they failed, it stands below."""
    return TrialStatus.PRUNED in facts.counts


def _has_predictions(facts: BatchFacts) -> bool:
    return any(run.prediction is not None for run in facts.trials)
