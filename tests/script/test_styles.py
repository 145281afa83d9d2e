"""What each style passes, and that the libraries read it back."""

import ast
import math
from typing import Any

import pytest
from absl import flags as absl_flags
from fire import parser as fire_parser  # type: ignore[import-untyped]  # it has no types
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf
from sacred.arg_parser import get_config_updates

from tunesmith.errors import FlagError
from tunesmith.flags.definition import (
    FlagDefinition,
    FlagSource,
    FlagStyle,
    FlagType,
    ScriptFlags,
    unknown_option,
)
from tunesmith.flags.spelling import HYDRA, LITERAL, YAML, Spelling, TextForm
from tunesmith.flags.values import FlagValue
from tunesmith.script.arguments import as_typed, build_arguments, build_variables, check_arguments

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS
_VALUES = _SCALARS | st.lists(_SCALARS, max_size=3).map(tuple)
HYDRA_PARSER = OverridesParser.create()


def one_flag(
    source: FlagSource, style: FlagStyle, spelling: Spelling, type_: FlagType = FlagType.TEXT
) -> ScriptFlags:
    flag = FlagDefinition(name="x", default="-", spelling=spelling, type=type_)
    return ScriptFlags(source=source, definitions=(flag,), style=style)


def listed(value: FlagValue) -> Any:
    return [listed(one) for one in value] if isinstance(value, tuple) else value


@given(_VALUES)
def test_hydra_reads_back_what_was_given(value: FlagValue) -> None:
    flags = one_flag(FlagSource.HYDRA, FlagStyle.BARE, HYDRA)
    (word,) = build_arguments(flags, {"x": value})
    override = HYDRA_PARSER.parse_override(word)
    assert override.key_or_group == "x"
    found = override.value()
    found = [getattr(i, "text", i) for i in found] if isinstance(found, list) else found
    assert getattr(found, "text", found) == listed(value)


@given(_VALUES)
def test_omegaconf_reads_back_what_was_given(value: FlagValue) -> None:
    words = build_arguments(one_flag(FlagSource.OMEGACONF, FlagStyle.BARE, YAML), {"x": value})
    conf = OmegaConf.from_cli(words)
    assert OmegaConf.to_container(conf, resolve=False) == {"x": listed(value)}


@given(_VALUES)
def test_fire_reads_back_what_was_given(value: FlagValue) -> None:
    (word,) = build_arguments(one_flag(FlagSource.FIRE, FlagStyle.JOINED, LITERAL), {"x": value})
    assert fire_parser.DefaultParseValue(word.removeprefix("--x=")) == listed(value)


@given(_VALUES)
def test_sacred_reads_back_what_was_given(value: FlagValue) -> None:
    flags = one_flag(FlagSource.SACRED, FlagStyle.BARE, LITERAL)
    first, *updates = build_arguments(flags, {"x": value})
    assert first == "with"
    found, _ = get_config_updates(updates)  # type: ignore[no-untyped-call]  # it has no types
    assert found == {"x": listed(value)}


@given(_VALUES)
def test_a_reader_of_literals_reads_back_what_was_given(value: FlagValue) -> None:
    flags = one_flag(FlagSource.COMMAND, FlagStyle.WORDS, LITERAL)
    name, text = build_arguments(flags, {"x": value})
    try:  # as yacs does
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        found = text
    assert (name, found) == ("x", listed(value))


@given(st.floats(allow_nan=False), st.integers(-(2**31), 2**31), st.booleans(), _TEXTS)
def test_absl_reads_back_what_was_given(lr: float, n: int, on: bool, name: str) -> None:
    values = absl_flags.FlagValues()  # type: ignore[no-untyped-call]  # it has no types
    absl_flags.DEFINE_float("lr", 0.1, "", flag_values=values)
    absl_flags.DEFINE_integer("n", 1, "", flag_values=values)
    absl_flags.DEFINE_bool("on", True, "", flag_values=values)
    absl_flags.DEFINE_string("name", "-", "", flag_values=values)
    switch = FlagDefinition(name="on", default=True, switch_on="--on", switch_off="--noon")
    plain = [FlagDefinition(name=one, default="-", option=f"--{one}") for one in ("lr", "name")]
    flags = ScriptFlags(
        source=FlagSource.ABSL,
        definitions=(*plain, FlagDefinition(name="n", option="--n"), switch),
        style=FlagStyle.JOINED,
    )
    given_flags: dict[str, FlagValue] = {"lr": lr, "n": n, "on": on, "name": name}
    values(["train.py", *build_arguments(flags, given_flags)])
    assert {one: values[one].value for one in given_flags} == given_flags


@pytest.mark.parametrize(
    ("source", "style", "value", "words"),
    [
        (FlagSource.COMMAND, FlagStyle.SPACED, "a", ["--x", "a"]),
        (FlagSource.COMMAND, FlagStyle.JOINED, 0.1, ["--x=0.1"]),
        (FlagSource.COMMAND, FlagStyle.BARE, "a b", ["x=a b"]),
        (FlagSource.COMMAND, FlagStyle.BARE, (1, "a"), ["x=[1,a]"]),
        (FlagSource.COMMAND, FlagStyle.BARE, True, ["x=true"]),
        (FlagSource.COMMAND, FlagStyle.WORDS, -1, ["x", "-1"]),
        (FlagSource.COMMAND, FlagStyle.WORDS, True, ["x", "True"]),
        (FlagSource.COMMAND, FlagStyle.SINGLE_DASH, 3, ["-x", "3"]),
        (FlagSource.COMMAND, FlagStyle.SINGLE_DASH, -3, ["-x=-3"]),
        (FlagSource.COMMAND, FlagStyle.ENVIRONMENT, 3, []),
        (FlagSource.HYDRA, FlagStyle.BARE, None, ["++x=null"]),
        (FlagSource.HYDRA, FlagStyle.BARE, "{a: 1}", ["++x={a: 1}"]),
        (FlagSource.SACRED, FlagStyle.BARE, 1e-05, ["with", "x=1e-05"]),
        (FlagSource.FIRE, FlagStyle.JOINED, "1", ["--x='1'"]),
    ],
    ids=str,
)
def test_a_name_alone_is_passed_in_the_style(
    source: FlagSource, style: FlagStyle, value: FlagValue, words: list[str]
) -> None:
    flags = ScriptFlags(source=source, definitions=(), style=style)
    assert build_arguments(flags, {"x": value}) == words


def test_options_stand_before_the_word_of_their_subcommand() -> None:
    train = ScriptFlags(
        source=FlagSource.ARGPARSE,
        definitions=(
            FlagDefinition(name="lr", option="--lr"),
            FlagDefinition(name="data", position=1, default="d"),
        ),
    )
    tool = ScriptFlags(
        source=FlagSource.ARGPARSE,
        definitions=(FlagDefinition(name="level", option="--level"),),
        subcommands={"train": train},
    ).of_subcommand(["train"])
    flags: dict[str, FlagValue] = {"lr": 0.1, "other": 1, "data": "x", "level": 2}
    words = ["--level", "2", "train", "--lr", "0.1", "--other", "1", "x"]
    assert build_arguments(tool, flags) == words


PLACED = (
    FlagDefinition(name="alpha", default=0.5, position=1, aliases=("1",)),
    FlagDefinition(name="l1_ratio", default=0.7, position=2, aliases=("2",)),
    FlagDefinition(name="rest", default=None, position=3),
)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"alpha": 0.1}, ["0.1"]),
        ({"l1_ratio": 0.1}, ["0.5", "0.1"]),
        ({"l1_ratio": -0.1, "alpha": -1e-05}, ["-1e-05", "-0.1"]),
        ({"rest": "a"}, ["0.5", "0.7", "a"]),
    ],
    ids=str,
)
def test_arguments_have_their_place(flags: dict[str, FlagValue], words: list[str]) -> None:
    script = ScriptFlags(source=FlagSource.ARGUMENTS, definitions=PLACED)
    assert build_arguments(script, flags) == words


def test_what_looks_like_an_option_stands_after_dashes() -> None:
    definitions = (
        FlagDefinition(name="lr", option="--lr"),
        FlagDefinition(name="path", position=1),
        FlagDefinition(name="sizes", option="--sizes", takes_many=True),
    )
    script = ScriptFlags(source=FlagSource.ARGPARSE, definitions=definitions)
    assert build_arguments(script, {"path": "-x", "lr": 1}) == ["--lr", "1", "--", "-x"]
    assert build_arguments(script, {"path": -1}) == ["-1"]
    many = build_arguments(script, {"path": "x", "sizes": (1, 2)})
    assert many == ["--sizes", "1", "2", "--", "x"]


def test_an_argument_behind_one_without_a_default_is_refused() -> None:
    definitions = (FlagDefinition(name="a", position=1), FlagDefinition(name="b", position=2))
    script = ScriptFlags(source=FlagSource.ARGUMENTS, definitions=definitions)
    with pytest.raises(FlagError, match=r"b stands behind a .* add a=VALUE"):
        check_arguments(script, {"b": 1})
    check_arguments(script, {"b": 1, "a": 2})


def test_flags_with_an_address_are_not_passed() -> None:
    flag = FlagDefinition(name="lr", option="--lr", address="config.yaml:lr")
    for style in FlagStyle:
        script = ScriptFlags(source=FlagSource.ARGPARSE, definitions=(flag,), style=style)
        assert build_arguments(script, {"lr": 1}) == []
        assert build_variables(script, {"lr": 1}) == {}


def test_variables_have_the_names_of_the_flags() -> None:
    script = ScriptFlags(
        source=FlagSource.ENVIRONMENT,
        definitions=(FlagDefinition(name="LR"), FlagDefinition(name="AMP", default=True)),
        style=FlagStyle.ENVIRONMENT,
    )
    flags: dict[str, FlagValue] = {"LR": 0.1, "AMP": False, "NAME": "a b", "NONE": None}
    assert build_variables(script, flags) == {"LR": "0.1", "AMP": "", "NAME": "a b"}
    typed = as_typed(script, flags, ["python", "train.py"])
    assert typed == "LR=0.1 AMP='' NAME='a b' python train.py"


def test_what_has_no_text_is_refused() -> None:
    script = one_flag(FlagSource.FIRE, FlagStyle.JOINED, LITERAL)
    with pytest.raises(FlagError, match="no literal"):
        build_arguments(script, {"x": math.nan})


def test_every_form_is_that_of_a_style() -> None:
    assert {HYDRA.form, YAML.form, LITERAL.form} < set(TextForm)
    assert unknown_option("x").spelling is None


@pytest.mark.parametrize(
    ("style", "setting"),
    [(FlagStyle.WORDS, ["SOLVER.LR", "-0.3"]), (FlagStyle.BARE, ["SOLVER.LR=-0.3"])],
)
def test_settings_without_dashes_stand_behind_the_options_of_a_program(
    style: FlagStyle, setting: list[str]
) -> None:
    config = FlagDefinition(name="config-file", type=FlagType.TEXT, option="--config-file")
    flags = ScriptFlags(
        source=FlagSource.ARGPARSE, definitions=(config,), style=style, is_open=True
    )
    words = build_arguments(flags, {"SOLVER.LR": -0.3, "config-file": "x.yaml"})
    assert words == ["--config-file", "x.yaml", *setting]
