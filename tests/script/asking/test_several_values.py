"""Options that take a number of values at once."""

import pytest

from tests.script.asking.conftest import FindFlags
from tunesmith.errors import FlagError
from tunesmith.flags.assignments import Assignment, assign
from tunesmith.flags.definition import FlagSource, ScriptFlags

ARGPARSE = (
    "import argparse\nparser = argparse.ArgumentParser()\n"
    "parser.add_argument('--betas', nargs=2, type=float, default={default})\nparser.parse_args()\n"
)
CLICK = (
    "import click\n@click.command()\n"
    "@click.option('--betas', nargs=2, type=float, default={default})\ndef main(betas): pass\n"
    "main()\n"
)
TYRO = (
    "import tyro\ndef main(betas: tuple[float, float] = (0.9, 0.99)) -> None: pass\n"
    "tyro.cli(main)\n"
)
OPTPARSE = (
    "import optparse\nparser = optparse.OptionParser()\n"
    "parser.add_option('--betas', nargs=2, type='float', default=(0.9, 0.99))\n"
    "parser.parse_args()\n"
)


def given(flags: ScriptFlags, text: str) -> object:
    return assign(flags, [Assignment(name="betas", text=text)], script="train.py")["betas"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ARGPARSE.format(default="(0.9, 0.99)"), id="argparse"),
        pytest.param(ARGPARSE.format(default="tuple([0.9, 0.99])"), id="argparse-asked"),
        pytest.param(CLICK.format(default="(0.9, 0.99)"), id="click"),
        pytest.param(CLICK.format(default="tuple([0.9, 0.99])"), id="click-asked"),
        pytest.param(OPTPARSE, id="optparse"),
        pytest.param(TYRO, id="tyro"),
    ],
)
def test_another_number_of_values_is_refused(find: FindFlags, text: str) -> None:
    flags = find(text)

    assert given(flags, "[[0.5,0.6],[0.7,0.8]]").values == ((0.5, 0.6), (0.7, 0.8))  # type: ignore[attr-defined]  # choices
    for wrong in ("0.5", "[0.5,0.6]", "[[0.5,0.6,0.7]]"):
        with pytest.raises(FlagError, match=r"takes 2 values at once, as in betas=\[\[0.9,0.99"):
            given(flags, wrong)
    with pytest.raises(FlagError, match="betas cannot be searched in a range"):
        given(flags, "[0.1:0.9]")


def test_options_that_are_repeated_or_take_any_number_are_not(find: FindFlags) -> None:
    flags = find(
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--betas', nargs='+', type=float)\n"
        "parser.add_argument('--pair', nargs=2, action='append')\n"
        "parser.parse_args()\n"
    )

    assert given(flags, "0.5") == 0.5
    assert [flag.n_values for flag in flags.definitions] == [0, 0]


def test_an_alias_of_absl_is_another_name(find: FindFlags) -> None:
    flags = find(
        "from absl import app, flags\nflags.DEFINE_float('learning_rate', 0.1, '')\n"
        "flags.DEFINE_alias('lr', 'learning_rate')\n"
        "flags.DEFINE_multi_integer('width', [1], 'Of a layer.')\napp.run(print)\n"
    )

    assert flags.source is FlagSource.ABSL
    assert {one.name: (one.aliases, one.help) for one in flags.definitions} == {
        "learning_rate": (("lr",), ""),
        "width": ((), "Of a layer."),
    }
