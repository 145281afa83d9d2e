"""What ``run`` lists without running anything: the script's flags, or the planned trials."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.cli import console
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.cli.text.rendering import render_columns
from tunesmith.errors import SpecificationError
from tunesmith.flags.definition import FlagDefinition, ScriptFlags
from tunesmith.flags.display import format_flags, format_value, shortened
from tunesmith.flags.secret_values import is_masked
from tunesmith.flags.values import Flags, FlagValue, to_plain
from tunesmith.output_file import write_output_file
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

MAX_HELP = 400
"""The longest help of a flag that is shown in full, in characters."""


def flags_listing(script: str, script_flags: ScriptFlags, *, is_json: bool) -> str:
    """Return the names, types, defaults, choices and help of a script's flags."""
    definitions = sorted(script_flags.definitions, key=lambda flag: flag.name)
    if is_json:
        return json.dumps([_flag_to_plain(flag) for flag in definitions])
    if script_flags.subcommands:
        subcommands = ", ".join(script_flags.subcommands)
        console.say(
            f"{script} has the subcommands {subcommands}, whose options are not flags: pass them "
            "after --"
        )
    if not definitions:
        return f"{script} has no flags"
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


def list_trials(spec: BatchSpec, options: RunOptions) -> int:
    """Print or save the planned trials; return the exit code.

    Raises:
        SpecificationError: The optimizer chooses trials by the results of earlier ones.
        StoreAccessError: The file cannot be written.
    """
    trials = plan_without_results(spec)
    if options.save_trials is not None:
        save_trials(trials, Path(options.save_trials), defaults=spec.script_flags.defaults)
        console.say(f"Wrote {len(trials)} trial(s) to {options.save_trials}")
    elif options.json:
        plain = [{name: to_plain(value) for name, value in one.items()} for one in trials]
        console.answer(json.dumps(plain))
    else:
        console.answer("\n".join(format_flags(flags) for flags in trials))
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
            f"{spec.optimizer.name} chooses each trial by the results of earlier ones, so its "
            "trials cannot be listed: use --optimizer random or a grid"
        )
    space = SearchSpace.from_settings(spec.settings, spec.rows)
    candidates = optimizer.propose(space, [], [], spec.n_trials or 0, spec.seed)
    return [dict(candidate.flags) for candidate in candidates]


def save_trials(trials: list[dict[str, FlagValue]], path: Path, *, defaults: Flags) -> None:
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
        "default": to_plain(flag.default),
        "choices": [to_plain(choice) for choice in flag.choices],
        "required": flag.is_required,
        "help": flag.help,
        "note": flag.note,
    }
