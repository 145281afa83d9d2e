"""Modules of a package, by their name or their file, run as ``python -m`` runs them."""

import json

import pytest

from tests.conftest import Project
from tests.programs.conftest import the_run

TRAIN = """\
import argparse
import json
import os
import sys

from .losses import parabola

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()
spec = sys.modules["__main__"].__spec__
print(json.dumps([__name__, __package__, spec.name, os.path.relpath(sys.argv[0]), sys.argv[1:]]))
print(json.dumps([__file__ == sys.argv[0], os.path.samefile(sys.path[0], os.getcwd())]))
print(f"loss: {parabola(args.lr)}")
"""
FILES = {
    "pkg/__init__.py": "",
    "pkg/losses.py": "def parabola(x):\n    return (x - 0.3) ** 2\n",
    "pkg/train.py": TRAIN,
}
LOSS = 'print(f"loss: {parabola(LR)}")\n'
POOL = """\
import multiprocessing

from .losses import parabola

LR = 0.1


def work(x):
    return parabola(x)


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(f"loss: {pool.map(work, [LR])[0]}")
"""


def write(project: Project, files: dict[str, str]) -> None:
    for name, text in files.items():
        project.write(name, text)


@pytest.mark.parametrize("typed", ["pkg.train", "pkg/train.py", "./pkg/train.py"])
def test_a_module_sees_what_python_m_gives_it(project: Project, typed: str) -> None:
    write(project, FILES)

    done = project.run("run", typed, "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "You are about to run pkg.train\n" in done.stderr
    names, places, *_ = (line for line in done.stdout.splitlines() if line.startswith("["))
    assert json.loads(names) == ["__main__", "pkg", "pkg.train", "pkg/train.py", ["--lr", "0.5"]]
    assert json.loads(places) == [True, True]
    assert "loss: 0.04" in done.stdout


def test_its_command_can_be_typed(project: Project) -> None:
    write(project, FILES)
    project.run("run", "pkg/train.py", "lr=0.5", "--yes")

    assert the_run(project).command == "python -m pkg.train --lr 0.5"
    assert the_run(project).script == "pkg/train.py"


def test_a_package_runs_its_main_file(project: Project) -> None:
    write(project, {"pkg/__init__.py": "", "pkg/__main__.py": "from . import losses\nLR = 0.1\n"})
    project.write("pkg/losses.py", "print(f'loss: 1')\n")

    done = project.run("run", "pkg", "LR=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "loss: 1" in done.stdout
    assert "You are about to run pkg\n" in done.stderr


def test_packages_below_src_are_imported_from_there(project: Project) -> None:
    write(project, {f"src/{name}": text for name, text in FILES.items()})

    done = project.run("run", "pkg.train", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "src/pkg/train.py" in done.stdout


def test_a_folder_that_nothing_marks_is_a_package_of_the_project(project: Project) -> None:
    write(project, {name: text for name, text in FILES.items() if "__init__" not in name})

    done = project.run("run", "pkg/train.py", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert '"pkg.train"' in done.stdout


def test_processes_that_a_module_spawns_import_it(project: Project) -> None:
    write(project, {**FILES, "pkg/train.py": POOL})

    done = project.run("run", "pkg.train", "LR=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "loss: 0.04" in done.stdout


def test_a_traceback_begins_at_the_module(project: Project) -> None:
    write(project, {**FILES, "pkg/train.py": "from . import losses\nLR = 1\nlosses.missing\n"})

    done = project.run("run", "pkg.train", "--yes")

    assert done.returncode == 1
    trace = done.stdout.partition("Traceback (most recent call last):\n")[2]
    assert trace.splitlines()[0].endswith('pkg/train.py", line 3, in <module>')


def test_a_file_that_imports_its_own_folder_by_name_runs_as_a_module(project: Project) -> None:
    project.write("exp/losses.py", FILES["pkg/losses.py"])
    project.write("exp/train.py", "from exp.losses import parabola\nLR = 0.1\n" + LOSS)

    done = project.run("run", "exp/train.py", "LR=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert the_run(project).command == "python -m exp.train"


def test_a_module_that_is_not_there_is_named(project: Project) -> None:
    write(project, FILES)

    done = project.run("run", "pkg.trian", "lr=0.5", "--yes")

    assert done.returncode == 2
    assert "there is no module 'pkg.trian'. Did you mean 'pkg.train'?" in done.stderr


def test_a_script_takes_modules_from_the_folder_above_it(project: Project) -> None:
    text = "import os, sys\nsys.path.append(os.path.join(os.path.dirname(__file__), '..'))\n"
    text += "from losses import parabola\nfrom options import read\n"
    project.write("train.py", text + "print(f'loss: {parabola(read().lr)}')\n")
    options = "import argparse\ndef read():\n    parser = argparse.ArgumentParser()\n"
    options += "    parser.add_argument('--lr', type=float)\n    return parser.parse_args()\n"
    project.write("../options.py", options)
    project.write("../losses/__init__.py", FILES["pkg/losses.py"])

    done = project.run("run", "train.py", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "data: ../losses, ../options.py" in done.stderr
    assert the_run(project).objective == pytest.approx(0.04)
