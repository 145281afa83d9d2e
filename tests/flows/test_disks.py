import dataclasses
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.server


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
    assert r"caf\xe9' is not UTF-8" in done.stderr
    assert "loss: 2" in odd.succeed("run", "quick.py", "x=2", "-y")
