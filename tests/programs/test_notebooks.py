"""Notebooks, whose assignments are flags, executed in a kernel of the trials' interpreter."""

import json

from tests.conftest import Project
from tests.programs.conftest import the_run
from tests.script.test_notebook import notebook, sources
from tunesmith.storage.store import Store
from tunesmith.trial import TrialStatus

TRAIN = notebook(
    "%config Completer.use_jedi = False\nlr = 0.1",
    "from helpers import square\nimport os\nprint(f'loss: {square(lr - 0.3)}')\nlr * 2",
)
HELPERS = "def square(x):\n    return x * x\n"


def test_a_notebook_runs_with_other_values_and_stays_in_the_runs_folder(project: Project) -> None:
    project.write("work/train.ipynb", TRAIN)
    project.write("work/helpers.py", HELPERS)

    done = project.run("run", "work/train.ipynb", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "You are about to run train.ipynb\n  lr: 0.5\n" in done.stderr
    assert "\n1.0\n" in done.stdout
    record = the_run(project)
    assert record.command == "jupyter execute work/train.ipynb"
    folder = Store.open(project.home).layout.trial_directory(record.batch, record.id)
    executed = (folder / "work/train.ipynb").read_text()
    assert sources(executed)[0] == "%config Completer.use_jedi = False\nlr = 0.5"
    assert "loss: 0.04" in json.dumps(json.loads(executed)["cells"][1]["outputs"])
    assert (project.path / "work/train.ipynb").read_text() == TRAIN


def test_a_value_of_a_class_in_a_cell_is_set(project: Project) -> None:
    cells = (
        "%config Completer.use_jedi = False\nclass CFG:\n    lr = 0.1",
        "print('loss:', CFG.lr)",
    )
    project.write("train.ipynb", notebook(*cells))

    done = project.run("run", "train.ipynb", "lr=0.5", "--yes")

    assert done.returncode == 0, done.stderr
    assert "lr is CFG.lr in train.ipynb" in done.stderr
    assert the_run(project).objective == 0.5


def test_an_error_of_a_cell_fails_the_trial_with_its_traceback(project: Project) -> None:
    project.write("train.ipynb", notebook("lr = 0.1", "1 / (lr - 0.5)", "print('never')"))

    done = project.run("run", "train.ipynb", "lr=0.5", "--yes")

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout
    assert "never" not in done.stdout
    assert the_run(project).status is TrialStatus.ERROR


def test_what_is_missing_is_named_before_anything_runs(project: Project) -> None:
    project.write("train.ipynb", TRAIN)
    empty = project.write("python", "#!/bin/sh\nexit 1\n")
    empty.chmod(0o755)

    done = project.run("run", "train.ipynb", "lr=0.5", "--python", "./python", "--yes")

    assert done.returncode == 2
    assert "-m pip install nbclient ipykernel" in done.stderr
