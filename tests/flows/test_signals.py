import json
import re
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import request
from tests.flows.conftest import WAITING, flow_run, wait_for_batch
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server


def post(server: ServerState, path: str, body: dict[str, Any]) -> None:
    asked = request(server, path, body)
    with urllib.request.urlopen(asked):
        return


def statuses(project: Any) -> list[str]:
    """Return the statuses of the trials, by number."""
    rows = json.loads(project.succeed("runs", "--all", "--json"))
    return [row["status"] for row in sorted(rows, key=lambda row: row["number"]) if row["number"]]


def test_cancelling_in_prefect_ends_the_trials_and_the_command(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("wait.py", WAITING)
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    flow = flow_run(prefect_server, wait_for_batch(served_project))
    state = {"state": {"type": "CANCELLING"}, "force": True}
    post(prefect_server, f"/flow_runs/{flow['id']}/set_state", state)
    out, err = process.communicate(timeout=60)
    assert "cancelled in Prefect" in out, err
    assert statuses(served_project) == ["terminated", "pending"]
    assert flow_run(prefect_server, str(flow["parameters"]["batch_id"]))["state_type"] == (
        "CANCELLED"
    )


def test_sigterm_ends_the_trials_records_them_and_exits_with_143(served_project: Any) -> None:
    served_project.write("wait.py", WAITING)
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    wait_for_batch(served_project)
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 143, err
    assert "stopped by SIGTERM" in out
    assert "tunesmith run --restart" in out
    assert statuses(served_project) == ["terminated", "pending"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_writing_of_the_report_and_loses_nothing(
    served_project: Any, number: int, code: int
) -> None:
    lines = "print(''.join(f'loss: {i}' + chr(10) for i in range(400_000)))\n"
    served_project.write("points.py", f"x = 1\n{lines}")
    run = served_project.start("run", "points.py", "x=[1,2]", "-y")
    for line in run.stderr:
        if line.startswith("writing the report"):
            break
    run.send_signal(number)
    out, err = run.communicate(timeout=60)
    assert run.returncode == code, out + err
    assert "Traceback" not in err
    assert f"the report was not written (ended by {signal_name(number)})" in err
    assert "2 completed" in out
    batch = re.search(r"tunesmith report (\w+)", err)
    assert batch is not None
    page = Path(served_project.succeed("report", batch[1]).strip())
    assert page.is_file()
    assert (page.parent / "tensorboard").is_dir()
    assert (page.parent / "trials.csv").is_file()


def signal_name(number: int) -> str:
    return "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


def test_one_interrupt_lets_the_running_trial_finish_and_starts_no_other(
    served_project: Any,
) -> None:
    gate = served_project.path / "gate"
    served_project.write(
        "gated.py",
        "import os, select\nx = 1\nprint('loss:', x, flush=True)\n"
        "while not os.path.exists(os.environ['GATE']):\n    select.select([], [], [], 0.01)\n",
    )
    process = served_project.start("run", "gated.py", "x=[1,2]", "--yes", GATE=str(gate))
    wait_for_batch(served_project)
    process.send_signal(signal.SIGINT)
    line = next(line for line in process.stderr if "no new trials" in line)
    assert "Ctrl-C" in line
    gate.touch()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped by Ctrl-C" in out
    assert statuses(served_project) == ["completed", "pending"]
