import copy
import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import assign, split_argument
from tunesmith.flags.batch_files import read_rows
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.display import format_flags
from tunesmith.flags.secret_values import (
    MASK,
    Secret,
    check_extra,
    hide,
    lost_secrets,
    mask_defaults,
    reveal,
    secrets_of,
)
from tunesmith.flags.settings import Setting, setting_to_plain
from tunesmith.flags.values import encode_flags

FLAGS = ScriptFlags(
    source=FlagSource.ARGPARSE,
    definitions=(
        FlagDefinition(name="api_key", option="--api_key"),
        FlagDefinition(name="password", type=FlagType.INT, default=1234),
        FlagDefinition(name="use_auth_token", type=FlagType.BOOL, default=False),
        FlagDefinition(name="max_tokens", type=FlagType.INT, default=5),
    ),
)


def given_by(*arguments: str) -> dict[str, Setting]:
    return assign(FLAGS, [split_argument(one) for one in arguments], script="train.py")


@given(st.text("abcxyz0189-_ü\n", min_size=9) | st.integers(10**9))
def test_a_secret_is_in_nothing_that_is_made_of_its_flag(value: str | int) -> None:
    setting = hide("api_key", value)
    assert isinstance(setting, Secret)
    flags = {"api_key": setting}
    made = (
        encode_flags(flags),
        json.dumps(setting_to_plain(setting)),
        format_flags(flags),
        repr(flags),
        f"{setting}",
        repr(pickle.dumps(setting)),
        repr(copy.deepcopy(flags)),
    )
    assert not [text for text in made if str(value) in text]
    assert all(MASK in text for text in made)
    assert reveal({"api_key": MASK, "x": MASK}, secrets_of(flags)) == {"api_key": value, "x": MASK}


def test_a_secret_is_read_by_the_type_of_its_flag() -> None:
    settings = given_by("password=77", "max_tokens=8")
    assert settings == {"password": MASK, "max_tokens": 8}
    assert secrets_of(settings) == {"password": 77}


@pytest.mark.parametrize("argument", ["api_key=[a,b]", "password=[1:5]", "password=range[1:5]"])
def test_a_secret_is_not_searched(argument: str) -> None:
    with pytest.raises(FlagError, match=r"is a secret by its name and has several values"):
        given_by(argument)


@pytest.mark.parametrize(
    "argument",
    [
        "password=hunter2",
        "password=[hunter2",
        "password=[hunter2,4]",
        "password=[1.5:hunter2]",
        "use_auth_token=hunter2",
    ],
)
def test_the_message_of_a_secret_that_does_not_fit_is_without_it(argument: str) -> None:
    name, _, cell = argument.partition("=")
    with pytest.raises(FlagError, match=rf"^invalid value \*\*\* for {name}, a secret") as typed:
        given_by(argument)
    rows = json.dumps([{name: cell}])
    with pytest.raises(FlagError, match=rf"grid.json row 1: .*{name}.* secret") as of_file:
        read_rows(rows, name="grid.json", script_flags=FLAGS)
    for raised in (typed, of_file):
        shown = "".join(traceback.format_exception(raised.value))
        assert "hunter2" not in shown.partition("FlagError: ")[2]
        assert "invalid value 'hunter2'" not in shown


def test_the_message_of_another_flag_tells_the_value() -> None:
    with pytest.raises(FlagError, match=r"invalid value 'many' for max_tokens"):
        given_by("max_tokens=many")


def test_yes_and_no_are_no_secrets() -> None:
    assert given_by("use_auth_token=yes") == {"use_auth_token": True}
    assert not secrets_of({"use_auth_token": True})
    given_by("use_auth_token=[yes,no]")


def test_the_mask_is_not_taken_for_a_secret() -> None:
    with pytest.raises(FlagError, match=r"stands for a secret, which is never stored"):
        given_by("api_key=***")


def test_a_secret_that_came_back_from_a_file_is_lost_unless_it_is_given_again() -> None:
    settings: dict[str, Setting] = {
        "api_key": MASK,
        "password": Secret(1),
        "use_auth_token": True,
        "other": MASK,
    }
    assert lost_secrets(settings, settings) == ["api_key"]
    assert lost_secrets(settings, ["password"]) == []


def test_defaults_of_secrets_are_masked_and_others_are_not() -> None:
    assert mask_defaults(FLAGS).defaults == {
        "api_key": None,
        "password": MASK,
        "use_auth_token": False,
        "max_tokens": 5,
    }


def test_a_batch_file_holds_no_secret() -> None:
    with pytest.raises(FlagError, match=r"grid.csv row 1: api_key is a secret"):
        read_rows("max_tokens,api_key\n1,sk-1\n", name="grid.csv", script_flags=FLAGS)
    assert read_rows("max_tokens,api_key\n1,\n", name="grid.csv", script_flags=FLAGS)


@pytest.mark.parametrize(
    "words",
    [
        ["--api-key", "sk-1"],
        ["--x", "1", "--api-key=sk-1"],
        ["--hf_token=a"],
        ["-x", "--pwd", "a"],
    ],
    ids=" ".join,
)
def test_the_scripts_own_arguments_hold_no_secret(words: list[str]) -> None:
    with pytest.raises(FlagError, match=r"is a secret by its name, but arguments after --"):
        check_extra(words)


@pytest.mark.parametrize(
    "words", [[], ["--use-auth-token"], ["--token", "--x"], ["--max-tokens", "5"]], ids=" ".join
)
def test_other_arguments_are_taken(words: list[str]) -> None:
    check_extra(words)
