"""What a program shows of a batch that it runs: in a notebook, on a terminal, or nowhere."""

import os
import pty
import subprocess
import sys

import pytest

from tests.api.notebook import run_cell
from tests.conftest import Project

CALL = 'tunesmith.run("quick.py", x=[1, 2]{})'
CELL = f"""
import tunesmith
quiet = {CALL.format(", progress=False")}
{CALL.format("")}
"""

pytestmark = pytest.mark.server


def _program(project: Project, keywords: str, *, stderr: int) -> str:
    """Run a batch from a program; return what it printed on stderr, if that is a pipe."""
    call = f"import tunesmith; {CALL.format(keywords)}"
    done = subprocess.run(
        [sys.executable, "-c", call],
        cwd=project.path,
        env=dict(project.environment),
        stderr=stderr,
        text=True,
        check=True,
    )
    return done.stderr or ""


def test_a_notebook_shows_the_progress_and_then_the_batch(served_project: Project) -> None:
    messages = run_cell(served_project, CELL)

    assert [kind for kind, _ in messages].count("display_data") == 1
    *_, last = [content["data"] for kind, content in messages if kind == "update_display_data"]
    (batch,) = [content["data"] for kind, content in messages if kind == "execute_result"]
    assert last["text/plain"].splitlines()[0].endswith(": 2/2 trials")
    assert last["text/plain"].splitlines()[1] == "best: x=1  loss 0.59"
    assert '<progress value="2" max="2">' in last["text/html"]
    assert "<table>" in batch["text/html"]


def test_a_terminal_gets_a_line_for_each_trial(served_project: Project) -> None:
    terminal, other = pty.openpty()
    try:
        _program(served_project, "", stderr=other)
        told = os.read(terminal, 10_000).decode()
    finally:
        os.close(terminal)
        os.close(other)

    assert "[1/2] " in told
    assert "x=1  loss 0.59  completed" in told


@pytest.mark.parametrize(("keywords", "is_told"), [("", False), (", progress=True", True)])
def test_without_a_terminal_it_is_shown_on_request(
    served_project: Project, keywords: str, is_told: bool
) -> None:
    told = _program(served_project, keywords, stderr=subprocess.PIPE)

    assert ("[2/2] " in told) == is_told
