"""Whole commands in odd places, and by clocks that are wrong or change.

Elsewhere: every way in which dates are written (``tests/query/test_started.py``), a disk that is
full or turns read-only in mid-batch (``tests/flows/test_batch.py``), a real file system without
hard links, vfat and exFAT where the kernel has them (``tests/storage``).
"""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cases.conftest import LACKING
from tests.conftest import Project, new_project

server = pytest.mark.server
PARABOLA = "x = 0.1\nprint('loss:', (x - 0.3) ** 2)\n"
TEN_YEARS_S = 315_576_000
WITHOUT = {
    "proc": "mount -t tmpfs none /proc",
    "shared memory": "mount -t tmpfs -o ro,size=4k none /dev/shm",
}
"""Commands that take from a process of its own what containers often lack."""


def _rows(project: Project, *words: str) -> list[dict[str, Any]]:
    """Return the trials and single runs, the newest first."""
    runs = json.loads(project.succeed("runs", "--json", "--all", *words) or "[]")
    return [one for one in runs if one["operation"] == one["script"]]


def _shell(project: Project, text: str, *prefix: str) -> "subprocess.CompletedProcess[str]":
    """Run lines of a shell in which ``$TUNESMITH`` is the command."""
    return subprocess.run(
        [*prefix, "bash", "-c", text],
        cwd=project.path,
        env={**project.environment, "TUNESMITH": f"{sys.executable} -m tunesmith"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def _at(project: Project, shim: str, moment: str) -> dict[str, str]:
    """Return variables by which a command runs at another time (UTC), in Berlin."""
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    shift = project.write("shift", str(round(now - time.time())))
    return {"LD_PRELOAD": shim, "CLOCK_SHIFT": str(shift), "TZ": "Europe/Berlin"}


@pytest.fixture(scope="module")
def summer(tmp_path_factory: pytest.TempPathFactory, shim: str) -> Iterator[Project]:
    """A project with a run of noon, one of an hour before midnight and one of an hour after."""
    place = tmp_path_factory.mktemp("summer")
    project = new_project(place, data=place / "data")
    project.write("train.py", PARABOLA)
    for hour in (10, 21, 22):
        moment = f"2026-07-01T{hour}:30"
        project.succeed("run", "train.py", f"x={hour}", "-y", **_at(project, shim, moment))
    yield project
    project.end()


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        (("--started", "after 2026-07-01 12:15"), [22, 21, 10]),
        (("--started", "before 2026-07-01 12:45"), [10]),
        (("--started", "before 2026-07-01 12:15"), []),
        (("--started", "2026-07-01"), [21, 10]),
        (("--started", "2026-07-02"), [22]),
        (("--started", "between 2026-07-01 12:00 and 2026-07-01 13:00"), [10]),
        (("-F", '.started > "2026-07-01 23:15"'), [22, 21]),
    ],
    ids=lambda one: one[-1] if isinstance(one, tuple) else "",
)
def test_dates_in_summer_are_read_by_summer_time(
    summer: Project, words: tuple[str, ...], hours: list[int]
) -> None:
    done = summer.run("runs", "--json", *words, TZ="Europe/Berlin")
    assert done.returncode == 0, done.stderr
    assert [run["flags"]["x"] for run in json.loads(done.stdout or "[]")] == hours


PUT_RIGHT = """\
import os, time
shifts = {shifts!r}
x = 0.5
with open("{done}", "a+") as file:
    file.write(".")
    file.flush()
    file.seek(0)
    n_done = len(file.read())
with open(os.environ["CLOCK_SHIFT"], "w") as file:
    file.write(str(shifts[n_done - 1]))
print("loss:", x)
"""
"""A program whose trials set the clock of their command, one after the other."""


@pytest.mark.server
@pytest.mark.parametrize(
    ("first", "shifts"),
    [
        (0, [3600, 3600, -3600, 0]),
        (TEN_YEARS_S, [TEN_YEARS_S, 0, 0, 0]),
        (-1_700_000_000, [-1_700_000_000, 0, 0, 0]),
    ],
    ids=["forward_and_back", "ten_years_ahead", "in_1973"],
)
def test_no_trial_takes_longer_for_a_clock_that_is_put_right(
    served_project: Project, shim: str, first: int, shifts: list[int]
) -> None:
    done = served_project.path.parent / "done"
    served_project.write("train.py", PUT_RIGHT.format(shifts=shifts, done=done))
    shift = served_project.write("shift", str(first))
    clock = {"LD_PRELOAD": shim, "CLOCK_SHIFT": str(shift)}

    began = time.monotonic()
    search = ("x=[0.0:1.0]", "-o", "random", "-m", "3")
    batch = served_project.succeed("run", "train.py", *search, "-yq", **clock).strip()
    served_project.succeed("run", "--restart", batch, "-m", "1", "-yq", **clock)
    took = time.monotonic() - began

    rows = _rows(served_project)
    assert [row["status"] for row in rows] == ["completed"] * 4
    assert all(0 < row["seconds"] < took for row in rows)
    info = json.loads(served_project.succeed("runs", "info", batch, "--json"))
    assert 0 < info["seconds"] < took
    served_project.succeed("report", batch)


@pytest.mark.parametrize("number", LACKING, ids=errno.errorcode.get)
def test_a_run_is_recorded_where_there_are_no_hard_links(
    project: Project, shim: str, number: int
) -> None:
    project.write("train.py", PARABOLA)
    lacking = {"LD_PRELOAD": shim, "LINK_ERRNO": str(number)}
    for value in (1, 2):
        project.succeed("run", "train.py", f"x={value}", "-y", **lacking)
    assert [row["flags"]["x"] for row in _rows(project)] == [2, 1]
    assert not list(project.home.rglob(".*.new"))


@pytest.mark.server
def test_a_batch_runs_where_there_are_no_hard_links(served_project: Project, shim: str) -> None:
    served_project.write("train.py", PARABOLA)
    lacking = {"LD_PRELOAD": shim, "LINK_ERRNO": str(errno.EPERM)}
    batch = served_project.succeed("run", "train.py", "x=[0.0:1.0]", "-m", "3", "-yq", **lacking)
    served_project.succeed("run", "--restart", batch.strip(), "-m", "2", "-yq", **lacking)
    assert [row["status"] for row in _rows(served_project)] == ["completed"] * 5


@pytest.mark.server
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="mounts: needs root")
@pytest.mark.parametrize("lacking", WITHOUT)
def test_a_batch_runs_without(served_project: Project, lacking: str) -> None:
    served_project.write("train.py", PARABOLA)
    words = "$TUNESMITH run train.py x=[0.0:1.0] -o gp -m 4 -j 2 -y"
    done = _shell(served_project, f"{WITHOUT[lacking]} && {words}", "unshare", "-m")
    assert done.returncode == 0, done.stderr
    assert "4 completed" in done.stdout + done.stderr
    assert [row["status"] for row in _rows(served_project)] == ["completed"] * 4


@pytest.mark.server
@pytest.mark.parametrize(
    "limit", ["ulimit -c 0", "ulimit -s 256", "ulimit -l 0", "ulimit -f 2000"]
)
def test_a_batch_runs_within_tight_limits(served_project: Project, limit: str) -> None:
    served_project.write("train.py", PARABOLA)
    done = _shell(served_project, f"{limit}; $TUNESMITH run train.py x=[0,1] -y")
    assert done.returncode == 0, done.stderr


def test_the_name_of_another_file_need_not_be_text(project: Project) -> None:
    project.write("train.py", PARABOLA)
    Path(os.fsdecode(os.fsencode(project.path) + b"/m\xe9.py")).write_text("a = 1\n")
    assert project.succeed("run", "train.py", "-y").startswith("loss:")


def test_a_path_may_be_nearly_as_long_as_paths_can_be(project: Project) -> None:
    folder = project.path
    while len(os.fsencode(folder)) < 3_700:
        folder = folder / ("d" * 240)
        folder.mkdir()
    long = Project(path=folder, environment=project.environment)
    long.write("train.py", PARABOLA)
    assert long.succeed("run", "train.py", "-y").startswith("loss:")
    assert len(_rows(long)) == 1


def test_a_file_that_the_copy_has_not_is_named_with_its_option(project: Project) -> None:
    project.write("train.py", "x = 1\nprint('loss:', len(open('.netrc').read()))\n")
    project.write(".netrc", "1,2\n")
    done = project.run("run", "train.py", "-y")
    assert done.returncode == 1
    assert ".netrc is in the project" in done.stderr
    assert project.succeed("run", "train.py", "-y", "--link", ".netrc") == "loss: 4\n"


def test_a_table_that_the_script_reads_is_found_without_an_option(project: Project) -> None:
    project.write("train.py", "x = 1\nprint('loss:', len(open('data.csv').read()))\n")
    project.write("data.csv", "1,2\n")
    assert project.succeed("run", "train.py", "-y") == "loss: 4\n"
