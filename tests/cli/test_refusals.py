import errno
import subprocess
import sys

import pytest

from tests.conftest import Project
from tunesmith.cli.refusals import refusal


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            OSError(errno.EMFILE, "Too many open files"),
            "cannot go on: too many files are open: raise the limit (ulimit -n), or lower --jobs",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/somewhere/x"),
            "cannot use /somewhere/x: permission is denied: choose another place with --home, or "
            "ask its owner",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "cannot go on: the disk is full (no free space): free some space",
        ),
        (
            RuntimeError("can't start new thread"),
            "no more threads can be started: raise the limit (ulimit -u or ulimit -v), or lower "
            "--jobs",
        ),
        (
            MemoryError(),
            "there is not enough memory: end other programs, or raise the limit (ulimit -v)",
        ),
        (
            ImportError("x.so: failed to map segment from shared object"),
            "there is not enough memory: end other programs, or raise the limit (ulimit -v)",
        ),
    ],
)
def test_what_the_system_refuses_is_told_with_what_to_do(error: Exception, text: str) -> None:
    assert str(refusal(error)) == text


def test_another_error_is_no_refusal() -> None:
    assert refusal(RuntimeError("of our own")) is None


@pytest.mark.parametrize(
    ("before", "words", "text"),
    [
        ("mkdir gone; cd gone; rmdir ../gone", "run t.py -y", "working directory was deleted"),
        ("mkdir gone; cd gone; rmdir ../gone", "runs", "working directory was deleted"),
        ("ulimit -v 120000", "run quick.py -y", "there is not enough memory"),
        ("ulimit -n 8", "run quick.py -y", "too many files are open"),
    ],
)
def test_a_command_that_cannot_go_on_says_so_in_one_line(
    project: Project, before: str, words: str, text: str
) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{before}; exec {sys.executable} -m tunesmith {words}"],
        cwd=project.path,
        env=dict(project.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    *_, line = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert text in line
    assert done.returncode in (1, 2)
