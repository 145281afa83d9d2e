"""The question before a batch, on a terminal: meanwhile what runs the batch is imported."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.conftest import Project

ENVIRONMENT_SCRIPT = """\
import os
x = 1
print("told:", sorted(name for name in os.environ if "PREFECT" in name or name == "DO_NOT_TRACK"))
"""


@contextmanager
def asked(project: Project, *arguments: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Run a command up to its question; give the terminal and the process."""
    terminal, own = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith", *arguments],
        cwd=project.path,
        env=dict(project.environment),
        stdin=own,
        stdout=own,
        stderr=own,
        start_new_session=True,
    )
    os.close(own)
    try:
        seen = b""
        while b"Continue?" not in seen:
            seen += os.read(terminal, 4096)
        yield terminal, process
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def rest_of(terminal: int) -> str:
    """Return what else is written, to the end."""
    seen = b""
    while True:
        try:
            seen += os.read(terminal, 4096)
        except OSError:  # so Linux tells that the other side is closed
            return seen.decode()


@pytest.mark.server
def test_a_batch_that_was_asked_for_runs_and_its_trials_see_nothing_of_prefects(
    served_project: Project,
) -> None:
    served_project.write("environment.py", ENVIRONMENT_SCRIPT)
    with asked(served_project, "run", "environment.py", "x=[1,2]") as (terminal, process):
        os.write(terminal, b"\n")
        text = rest_of(terminal)
        assert process.wait() == 0, text
    for number in ("1", "2"):
        assert served_project.succeed("cat", number).strip() == "told: []"


@pytest.mark.server
@pytest.mark.parametrize(
    ("answer", "code"), [(b"n\n", 4), (b"", 128 + signal.SIGINT)], ids=["no", "ctrl-c"]
)
def test_a_batch_that_is_declined_leaves_nothing(
    served_project: Project, answer: bytes, code: int
) -> None:
    with asked(served_project, "run", "quick.py", "x=[1,2]") as (terminal, process):
        if answer:
            os.write(terminal, answer)
        else:
            process.send_signal(signal.SIGINT)
        rest_of(terminal)
        assert process.wait() == code
    assert not served_project.home.exists()
