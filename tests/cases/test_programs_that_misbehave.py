"""Programs that tear down what they run in: each trial is recorded, and the next one runs.

Each kind is a trial of one batch, for a user of ordinary rights, as root is not: who may read
everything is not stopped by what a program has shut.

Elsewhere, with real processes: how programs end, daemons that stay, more memory than there is
(``tests/executor/stress``), events that are damaged (``tests/executor/test_events.py``).
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project

pytestmark = pytest.mark.server
ONLY_FILES_OF_ITS_OWN = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")
"""Takes from root what an ordinary user has not."""
PROGRAM = """\
import os, shutil, sys
kind = "nothing"
run = os.environ["RUN_DIR"]
print("loss: 1", flush=True)
if kind == "removes its folder":
    os.chdir("/")
    shutil.rmtree(run)
elif kind == "removes all folders":
    os.chdir("/")
    shutil.rmtree(os.path.dirname(run))
elif kind == "puts a file in its place":
    os.chdir("/")
    shutil.rmtree(run)
    open(run, "w").write("a file now")
elif kind == "lays links and pipes":
    os.remove(".run/output")
    os.symlink("/etc/passwd", ".run/output")
    os.symlink("/", "rootlink")
    os.symlink(".", "loop")
    os.symlink("/dev/zero", "events.out.tfevents.zero")
    os.mkfifo("events.out.tfevents.fifo")
elif kind == "makes pipes of its records":
    for name in (".run/output", ".run/output.index", ".run/started.json"):
        os.remove(name)
        os.mkfifo(name)
elif kind == "writes events of noise":
    os.makedirs("a\\nb\\x1b[31m")
    open("events.out.tfevents.1", "wb").write(os.urandom(5000))
    open("events.out.tfevents.2", "wb").write((2**29).to_bytes(8, "little") + bytes(4) + b"x")
elif kind == "closes everything":
    os.closerange(0, 1024)
elif kind == "reads its input":
    assert sys.stdin.read() == ""
elif kind == "shuts its folder":
    os.chmod(run, 0)
elif kind == "shuts its records":
    os.chmod(".run", 0)
elif kind == "shuts its events":
    os.makedirs("shut")
    for path in ("events.out.tfevents.1", "shut/events.out.tfevents.2"):
        open(path, "w").write("x")
    os.chmod("events.out.tfevents.1", 0)
    os.chmod("shut", 0o400)
elif kind == "writes into the store":
    home = os.path.dirname(os.path.dirname(os.path.dirname(run)))
    for place in ("batches/evil", "runs/evil.parquet", "series/evil.parquet", "edits/evil.json"):
        open(os.path.join(home, place), "w").write("{")
    os.mkdir(os.path.join(home, "plan", "a" * 32 + ".000001.json"))
"""
KINDS = [line.split('"')[1] for line in PROGRAM.splitlines() if "if kind ==" in line]


def _run(project: Project, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as somebody to whom a shut folder is shut."""
    prefix = ONLY_FILES_OF_ITS_OWN if os.geteuid() == 0 else ()
    if prefix and shutil.which(prefix[0]) is None:
        pytest.skip("nothing here takes its rights from root")
    return subprocess.run(
        [*prefix, sys.executable, "-m", "tunesmith", *arguments],
        cwd=project.path,
        env=dict(project.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def _open_again(project: Project) -> None:
    for path in project.home.glob("trials/*/*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
            for shut in ("shut", ".run"):
                if (path / shut).is_dir():
                    (path / shut).chmod(0o700)


def test_a_program_loses_no_trial_but_what_it_destroys_itself(served_project: Project) -> None:
    served_project.write("program.py", PROGRAM)
    words = f"kind=[{','.join(KINDS)}]"
    try:
        done = _run(served_project, "run", "program.py", words, "-y")
        rows = _rows(served_project)
        derived = [
            _run(served_project, *words)
            for words in (("report",), ("compare", "--csv", "all.csv"), ("runs",))
        ]
    finally:
        _open_again(served_project)

    assert done.returncode == 0, done.stderr + done.stdout
    assert f"{len(KINDS)} completed" in done.stdout + done.stderr
    assert {row["flags"]["kind"]: row["objective"] for row in rows} == dict.fromkeys(KINDS, 1.0)
    for one in derived:
        assert one.returncode == 0, (one.args, one.stderr)
        assert "Traceback" not in one.stderr
    assert Path("/etc/passwd").read_text().startswith("root")
    served_project.succeed("export", "-o", "all.tar.gz")
    served_project.succeed("runs", "delete", "--operation", "program.py+", "-y")
    served_project.succeed("runs", "purge", "-y")
    assert not list(served_project.home.glob("trials/*/*"))


def test_a_failed_trial_runs_again_where_a_file_has_the_place_of_its_folder(
    served_project: Project,
) -> None:
    replaced = "import os, shutil\nx = 1\nrun = os.environ['RUN_DIR']\nos.chdir('/')\n"
    replaced += "shutil.rmtree(run)\nopen(run, 'w').close()\nprint('loss:', x)\n"
    flag = served_project.path / "go"
    replaced += f"if not os.path.exists({str(flag)!r}): raise SystemExit(1)\n"
    served_project.write("program.py", replaced)
    failed = served_project.run("run", "program.py", "x=[1,2]", "-y")
    assert "2 error" in failed.stdout + failed.stderr
    flag.touch()
    (batch,) = (row["batch"] for row in _rows(served_project)[:1])

    done = served_project.run("run", "--restart", batch, "-y")

    assert done.returncode == 0, done.stderr
    assert [row["status"] for row in _rows(served_project)] == ["completed"] * 2


def test_a_program_that_removes_the_store_is_told_in_one_line(served_project: Project) -> None:
    served_project.write(
        "program.py",
        "import os, pathlib, shutil\nx = 1\nprint('loss:', x)\n"
        "home = pathlib.Path(os.environ['RUN_DIR']).parents[2]\n"
        "os.chdir('/')\nif x == 2: shutil.rmtree(home)\n",
    )
    done = served_project.run("run", "program.py", "x=[1,2,3]", "-y")
    assert done.returncode == 1
    assert "the folder is gone: it was moved or deleted meanwhile" in done.stderr.splitlines()[-1]
    assert not served_project.home.exists()


def _rows(project: Project) -> list[dict[str, Any]]:
    """Return the trials, without their batch."""
    runs = json.loads(project.succeed("runs", "--json", "--all"))
    return [one for one in runs if one["id"] != one["batch"]]
