"""Programs that call Tunesmith, each in a process of its own, as users run them."""

import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project, request, variables
from tunesmith.server.server_directory import ServerState

EXAMPLES = Path(__file__).parents[2] / "examples"

PATIENT = {"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120"}
"""A flow that knows of no server starts one of Prefect's, within 20 seconds or not at all."""

BADLY = """
import os
import tunesmith
from pathlib import Path
from prefect import flow
from tunesmith.executor.batch_context import BatchContext
from tunesmith.flows.batch_call import drain_batch, run_batch
from tunesmith.request.new import new, with_source
from tunesmith.request.script_of_request import read_script
from tunesmith.flags.assignments import split_argument
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.store import Store

@flow
def pipeline():
    tunesmith.run("broken.py", x=[1, 2])

@flow
def stopped():
    request = SweepRequest(script="quick.py", flags=(split_argument("x=[1,2]"),))
    store = Store.open(Path(".tunesmith").absolute())
    spec = new(request, read_script(request, store.home), store.home)
    spec = with_source(spec, store, tell=print)
    context = BatchContext(spec=spec, store=store)
    context.stop.kill("stopped before the first trial")
    outcome = run_batch(context)
    drain_batch(context, outcome)
    return outcome

pipeline()
outcome = stopped()
from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter
with get_client(sync_client=True) as client:
    tagged = FlowRunFilter(tags={"all_": [f"batch:{outcome.batch}"]})
    print(*[run.id for run in client.read_flow_runs(flow_run_filter=tagged)])
"""

pytestmark = pytest.mark.server


def _execute(project: Project, text: str) -> str:
    script = project.write("program.py", text)
    return _python(project, script)


def _python(project: Project, script: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=project.path,
        env={**project.environment, **PATIENT},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _ask(server: ServerState, path: str, body: Any) -> Any:
    asked = request(server, path, body)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


def test_a_program_runs_a_search_and_goes_on_with_it(served_project: Any) -> None:
    out = _execute(
        served_project,
        """
import json
import sys
import tunesmith

interval = sys.getswitchinterval()
batch = tunesmith.run("quick.py", x=tunesmith.uniform(-1.0, 1.0), max_trials=3, seed=1)
assert sys.getswitchinterval() == interval
first = batch.best.objective
batch.restart(2)
frame = batch.to_pandas()
print(json.dumps({
    "id": batch.id,
    "n": len(batch.trials),
    "best": batch.best.objective <= first,
    "columns": sorted({"x", "noise", "loss", "status"} & set(frame.columns)),
    "rows": len(frame),
    "runs": len(tunesmith.open(".").runs()),
    "found": tunesmith.open(".").batch(batch.id[:8]).id == batch.id,
}))
""",
    )

    told = json.loads(out)
    assert (told["n"], told["rows"], told["runs"]) == (5, 5, 5)
    assert told["best"]
    assert told["found"]
    assert told["columns"] == ["loss", "noise", "status", "x"]
    assert told["id"] in served_project.succeed("runs", "info", "--operation", "quick.py+random")


def test_a_program_gives_a_secret_again_to_go_on(served_project: Any) -> None:
    served_project.write("key.py", "api_key = ''\nx = 1\nprint('loss:', x + len(api_key))\n")
    out = _execute(
        served_project,
        """
import tunesmith

batch = tunesmith.run("key.py", x=tunesmith.uniform(0.0, 1.0), api_key="sk-12345678", max_trials=1)
try:
    batch.restart(1)
except tunesmith.errors.TunesmithError as error:
    print(error)
batch.restart(1, flags={"api_key": "sk-12345678"})
print(sorted({trial.flags["api_key"] for trial in batch.trials}))
print(sum(trial.objective >= 11 for trial in batch.trials))
""",
    )

    lines = out.splitlines()
    assert lines[0].startswith("api_key is a secret and was not kept: give it again")
    assert lines[1:] == ["['***']", "2"]


def test_a_list_is_a_grid_and_no_list_a_grid_of_one_point(served_project: Any) -> None:
    out = _execute(
        served_project,
        """
import tunesmith

grid = tunesmith.run("quick.py", x=[1, 2], noise=[0.1, 0.2])
one = tunesmith.run("quick.py", {"x": 5})
print(len(grid.trials), len(one.trials), one.best.flags["x"])
""",
    )

    assert out == "4 1 5\n"


def test_a_program_is_told_what_a_script_sets_again(served_project: Any) -> None:
    served_project.write("again.py", "x = 1\nif x > 1:\n    x = 1\nprint('loss:', x)\n")
    out = _execute(
        served_project,
        """
import sys
sys.stderr = sys.stdout
import tunesmith

tunesmith.run("again.py", x=[1, 2])
""",
    )

    assert "x is assigned again in line 3 (if …): trials may not run with the value" in out


def test_a_coroutine_may_await_a_batch(served_project: Any) -> None:
    out = _execute(
        served_project,
        """
import asyncio
import tunesmith

async def main():
    ticks = 0
    search = asyncio.ensure_future(tunesmith.arun("quick.py", x=[1, 2, 3]))
    while not search.done():
        ticks += 1
        await asyncio.sleep(0.01)
    print(len((await search).trials), ticks > 5)

asyncio.run(main())
""",
    )

    assert out == "3 True\n"


def test_a_program_that_imported_prefect_first_uses_one_server_and_no_other(
    served_project: Any,
) -> None:
    script = served_project.write(
        "program.py",
        """
import prefect
import tunesmith

tunesmith.run("quick.py", x=[1, 2, 3])
""",
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=served_project.path,
        env=served_project.environment | {"PREFECT_SERVER_EPHEMERAL_ENABLED": "false"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Exception in thread" not in done.stderr


def test_a_search_whose_objective_never_comes_is_an_error_and_goes_on_with_another(
    served_project: Any,
) -> None:
    served_project.write("other.py", "x = 1.0\nprint('val_loss:', x * x)\n")
    out = _execute(
        served_project,
        """
import tunesmith
from tunesmith.errors import ObjectiveError

try:
    tunesmith.run("other.py", x=tunesmith.uniform(0.0, 1.0), optimizer="gp", max_trials=3)
except ObjectiveError as error:
    print(error)
(batch,) = tunesmith.open(".").batches()
batch.restart(minimize="val_loss")
print(len(batch.trials), batch.best.objective == min(one.objective for one in batch.trials))
""",
    )

    message, found = out.splitlines()
    assert "trial 1 reported no 'loss'; it reported val_loss 0." in message
    assert ".restart(minimize=…)" in message
    assert found == "3 True"


def test_a_mistake_is_an_error_that_a_program_can_catch(served_project: Any) -> None:
    out = _execute(
        served_project,
        """
import tunesmith
from tunesmith.errors import FlagError

try:
    tunesmith.run("quick.py", xx=1)
except FlagError as error:
    print(error)
""",
    )

    assert "has no flag 'xx'" in out


@pytest.mark.parametrize("name", ["program.py", "function.py", "flow.py"])
def test_the_examples_run(served_project: Any, name: str) -> None:
    shutil.copy(EXAMPLES / name, served_project.path / name)

    out = _python(served_project, served_project.path / name)

    assert ("trained with x=" if name == "flow.py" else "best") in out


def test_within_a_flow_a_batch_is_a_subflow(
    served_project: Any, prefect_server: ServerState
) -> None:
    shutil.copy(EXAMPLES / "flow.py", served_project.path / "flow.py")
    environment = {**served_project.environment, **variables(prefect_server)}

    subprocess.run(
        [sys.executable, "flow.py"], cwd=served_project.path, env=environment, check=True
    )

    (batch,) = json.loads(
        served_project.succeed("runs", "--json", "--operation", "train.py+random")
    )
    runs = _ask(
        prefect_server,
        "/flow_runs/filter",
        {"flow_runs": {"name": {"like_": batch["id"][:8]}}},
    )
    assert [run["state_type"] for run in runs] == ["COMPLETED"]
    assert runs[0]["parent_task_run_id"] is not None


def test_what_ends_badly_within_a_flow_ends_quietly(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("broken.py", "x = 1\nraise SystemExit(3)\n")
    program = served_project.write("program.py", BADLY)

    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=served_project.path,
        env={**served_project.environment, **variables(prefect_server)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Finished in state Failed('exit 3')" in done.stderr
    assert "NoneType" not in done.stderr
    (run_id,) = done.stdout.split()
    query = {"flow_runs": {"id": {"any_": [run_id]}}}
    assert "report" not in [
        run["name"] for run in _ask(prefect_server, "/task_runs/filter", query)
    ]
