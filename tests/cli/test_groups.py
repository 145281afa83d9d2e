import click
import pytest
from click.testing import CliRunner

from tunesmith.cli.console import chosen_home, shared_options
from tunesmith.cli.groups import DefaultGroup, LazyGroup

TABLE = {
    "show": (f"{__name__}:show", "Show what was named."),
    "missing": ("tunesmith.no_such_module:command", "Never there."),
}


@click.command()
@click.argument("words", nargs=-1)
@click.option("--loud", is_flag=True, help="Shout.")
@click.pass_context
def show(ctx: click.Context, words: tuple[str, ...], loud: bool) -> None:
    click.echo(f"{' '.join(words)} loud={loud} home={chosen_home(ctx)}")


def _lazy() -> LazyGroup:
    return LazyGroup("tool", sections={"Commands": TABLE})


def _default() -> DefaultGroup:
    return DefaultGroup("tool", sections={"Commands": TABLE}, default="show")


def test_the_help_lists_commands_without_importing_them() -> None:
    result = CliRunner().invoke(_lazy(), ["--help"])

    assert result.exit_code == 0
    assert "missing  Never there." in result.output


def test_commands_keep_the_order_of_the_table() -> None:
    assert _lazy().list_commands(click.Context(_lazy())) == ["show", "missing"]


def test_a_mistyped_command_gets_the_near_one() -> None:
    result = CliRunner().invoke(_lazy(), ["shwo"])

    assert result.exit_code == 2
    assert "did you mean 'show'?" in result.output


@pytest.mark.parametrize("arguments", [[], ["--debug"], ["--home", "there"]], ids=str)
def test_a_group_without_a_command_says_which_there_are(arguments: list[str]) -> None:
    result = CliRunner().invoke(_lazy(), arguments)

    assert result.exit_code == 2
    assert "tool needs a command: choose one of show, missing" in result.output


def test_a_strange_command_gets_the_list() -> None:
    result = CliRunner().invoke(_lazy(), ["zzz"])

    assert "choose one of show, missing" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["show", "--home", "there", "a"], id="behind the name"),
        pytest.param(["show", "a", "--home=there"], id="at the end"),
    ],
)
def test_every_command_takes_the_home(arguments: list[str]) -> None:
    result = CliRunner().invoke(_lazy(), arguments)

    assert result.output == "a loud=False home=there\n"


def test_a_command_gets_the_shared_options_once() -> None:
    group = _lazy()
    context = click.Context(group)
    first, second = group.get_command(context, "show"), group.get_command(context, "show")

    assert first is second is not None
    assert [param.name for param in second.params].count("home") == 1


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        pytest.param([], " loud=False home=None\n", id="nothing"),
        pytest.param(["1:3"], "1:3 loud=False home=None\n", id="an argument"),
        pytest.param(["--loud", "1"], "1 loud=True home=None\n", id="an option"),
        pytest.param(["show", "1"], "1 loud=False home=None\n", id="the command"),
        pytest.param(["--home", "show", "1"], "1 loud=False home=show\n", id="a home"),
        pytest.param(["--home=h", "show", "1"], "1 loud=False home=h\n", id="a home, joined"),
    ],
)
def test_a_default_command_is_called_where_none_is_named(
    arguments: list[str], output: str
) -> None:
    group = _default()
    group.params.extend(shared_options())

    assert CliRunner().invoke(group, arguments).output == output


def test_the_help_of_a_default_group_shows_the_options_of_its_default() -> None:
    result = CliRunner().invoke(_default(), ["--help"])

    assert "--loud" in result.output
    assert "missing" in result.output
