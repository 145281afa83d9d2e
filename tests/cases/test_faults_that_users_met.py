"""Whole commands on small programs that once went wrong, and the right value of each.

Every case says what a user types on a program as it is, and what must and must not be seen. Each
stands for a kind of fault; the laws of a kind are tested in the room where it arose.
"""

import re
import sys
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One command on one program."""

    id: str
    program: str
    arguments: tuple[str, ...] = ()
    """What follows ``tunesmith run program.py``, before ``--yes``."""
    shows: tuple[str, ...] = ()
    """Patterns, each of which is found in what the command prints or the trials print."""
    hides: tuple[str, ...] = ("Traceback", "this is a bug")
    """Patterns that are not found."""
    exit_code: int = 0


ARGPARSE = """\
import argparse
{before}
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
{option}
args = parser.parse_args()
print("value", {value})
print("loss:", args.lr)
"""


def argparse_program(option: str, *, before: str = "", value: str) -> str:
    """Return a program with a learning rate and one more option, whose value it prints."""
    return ARGPARSE.format(before=before, option=option, value=value)


WORDS = argparse_program(
    'parser.add_argument("--amp", type=word, default=False)',
    before="""
def word(text):
    known = {"yes": True, "true": True, "no": False, "false": False}
    if text.lower() not in known:
        raise argparse.ArgumentTypeError(f"{text!r} is no boolean")
    return known[text.lower()]
""",
    value="args.amp",
)
SHUFFLE = argparse_program(
    'parser.add_argument("--shuffle", type=lambda text: text == "True", default=True)',
    value="args.shuffle",
)
ENUM = argparse_program(
    'parser.add_argument("--kind", type=Kind, choices=list(Kind), default=Kind.SMALL)',
    before="""
import enum
class Kind(enum.Enum):
    SMALL = "small"
    LARGE = "large"
""",
    value="args.kind",
)
WHOLE = argparse_program('parser.add_argument("--n", type=int, default=3)', value="args.n")
TWICE = """\
lr = 0.1
batch = 32
lr = 0.01
print("value", lr)
print("loss:", lr)
"""
NONE = """\
drop = None
print("value", repr(drop))
print("loss: 1")
"""
COUNT = """\
n = 10
print("value", n)
print("loss:", len(range(n)))
"""
PARABOLA = """\
x = 1.0
print("loss:", (x - 0.3) ** 2)
"""
OTHER_SCALAR = """\
x = 1.0
print("val_loss:", x * x)
"""

SINGLE = [
    Case(id="nothing_set", program=WORDS, shows=(r"value False",)),
    Case(id="another_flag_set", program=WORDS, arguments=("lr=0.2",), shows=(r"value False",)),
    Case(id="a_word_as_typed", program=WORDS, arguments=("amp=no",), shows=(r"value False",)),
    Case(id="the_other_word", program=WORDS, arguments=("amp=yes",), shows=(r"value True",)),
    Case(id="a_true_default", program=SHUFFLE, arguments=("lr=0.2",), shows=(r"value True",)),
    Case(id="true_set", program=SHUFFLE, arguments=("shuffle=true",), shows=(r"value True",)),
    Case(id="false_set", program=SHUFFLE, arguments=("shuffle=no",), shows=(r"value False",)),
    Case(id="an_enum_unset", program=ENUM, arguments=("lr=0.2",), shows=(r"value Kind.SMALL",)),
    Case(id="an_enum_set", program=ENUM, arguments=("kind=large",), shows=(r"value Kind.LARGE",)),
    Case(id="a_whole_float", program=WHOLE, arguments=("n=1e3",), shows=(r"value 1000\b",)),
    Case(id="none_in_words", program=NONE, arguments=("drop=None",), shows=(r"value None",)),
    Case(id="the_last_assignment", program=TWICE, arguments=("lr=0.5",), shows=(r"value 0\.5",)),
]
BATCHES = [
    Case(id="an_enums_list", program=ENUM, arguments=("kind=[small,large]",)),
    Case(id="a_default_in_a_grid", program=WORDS, arguments=("lr=[0.1,0.2]",)),
    Case(
        id="log_spaced_whole_numbers",
        program=COUNT,
        arguments=("n=logspace[0:2:3]",),
        shows=(r"n=1\b", r"n=10\b", r"n=100\b"),
        hides=(r"n=10\.0", "error"),
    ),
    Case(
        id="none_in_a_list",
        program=NONE,
        arguments=("drop=[None,0.5]",),
        shows=("2 completed", r"\] \w{8}  drop=null  ", r"\] \w{8}  drop=0\.5  "),
    ),
]


@pytest.mark.parametrize("case", SINGLE, ids=lambda case: case.id)
def test_a_run_does_what_the_program_itself_does(project: Any, case: Case) -> None:
    check(project, case)


@pytest.mark.server
@pytest.mark.parametrize("case", BATCHES, ids=lambda case: case.id)
def test_a_batch_completes_with_the_values_that_were_meant(
    served_project: Any, case: Case
) -> None:
    check(served_project, case)


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("n=linspace[1:9:5]", ["1", "3", "5", "7", "9"]),
        ("n=logspace[0:3:4]", ["1", "10", "100", "1000"]),
    ],
)
def test_whole_values_of_a_sequence_fit_a_whole_option(
    project: Any, value: str, numbers: list[str]
) -> None:
    project.write("program.py", WHOLE)
    out = project.succeed("run", "program.py", value, "--print-trials", "-y")
    assert re.findall(r"^.*?(\d+)\s*$", out, re.MULTILINE)[-len(numbers) :] == numbers


def test_the_trials_of_a_global_assigned_twice_run_with_their_own_values(project: Any) -> None:
    project.write("program.py", TWICE)
    assert "0.01" in project.succeed("run", "program.py", "--help-flags")


def test_an_interpreter_is_meant_from_where_the_command_is_typed(project: Any) -> None:
    link = project.path / "bin" / "python"
    link.parent.mkdir()
    link.symlink_to(sys.executable)
    project.write(
        "program.py", "import sys\nx = 1\nprint(sys.argv[0], 'ran')\nprint('loss:', x)\n"
    )
    assert "ran" in project.succeed("run", "program.py", "--python", "bin/python", "-y")


@pytest.mark.server
def test_an_unknown_time_zone_is_named(served_project: Any) -> None:
    served_project.write("program.py", PARABOLA)
    done = served_project.run(
        "deploy", "program.py", "x=[0.0:1.0]", "--cron", "0 3 * * *", "--timezone", "Mars/Phobos"
    )
    assert done.returncode == 2
    assert "Mars/Phobos" in done.stderr
    assert "cannot be read" not in done.stderr


@pytest.mark.server
def test_the_preview_says_that_a_third_number_is_a_first_value(served_project: Any) -> None:
    served_project.write("program.py", COUNT)
    done = served_project.run("run", "program.py", "n=[10:100:10]", "-m", "1", "-y")
    assert done.returncode == 0, done.stderr
    assert "n: [10:100:10] (whole numbers from 10 to 100, first 10)" in done.stderr


@pytest.mark.server
@pytest.mark.parametrize("named", [(), ("--minimize", "val_los")], ids=["by_default", "misspelt"])
def test_a_search_whose_objective_is_not_reported_stops_at_once(
    served_project: Any, named: tuple[str, ...]
) -> None:
    served_project.write("program.py", OTHER_SCALAR)
    done = served_project.run(
        "run", "program.py", "x=[0.0:1.0]", "-o", "gp", "-m", "6", "-y", *named
    )
    assert done.returncode == 1
    assert "--minimize val_loss" in done.stdout + done.stderr
    assert (done.stdout + done.stderr).count("val_loss") >= 1
    assert len(re.findall(r"^\[\d+/6\]", done.stdout, re.MULTILINE)) <= 2


@pytest.mark.server
def test_a_recommendation_is_of_the_space_that_is_searched_now(served_project: Any) -> None:
    served_project.write("program.py", PARABOLA)
    search = ("run", "program.py", "x=[0.0:1.0]", "-o", "gp", "-m", "4", "--random-seed", "1")
    batch = served_project.succeed(*search, "-y", "-q").strip()
    done = served_project.run("run", "--restart", batch, "x=[2.0:3.0]", "-m", "3", "-y")
    assert done.returncode == 0, done.stderr
    shown = done.stdout + done.stderr
    values = {
        name: float(number)
        for name, number in re.findall(r"^\s+(best|recommended):?\s+loss (\S+)", shown, re.M)
    }
    assert "best" in values, shown
    assert values.get("recommended", values["best"]) <= values["best"] + 1e-9, shown


def check(project: Any, case: Case) -> None:
    """Run a case's command and compare all that it shows."""
    project.write("program.py", case.program)
    done = project.run("run", "program.py", *case.arguments, "-y")
    shown = done.stdout + done.stderr
    assert done.returncode == case.exit_code, shown
    for pattern in case.shows:
        assert re.search(pattern, shown), f"{pattern!r} is not in {shown}"
    for pattern in case.hides:
        assert not re.search(pattern, shown), f"{pattern!r} is in {shown}"
