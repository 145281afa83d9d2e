"""What ``run`` lists without running anything: the planned trials."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.errors import SpecificationError
from tunesmith.executor.proposing import plan_trials
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.display import format_flags, format_value
from tunesmith.flags.secret_values import is_masked
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.output_file import write_output_file
from tunesmith.query.cells import count
from tunesmith.search.registry import build_optimizer, is_sequential
from tunesmith.storage.store import Store

_CHOOSES = "chooses each trial by the results of earlier ones, so its trials cannot be listed"


def list_trials(spec: BatchSpec, options: RunOptions, trials: Sequence[Flags]) -> int:
    """Print or save trials that would run; return the exit code.

    Args:
        spec: The specification of the batch.
        options: The options of the command.
        trials: The flags of each trial.

    Raises:
        StoreAccessError: The file cannot be written.
    """
    if options.save_trials is not None:
        save_trials(trials, Path(options.save_trials), defaults=spec.script_flags.defaults)
        console.say(f"Wrote {len(trials)} trial(s) to {options.save_trials}")
    elif options.json:
        console.answer(json.dumps([plain_value(one) for one in trials]))
    elif trials:
        console.answer("\n".join(format_flags(flags) for flags in trials))
    else:
        console.say("No trial would run")
    return 0


def plan_without_results(spec: BatchSpec) -> list[dict[str, FlagValue]]:
    """Return the flags of all trials that a batch would run.

    Raises:
        SpecificationError: The optimizer chooses trials by the results of earlier ones.
    """
    if spec.optimizer is None:
        return [spec.fixed_flags]
    optimizer = build_optimizer(spec.optimizer.name, spec.optimizer.settings)
    if optimizer.is_sequential:
        raise SpecificationError(
            f"{spec.optimizer.name} {_CHOOSES}: use --optimizer random or a grid"
        )
    planned = plan_trials(spec, RecordedTrials(), number=1, n=spec.n_trials or 0)
    return [dict(one.flags) for one in planned]


def trials_of_restart(spec: BatchSpec, store: Store, *, n_total: int) -> list[Flags]:
    """Return the flags of the trials that a restart would run, as far as they are known.

    Args:
        spec: The specification of the restart.
        store: The store of the batch.
        n_total: How many trials it runs.

    Raises:
        SpecificationError: The optimizer chooses all of them by the results of earlier ones.
    """
    trials = RecordedTrials()
    trials.load(spec, store)
    known = [planned.flags for planned in trials.waiting(spec)]
    n_new = n_total - len(known)
    if n_new > 0 and is_sequential(spec.optimizer):
        name = spec.optimizer.name if spec.optimizer else ""
        if not known:
            raise SpecificationError(f"{name} {_CHOOSES}: --failed lists those that failed")
        console.say(f"note: {count(n_new, 'trial')} more: {name} {_CHOOSES}")
    elif n_new > 0:
        known += [one.flags for one in plan_trials(spec, trials, number=1, n=n_new)]
    return known


def save_trials(trials: Sequence[Flags], path: Path, *, defaults: Flags) -> None:
    """Write the trials to a CSV file that ``@FILE`` reads; secrets are left out.

    Args:
        trials: The flags of each trial.
        path: The file.
        defaults: The values that empty cells stand for.

    Raises:
        StoreAccessError: The file cannot be written.
    """
    names = sorted(
        {name for flags in trials for name, value in flags.items() if not is_masked(name, value)}
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    for flags in trials:
        writer.writerow([_cell(flags.get(name), defaults.get(name)) for name in names])
    write_output_file(path, text.getvalue())


def _cell(value: FlagValue, default: FlagValue) -> str:
    is_left_out = value is None and default is None
    return "" if is_left_out else format_value(value, is_exact=True)
