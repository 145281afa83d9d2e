import dataclasses
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import request
from tunesmith.flows.batch import SWITCH_S, quick_switches
from tunesmith.server.server_directory import ServerState

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("server")]


def ask(server: ServerState, path: str, **query: Any) -> list[dict[str, Any]]:
    asked = request(server, path, query)
    with urllib.request.urlopen(asked) as answer:
        rows: list[dict[str, Any]] = json.load(answer)
    return rows


def flow_run(server: ServerState, batch: str) -> dict[str, Any]:
    """Return the flow run whose name begins with a batch's short id."""
    runs = ask(server, "/flow_runs/filter", flow_runs={"name": {"like_": batch[:8]}})
    assert len(runs) == 1
    return runs[0]


def task_runs(server: ServerState, flow: dict[str, Any]) -> dict[str, str]:
    """Return the state type of each task run, by its name."""
    runs = ask(server, "/task_runs/filter", flow_runs={"id": {"any_": [flow["id"]]}}, limit=200)
    return {run["name"]: run["state_type"] for run in runs}


def test_a_grid_is_a_flow_run_with_its_trials_proposal_and_report(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[-1,0,1]", "-yq").strip()
    flow = flow_run(prefect_server, batch)
    assert flow["name"] == f"{batch[:8]} quick.py+ x=[-1, 0, 1]"
    assert flow["state_type"] == "COMPLETED"
    assert {"operation:quick.py", "optimizer:grid"} <= set(flow["tags"])
    assert task_runs(prefect_server, flow) == {
        "propose #1": "COMPLETED",
        "trial 0001 x=-1": "COMPLETED",
        "trial 0002 x=0": "COMPLETED",
        "trial 0003 x=1": "COMPLETED",
        "report": "COMPLETED",
    }


def test_a_long_grid_is_named_as_it_was_typed(
    served_project: Any, prefect_server: ServerState
) -> None:
    text = "x=linspace[0:1:8]"
    batch = served_project.succeed("run", "quick.py", text, "-m", "2", "-yq").strip()
    assert flow_run(prefect_server, batch)["name"] == f"{batch[:8]} quick.py+ {text}"


def test_a_sequential_search_proposes_before_each_trial(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed(
        "run", "quick.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "4", "-yq"
    ).strip()
    names = task_runs(prefect_server, flow_run(prefect_server, batch))
    assert sorted(name.split(" ")[0] for name in names) == [
        *["propose"] * 4,
        "report",
        *["trial"] * 4,
    ]
    assert set(names.values()) == {"COMPLETED"}


def test_a_failing_trial_is_a_failed_task_run_in_a_flow_that_completes(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0\nprint('loss: 1')\n")
    done = served_project.run("run", "picky.py", "x=[-1,1]", "-yq")
    assert done.returncode == 1
    flow = flow_run(prefect_server, done.stdout.strip())
    assert flow["state_type"] == "COMPLETED"
    runs = task_runs(prefect_server, flow)
    assert runs["trial 0001 x=-1"] == "FAILED"
    assert runs["trial 0002 x=1"] == "COMPLETED"


def test_a_batch_told_to_end_at_a_failure_is_a_failed_flow_run(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0\nprint('loss: 1')\n")
    done = served_project.run("run", "picky.py", "x=[-1,1,2]", "-yq", "--fail-on-trial-error")
    assert done.returncode == 1
    flow = flow_run(prefect_server, done.stdout.strip())
    assert flow["state_type"] == "FAILED"
    assert task_runs(prefect_server, flow)["trial 0001 x=-1"] == "FAILED"


def test_jobs_run_trials_at_the_same_time(served_project: Any) -> None:
    # each trial waits until it sees the other one: run one after the other they would hang
    served_project.write(
        "meet.py",
        "import os, pathlib, select\n"
        "x = 0\n"
        "here = pathlib.Path(os.environ['MEETING'])\n"
        "(here / str(x)).touch()\n"
        "while len(list(here.iterdir())) < 2:\n"
        "    select.select([], [], [], 0.01)\n"
        "print('loss: 1')\n",
    )
    meeting = served_project.path / "meeting"
    meeting.mkdir()
    done = served_project.run(
        "run", "meet.py", "x=[1,2]", "-yq", "-j", "2", "--timeout", "60s", MEETING=str(meeting)
    )
    assert done.returncode == 0, done.stderr


def test_a_search_space_that_is_exhausted_ends_early_and_says_so(served_project: Any) -> None:
    done = served_project.run("run", "quick.py", "x=integers[1:3]", "-m", "9", "--yes")
    assert done.returncode == 0, done.stderr
    assert "every point of the search space has been tried" in done.stdout
    assert len(json.loads(served_project.succeed("compare", "--json"))) == 3


def test_a_batch_leaves_its_table_its_summaries_and_its_report(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[-1,0,1]", "-yq").strip()
    folder = served_project.home / "trials" / batch
    assert len((folder / "trials.csv").read_text().splitlines()) == 4
    assert "tunesmith run quick.py" in (folder / "report.html").read_text()
    assert "| completed | 3 |" in (folder / "report.md").read_text()
    sessions = [path for path in (folder / "tensorboard").iterdir() if path.is_dir()]
    assert sorted(path.name[:5] for path in sessions) == ["0001-", "0002-", "0003-"]
    (artifact,) = ask(
        prefect_server,
        "/artifacts/filter",
        artifacts={"key": {"any_": [f"report-{batch[:8]}"]}},
    )
    assert artifact["type"] == "markdown"
    assert "](data:image/svg+xml;base64," in artifact["data"]


def test_a_batch_shows_its_progress_and_its_best_trials_while_it_runs(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write(
        "slow.py", "import select\nx = 1\nselect.select([], [], [], 1.5)\nprint('loss:', x)\n"
    )
    batch = served_project.succeed("run", "slow.py", "x=[3,1,2]", "-yq").strip()
    keys = {"any_": [f"progress-{batch[:8]}", f"leaderboard-{batch[:8]}"]}

    artifacts = ask(prefect_server, "/artifacts/filter", artifacts={"key": keys})

    progress = [one for one in artifacts if one["type"] == "progress"]
    boards = [json.loads(one["data"]) for one in artifacts if one["type"] == "table"]
    last = max(boards, key=len)
    assert [one["data"] for one in progress] == [100.0]
    assert [row["trial"] for row in last] == [2, 3, 1]
    assert last[0]["command"] == "`tunesmith run slow.py x=1`"


def test_the_log_of_a_flow_run_tells_of_each_trial(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0, 'too low'\nprint('loss: 1')\n")
    done = served_project.run("run", "picky.py", "x=[-1,1]", "-yq", "--prefect-logs")
    flow = flow_run(prefect_server, done.stdout.strip())

    told = logs_of_flow(prefect_server, flow)
    assert set(told) == {"trial 0001 x=-1: exit 1", "trial 0002 x=1: loss 1.0"}
    assert told["trial 0001 x=-1: exit 1"]["message"].endswith("AssertionError: too low")
    assert told["trial 0001 x=-1: exit 1"]["level"] == 40


def test_what_a_trial_printed_reaches_prefect_only_if_it_is_wanted(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write("picky.py", "x = 1\nassert x > 0, 'my' + 'key'\nprint('loss: 1')\n")
    batch = served_project.run("run", "picky.py", "x=[-1,1]", "-yq").stdout.strip()
    flow = flow_run(prefect_server, batch)
    of_flow = {"flow_run_id": {"any_": [flow["id"]]}}
    runs = ask(prefect_server, "/task_runs/filter", flow_runs={"id": {"any_": [flow["id"]]}})

    kept = [
        ask(prefect_server, "/logs/filter", logs=of_flow),
        ask(prefect_server, "/artifacts/filter", artifacts=of_flow),
        runs,
        flow,
    ]

    assert "exit 1" in str(kept)
    assert "mykey" not in str(kept)
    report = served_project.home / "trials" / batch / "report.html"
    assert "mykey" in report.read_text()


def logs_of_flow(server: ServerState, flow: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the log of a flow run itself tells, by the first lines of its entries."""
    logs = ask(server, "/logs/filter", logs={"flow_run_id": {"any_": [flow["id"]]}})
    own = [entry for entry in logs if entry["task_run_id"] is None]
    return {entry["message"].split("\n")[0]: entry for entry in own}


def test_a_trials_output_is_its_task_runs_log_on_demand(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[1,2]", "-yq", "--prefect-logs").strip()
    flow = flow_run(prefect_server, batch)

    logs = ask(prefect_server, "/logs/filter", logs={"flow_run_id": {"any_": [flow["id"]]}})

    output = [entry for entry in logs if entry["task_run_id"] is not None]
    assert sorted(entry["message"] for entry in output) == [
        "loss: 0.59",
        "loss: 2.9899999999999998",
    ]


@pytest.mark.parametrize("is_on", [True, False])
def test_automations_are_told_of_trials_and_incumbents(
    served_project: Any, prefect_server: ServerState, is_on: bool
) -> None:
    switch = {} if is_on else {"TUNESMITH_EVENTS": "0"}
    batch = served_project.succeed("run", "quick.py", "x=[-1,0.3,1]", "-yq", **switch).strip()
    query = {
        "event": {"prefix": ["tunesmith."]},
        "resource": {"id": [f"tunesmith.batch.{batch}"]},
    }

    events: list[dict[str, Any]] = []
    deadline = time.monotonic() + (30 if is_on else 5)
    while len(events) < 6 and time.monotonic() < deadline:
        asked = request(prefect_server, "/events/filter", {"filter": query})
        with urllib.request.urlopen(asked) as answer:
            events = json.load(answer)["events"]
        select.select([], [], [], 0.1)

    names = sorted(event["event"].removeprefix("tunesmith.") for event in events)
    expected = ["batch.completed", *["batch.incumbent"] * 2, *["trial.completed"] * 3]
    assert names == (expected if is_on else [])


def test_a_report_that_cannot_be_written_loses_nothing(
    served_project: Any, prefect_server: ServerState
) -> None:
    batch = served_project.succeed("run", "quick.py", "x=[-2.0:2.0]", "-m", "2", "-yq").strip()
    page = served_project.home / "trials" / batch / "report.html"
    page.unlink()
    page.mkdir()

    done = served_project.run("run", "--restart", batch[:8], "-m", "2", "-y")

    assert done.returncode == 0, done.stderr
    assert f"write it again with tunesmith report {batch[:8]}" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(json.loads(served_project.succeed("compare", "--json"))) == 4


def test_a_flow_run_of_a_killed_process_is_set_crashed_by_the_next_batch(
    served_project: Any, prefect_server: ServerState
) -> None:
    served_project.write(
        "wait.py", "x = 1\nprint('loss: 1', flush=True)\nimport signal\nsignal.pause()\n"
    )
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    batch = wait_for_batch(served_project)
    process.kill()
    process.communicate()
    assert flow_run(prefect_server, batch)["state_type"] == "RUNNING"
    served_project.succeed("run", "quick.py", "x=[1,2]", "-yq")
    assert flow_run(prefect_server, batch)["state_type"] == "CRASHED"


def test_what_a_killed_batch_had_finished_is_sealed_by_the_next(served_project: Any) -> None:
    text = "x = 1\nprint('loss:', x, flush=True)\nimport signal\nif x == 2: signal.pause()\n"
    served_project.write("wait.py", text)
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    batch = wait_for_batch(served_project)
    while not list(served_project.home.glob(f"parts/{batch}/*.parquet")):
        select.select([], [], [], 0.02)
    process.kill()
    process.communicate()
    served_project.succeed("run", "quick.py", "x=[1,2]", "-yq")
    assert list(served_project.home.glob(f"runs/{batch}.*.parquet"))
    assert not list(served_project.home.glob(f"parts/{batch}/*.parquet"))


def wait_for_batch(project: Any) -> str:
    """Return the id of the project's batch once one of its trials has printed something."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in project.home.glob("trials/*/*/.run/output"):
            if path.read_bytes():
                return str(path.parts[-4])
        select.select([], [], [], 0.02)
    raise AssertionError("no trial started within a minute")


def post(server: ServerState, path: str, body: dict[str, Any]) -> None:
    asked = request(server, path, body)
    with urllib.request.urlopen(asked):
        return


WAITING = "import signal\nx = 1\nprint('loss: 1', flush=True)\nsignal.pause()\n"


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
    assert flow_run(prefect_server, str(flow["parameters"]["spec"]["id"]))["state_type"] == (
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


def test_threads_switch_quickly_while_a_batch_runs_and_as_before_after_it() -> None:
    before = sys.getswitchinterval()
    with quick_switches():
        assert sys.getswitchinterval() == pytest.approx(SWITCH_S)
        sys.setswitchinterval(SWITCH_S / 4)  # a program's own choice, which is quicker still
        with quick_switches():
            assert sys.getswitchinterval() == pytest.approx(SWITCH_S / 4)
    assert sys.getswitchinterval() == pytest.approx(before)


def test_a_second_batch_cannot_run_at_the_same_time_under_one_id(served_project: Any) -> None:
    served_project.write("wait.py", WAITING)
    process = served_project.start("run", "wait.py", "x=[1,2]", "--yes")
    batch = wait_for_batch(served_project)
    done = served_project.run("run", "--restart", batch, "--yes")
    process.terminate()
    process.communicate(timeout=60)
    assert done.returncode == 1
    assert "is running now" in done.stderr


def test_earlier_batches_inform_a_search_that_asks_for_them(served_project: Any) -> None:
    served_project.succeed("run", "quick.py", "x=linspace[-2:2:5]", "-y")
    options = ["-o", "gp", "-m", "1", "-Fo", "random-starts=0", "-y"]
    served_project.succeed("run", "quick.py", "x=[-2.0:2.0]", *options)
    wide = [*options, "-Fo", "prev-trials=operation"]
    served_project.succeed("run", "quick.py", "x=[-2.0:2.0]", *wide)
    rows = json.loads(served_project.succeed("runs", "--all", "--json"))
    searched = [row["origin"] for row in rows if row["origin"] in ("gp", "random-start")]
    assert searched == ["gp", "random-start"]


@pytest.mark.tools
def test_a_disk_that_is_full_in_mid_batch_loses_nothing_and_names_the_mend(
    served_project: Any, small_disk: Path
) -> None:
    home = ("--home", str(small_disk))
    lines = "x = 1\nprint('y' * (10**6 if x == 3 else 1))\nprint('loss:', x)\n"
    served_project.write("much.py", lines)
    done = served_project.run("run", "much.py", "x=[1,2,3,4]", "--random-seed", "1", "-y", *home)
    assert done.returncode == 1
    *_, line = done.stderr.splitlines()
    assert line.startswith("error: cannot write to")
    assert "the disk is full" in line
    assert f"free some space on {small_disk}" in line
    found = re.search(r"(\d) of 4 trials safe: go on with tunesmith run --restart (\w+)", line)
    assert found is not None
    subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
    again = json.loads(served_project.succeed("run", "--restart", found[2], "-y", "--json", *home))
    assert again["counts"] == {"completed": 4}
    assert again["trials_run"] == 4 - int(found[1])


@pytest.mark.tools
def test_a_disk_that_turns_read_only_in_mid_batch_loses_nothing_and_names_the_mend(
    served_project: Any, own_disk: Path
) -> None:
    home = ("--home", str(own_disk))
    abort = f"subprocess.run(['mount', '-o', 'remount,abort', {str(own_disk)!r}], check=True)"
    lines = f"import subprocess\nx = 1\nif x == 3: {abort}\nprint('loss:', x)\n"
    served_project.write("ends.py", lines)

    done = served_project.run("run", "ends.py", "x=[1,2,3,4]", "-y", "--warm", "off", *home)

    assert done.returncode == 1
    *_, line = done.stderr.splitlines()
    assert line.startswith("error: cannot write to")
    assert "read-only" in line
    found = re.search(r"2 of 4 trials safe: go on with tunesmith run --restart (\w+)", line)
    assert found is not None, line
    assert "Traceback" not in done.stderr
    listed = json.loads(served_project.succeed("runs", "--json", "--completed", *home))
    assert sorted(row["flags"]["x"] for row in listed) == [1, 2]


def test_a_folder_that_prefect_cannot_be_told_of_is_refused_before_anything_runs(
    served_project: Any,
) -> None:
    folder = served_project.path / os.fsdecode(b"caf\xe9")
    odd = dataclasses.replace(served_project, path=folder)
    odd.write("quick.py", "x = 1\nprint('loss:', x)\n")
    done = odd.run("run", "quick.py", "x=[1,2]", "-y")
    assert done.returncode == 2
    assert r"caf\xe9' has a name that is not UTF-8" in done.stderr
    assert "loss: 2" in odd.succeed("run", "quick.py", "x=2", "-y")
