"""The page of one run: all its details as lines of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.batch_conditions import conditions_text
from tunesmith.cli.looking.advice import Advice
from tunesmith.flags.display import format_flags, format_value, preview_lines, shortened
from tunesmith.query.cells import count, format_clock, format_expected, format_started, one_line
from tunesmith.query.commands import restart_command, run_command
from tunesmith.query.expectations import Expectation, expectation
from tunesmith.query.learnt import learning_lines
from tunesmith.query.origins import describe_origin
from tunesmith.query.pruning_figures import PruningFigures, pruning_figures
from tunesmith.query.results import (
    describe_misses,
    describe_results,
    describe_runs,
    format_objective,
    front_lines,
)
from tunesmith.ranking import Front, best_of, n_outside, nearest_of, silent_trials
from tunesmith.repeats import describe_repeats
from tunesmith.scalar import ScalarSummary
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import BatchProgress, Run, short_id

MAX_FACT = 2000
"""The longest fact that is shown in full, in characters; long enough for a command."""

Fact = tuple[str, str]
"""A name, and the text that is shown after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaders:
    """The trials that the page of a batch names; empty for a run that is not a batch."""

    best: Run | None = None
    """The trial with the best observed objective."""
    advice: Advice | None = None
    """The recommended trial."""
    pruning: PruningFigures | None = None
    """What pruning did; None if no trial was to be stopped early."""
    front: Front[Run] | None = None
    """With several objectives the trials that no other one beats; None with one."""
    expected: Expectation | None = None
    """What is expected of the best candidate; None where that is not known."""
    nearest: Run | None = None
    """Where no trial meets the constraints, the one that misses them by least; else None."""
    n_finished: int = 0
    """How many trials are recorded; an interrupted trial is not."""
    n_outside: int = 0
    """How many trials lie outside the space that is searched since a restart."""
    reported: tuple[str, ...] = ()
    """The scalars that a completed trial reported, where no trial reported the objective."""

    def restart_command(self, spec: BatchSpec) -> str:
        """Return the command that continues the batch."""
        return restart_command(spec, n_finished=self.n_finished, reported=self.reported)


def page_lines(run: Run, spec: BatchSpec | None, leaders: Leaders, layout: Layout) -> list[str]:
    """Return the page of a run: facts, then flags and scalars.

    Args:
        run: The run to show.
        spec: The specification of its batch; None if it is unreadable.
        leaders: The trials that the page of a batch names.
        layout: The layout of the store, which gives the run's folder.
    """
    facts = _facts(run, spec, layout)
    if run.progress is not None:
        facts += _batch_facts(run, run.progress, spec, leaders)
    lines = [
        f"{name}: {one_line(shortened(value, most=MAX_FACT))}".rstrip() for name, value in facts
    ]
    lines += section("flags", _flag_lines(run, spec))
    scalars = (
        _scalar_line(tag, run.scalars[tag], run.units.get(tag, "step"))
        for tag in sorted(run.scalars)
    )
    return lines + section("scalars", list(scalars))


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Return a title and its indented lines; nothing if there are no lines."""
    return [f"{title}:", *(f"  {one_line(line)}".rstrip() for line in lines)] if lines else []


def find_leaders(
    runs: Sequence[Run], batch: Run, spec: BatchSpec | None, *, advice: Advice | None = None
) -> Leaders:
    """Return the trials that the page of a batch names; empty for other runs.

    Args:
        runs: All runs, or at least the trials of the batch.
        batch: The run whose page is shown.
        spec: The specification of its batch; None if it is unreadable.
        advice: The recommended trial; None if none is recommended.
    """
    if batch.progress is None:
        return Leaders()
    trials = [run for run in runs if run.batch == batch.id and run.is_trial]
    number = batch.progress.best_number
    if spec is not None and spec.repeats is not None:
        best = best_of(spec, trials)
    else:
        best = next((run for run in trials if run.number == number), None)
    n_finished = sum(run.stopped is not None for run in trials)
    return Leaders(
        best=best,
        expected=None if spec is None else expectation(spec, trials),
        advice=advice,
        pruning=None if spec is None else pruning_figures(spec, trials),
        front=Front.of(spec, trials) if spec is not None and spec.more_objectives else None,
        nearest=nearest_of(spec, trials) if spec is not None and spec.subject_to else None,
        n_finished=n_finished,
        n_outside=0 if spec is None else n_outside(spec, trials),
        reported=tuple(tag for run in silent_trials(trials)[:1] for tag in run.scalars),
    )


def _facts(run: Run, spec: BatchSpec | None, layout: Layout) -> list[Fact]:
    """Return the facts of every run."""
    facts = [
        ("id", run.id),
        ("operation", run.operation),
        ("from", run.script if spec is None else str(Path(spec.project) / run.script)),
        ("status", str(run.status)),
        ("started", format_started(run.started)),
        ("stopped", format_started(run.stopped)),
        ("time", "" if run.seconds is None else format_clock(run.seconds)),
        ("label", run.label),
        ("tags", ", ".join(run.tags)),
        ("sourcecode_digest", run.source_digest),
    ]
    if run.is_batch:
        return facts
    if run.is_trial:
        facts.append(("trial", f"{run.number} of batch {short_id(run.batch)}"))
        facts += [] if run.repeated is None else [("runs", describe_runs(run.repeated))]
        facts += _reasons(run)
    facts += [
        ("run_dir", str(layout.trial_directory(run.batch, run.id))),
        ("command", run.command),
        ("exit_status", "" if run.exit_code is None else str(run.exit_code)),
    ]
    if run.signal is not None:
        facts.append(("signal", str(run.signal)))
    if run.reason:
        facts.append(("reason", run.reason))
    return facts


def _reasons(run: Run) -> list[Fact]:
    """Return what proposed a trial, what a model expected of it, and what it is told."""
    facts = [("origin", describe_origin(run.origin))] if run.origin else []
    if run.prediction is not None:
        expected = format_expected(run.prediction.mean, run.prediction.sd)
        worth = format_value(run.prediction.acquisition)
        facts.append(("prediction", f"{expected} (acquisition {worth})"))
    if run.pruned is not None and run.pruned.estimate is not None:
        told = format_value(run.pruned.estimate)
        facts.append(("estimate", f"{told} at its end, which the search is told"))
    return facts


def _batch_facts(
    run: Run, progress: BatchProgress, spec: BatchSpec | None, leaders: Leaders
) -> list[Fact]:
    """Return the facts that only a batch has."""
    counts = (f"{n} {status}" for status, n in progress.counts.items() if n)
    facts = [("trials", ", ".join(counts) or "none")]
    if progress.total is not None:
        facts[0] = ("trials", f"{facts[0][1]} (of {progress.total})")
    facts += [("ended", run.reason)] if run.reason else []
    if spec is not None:
        facts += [("optimizer", _optimizer(spec)), _objectives(spec)]
        facts.append(("seed", str(spec.seed)))
        facts += [] if spec.repeats is None else [("repeats", describe_repeats(spec.repeats))]
        facts += [("learns", line.removeprefix("learns ")) for line in learning_lines(spec)]
        facts += _limits(spec)
    if (figures := leaders.pruning) is not None:
        facts.append(("pruning", f"{figures.describe()} ({figures.rule})"))
    facts += _leader_facts(spec, leaders)
    if leaders.n_outside:
        trials = count(leaders.n_outside, "trial")
        facts.append(("space", f"{trials} outside the current search space"))
    advice, best = leaders.advice, leaders.best
    if advice is not None and (best is None or advice.trial.id != best.id):
        flags, trial = format_flags(advice.trial.flags), advice.trial
        where = f"(trial {trial.number}, {short_id(trial.id)})"
        facts.append(("recommended", f"{advice.expected}  {flags}  {where}"))
    if spec is not None:
        facts.append(("restart", leaders.restart_command(spec)))
    facts.append(("prefect", f"tunesmith server open {short_id(run.id)}"))
    return facts


def _leader_facts(spec: BatchSpec | None, leaders: Leaders) -> list[Fact]:
    """Return the best trial, or the front of several objectives, and the command to run it."""
    if spec is not None and leaders.front is not None and leaders.front.trials:
        facts = [("front", line) for line in front_lines(spec, leaders.front)]
        knee = leaders.front.knee
        return facts if knee is None else [*facts, ("knee_command", run_command(knee, spec))]
    if spec is not None and (nearest := leaders.nearest) is not None:
        results, where = describe_results(spec, nearest), short_id(nearest.id)
        missed = describe_misses(spec, nearest)
        return [("nearest", f"{results}  (trial {nearest.number}, {where}) misses {missed}")]
    if (best := leaders.best) is None:
        return []
    value = "" if best.objective is None else f"{format_objective(best)}  "
    flags = format_flags(best.flags)
    facts = [("best", f"{value}{flags}  (trial {best.number}, {short_id(best.id)})")]
    if leaders.expected is not None:
        facts.append(("expected", leaders.expected.describe()))
    return [*facts, ("best_command", run_command(best, spec))]


def _objectives(spec: BatchSpec) -> Fact:
    name = "objectives" if spec.more_objectives else "objective"
    return name, ", ".join(map(str, spec.objectives))


def _limits(spec: BatchSpec) -> list[Fact]:
    """Return what is allowed, and what ends the batch before its time."""
    facts = [("where", conditions_text(spec.where))] if spec.where else []
    if spec.subject_to:
        facts.append(("subject_to", conditions_text(spec.subject_to)))
    if spec.stopping is not None:
        from tunesmith.stopping import describe_stopping  # few batches have such

        facts.append(("stops", describe_stopping(spec.stopping)))
    return facts


def _optimizer(spec: BatchSpec) -> str:
    """Return the optimizer's name as in the preview, and its flags that were set."""
    if spec.optimizer is None:
        return ""
    from tunesmith.search.registry import display_name  # slow to import; needed for a batch only

    settings = format_flags(spec.optimizer.settings)
    reason = f"(auto: {spec.optimizer.reason})" if spec.optimizer.reason else ""
    return " ".join(filter(None, [display_name(spec.optimizer.name), settings, reason]))


def _flag_lines(run: Run, spec: BatchSpec | None) -> list[str]:
    if run.is_batch:
        return [] if spec is None else preview_lines(spec.settings)
    return [f"{name}: {format_value(run.flags[name])}" for name in sorted(run.flags)]


def _scalar_line(tag: str, summary: ScalarSummary, unit: str) -> str:
    return f"{tag}: {format_value(summary.last)} ({unit} {summary.last_step})"
