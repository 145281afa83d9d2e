"""Whole commands on much: many at once, many trials, values, scalars and files, long texts.

Elsewhere, with real processes:

- a batch that is interrupted or killed: ``tests/flows/test_verdicts.py``, ``test_kill.py``;
- a warm server or a reaper that is killed: ``tests/executor/test_warm.py``, ``test_reaper.py``;
- a Prefect server that is lost: ``tests/flows/test_lost_server.py``;
- a trial that starts batches of its own: ``tests/server/test_shared_server.py``;
- workers and Dask that stop or die: ``tests/flows/test_workers.py``;
- a disk that is full: ``tests/flows/test_batch.py``, ``tests/cli/test_bad_input.py``;
- text that pages and terminals could take for their own: ``tests/browser/test_prefect.py``,
  ``tests/cli/looking/test_long_values.py``;
- 10^6 points in what is derived: ``tests/tensorboard/test_bounds.py``.
"""

import csv
import io
import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project
from tests.flows.conftest import wait_until

server = pytest.mark.server
PARABOLA = "x = 0.1\nprint('loss:', (x - 0.3) ** 2)\n"
N_AT_ONCE = 6
N_MODULES = 1_100
"""More than the snapshot of an earlier version took."""


def _trials(project: Project, *words: str) -> list[dict[str, Any]]:
    runs = json.loads(project.succeed("runs", "--json", "--all", *words))
    return [one for one in runs if one["operation"] == one["script"]]


def _parts(project: Project) -> list[Path]:
    return list(project.home.glob("parts/*/*.parquet"))


@server
def test_commands_that_run_at_once_share_a_store(served_project: Project) -> None:
    served_project.write("train.py", PARABOLA)
    started = [
        served_project.start("run", "train.py", "x=[0,1]", "-y", "--label", f"m{number}")
        for number in range(N_AT_ONCE)
    ]
    wait_until(lambda: served_project.home.exists(), lambda: "no store was made")
    while any(process.poll() is None for process in started):
        for words in (("runs",), ("compare", "--table", "--min", "loss")):
            assert "Traceback" not in served_project.run(*words).stderr
    told = [process.communicate() for process in started]

    assert [process.returncode for process in started] == [0] * N_AT_ONCE, told
    found = sorted((row["label"], row["flags"]["x"]) for row in _trials(served_project))
    assert found == [(f"m{number}", x) for number in range(N_AT_ONCE) for x in (0, 1)]


@server
def test_eight_jobs_run_each_trial_once(served_project: Project) -> None:
    served_project.write("train.py", PARABOLA)
    served_project.succeed("run", "train.py", "x=linspace[0:1:41]", "-j", "8", "-yq")
    rows = _trials(served_project)
    assert len({row["flags"]["x"] for row in rows}) == len(rows) == 41
    assert {row["status"] for row in rows} == {"completed"}


@server
def test_a_command_that_was_stopped_keeps_its_batch(served_project: Project) -> None:
    served_project.write("train.py", "import time\ntime.sleep(0.3)\n" + PARABOLA)
    search = ("x=[0.0:1.0]", "-o", "random", "-m", "20")
    process = served_project.start("run", "train.py", *search, "-y")
    wait_until(lambda: len(_parts(served_project)) > 1, lambda: "no trial has finished")
    (batch,) = {path.parent.name for path in _parts(served_project)}
    process.send_signal(signal.SIGSTOP)
    try:
        rival = served_project.run("run", "--restart", batch, "-y")
        stopped = served_project.run("stop", batch, "--timeout", "1", "-y")
    finally:
        process.send_signal(signal.SIGCONT)
    process.communicate(timeout=60)

    assert rival.returncode != 0
    assert "is running now" in rival.stderr
    assert stopped.returncode != 0
    assert "did not end within 1 s" in stopped.stderr
    assert process.returncode == 128 + signal.SIGTERM
    done = served_project.succeed("run", "--restart", batch, "-m", "1", "-yq")
    assert done.strip().startswith(batch[:8])


@server
def test_many_flags_are_searched(served_project: Project) -> None:
    names = [f"x{number}" for number in range(200)]
    text = "".join(f"{name} = 0.5\n" for name in names)
    served_project.write("train.py", f"{text}print('loss:', sum([{', '.join(names)}]))\n")
    settings = [f"{name}=[0.0:1.0]" for name in names]
    search = ("-o", "gp", "-m", "4", "-Fo", "random-starts=2")
    served_project.succeed("run", "train.py", *settings, *search, "-yq")
    assert [row["status"] for row in _trials(served_project)] == ["completed"] * 4


@server
def test_a_flag_has_many_long_values(served_project: Project) -> None:
    served_project.write("train.py", "s = 'a'\nprint('loss:', len(s))\n")
    texts = ",".join(f"{number:05d}{'z' * 20}" for number in range(2_000))
    done = served_project.run("run", "train.py", f"s=[{texts}]", "-m", "3", "-y")
    assert done.returncode == 0, done.stderr[:2_000]
    assert len(done.stderr) < 4_000
    assert {row["objective"] for row in _trials(served_project)} == {25.0}


def test_a_value_of_100000_characters_reaches_the_script_and_no_terminal(project: Project) -> None:
    project.write("train.py", "s = 'a'\nprint('loss:', len(s))\n")
    done = project.run("run", "train.py", f"s={'b' * 100_000}", "-y")
    assert (done.returncode, done.stdout) == (0, "loss: 100000\n")
    assert len(done.stderr) < 500
    assert len(project.succeed("runs")) < 500


@server
def test_an_argument_that_the_system_does_not_take_is_told_in_one_line(
    served_project: Project,
) -> None:
    served_project.write(
        "train.py",
        "import argparse\nparser = argparse.ArgumentParser()\n"
        "parser.add_argument('--s', default='a')\nprint('loss:', len(parser.parse_args().s))\n",
    )
    served_project.write("long.json", json.dumps([{"s": "z" * 140_000}]))
    done = served_project.run("run", "train.py", "@long.json", "-y")
    assert done.returncode != 0
    (line,) = (one for one in done.stderr.splitlines() if one.startswith("error:"))
    assert line.endswith("Argument list too long; let the script read long values from a file")
    assert len(done.stderr) < 2_000


def test_numbers_at_the_ends_of_what_there_is_are_kept(project: Project) -> None:
    values = {"a": "inf", "b": "-inf", "c": "1e308", "d": "5e-324", "e": "nan", "loss": "-1e308"}
    lines = "".join(f"print('{name}: {value}')\n" for name, value in values.items())
    project.write("train.py", f"x = 1\nprint('step: 99999999999999999999')\n{lines}")
    project.succeed("run", "train.py", "-y")
    (row,) = csv.DictReader(io.StringIO(project.succeed("compare", "--csv", "-")))
    assert {name: float(row[name]) for name in "abcd"} == {n: float(values[n]) for n in "abcd"}
    (run,) = json.loads(project.succeed("runs", "--json"))
    assert run["objective"] == -1e308
    project.succeed("compare", "--table")


def test_many_scalars_and_points_are_kept_and_shown(project: Project) -> None:
    project.write(
        "train.py",
        "x = 1\nfor step in range(20_000): print(f'step: {step}\\nloss: {step / 1e4}')\n"
        "for tag in range(1_000): print(f'tag{tag}: {tag}')\n",
    )
    project.run("run", "train.py", "-y")
    (run,) = json.loads(project.succeed("runs", "--json"))
    assert (run["scalars"]["loss"]["count"], run["objective"]) == (20_000, 1.9999)
    assert run["scalars"]["tag99"]["last"] == 99
    assert len(run["scalars"]) == 200  # a chatty script makes no table of a thousand columns
    assert re.search(r"\bloss\b", project.succeed("compare", "--table"))


def test_output_without_a_line_s_end_is_kept_whole(project: Project) -> None:
    project.write(
        "train.py", "import sys\nx = 1\nfor _ in range(20): sys.stdout.write('z' * 1_000_000)\n"
    )
    assert len(project.succeed("run", "train.py", "-y")) == 20_000_000
    (output,) = project.home.glob("trials/*/*/.run/output")
    assert output.stat().st_size == 20_000_000


def test_every_module_of_a_large_project_can_be_imported(project: Project) -> None:
    for number in range(N_MODULES):
        project.write(f"p{number % 11:02}/f{number // 11}.py", f"value = {number}\n")
    project.write("train.py", "x = 1\nfrom p10 import f99\nprint('loss:', f99.value)\n")
    assert project.succeed("run", "train.py", "-y") == f"loss: {N_MODULES - 1}\n"
