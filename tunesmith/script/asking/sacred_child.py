"""Has sacred answer with an experiment's configuration instead of running a command."""

from __future__ import annotations

import contextlib
import sys
from typing import Any

from . import values

OWN = ("seed", "__doc__")
"""Entries that sacred adds by itself."""
MAX_TRIED = 20
"""Numbers that are changed to see which other values follow them."""


def install(watch: Any, reply: Any) -> None:
    """Change sacred's experiments."""

    def change(module: Any) -> None:
        def dump(experiment: Any, argv: Any = None) -> None:
            commands = dict(experiment.gather_commands())
            default = experiment.default_command
            name = default or next(iter(commands), None)
            found = definitions(experiment, name) if name else []
            inner = {"source": "sacred", "style": values.BARE, "definitions": found}
            reply(
                "sacred",
                found if default else [],
                subcommands={} if default else dict.fromkeys(own_commands(commands), inner),
                style=values.BARE,
                found_by="by asking a copy of the program for its sacred configuration",
            )

        module.Experiment.run_commandline = dump

    watch("sacred.experiment", change)


def own_commands(commands: dict[str, Any]) -> list[str]:
    """Return the names of the commands that sacred does not bring itself."""
    return [
        name
        for name, command in commands.items()
        if not str(getattr(command, "__module__", "")).startswith("sacred.")
    ]


def definitions(experiment: Any, command: str) -> list[dict[str, Any]]:
    """Return a flag for each value of the configuration that a command would be run with."""
    create = sys.modules["sacred.initialize"].create_run
    config = dict(values.leaves(create(experiment, command).config))
    derived = derived_names(experiment, command, config)
    found = []
    for name, value in config.items():
        flag = values.flag(name, value, values.LITERAL)
        if name in derived:
            flag.update(is_computed=True, default="computed")
        if name.rpartition(".")[2] in OWN:  # another seed each time
            flag.update(is_computed=True, default="computed", type="any")
        if name != "__doc__":
            found.append(flag)
    return found


def derived_names(experiment: Any, command: str, config: dict[str, Any]) -> set[str]:
    """Return the values that change with another one, as ``half = lr / 2`` does with ``lr``."""
    create = sys.modules["sacred.initialize"].create_run
    numbers = [name for name, value in config.items() if type(value) in (int, float)]
    found: set[str] = set()
    for name in numbers[:MAX_TRIED]:
        if name.rpartition(".")[2] in OWN:
            continue
        other = config[name] * 2 + 1
        with contextlib.suppress(Exception):  # the configuration may refuse such a value
            changed = dict(values.leaves(create(experiment, command, {name: other}).config))
            found |= {
                one
                for one, value in config.items()
                if one != name and one.rpartition(".")[2] not in OWN and changed[one] != value
            }
    return found
