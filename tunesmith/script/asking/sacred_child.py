"""Has sacred answer with an experiment's configuration instead of running a command."""

from __future__ import annotations

import sys
from typing import Any

from . import values

OWN = ("seed", "__doc__")
"""Entries that sacred adds by itself."""


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
    config = create(experiment, command).config
    found = []
    for name, value in values.leaves(config):
        flag = values.flag(name, value, values.LITERAL)
        if name.rpartition(".")[2] in OWN:  # another seed each time
            flag.update(is_computed=True, default="computed", type="any")
        if name != "__doc__":
            found.append(flag)
    return found
