"""Groups of commands that import a command's module only when the command is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from tunesmith.cli.console import shared_options
from tunesmith.cli.sections import Row, option_sections, write_sections

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


Table = Mapping[str, tuple[str, str]]
"""Command name → ("module:attribute", short help); ``.module`` is relative to tunesmith.cli."""


class LazyGroup(click.Group):
    """A group whose commands stand in a table, so that its help imports none of them."""

    def __init__(self, *args: Any, sections: Mapping[str, Table], **kwargs: Any) -> None:
        """Take the table of commands under each heading of the help."""
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.table = {name: entry for table in sections.values() for name, entry in table.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and return it; None where the table has no such name."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module, "tunesmith.cli"), attribute)
        return _with_shared_options(command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments of the group, one of which names a command.

        Raises:
            click.UsageError: There is none.
        """
        if self.no_args_is_help and _n_shared(args) == len(args) and not ctx.resilient_parsing:
            raise click.UsageError(f"{ctx.command_path} needs a command: {self._choose()}", ctx)
        return super().parse_args(ctx, args)

    def _choose(self) -> str:
        return f"choose one of {', '.join(self.table)}"

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names.

        Raises:
            click.UsageError: There is no such command; the message names similar ones.
        """
        if args[0] in self.table or args[0].startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        from tunesmith.near_names import near_names  # needed for an error only

        near = " or ".join(map(repr, near_names(args[0], self.table)))
        hint = f"did you mean {near}?" if near else self._choose()
        raise click.UsageError(f"{ctx.command_path} has no command {args[0]!r}: {hint}", ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands and their short helps, all from the table, then the options."""
        write_sections(formatter, self.command_sections() | option_sections(self, ctx))

    def command_sections(self) -> dict[str, list[Row]]:
        """Return the commands and their short helps by heading."""
        return {
            heading: [(name, text) for name, (_, text) in table.items()]
            for heading, table in self.sections.items()
        }

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands, or the options, that start with what was typed."""
        from click.shell_completion import CompletionItem  # needed for completion only

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=text)
            for name, (_, text) in self.table.items()
            if name.startswith(incomplete)
        ]


class DefaultGroup(LazyGroup):
    """A group with a default command, which is called where no other command is named."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        """Take the name of the default command, and what ``LazyGroup`` takes."""
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the name of the default command where the arguments name no command."""
        first = _n_shared(args)
        if ctx.resilient_parsing and first == len(args):
            return super().parse_args(ctx, args)  # a shell completes: both can follow
        named = args[first] if first < len(args) else ""
        if named not in self.table and named not in ctx.help_option_names:
            args = [*args[:first], self.default, *args[first:]]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options of the default command."""
        default = self.get_command(ctx, self.default) or self
        write_sections(formatter, self.command_sections() | option_sections(default, ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the matching commands, and what the default command completes."""
        default = self.get_command(ctx, self.default)
        if default is None:
            return super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return default.shell_complete(ctx, incomplete)
        items = super().shell_complete(ctx, incomplete)
        for param in default.params:
            if isinstance(param, click.Argument):
                items += param.shell_complete(ctx, incomplete)
        return items


def _with_shared_options(command: click.Command) -> click.Command:
    """Add the global options to a command, and to each command of a group."""
    taken = {param.name for param in command.params}
    command.params.extend(option for option in shared_options() if option.name not in taken)
    if isinstance(command, click.Group):
        for one in command.commands.values():
            _with_shared_options(one)
    return command


def _n_shared(args: list[str]) -> int:
    """Return how many of the first arguments belong to global options."""
    n = 0
    while n < len(args):
        if args[n] == "--home":
            n += 2
        elif args[n] == "--debug" or args[n].startswith("--home="):
            n += 1
        else:
            break
    return min(n, len(args))
