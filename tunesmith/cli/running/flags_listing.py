"""What ``run --help-flags`` lists: the flags of a script, and the values of files."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tunesmith.cli import console
from tunesmith.cli.looking.plain import plain_value
from tunesmith.cli.running.address_table import addresses_table
from tunesmith.cli.text.rendering import render_columns
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.display import format_value, shortened

LOOKED_FOR = (
    "Looked for were a parser (argparse, click, typer, absl, fire, tyro, docopt, sacred, Hydra, "
    "OmegaConf and what builds on them) in the script and the modules of its project, and "
    "constants that the script assigns at its top level."
)
"""What a script without flags was searched for."""
LOOKED_FOR_IN_SHELL = (
    "Looked for were, in a shell script, variables with a default (LR=${LR:-0.1}), arguments ($1) "
    "and options (getopts, case).\nThree things can be done: type any name, which is passed as an "
    "option, lr=0.1 as --lr 0.1; choose another form with --flag-style; or write the value into "
    "its place in a command, as in tunesmith run lr=0.1 -- ./program {lr}"
)
"""The same for a program that is no Python, and what can be done."""
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
    if script_flags.source is FlagSource.COMMAND:
        return f"{script} has no flags that its text shows. {LOOKED_FOR_IN_SHELL}"
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
