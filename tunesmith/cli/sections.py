"""Help in sections: the options of a command under headings, all in columns of one width."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

TYPED = "tunesmith.typed"
"""Where the context of a command has its options as they were typed, see ``typed_options``."""
OPTIONS = "Options"
GLOBAL = "Global options"

Row = tuple[str, str]
"""An option or a command as it is typed, and its help."""


class SectionedOption(click.Option):
    """An option that the help lists under a heading of its own."""

    def __init__(self, *args: Any, section: str, bare: str = "", **kwargs: Any) -> None:
        """Take the heading, what the option means without a value, and what ``click`` takes."""
        super().__init__(*args, **kwargs)
        self.section = section
        self.bare = bare


class SectionedCommand(click.Command):
    """A command whose help has a section for each heading of its options.

    An option that means something without a value takes one behind ``=`` only: click would take
    the next word for it, which may be the script.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give the options that stand without a value what they mean."""
        bare = {
            name: f"{name}={param.bare}"
            for param in self.params
            if isinstance(param, SectionedOption) and param.bare
            for name in param.opts
        }
        words = [bare.get(word, word) for word in args]
        texts, _, order = self.make_parser(ctx).parse_args([*words])
        ctx.meta[TYPED] = _in_order(texts, order)
        return super().parse_args(ctx, words)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections: the command's own options first, the global ones last."""
        write_sections(formatter, option_sections(self, ctx))


def _in_order(texts: Mapping[str, Any], order: Sequence[click.Parameter]) -> list[tuple[str, str]]:
    """Return the names and texts of repeated options as they were typed, one after the other.

    Args:
        texts: What the parser found, by the parameter's name: a list where it may be repeated.
        order: The parameters as they were typed, one that was typed twice being there twice.
    """
    left = {name: iter(found) for name, found in texts.items() if isinstance(found, list)}
    return [(param.name, next(left[param.name])) for param in order if param.name in left]


def typed_options(ctx: click.Context, names: Collection[str]) -> list[tuple[str, str]]:
    """Return the names and texts of repeated options in the order in which they were typed.

    click itself gives the texts of each option alone.

    Args:
        ctx: Of a ``SectionedCommand``.
        names: The names of the options that count.
    """
    return [(name, text) for name, text in ctx.meta.get(TYPED, ()) if name in names]


def option_sections(command: click.Command, ctx: click.Context) -> dict[str, list[Row]]:
    """Return the options of a command by heading, the global options last."""
    found: dict[str, list[Row]] = {OPTIONS: []}
    common: list[Row] = []
    for param in command.get_params(ctx):
        row = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if row is None:
            continue
        heading = GLOBAL if "--help" in param.opts else getattr(param, "section", OPTIONS)
        (common if heading == GLOBAL else found.setdefault(heading, [])).append(row)
    return {**found, GLOBAL: common}


def write_sections(
    formatter: click.HelpFormatter, sections: Mapping[str, Sequence[Row]], *, col_max: int = 30
) -> None:
    """Write rows under their headings, the second column of all at the same place.

    Args:
        formatter: What the help is written to.
        sections: The rows by heading; a heading without rows is left out.
        col_max: The width beyond which the first column is not widened, in characters.
    """
    names = [name for rows in sections.values() for name, _ in rows if len(name) <= col_max]
    width = max(map(len, names), default=0)
    for heading, rows in sections.items():
        if rows:
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), text) for name, text in rows], col_max)
