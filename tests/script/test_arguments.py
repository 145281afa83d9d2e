import argparse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.values import FlagValue
from tunesmith.script.arguments import build_arguments, build_environment

OPTIONS = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="lr", type=FlagType.FLOAT, option="--lr"),
        FlagDefinition(name="name", type=FlagType.TEXT, option="--name"),
        FlagDefinition(
            name="log",
            type=FlagType.BOOL,
            switch_on="--log",
            switch_off="--no-log",
            option="--log",
        ),
        FlagDefinition(name="fast", type=FlagType.BOOL, switch_on="--fast", option="--fast"),
        FlagDefinition(name="sizes", option="--sizes", takes_many=True),
        FlagDefinition(name="tag", option="--tag", is_repeated=True),
    ),
)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"lr": 0.1}, ["--lr", "0.1"]),
        ({"lr": -0.1}, ["--lr=-0.1"]),
        ({"name": "a b"}, ["--name", "a b"]),
        ({"name": "--x"}, ["--name=--x"]),
        ({"name": None}, []),
        ({"log": True}, ["--log"]),
        ({"log": False}, ["--no-log"]),
        ({"fast": False}, []),
        ({"sizes": (1, 2)}, ["--sizes", "1", "2"]),
        ({"tag": ("a", "-b")}, ["--tag", "a", "--tag=-b"]),
        ({"other": 1}, ["--other", "1"]),
    ],
    ids=str,
)
def test_a_flag_becomes_its_arguments(flags: dict[str, FlagValue], words: list[str]) -> None:
    assert build_arguments(OPTIONS, flags) == words


def test_a_script_with_globals_gets_no_arguments() -> None:
    flags = ScriptFlags(source=FlagSource.GLOBALS, definitions=(FlagDefinition(name="x"),))
    assert build_arguments(flags, {"x": 1}) == []


def test_a_script_of_which_no_flag_is_known_gets_what_is_forced_on_it() -> None:
    flags = ScriptFlags(source=FlagSource.GLOBALS, definitions=())
    assert build_arguments(flags, {"x": 1, "on": "yes"}) == ["--x", "1", "--on", "yes"]


@given(st.floats(allow_nan=False), st.text(), st.booleans())
def test_argparse_reads_back_what_was_given(lr: float, name: str, log: bool) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float)
    parser.add_argument("--name")
    parser.add_argument("--log", action=argparse.BooleanOptionalAction)
    flags: dict[str, Any] = {"lr": lr, "name": name, "log": log}
    assert vars(parser.parse_args(build_arguments(OPTIONS, flags))) == flags


def test_every_flag_is_in_the_environment_too() -> None:
    seed = FlagDefinition(name="seed", default="computed", is_computed=True)
    flags = ScriptFlags(source=FlagSource.ARGPARSE, definitions=(seed,))
    assert build_environment(
        flags,
        {"seed": "computed", "x": 0.1, "batch-size": 8, "on": True, "off": False, "no": None},
    ) == {
        "FLAG_X": "0.1",
        "FLAG_BATCH_SIZE": "8",
        "FLAG_ON": "1",
        "FLAG_OFF": "",
    }
