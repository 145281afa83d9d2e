"""What ``run`` lists without running anything: the script's flags, or the planned trials."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.running.address_table import addresses_table
from tunesmith.cli.text.rendering import render_columns
from tunesmith.errors import SpecificationError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.recorded_trials import RecordedTrials
from tunesmith.flags.definition import FlagDefinition, ScriptFlags
from tunesmith.flags.display import format_flags, format_value, shortened
from tunesmith.flags.secret_values import is_masked
from tunesmith.flags.values import Flags, FlagValue
from tunesmith.output_file import write_output_file
from tunesmith.query.cells import count
from tunesmith.search.registry import build_optimizer, is_sequential
from tunesmith.search.space import SearchSpace
from tunesmith.storage.store import Store

_CHOOSES = "chooses each trial by the results of earlier ones, so its trials cannot be listed"
LOOKED_FOR = (
    "Looked for were a parser (argparse, click, typer, absl, fire, tyro, docopt, sacred, Hydra, "
    "OmegaConf and what builds on them) in the script and the modules of its project, and "
    "constants that the script assigns at its top level."
)
"""What a script without flags was searched for."""
MAX_HELP = 400
"""The longest help of a flag that is shown in full, in characters."""


def flags_listing(
    script: str,
    script_flags: ScriptFlags,
    *,
    addresses: Sequence[FlagDefinition] = (),
    is_json: bool,
) -> str:
    """Return the names, types, defaults, choices and help of a script's flags.

    Those of subcommands follow, unless one is chosen already. How they were found goes to stderr.

    Args:
        script: The script's name.
        script_flags: Its flags.
        addresses: Values of files that can be set too, which follow the flags; by default none.
        is_json: Whether to return JSON.
    """
    tables = list(_by_subcommand(script_flags))
    if is_json:
        listed = [
            _flag_to_plain(flag) | ({"subcommand": " ".join(words)} if words else {})
            for words, definitions in tables
            for flag in definitions
        ]
        return json.dumps([*listed, *map(_flag_to_plain, addresses)])
    if any(definitions for _, definitions in tables):
        if script_flags.found_by:
            console.say(f"The flags of {script} were found {script_flags.found_by}")
        if script_flags.doubt:
            console.say(f"There may be others, since {script_flags.doubt}")
        texts = [
            "\n".join([*([f"{script} {' '.join(words)}"] if words else []), _table(definitions)])
            for words, definitions in tables
            if definitions
        ]
    else:
        texts = [_no_flags(script, script_flags)]
    return "\n\n".join([*texts, *addresses_table(addresses)])


def _by_subcommand(
    script_flags: ScriptFlags, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[FlagDefinition]]]:
    """Yield the flags of a program by name, and those of each subcommand with its words."""
    yield before, sorted(script_flags.definitions, key=lambda flag: flag.name)
    for name, inner in script_flags.subcommands.items():
        yield from _by_subcommand(inner, (*before, name))


def _no_flags(script: str, script_flags: ScriptFlags) -> str:
    """Return what was looked for in a script without flags, and what can be done."""
    return (
        f"{script} has no flags. {LOOKED_FOR}"
        + (f" There may be some, since {script_flags.doubt}." if script_flags.doubt else "")
        + "\nThree things can be done: assign a value by a name at the top of the script, as in "
        "lr = 0.1; set a value of a file, as in config.yaml:lr=0.1; or pass a name that the "
        "script reads in a way of its own, as in lr=0.1 --force-flags"
    )


def _table(definitions: Sequence[FlagDefinition]) -> str:
    rows = [
        [
            flag.name,
            str(flag.type),
            "required" if flag.is_required else format_value(flag.default),
            shortened("|".join(format_value(choice) for choice in flag.choices)),
            shortened("; ".join(text for text in (flag.help, flag.note) if text), most=MAX_HELP),
        ]
        for flag in definitions
    ]
    return render_columns([["flag", "type", "default", "choices", "help"], *rows])


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
    space = SearchSpace.from_settings(spec.settings, spec.rows)
    candidates = optimizer.propose(space, [], [], spec.n_trials or 0, spec.seed)
    return [dict(candidate.flags) for candidate in candidates]


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
        from tunesmith.tasks.propose import plan_trials  # Prefect, for what is proposed anew

        context = BatchContext(spec=spec, store=store, trials=trials)
        known += [one.flags for one in plan_trials(context, number=1, n=n_new)]
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


def _flag_to_plain(flag: FlagDefinition) -> dict[str, Any]:
    return {
        "name": flag.name,
        "type": str(flag.type),
        "default": plain_value(flag.default),
        "choices": plain_value(flag.choices),
        "required": flag.is_required,
        "help": flag.help,
        "note": flag.note,
        "address": flag.address,
        "aliases": list(flag.aliases),
        "position": flag.position,
    }
