import json
import select
import sys
from typing import Any

import pytest

from tests.flows.conftest import WAITING, ask, wait_for_batch
from tunesmith.flows.batch_call import SWITCH_S, quick_switches
from tunesmith.server.server_directory import ServerState

pytestmark = pytest.mark.server


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


def test_a_batch_notes_where_the_time_of_its_jobs_went(served_project: Any) -> None:
    served_project.succeed("run", "quick.py", "x=[-1.0:1.0]", "-o", "gp", "-m", "7", "-yq")

    plain = json.loads(
        served_project.succeed("runs", "info", "--operation", "quick.py+gp", "--json")
    )

    spent, gain = plain["time_spent"], plain["recent_gain"]
    assert spent["is_noted"]
    assert spent["proposing"] > 0
    assert spent["waiting"] == 0  # there are no GPUs, no workers and no pause
    assert 0 < spent["completed"] < spent["whole"] <= plain["seconds"] + 1e-6
    assert (gain["n_trials"], gain["gain"] >= 0) == (2, True)


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


def test_what_a_killed_batch_had_finished_is_compacted_by_the_next(served_project: Any) -> None:
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


def test_a_batch_does_not_begin_without_an_interpreter(served_project: Any) -> None:
    served_project.write("nopython", "it is not executable")

    missing = served_project.run("run", "quick.py", "x=[1,2]", "--python", "nopython3", "-y")
    text = served_project.run("run", "quick.py", "x=[1,2]", "--python", "./nopython", "-y")

    assert (missing.returncode, text.returncode) == (2, 2)
    assert "nopython3 cannot be run: no such program on the PATH; name an" in missing.stderr
    assert "nopython cannot be run: it is not executable; name an" in text.stderr
    assert json.loads(served_project.succeed("runs", "--json", "--all")) == []
