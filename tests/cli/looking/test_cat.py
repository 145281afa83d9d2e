"""``tunesmith cat`` on a real terminal, and with files that are none."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.cli.conftest import MORNING, Library, Outcome

Call = Callable[..., Outcome]


@pytest.fixture
def run(library: Library) -> str:
    """A single run."""
    return library.single("a1" * 16, {"x": 1.0}, started=MORNING)


def _on_terminal(*arguments: str, **variables: str) -> bytes:
    """Return what the command line shows on a terminal."""
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    child = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm", **variables},
    )
    os.close(theirs)
    shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert child.wait(timeout=60) == 0, shown
    return shown


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux: nobody holds the other side any more
        return b""


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({}, b"a\x1b[31mred\x1b[0mb\\x07\r\n"),
        ({"NO_COLOR": "1"}, b"aredb\\x07\r\n"),
    ],
    ids=["colours", "NO_COLOR"],
)
def test_only_colours_reach_a_terminal(
    library: Library, run: str, variables: dict[str, str], shown: bytes
) -> None:
    output = b"a\x1b[2J\x1b[31mred\x1b[0m\x1b]52;c;ZXZpbA==\x07b\x07\n"
    library.store.layout.output(run, run).write_bytes(output)

    assert _on_terminal("cat", **variables) == shown


def test_what_the_terminal_cannot_write_is_an_escape(library: Library, run: str) -> None:
    library.store.layout.output(run, run).write_text("café ✓\n", encoding="utf-8")

    assert _on_terminal("cat", PYTHONIOENCODING="ascii") == b"caf\\xe9 \\u2713\r\n"


def test_many_beginnings_of_sequences_take_no_longer_than_text(library: Library, run: str) -> None:
    library.store.layout.output(run, run).write_bytes(b"\x1b]" * 100_000)

    assert _on_terminal("cat") == b"\\x1b]" * 100_000


def test_an_earlier_attempt_is_printed(library: Library, call: Call) -> None:
    trial, batch = library.search()[1], "0b5e55ed" * 4
    output = library.store.layout.output(batch, trial)
    output.write_text("first\n")
    with library.store.lease(batch):  # as while the failed trial is run again
        library.store.start_trial(batch, 2, attempt=2, started=MORNING + 90)
        output.write_text("second\n")

        assert call("cat", trial[:8], "--attempt", "1").out == "first\n"
        assert call("cat", trial[:8]).out == "second\n"


def test_a_pipe_is_refused_and_not_waited_for(library: Library, run: str, call: Call) -> None:
    os.mkfifo(library.store.layout.trial_directory(run, run) / "fifo")

    done = call("cat", "--path", "fifo")

    assert done.code == 2
    assert "fifo is not a regular file" in done.err


def test_output_that_was_removed_is_not_found(library: Library, run: str, call: Call) -> None:
    library.store.layout.output(run, run).unlink()

    assert call("cat").code == 3
