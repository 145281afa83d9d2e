import json
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.running.conftest import CLI, only_run

AGAIN = """\
import os
lr = 0.1
batch = 32
lr = 0.01
if os.environ.get("NOWHERE"):
    batch = 8
step = 0
while step < 12:
    step += 1
size = 5
size = len("abc")
print(f"used: {lr} {batch} {step} {size}")
"""


def test_the_last_of_two_assignments_is_the_one_that_is_set(project: Any) -> None:
    project.write("again.py", AGAIN)
    assert project.succeed("run", "again.py", "lr=0.5", "-y") == "used: 0.5 32 12 3\n"
    assert only_run(project)["flags"] == {"lr": 0.5, "batch": 32}


def test_the_list_of_flags_says_which_are_assigned_again(project: Any) -> None:
    project.write("again.py", AGAIN)
    lines = project.succeed("run", "again.py", "--help-flags").splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["batch", "number", "32", "is", "assigned", "again", "in", "line", "6", "(if", "…)"],
        ["lr", "number", "0.01"],
    ]
    batch, lr = json.loads(project.succeed("run", "again.py", "--help-flags", "--json"))
    assert (batch["note"], lr["note"]) == ("is assigned again in line 6 (if …)", "")


@pytest.mark.server
def test_what_the_script_assigns_again_is_told_before_anything_runs(
    served_project: Any,
) -> None:
    project = served_project
    project.write("again.py", AGAIN)
    note = "is assigned again in line {}: trials may not run with the value that you set"
    assert "assigned again" not in project.run("run", "again.py", "lr=0.5", "-y").stderr
    told = project.run("run", "again.py", "batch=[8,9]")
    assert f"  batch {note.format('6 (if …)')}\n" in told.stderr
    quiet = project.run("run", "again.py", "batch=8", "-y", "-q")
    assert quiet.stderr == f"warning: batch {note.format('6 (if …)')}\n"
    counted = project.run("run", "again.py", "step=9", "-y")
    assert f"  step {note.format('9 (while …)')}\n" in counted.stderr
    assert counted.stdout == "used: 0.01 32 12 3\n"


def test_a_name_whose_value_would_be_lost_is_refused(project: Any) -> None:
    project.write("again.py", AGAIN)
    done = project.run("run", "again.py", "size=9", "-y")
    assert done.returncode == 2
    assert "again.py has no flag 'size' that can be set: it is assigned again in line 11" in (
        done.stderr
    )


def test_a_script_keeps_its_encoding_when_a_flag_is_set(project: Any) -> None:
    text = "# coding: latin-1\nname = 'a'\nprint(ascii(name), ascii('\u00e9'))\n"
    (project.path / "old.py").write_bytes(text.encode("latin-1"))
    out = project.succeed("run", "old.py", "name=\u00e8\u20ac", "-y")
    assert out == "'\\xe8\\u20ac' '\\xe9'\n"


def test_the_script_itself_is_never_changed(project: Any) -> None:
    before = (project.path / "quick.py").read_bytes()
    project.succeed("run", "quick.py", "x=0.5", "--yes")
    assert (project.path / "quick.py").read_bytes() == before
    assert sorted(path.name for path in project.path.iterdir()) == [
        ".tunesmith",
        "pyproject.toml",
        "quick.py",
        "train.py",
    ]


def test_options_reach_a_script_with_argparse(project: Any) -> None:
    project.write("options.py", CLI)
    out = project.succeed("run", "options.py", "lr=0.25", "fast=yes", "-y", "--", "one", "two")
    assert out == "loss: 3.25\n"


CONVERTING = """\
import argparse
def to_bool(text):
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError("not a boolean")
    return text == "yes"
parser = argparse.ArgumentParser()
parser.add_argument("--amp", type=to_bool, default=False)
parser.add_argument("--shuffle", type=lambda text: text.lower() == "true", default=True)
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
print(args.amp, args.shuffle, args.lr)
"""


def test_a_script_keeps_the_defaults_of_what_was_not_set(project: Any) -> None:
    project.write("converting.py", CONVERTING)
    assert project.succeed("run", "converting.py", "-y") == "False True 0.1\n"
    assert project.succeed("run", "converting.py", "lr=0.2", "-y") == "False True 0.2\n"
    runs = json.loads(project.succeed("runs", "--json"))
    assert {run["command"] for run in runs} == {
        "python converting.py",
        "python converting.py --lr 0.2",
    }


KITCHEN = """\
import argparse, enum, json, pathlib, random
class Kind(enum.Enum):
    SMALL = "small"
    LARGE = "large"
def to_bool(text):
    if text.lower() not in ("yes", "no"):
        raise ValueError(text)
    return text.lower() == "yes"
parser = argparse.ArgumentParser()
parser.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.SMALL)
parser.add_argument("--amp", type=to_bool, nargs="?", const=True, default=False)
parser.add_argument("--model", type=json.loads, default={"depth": 3})
parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")], default=[8])
parser.add_argument("--layers", type=int, nargs="+", default=[1, 2])
parser.add_argument("--tag", action="append", default=["a"])
parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("some/where"))
parser.add_argument("--log", action=argparse.BooleanOptionalAction, default=True)
parser.add_argument("-v", "--verbose", action="count", default=0)
parser.add_argument("--adam", dest="optimizer", action="store_const", const="adam", default="sgd")
parser.add_argument("--clip", type=float)
parser.add_argument("--late", default=argparse.SUPPRESS)
parser.add_argument("--seed", type=int, default=random.randint(1, 10**9))
args = parser.parse_args()
del args.seed
print(sorted(vars(args).items()))
"""


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param(
            'kind=large amp=true model={"a":[null]} sizes=16 tag=b clip=-1e-05 log=no verbose=2 '
            "layers=3 adam=yes out=there late=x seed=1",
            '--kind large --amp yes --model {"a":[null]} --sizes 16 --tag b --clip=-1e-05 '
            "--no-log -vv --layers 3 --adam --out there --late x",
            id="values",
        ),
    ],
)
def test_a_script_runs_as_it_does_without_us(project: Any, flags: str, words: str) -> None:
    script = project.write("kitchen.py", KITCHEN)
    alone = [sys.executable, str(script), *words.split()]
    expected = subprocess.run(alone, capture_output=True, text=True, check=True).stdout
    assert project.succeed("run", script.name, *flags.split(), "-y") == expected


OTHERS = """\
import argparse, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args, others = parser.parse_known_args()
print(args.lr, others, os.environ.get("FLAG_DEPTH"))
"""


def test_a_flag_that_is_forced_reaches_the_script(project: Any) -> None:
    project.write("others.py", OTHERS)
    out = project.succeed("run", "others.py", "depth=3", "on=yes", "--force-flags", "-y")
    assert out == "0.1 ['--depth', '3', '--on', 'yes'] 3\n"


HIDDEN = "import argparse, sys\np = argparse.ArgumentParser()\nfor n in (): p.add_argument(n)\n"
HIDDEN += "print(sys.argv[1:])\n"


def test_a_script_whose_flags_are_hidden_is_run_with_those_that_are_forced(project: Any) -> None:
    project.write("hidden.py", HIDDEN)
    done = project.run("run", "hidden.py", "lr=1", "-y")
    assert done.returncode == 2
    assert "so your files are unchanged. --force-flags" in done.stderr
    out = project.succeed("run", "hidden.py", "lr=1", "--force-flags", "-y")
    assert out == "['--lr', '1']\n"


def test_no_run_has_a_forced_flag_that_its_script_did_not_get(project: Any) -> None:
    done = project.run("run", "quick.py", "speed=1", "--force-flags", "-y")
    assert done.returncode == 2
    assert "quick.py has no flag 'speed'. Its flags: noise, x" in done.stderr
