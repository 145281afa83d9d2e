"""Flags of a shell script, as its text shows them."""

from pathlib import Path

import pytest

from tunesmith.errors import FlagError
from tunesmith.flags.assignments import Assignment, assign
from tunesmith.flags.definition import FlagStyle, ScriptFlags
from tunesmith.script.arguments import build_arguments, build_variables
from tunesmith.script.shell_flags import is_shell_file, read_shell_flags


def flags_of(tmp_path: Path, text: str) -> ScriptFlags:
    (tmp_path / "train.sh").write_text(text)
    return read_shell_flags(tmp_path / "train.sh")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("LR=${LR:-0.1}\n", {"LR": 0.1}, id="a default"),
        pytest.param("python t.py --lr ${LR-0.1} -n ${N:-3}\n", {"LR": 0.1, "N": 3}, id="in use"),
        pytest.param(': "${NET:=resnet}"\n', {"NET": "resnet"}, id="an assignment"),
        pytest.param("export LR=${LR:?must be set}\n", {"LR": None}, id="required"),
        pytest.param('OUT="${OUT:-$DIR/x}"\n', {"OUT": None}, id="computed"),
        pytest.param("A=${A:-${B:-3}}\n", {"A": None}, id="within another"),
        pytest.param("LR=0.5\necho ${LR:-0.1}\n", {}, id="it is set before"),
        pytest.param("# LR=${LR:-0.1}\n", {}, id="a comment"),
        pytest.param(
            "D=${HOME:-x} ${CUDA_VISIBLE_DEVICES:-0} ${API_KEY:-}\n", {}, id="a system's"
        ),
        pytest.param("echo ${LR}\n", {}, id="no default"),
    ],
)
def test_variables_with_a_default(tmp_path: Path, text: str, expected: dict[str, object]) -> None:
    found = flags_of(tmp_path, text)

    assert found.defaults == expected
    values = dict.fromkeys(expected, 7)
    assert build_variables(found, values) == dict.fromkeys(expected, "7")
    assert build_arguments(found, values) == []


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ('DATA=${1:-mnist}\nLR="$2"\n', {"LR": 0.5}, ["mnist", "0.5"]),
        ("getopts 'l:q' o\n", {"l": 0.5, "q": True}, ["-l", "0.5", "-q"]),
        ("case $1 in\n  -l|--lr) LR=$2; shift 2;;\nesac\n", {"lr": 0.5}, ["--lr", "0.5"]),
        ("case $1 in\n  -l|--lr) LR=$2; shift 2;;\nesac\n", {"l": 0.5}, ["--lr", "0.5"]),
        ("case $1 in --lr=*) LR=${1#*=};; --n=*) N=3;; esac\n", {"lr": 0.5}, ["--lr=0.5"]),
        (
            "case $1 in\n  --lr) LR=$2; shift 2;;\n  --n=*) N=${1#*=}; shift;;\nesac\n",
            {"lr": 0.5, "n": 3},
            ["--lr", "0.5", "--n=3"],
        ),
        ("case $1 in\n  --fast)\n    FAST=1\n    ;;\nesac\n", {"fast": True}, ["--fast"]),
        ("echo\n", {"lr": 0.5}, ["--lr", "0.5"]),
    ],
)
def test_arguments_and_options(
    tmp_path: Path, text: str, given: dict[str, object], words: list[str]
) -> None:
    found = flags_of(tmp_path, text)
    flags = {(flag.name if (flag := found.get(name)) else name): given[name] for name in given}

    assert build_arguments(found, flags) == words  # type: ignore[arg-type]  # plain values


def test_a_function_s_own_arguments_are_none(tmp_path: Path) -> None:
    assert flags_of(tmp_path, "run() {\n  x=$1\n}\nrun 3\n").definitions == ()


def test_a_variable_can_be_typed_in_lower_case_where_no_option_can_be_meant(
    tmp_path: Path,
) -> None:
    assert flags_of(tmp_path, "LR=${LR:-0.1}\n").get("lr") is not None
    assert flags_of(tmp_path, 'LR=${LR:-0.1}\npython t.py "$@"\n').get("lr") is None


@pytest.mark.parametrize(
    ("name", "text", "is_shell"),
    [
        ("a.sh", "", True),
        ("a", "#!/usr/bin/env bash\n", True),
        ("a", "#!/bin/sh -e\n", True),
        ("a", "#!/usr/bin/env python\n", False),
        ("a.R", "#!/usr/bin/env Rscript\n", False),
        ("a.out", "", False),
    ],
)
def test_which_files_are_shell_scripts(
    tmp_path: Path, name: str, text: str, is_shell: bool
) -> None:
    (tmp_path / name).write_text(text)
    assert is_shell_file(tmp_path / name) is is_shell


def test_a_style_is_joined_where_all_options_are(tmp_path: Path) -> None:
    assert flags_of(tmp_path, "case $1 in --lr=*) x;; esac").style is FlagStyle.JOINED
    assert flags_of(tmp_path, "case $1 in --lr) x=$2;; esac").style is FlagStyle.SPACED


def test_a_variable_that_is_read_and_never_set_can_be_set(tmp_path: Path) -> None:
    text = "for SEED in 1 2; do N=$((N+1)); echo $LR ${SEED} $N $HOME $RANDOM '$NF'; done\n"
    found = flags_of(tmp_path, text)

    assert [(one.name, one.variable) for one in found.unlisted] == [("LR", "LR")]
    assert build_variables(found, {"LR": 0.5}) == {"LR": "0.5"}
    assert build_arguments(found, {"LR": 0.5}) == []


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("lr=0.1\npython t.py --lr $lr\n", True),
        ('lr=0.1\npython t.py --lr $lr "$@"\n', False),
        ("lr=0.1\nsource rest.sh\n", False),
        ("lr=$(cat lr)\npython t.py --lr $lr\n", False),
        ("lr=${lr:-0.1}\npython t.py --lr $lr\n", False),
    ],
)
def test_a_constant_is_refused_where_no_argument_is_taken(
    tmp_path: Path, text: str, is_refused: bool
) -> None:
    found, given = flags_of(tmp_path, text), [Assignment(name="lr", text="0.5")]
    if not is_refused:
        assert set(assign(found, given, script="train.sh")) == {"lr"}
        return
    with pytest.raises(FlagError, match=r"itself \(lr=\$\{lr:-0.1\} would take it\), so"):
        assign(found, given, script="train.sh")
