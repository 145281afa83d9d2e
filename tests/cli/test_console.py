import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunesmith.cli import console
from tunesmith.errors import UsageError

ASKING = """
import sys
from tunesmith.cli import console
print(console.ask_yes_no("Continue?", default=sys.argv[1] == "yes"))
"""


def _ask(keys: bytes, *, default: str = "yes") -> tuple[str, str]:
    """Ask in a child process on a terminal; return its answer and what the terminal shows."""
    outside, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", ASKING, default],
        stdin=inside,
        stdout=subprocess.PIPE,
        stderr=inside,
    ) as child:
        os.write(outside, keys)
        answer, _ = child.communicate()
        os.close(inside)
        shown = os.read(outside, 1000).decode()
        os.close(outside)
    return answer.decode().strip(), shown


@pytest.mark.parametrize(
    ("keys", "default", "expected"),
    [
        pytest.param(b"\n", "yes", "True", id="enter"),
        pytest.param(b"Y\n", "yes", "True", id="Y"),
        pytest.param(b"yes\n", "yes", "True", id="yes"),
        pytest.param(b"n\n", "yes", "False", id="n"),
        pytest.param(b"what\n", "yes", "False", id="unclear"),
        pytest.param(b"\x04", "yes", "False", id="end of input"),
        pytest.param(b"\n", "no", "False", id="enter where no is usual"),
        pytest.param(b"y\n", "no", "True", id="y where no is usual"),
    ],
)
def test_only_a_clear_yes_goes_on(keys: bytes, default: str, expected: str) -> None:
    answer, _ = _ask(keys, default=default)

    assert answer == expected


@pytest.mark.parametrize(("default", "choice"), [("yes", "(Y/n)"), ("no", "(y/N)")])
def test_the_question_shows_what_enter_means(default: str, choice: str) -> None:
    _, shown = _ask(b"\n", default=default)

    assert f"Continue? {choice} " in shown


def test_no_question_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    with pytest.raises(UsageError, match="--yes"):
        console.ask_yes_no("Continue?")


def test_the_answer_goes_to_stdout_and_the_talk_to_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.answer("42")
    console.say("thinking")
    console.warn("it is late")

    assert capsys.readouterr() == ("42\n", "thinking\nwarning: it is late\n")


def test_what_the_encoding_lacks_is_shown_as_an_escape(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", "from tunesmith.cli import console; console.answer('a\\u2713')"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )

    assert child.stdout == b"a\\u2713\n"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "stream", "expected"),
    [
        pytest.param({}, _Terminal(), True, id="a terminal"),
        pytest.param({}, io.StringIO(), False, id="a file"),
        pytest.param({"NO_COLOR": "1"}, _Terminal(), False, id="NO_COLOR"),
        pytest.param({"TERM": "dumb"}, _Terminal(), False, id="a dumb terminal"),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    stream: io.StringIO,
    expected: bool,
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert console.has_colour(stream) is expected
    assert ("\x1b" in console.paint("x", "red", stream=stream)) is expected


def test_there_is_no_width_where_stdout_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert console.terminal_width() is None


class Interrupted(io.RawIOBase):
    """A stream to a descriptor; a signal comes in the middle of the first write to it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_first = True

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Any) -> int:
        if self._is_first:
            self._is_first = False
            signal.raise_signal(signal.SIGUSR1)
        return os.write(self._descriptor, data)


def test_a_signal_in_the_middle_of_a_line_is_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, writer = os.pipe()
    stream = io.TextIOWrapper(io.BufferedWriter(Interrupted(writer)), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", stream)
    before = signal.signal(
        signal.SIGUSR1, lambda *_: console.say_in_handler("Ctrl-C: ending what runs")
    )
    try:
        console.say("a line")
    finally:
        signal.signal(signal.SIGUSR1, before)
        stream.detach()
        os.close(writer)
    with os.fdopen(reader) as told:
        assert told.read() == "Ctrl-C: ending what runs\na line\n"
