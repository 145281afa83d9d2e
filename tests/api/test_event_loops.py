"""Batches that are run where an event loop runs: coroutines, async flows and tasks, a notebook."""

import subprocess
import sys

import pytest

from tests.api.notebook import run_cell
from tests.conftest import Project, variables
from tunesmith.server.server_directory import ServerState

COROUTINE = """
import asyncio
import sys
import tunesmith
from tunesmith.errors import ObjectiveError

async def main():
    interval = sys.getswitchinterval()
    batch = tunesmith.run("quick.py", x=[1, 2])
    batch.restart(flags={"x": [1, 2, 3]}, max_trials=1)
    pair = await asyncio.gather(
        tunesmith.arun("quick.py", x=[1, 2]), tunesmith.arun("quick.py", x=[3])
    )
    print([len(one.trials) for one in (batch, *pair)], sys.getswitchinterval() == interval)
    try:
        tunesmith.run("other.py", x=tunesmith.uniform(0.0, 1.0), optimizer="gp", max_trials=3)
    except ObjectiveError as error:
        print(error)

asyncio.run(main())
"""
FLOW = """
import asyncio
import tunesmith
from prefect import flow, task

@task
async def in_a_task():
    return len((await tunesmith.arun("quick.py", x=tunesmith.uniform(0, 1), max_trials=2)).trials)

@flow
async def pipeline():
    awaited = await tunesmith.arun("quick.py", x=[1, 2])
    called = tunesmith.run("quick.py", x=[3])
    pair = await asyncio.gather(
        tunesmith.arun("quick.py", x=[1, 2]), tunesmith.arun("quick.py", x=[3])
    )
    return [await in_a_task(), *(len(one.trials) for one in (awaited, called, *pair))]

print(asyncio.run(pipeline()))
"""
CELL = """
import tunesmith
batch = tunesmith.run("quick.py", x=[1, 2])
print(len(batch.restart(max_trials=1, flags={"x": [1, 2, 3]}).trials))
print(len((await tunesmith.arun("quick.py", x=[3])).trials))
"""

pytestmark = pytest.mark.server


def _execute(project: Project, text: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", str(project.write("program.py", text))],
        cwd=project.path,
        env={**project.environment, **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "never awaited" not in done.stderr
    return done.stdout


def test_a_coroutine_may_run_batches_restart_them_and_catch_their_errors(
    served_project: Project,
) -> None:
    served_project.write("other.py", "x = 1.0\nprint('val_loss:', x * x)\n")

    lines = _execute(served_project, COROUTINE).splitlines()

    assert lines[0] == "[3, 2, 1] True"
    assert "trial 1 reported no 'loss'" in lines[1]


def test_an_async_flow_and_its_tasks_may_run_batches(
    served_project: Project, prefect_server: ServerState
) -> None:
    out = _execute(served_project, FLOW, **variables(prefect_server))

    assert out.splitlines()[-1] == "[2, 2, 1, 2, 1]"


def test_a_notebook_may_run_batches(served_project: Project) -> None:
    messages = run_cell(served_project, CELL)

    assert "".join(content.get("text", "") for _, content in messages) == "3\n1\n"
