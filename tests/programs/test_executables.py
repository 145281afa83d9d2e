"""Programs in other languages, of which Tunesmith knows no flags: what is typed is passed."""

import shutil
import subprocess

import pytest

from tests.conftest import Project
from tests.programs.conftest import RunSweep, the_run
from tunesmith.trial import TrialStatus

LOOP = """\
while [ $# -gt 0 ]; do
  case $1 in --lr) lr=$2; shift 2;; *) shift;; esac
done
echo "loss: $lr"
echo "note: $FLAG_LR"
"""
C = """\
#include <stdio.h>
int main(int n, char **words) { printf("loss: %s\\n", words[n - 1]); return 0; }
"""


def test_a_shell_script_runs_by_its_extension(project: Project) -> None:
    project.write("train.sh", LOOP)

    done = project.run("run", "train.sh", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "You are about to run train.sh\n  lr: 0.5\n" in done.stderr
    assert "loss: 0.5\nnote: 0.5\n" in done.stdout
    assert the_run(project).command == "bash train.sh --lr 0.5"


def test_an_executable_file_runs_by_its_first_line(project: Project) -> None:
    project.write("train", f"#!/bin/sh\n{LOOP}").chmod(0o755)

    done = project.run("run", "./train", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "loss: 0.5" in done.stdout


def test_the_first_line_counts_where_the_file_may_not_be_executed(project: Project) -> None:
    project.write("train", f"#!/usr/bin/env sh\n{LOOP}")

    assert "loss: 0.5" in project.run("run", "train", "lr=0.5", "--yes").stdout


def test_an_executable_python_script_has_its_own_flags(project: Project) -> None:
    project.write("train", "#!/usr/bin/env python3\nLR = 0.1\nprint(f'loss: {LR}')\n").chmod(0o755)

    done = project.run("run", "./train", "LR=0.5", "--yes")

    assert "loss: 0.5" in done.stdout


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_a_binary_runs(project: Project) -> None:
    source = project.write("a.c", C)
    subprocess.run(["cc", source, "-o", project.path / "a.out"], check=True)

    done = project.run("run", "./a.out", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "loss: 0.5" in done.stdout


def test_a_missing_interpreter_is_named_before_anything_runs(project: Project) -> None:
    project.write("train.jl", "println(1)\n")

    done = project.run("run", "train.jl", "lr=0.5", "--yes", PATH="/nowhere")

    assert done.returncode == 2
    assert "train.jl needs julia" in done.stderr
    assert not project.home.exists()


def test_a_binary_that_may_not_be_executed_is_refused(project: Project) -> None:
    (project.path / "a.bin").write_bytes(b"\x7fELF\0\0")

    done = project.run("run", "a.bin", "lr=0.5", "--yes")

    assert done.returncode == 2
    assert "chmod +x" in done.stderr


def test_a_program_that_fails_has_its_exit_code(project: Project) -> None:
    project.write("train.sh", "echo oops >&2\nexit 7\n")

    done = project.run("run", "train.sh", "lr=0.5", "--yes")

    assert done.returncode == 1
    assert "oops" in done.stdout
    assert the_run(project).exit_code == 7


def test_a_program_that_takes_too_long_is_ended(project: Project) -> None:
    project.write("train.sh", "sleep 1000\n")

    done = project.run("run", "train.sh", "lr=0.5", "--timeout", "0.2s", "--yes")

    assert done.returncode == 1
    assert the_run(project).status is TrialStatus.TERMINATED


@pytest.mark.server
def test_a_sweep_of_a_shell_script(sweep: RunSweep) -> None:
    done = sweep({"train.sh": LOOP}, "train.sh", "lr=[0.1,0.3,0.5]", "--warm", "on")

    assert done.last("loss") == [0.1, 0.3, 0.5]
    assert "only a Python script can be forked" in done.said
