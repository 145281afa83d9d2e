"""The page of one run: everything that is known of it, as lines of text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.cli.looking.advice import Advice
from tunesmith.flags.display import format_flags, format_value, preview_lines, shortened
from tunesmith.query.cells import format_clock, format_expected, format_started, one_line
from tunesmith.query.commands import restart_command, run_command
from tunesmith.query.origins import describe_origin
from tunesmith.ranking import n_outside, silent_trials
from tunesmith.scalar import ScalarSummary
from tunesmith.storage.files.layout import Layout
from tunesmith.trial import BatchProgress, Run, short_id

MAX_FACT = 2000
"""Characters of a fact that is shown whole; a command has to be longer to be cut."""

Fact = tuple[str, str]
"""A name and what is shown behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaders:
    """The trials of a batch that its page names; of another run none."""

    best: Run | None = None
    """The best one that was observed."""
    advice: Advice | None = None
    """The recommended one."""
    n_finished: int = 0
    """How many of its trials are recorded: one that was interrupted is not."""
    n_outside: int = 0
    """How many lie outside of the space that is searched since a restart."""
    reported: tuple[str, ...] = ()
    """What a completed one reported, where none had the objective."""

    def restart_command(self, spec: BatchSpec) -> str:
        """Return the command that goes on with the batch."""
        return restart_command(spec, n_finished=self.n_finished, reported=self.reported)


def page_lines(run: Run, spec: BatchSpec | None, leaders: Leaders, layout: Layout) -> list[str]:
    """Return the page of a run: facts, then flags and scalars.

    Args:
        run: What is shown.
        spec: The specification of its batch; None where it cannot be read.
        leaders: For a batch its best trials.
        layout: Where its folder is.
    """
    facts = _facts(run, spec, layout)
    if run.progress is not None:
        facts += _batch_facts(run, run.progress, spec, leaders)
    lines = [
        f"{name}: {one_line(shortened(value, most=MAX_FACT))}".rstrip() for name, value in facts
    ]
    lines += section("flags", _flag_lines(run, spec))
    scalars = (_scalar_line(tag, run.scalars[tag]) for tag in sorted(run.scalars))
    return lines + section("scalars", list(scalars))


def section(title: str, lines: Sequence[str]) -> list[str]:
    """Return a title and its lines, indented; nothing where there are none."""
    return [f"{title}:", *(f"  {one_line(line)}".rstrip() for line in lines)] if lines else []


def find_leaders(
    runs: Sequence[Run], batch: Run, spec: BatchSpec | None, *, advice: Advice | None = None
) -> Leaders:
    """Return what the page of a batch says of its trials; nothing for other runs.

    Args:
        runs: Every run, or at least the batch's trials.
        batch: The run whose page it is.
        spec: The specification of its batch; None where it cannot be read.
        advice: The recommended trial.
    """
    if batch.progress is None:
        return Leaders()
    trials = [run for run in runs if run.batch == batch.id and run.is_trial]
    best = (run for run in trials if run.number == batch.progress.best_number)
    n_finished = sum(run.stopped is not None for run in trials)
    return Leaders(
        best=next(best, None),
        advice=advice,
        n_finished=n_finished,
        n_outside=0 if spec is None else n_outside(spec, trials),
        reported=tuple(tag for run in silent_trials(trials)[:1] for tag in run.scalars),
    )


def _facts(run: Run, spec: BatchSpec | None, layout: Layout) -> list[Fact]:
    """Return what every run has."""
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
    """Return why a trial was proposed: by whom, and what a model expected of it."""
    facts = [("origin", describe_origin(run.origin))] if run.origin else []
    if run.prediction is not None:
        expected = format_expected(run.prediction.mean, run.prediction.sd)
        worth = format_value(run.prediction.acquisition)
        facts.append(("prediction", f"{expected} (acquisition {worth})"))
    return facts


def _batch_facts(
    run: Run, progress: BatchProgress, spec: BatchSpec | None, leaders: Leaders
) -> list[Fact]:
    """Return what only a batch has."""
    counts = (f"{n} {status}" for status, n in progress.counts.items() if n)
    facts = [("trials", ", ".join(counts) or "none")]
    if progress.total is not None:
        facts[0] = ("trials", f"{facts[0][1]} (of {progress.total})")
    if spec is not None:
        facts += [("optimizer", _optimizer(spec)), ("objective", str(spec.objective))]
        facts.append(("seed", str(spec.seed)))
    if (best := leaders.best) is not None:
        value = "" if best.objective is None else f"{format_value(best.objective)}  "
        flags = format_flags(best.flags)
        facts.append(("best", f"{value}{flags}  (trial {best.number}, {short_id(best.id)})"))
        facts.append(("best_command", run_command(best, spec)))
    if leaders.n_outside:
        facts.append(("space", f"{leaders.n_outside} trial(s) outside of what is searched now"))
    advice = leaders.advice
    if advice is not None and (best is None or advice.trial.id != best.id):
        flags, trial = format_flags(advice.trial.flags), advice.trial
        where = f"(trial {trial.number}, {short_id(trial.id)})"
        facts.append(("recommended", f"{advice.expected}  {flags}  {where}"))
    if spec is not None:
        facts.append(("restart", leaders.restart_command(spec)))
    return facts


def _optimizer(spec: BatchSpec) -> str:
    """Return the optimizer as the preview names it, with the flags that were set."""
    if spec.optimizer is None:
        return ""
    from tunesmith.search.registry import display_name  # slow to import; only a batch needs it

    settings = format_flags(spec.optimizer.settings)
    return f"{display_name(spec.optimizer.name)} {settings}".rstrip()


def _flag_lines(run: Run, spec: BatchSpec | None) -> list[str]:
    if run.is_batch:
        return [] if spec is None else preview_lines(spec.settings)
    return [f"{name}: {format_value(run.flags[name])}" for name in sorted(run.flags)]


def _scalar_line(tag: str, summary: ScalarSummary) -> str:
    return f"{tag}: {format_value(summary.last)} (step {summary.last_step})"
