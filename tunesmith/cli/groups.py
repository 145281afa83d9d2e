"""Groups of commands that import a command's module only when the command is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from tunesmith.cli.console import shared_options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


Table = Mapping[str, tuple[str, str]]
"""A command's name → ("module:attribute", its short help); ``.module`` is one of this package."""


class LazyGroup(click.Group):
    """A group that knows its commands by a table, so that its help imports none of them."""

    def __init__(self, *args: Any, sections: Mapping[str, Table], **kwargs: Any) -> None:
        """Take the table of commands under each heading of the help."""
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.table = {name: entry for table in sections.values() for name, entry in table.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None where the table has none of that name."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module, "tunesmith.cli"), attribute)
        return _with_shared_options(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names, or say which one is near."""
        if args[0] in self.table or args[0].startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        from tunesmith.near_names import near_names  # only for a mistake

        near = " or ".join(map(repr, near_names(args[0], self.table)))
        hint = f" Did you mean {near}?" if near else f" There are {', '.join(self.table)}."
        raise click.UsageError(f"{ctx.command_path} has no command {args[0]!r}.{hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands and their short helps, all from the table."""
        for heading, table in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name, text) for name, (_, text) in table.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands that begin so, all from the table, or else the options."""
        from click.shell_completion import CompletionItem  # only when a shell asks

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [
            CompletionItem(name, help=text)
            for name, (_, text) in self.table.items()
            if name.startswith(incomplete)
        ]


class DefaultGroup(LazyGroup):
    """A group that is a command too: without a command's name, its default command is called."""

    def __init__(self, *args: Any, default: str, **kwargs: Any) -> None:
        """Take the name of the default command."""
        super().__init__(*args, **kwargs)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that name no command."""
        first = _n_shared(args)
        if ctx.resilient_parsing and first == len(args):
            return super().parse_args(ctx, args)  # a shell asks what can follow: both can
        named = args[first] if first < len(args) else ""
        if named not in self.table and named not in ctx.help_option_names:
            args = [*args[:first], self.default, *args[first:]]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the default command, then the commands."""
        default = self.get_command(ctx, self.default)
        if default is not None:
            default.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands that begin so, and what the default command takes."""
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
    """Give a command, and each command of a group, the options that every command takes."""
    taken = {param.name for param in command.params}
    command.params.extend(option for option in shared_options() if option.name not in taken)
    if isinstance(command, click.Group):
        for one in command.commands.values():
            _with_shared_options(one)
    return command


def _n_shared(args: list[str]) -> int:
    """Return how many of the first arguments are options that every command takes."""
    n = 0
    while n < len(args):
        if args[n] == "--home":
            n += 2
        elif args[n] == "--debug" or args[n].startswith("--home="):
            n += 1
        else:
            break
    return min(n, len(args))
