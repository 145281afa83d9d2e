import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import variables
from tunesmith.server.server_directory import ServerState


@pytest.mark.server
class TestBatches:
    def test_a_configured_server_is_used(self, project: Any, prefect_server: ServerState) -> None:
        project.succeed("run", "quick.py", "x=[1,2]", "-y", **variables(prefect_server))
        assert not Path(project.environment["XDG_DATA_HOME"]).joinpath("tunesmith").exists() or (
            not list(Path(project.environment["XDG_DATA_HOME"]).rglob("server.json"))
        )

    def test_a_configured_server_that_does_not_answer_is_named(self, project: Any) -> None:
        url = "http://127.0.0.1:9/api"
        done = project.run("run", "quick.py", "x=[1,2]", "-y", PREFECT_API_URL=url)
        assert done.returncode == 1
        assert f"error: the Prefect server at {url} does not answer" in done.stderr

    def test_retries_run_a_failed_trial_again(self, served_project: Any) -> None:
        served_project.write(
            "shaky.py",
            "import os, pathlib\nx = 1\n"
            "mark = pathlib.Path(os.environ['MARK'] + str(x))\n"
            "if not mark.exists():\n    mark.touch()\n    raise SystemExit(3)\n"
            "print('loss:', x)\n",
        )
        mark = str(served_project.path.parent / "mark")
        served_project.succeed("run", "shaky.py", "x=[1,2]", "-y", "--retries", "1", MARK=mark)
        rows = json.loads(served_project.succeed("runs", "--json", "--operation", "shaky.py"))
        assert [(row["status"], row["attempt"]) for row in rows] == [("completed", 2)] * 2

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")
    def test_trials_are_forked_once_one_has_completed(self, served_project: Any) -> None:
        served_project.write(
            "which.py",
            "x = 1\nwith open('/proc/self/cmdline') as file:\n"
            "    print('warm:', int('warm_child' in file.read()))\n",
        )
        for options in ([], ["--warm", "off"], ["--warm", "on", "--jobs", "2"]):
            served_project.succeed("run", "which.py", "x=[1,2,3]", "-y", *options)
        rows = json.loads(served_project.succeed("compare", "--json", "--operation", "which.py"))
        found = [(row["x"], row["warm"]) for row in sorted(rows, key=lambda row: row["started"])]
        assert sorted(found[:3]) == [(1, 0.0), (2, 1.0), (3, 1.0)]
        assert [warm for _, warm in found[3:]] == [0.0] * 3 + [1.0] * 3

    def test_a_batch_ends_after_so_many_failures(self, served_project: Any) -> None:
        served_project.write("bad.py", "x = 1\nraise SystemExit(3)\n")
        done = served_project.run("run", "bad.py", "x=range[1:9]", "-y", "--max-failures", "2")
        assert done.returncode == 1
        assert "ended early (2 trials failed)" in done.stdout
        rows = json.loads(served_project.succeed("runs", "--all", "--json", "--error"))
        assert len([row for row in rows if row["operation"] == "bad.py"]) == 2

    def test_the_first_failure_shows_its_last_lines(self, served_project: Any) -> None:
        served_project.write("bad.py", "x = 1\nprint('so far')\nraise MemoryError('too big')\n")
        done = served_project.run("run", "bad.py", "x=[1,2]", "-y")
        assert done.stderr.count("  | MemoryError: too big") == 1
        assert "child.py" not in done.stderr
        assert "Task run" not in done.stderr

    def test_what_completed_before_is_left_out_where_only_needed_trials_are_asked_for(
        self, served_project: Any
    ) -> None:
        served_project.succeed("run", "quick.py", "x=[1,2]", "-y")
        served_project.succeed("run", "quick.py", "x=[1,2,3]", "-y", "--needed")
        rows = json.loads(served_project.succeed("runs", "--all", "--json"))
        ran = [row["flags"]["x"] for row in rows if row["operation"] == "quick.py"]
        assert sorted(ran) == [1, 2, 3]

    def test_each_gpu_serves_one_trial_at_a_time(self, served_project: Any) -> None:
        served_project.write(
            "gpu.py", "import os\nx = 1\nprint('loss:', os.environ['CUDA_VISIBLE_DEVICES'])\n"
        )
        done = served_project.run("run", "gpu.py", "x=range[1:4]", "-y", "--gpus", "5,6")
        assert "2 at a time on GPU 5, 6" in done.stderr
        rows = json.loads(served_project.succeed("compare", "--json"))
        assert {row["loss"] for row in rows} == {5.0, 6.0}

    def test_json_tells_the_outcome_and_the_best_trial(self, served_project: Any) -> None:
        out = served_project.succeed("run", "quick.py", "x=[0,0.3]", "-y", "--json")
        answer = json.loads(out)
        assert answer["counts"] == {"completed": 2}
        assert answer["best"]["flags"] == {"noise": 0.1, "x": 0.3}

    def test_a_restart_of_a_whole_grid_says_that_nothing_is_left(
        self, served_project: Any
    ) -> None:
        batch = served_project.succeed("run", "quick.py", "x=[1,2]", "-yq").strip()
        done = served_project.run("run", "--restart", batch, "-y")
        assert done.returncode == 0
        assert "nothing left to run" in done.stderr

    def test_failed_trials_run_again_and_keep_their_numbers(self, served_project: Any) -> None:
        served_project.write("picky.py", "import os\nx = 1\nassert x > 0 or 'OK' in os.environ\n")
        assert served_project.run("run", "picky.py", "x=[-1,1]", "-y").returncode == 1
        served_project.succeed("run", "--restart", "picky.py+", "-y", OK="1")
        rows = json.loads(served_project.succeed("runs", "--json"))
        trials = [row for row in rows if row["operation"] == "picky.py"]
        assert sorted((row["number"], row["attempt"], row["status"]) for row in trials) == [
            (1, 2, "completed"),
            (2, 1, "completed"),
        ]

    def test_the_outcome_of_a_search_that_learns_has_the_recommended_trial(
        self, served_project: Any
    ) -> None:
        command = ["run", "quick.py", "x=[-2.0:2.0]", "-o", "gp", "-m", "6", "-y", "--json"]
        outcome = json.loads(served_project.succeed(*command))
        recommended = outcome["recommended"]
        rows = json.loads(served_project.succeed("runs", "--json"))
        numbers = {row["id"]: row["number"] for row in rows}
        assert numbers[recommended["id"]] == recommended["number"]
        assert recommended["sd"] >= 0

    @pytest.mark.parametrize("optimizer", ["auto", "forest", "gbrt", "optuna:tpe", "sobol"])
    def test_every_optimizer_runs_from_the_command_line(
        self, served_project: Any, optimizer: str
    ) -> None:
        command = ["run", "quick.py", "x=[-2.0:2.0]", "noise=[0.1,0.2]", "-m", "5", "-y"]
        served_project.succeed(*command, "-o", optimizer)
        rows = json.loads(served_project.succeed("compare", "--json"))
        assert len(rows) == 5
        assert {row["noise"] for row in rows} <= {0.1, 0.2}
