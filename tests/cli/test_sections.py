"""The help of every command: its sections, its width, and what is said of each option."""

from collections.abc import Iterator

import click
import pytest

from tunesmith.cli.main import group
from tunesmith.cli.sections import SectionedCommand, SectionedOption


def _commands(parent: click.Group, ctx: click.Context) -> Iterator[click.Context]:
    """Yield a context for each command, and for each of a group's."""
    for name in parent.list_commands(ctx):
        command = parent.get_command(ctx, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=ctx)
        yield inner
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


ROOT = click.Context(group, info_name="tunesmith", **group.context_settings)
CONTEXTS = [ROOT, *_commands(group, ROOT)]


@pytest.mark.parametrize("ctx", CONTEXTS, ids=lambda ctx: ctx.command_path)
def test_no_line_of_the_help_is_wider_than_80_columns(ctx: click.Context) -> None:
    assert max(map(len, ctx.get_help().splitlines())) <= 80


@pytest.mark.parametrize("ctx", CONTEXTS, ids=lambda ctx: ctx.command_path)
def test_the_global_options_come_last_in_a_section_of_their_own(ctx: click.Context) -> None:
    before, heading, last = ctx.get_help().rpartition("Global options:\n")

    assert heading
    home = [] if "--home DIR" in before else ["--home"]  # a worker's names several stores
    options = [line.split()[0] for line in last.splitlines() if line.startswith("  -")]
    assert options == [*home, "--debug", "-h,"]


def test_all_sections_have_one_column_width() -> None:
    @click.command(
        cls=SectionedCommand,
        params=[
            SectionedOption(["--a"], section="Short", is_flag=True, help="Alpha."),
            SectionedOption(["--much-longer"], section="Long", is_flag=True, help="Beta."),
        ],
    )
    def command() -> None: ...

    lines = click.Context(command).get_help().splitlines()

    (alpha,) = (line for line in lines if "Alpha." in line)
    (beta,) = (line for line in lines if "Beta." in line)
    assert alpha.index("Alpha.") == beta.index("Beta.")
    assert [line for line in lines if line.endswith(":") and line[0] != " "] == [
        "Short:",
        "Long:",
        "Global options:",
    ]


def test_the_root_help_has_one_column_for_commands_and_options() -> None:
    rows = [line for line in ROOT.get_help().splitlines()[4:] if line.startswith("  ")]
    places = {len(line) - len(line[15:].lstrip()) for line in rows}

    assert places == {15}
