import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tunesmith.cli import main as main_module
from tunesmith.cli.console import json_option
from tunesmith.cli.main import COMMANDS, group, main
from tunesmith.errors import NotFoundError

HEAVY = ("prefect", "skopt", "sklearn", "scipy", "pandas", "pyarrow", "numpy", "rich")

LOADED = """
import json, sys
from tunesmith.cli.main import main
code = main(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TUNESMITH_HOME", "TUNESMITH_DEBUG", "_TUNESMITH_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


def loaded(*arguments: str) -> tuple[int, set[str]]:
    """Run a command in a new process; return its exit code and the modules it imported."""
    child = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    code, modules = json.loads(child.stderr.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []], ids=["help", "version", ""])
def test_help_imports_no_command_and_nothing_heavy(arguments: list[str]) -> None:
    code, modules = loaded(*arguments)

    assert code == 0
    ours = {name for name in modules if name.startswith("tunesmith")}
    assert ours == {
        "tunesmith",
        "tunesmith.cli",
        "tunesmith.cli.console",
        "tunesmith.cli.groups",
        "tunesmith.cli.sections",
        "tunesmith.cli.main",
        "tunesmith.errors",
        "tunesmith.version",
    }
    assert not modules & {*HEAVY, "sqlite3", "dataclasses_json", "asyncio", "dataclasses"}


@pytest.mark.parametrize(
    "arguments",
    [["runs", "--help"], ["compare", "--help"], ["runs"], ["compare", "--table"]],
    ids=" ".join,
)
def test_looking_imports_nothing_heavy(arguments: list[str]) -> None:
    code, modules = loaded(*arguments)

    assert code == 0
    assert not modules & set(HEAVY)


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    for heading, commands in COMMANDS.items():
        assert f"\n{heading}:\n" in out
        for name in commands:
            assert f"\n  {name} " in out


def test_no_arguments_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0

    assert "Look at results:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["comapre"], "did you mean 'compare'?"),
        (["runs", "--nope"], "--nope"),
        (["--nope"], "--nope"),
        (["completion"], "SHELL"),
    ],
    ids=["command", "option", "root option", "argument"],
)
def test_a_usage_error_exits_with_2_and_says_where_to_look(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    first, second = err.splitlines()
    assert first.startswith("error: ")
    assert words.lower() in first.lower()
    assert second.startswith("See: tunesmith")
    assert second.endswith("--help")


class Raiser:
    """Puts a command into the table that raises what a test wants."""

    error: BaseException = RuntimeError("two\nlines")


@click.command()
@json_option("nothing")
def failing() -> None:
    raise Raiser.error


@pytest.fixture
def _failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    table = {"fail": (f"{__name__}:failing", "Fail.")}
    monkeypatch.setattr(group, "table", COMMANDS | table)
    yield
    Raiser.error = RuntimeError("two\nlines")


@pytest.mark.usefixtures("_failing")
@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (NotFoundError("there is no run 'x'"), 3, "error: there is no run 'x'\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 0, ""),
        (click.exceptions.Exit(7), 7, ""),
        (
            RuntimeError("two\nlines"),
            1,
            "error: internal error: RuntimeError: two lines; this is a bug: run with --debug for "
            "the traceback\n",
        ),
    ],
    ids=["ours", "interrupt", "broken pipe", "exit", "bug"],
)
def test_no_exception_leaves_main(
    error: BaseException, code: int, shown: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Raiser.error = error

    with os.fdopen(os.dup(1), "wb") as stdout:  # a broken pipe puts stdout away for good
        assert main(["fail"]) == code
        os.dup2(stdout.fileno(), 1)

    assert capfd.readouterr() == ("", shown)


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (
            ["runs", "info", "nope", "--json"],
            3,
            "run something first, as in tunesmith run train.py",
        ),
        (["--home", "/nonexistent", "runs", "--json"], 3, "run something first"),
        (["runs", "--nope", "--json"], 2, "tunesmith runs list --help"),
        (["comapre", "--json"], 2, "did you mean 'compare'?"),
        (["run", "train.py", "y=1", "--json"], 2, "Its flags: x"),
        (["run", "none.py", "--json", "--", "--debug"], 2, ""),
    ],
    ids=["no run", "no store", "option", "command", "flag", "script"],
)
def test_with_json_an_error_is_json_on_stdout_and_text_on_stderr(
    arguments: list[str], code: int, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("train.py").write_text("x = 1\n")

    assert main(arguments) == code

    out, err = capsys.readouterr()
    told = json.loads(out)
    assert err.splitlines()[0] == f"error: {told.pop('error')}"
    assert (told.pop("hint") or "").startswith(hint)
    assert told == {"exit": code}


@pytest.mark.usefixtures("_failing")
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError("two\nlines"), ["internal error: RuntimeError: two lines", 1]),
        (KeyboardInterrupt(), ["interrupted", 130]),
    ],
    ids=["bug", "interrupt"],
)
def test_with_json_a_bug_and_an_interrupt_are_json_too(
    error: BaseException, told: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    Raiser.error = error

    assert main(["fail", "--json"]) == told[1]

    answer = json.loads(capsys.readouterr().out)
    assert [answer["error"].partition("; this is")[0], answer["exit"]] == told


@pytest.mark.usefixtures("_failing")
@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["fail", "--debug"], ""), (["--debug", "fail"], ""), (["fail"], "1")],
    ids=["behind", "before", "environment"],
)
def test_a_traceback_is_shown_on_request(
    arguments: list[str],
    environment: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TUNESMITH_DEBUG", environment)

    assert main(arguments) == 1

    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        child = subprocess.run(
            [sys.executable, "-m", main_module.__name__, "--help"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert (child.returncode, child.stderr) == (0, b"")


def test_the_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    import tunesmith

    main(["--version"])

    assert tunesmith.__version__ in capsys.readouterr().out
