"""Values that would fill a terminal, or control it: shown in part, and whole as data."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.cli import console
from tunesmith.cli.running.preview import preview
from tunesmith.flags.settings import Choices

Call = Callable[..., Outcome]
LONG = "start" + "z" * 100_000 + "end"
MANY = tuple(range(10_000))
RUN = "a1" * 16
MOST = 2500
"""Characters of an answer about three runs."""


@pytest.fixture
def long_runs(library: Library) -> None:
    Path("long.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\n"
        f"p.add_argument('--kind', default='0', choices={list(map(str, MANY))}, help={LONG!r})\n"
        "p.parse_args()\n"
    )
    library.single(RUN, {"s": LONG}, started=MORNING)
    library.single("b2" * 16, {"s": LONG.replace("start", "start2")}, started=MORNING + 1)
    library.single("c3" * 16, {"s": "short", "n": MANY}, started=MORNING + 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["runs"],
        ["runs", "info", "a1a1"],
        ["runs", "info", "c3c3"],
        ["compare", "--table"],
        ["compare", "--md"],
        ["diff", "a1a1", "b2b2"],
        ["diff", "a1a1", "c3c3"],
        ["runs", "delete", "a1a1", "-y"],
        ["runs", "info", LONG],
        ["runs", "-F", f"{LONG} = 1"],
        ["compare", "--table", "--min", LONG],
        ["label", LONG, "--set", "x"],
        ["runs", f"--{LONG}"],
        ["run", "long.py", "--help-flags"],
        ["run", "long.py", f"kind={LONG}"],
        ["run", "long.py", f"{LONG}=1"],
    ],
    ids=lambda arguments: " ".join(one[:12] for one in arguments),
)
@pytest.mark.usefixtures("long_runs")
def test_a_long_value_does_not_fill_the_terminal(call: Call, arguments: list[str]) -> None:
    done = call(*arguments)

    assert 0 < len(done.out + done.err) < MOST
    assert "internal error" not in done.err


@pytest.mark.usefixtures("long_runs")
def test_two_long_values_that_differ_are_shown_as_different(call: Call) -> None:
    out = call("diff", "a1a1", "b2b2").out

    (line,) = [line for line in out.splitlines() if line.startswith("s ")]
    first, second = line.split("  ")[-2:]
    assert first.startswith("startzzz")
    assert "zend (100008 characters, " in first
    assert first != second


@pytest.mark.usefixtures("long_runs")
def test_data_has_long_values_whole(call: Call) -> None:
    (listed,) = json.loads(call("runs", "a1a1", "--json").out)
    shown = json.loads(call("runs", "info", "a1a1", "--json").out)
    (compared,) = json.loads(call("compare", "a1a1", "--json", "--columns", "s").out)
    cells = list(csv.reader(io.StringIO(call("compare", "a1a1", "--csv", "-").out)))

    assert listed["flags"]["s"] == shown["flags"]["s"] == compared["s"] == LONG
    assert LONG in cells[1]


def test_the_json_of_a_batch_has_its_settings_whole(library: Library, call: Call) -> None:
    library.spec(
        RUN,
        optimizer="grid",
        settings={"x": Choices(values=MANY, text="range[0:9999]")},
        n_trials=1,
    )

    settings = json.loads(call("runs", "info", "a1a1", "--json").out)["settings"]

    assert settings == {"x": f"[{', '.join(map(str, MANY))}]"}


def test_a_preview_shows_long_settings_in_part(library: Library) -> None:
    spec = library.spec(
        RUN,
        optimizer="grid",
        settings={"s": LONG, "x": Choices(values=MANY, text="")},
        n_trials=3,
    )
    text = preview(replace(spec, extra_arguments=(LONG,)), n_trials=3)

    assert len(text) < MOST
    assert "x: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …, 9990, " in text
    assert text.count("(100008 characters, ") == 2


def test_what_controls_a_terminal_is_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("a\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J \r\u202e b\n\tc")

    assert capsys.readouterr().err == (
        "a\x1b[31mred\x1b[0m \\x1b]0;title\\x07 \\x1b[2J \\r\\u202e b\n\tc\n"
    )


def test_a_label_and_a_name_cannot_control_the_terminal(library: Library, call: Call) -> None:
    evil = "l\x1b[2J\x07"
    library.single(RUN, {"x": 1}, started=MORNING)
    call("label", "a1a1", "--set", evil)

    outcomes = [
        call("runs"),
        call("runs", "info"),
        call("compare", "--table"),
        call("compare", "--md"),
        call("runs", "info", evil),
        call("runs", "-F", f"'{evil}' = 1"),
        call("report", "-o", f"no{evil}.pdf"),
    ]

    for done in outcomes:
        assert "\x1b" not in done.out + done.err
        assert "\x07" not in done.out + done.err
    assert Path("no.pdf").exists() is False
