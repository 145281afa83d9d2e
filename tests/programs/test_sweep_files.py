"""A sweep in a file, as ``tunesmith run sweep.yaml`` takes it, and the defaults of a project."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Project
from tests.programs.conftest import RunSweep
from tunesmith.api.running import open_store
from tunesmith.cli.main import main

TRAIN = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--opt", default="sgd", choices=["sgd", "adam"])
parser.add_argument("--augment", action="store_true")
parser.add_argument("--layers", type=int, default=1)
parser.add_argument("--model.width", type=int, default=8)
parser.add_argument("--out", default="")
args = parser.parse_args()
print(f"loss: {(args.lr - 0.3) ** 2 + args.batch_size / 1000}")
print(f"val_acc: {args.layers}")
"""

SWEEPS = {
    "a grid of lists": (
        "method: grid\nparameters:\n  lr: {values: [0.1, 0.2]}\n  opt: {values: [sgd, adam]}\n",
        4,
    ),
    "a grid of whole numbers and steps": (
        "method: grid\nparameters:\n  layers: {min: 1, max: 3}\n"
        "  lr: {distribution: q_uniform, min: 0.1, max: 0.3, q: 0.1}\n",
        9,
    ),
    "a random search of values and intervals": (
        "method: random\nrun_cap: 5\nmetric: {goal: minimize, name: loss}\nparameters:\n"
        "  lr: {min: 0.0, max: 0.5}\n  layers: {min: 1, max: 9}\n  opt: {value: adam}\n",
        5,
    ),
    "exponents": (
        "method: random\nrun_cap: 4\nparameters:\n"
        "  lr: {distribution: log_uniform, min: -9.21, max: -2.3}\n"
        "  batch_size: {distribution: q_log_uniform, q: 1, min: 3.47, max: 5.55}\n",
        4,
    ),
    "values on a log scale": (
        "method: random\nrun_cap: 4\nparameters:\n"
        "  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}\n"
        "  batch_size: {distribution: q_log_uniform_values, min: 8, max: 256, q: 8}\n",
        4,
    ),
    "inverse logarithms": (
        "method: random\nrun_cap: 4\nparameters:\n"
        "  lr: {distribution: inv_log_uniform_values, min: 0.001, max: 0.1}\n",
        4,
    ),
    "normal distributions": (
        "method: random\nrun_cap: 6\nparameters:\n"
        "  lr: {distribution: log_normal, mu: -4, sigma: 1}\n"
        "  layers: {distribution: q_normal, mu: 20, sigma: 3}\n",
        6,
    ),
    "beta distributions": (
        "method: random\nrun_cap: 6\nparameters:\n  lr: {distribution: beta, a: 2, b: 5}\n",
        6,
    ),
    "probabilities": (
        "method: random\nrun_cap: 4\nparameters:\n"
        "  lr: {values: [0.1, 0.2, 0.3, 0.4], probabilities: [0.4, 0.3, 0.2, 0.1]}\n"
        "  opt: {distribution: categorical, values: [sgd, adam]}\n",
        4,
    ),
    "parameters within a parameter": (
        "method: grid\nparameters:\n  model:\n    parameters:\n      width: {values: [4, 8]}\n"
        "  lr: {value: 0.5}\n",
        2,
    ),
    "the default command, and notes": (
        "method: grid\nproject: demo\nentity: team\nname: first\ndescription: a try\n"
        "controller: {type: cloud}\n"
        "command:\n- ${env}\n- ${interpreter}\n- ${program}\n- ${args}\n"
        "parameters:\n  lr: {values: [0.1, 0.2]}\n",
        2,
    ),
    "switches, and arguments of its own": (
        "method: grid\ncommand: [python3, '${program}', '${args_no_boolean_flags}', --out, x]\n"
        "parameters:\n  augment: {values: [true, false]}\n",
        2,
    ),
    "options of our own": (
        "optimizer: sobol\nmax-trials: 3\njobs: 2\ntimeout: 5m\ntags: [a]\nparameters:\n"
        "  lr: {min: 0.0, max: 0.5, initial: 0.25}\n",
        3,
    ),
}
"""Sweep files of different kinds without their program, and how many trials each has."""


@dataclass(frozen=True, slots=True)
class Here:
    """A folder in which commands are called within the process of the tests."""

    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, text: str) -> None:
        """Write a file of the folder."""
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)

    def answer(self, *arguments: str) -> str:
        """Return what a command answers, which has to succeed."""
        code = main(arguments)
        out, err = self.capsys.readouterr()
        assert code == 0, err
        return out

    def refusal(self, *arguments: str) -> str:
        """Return how a command refuses what it is asked for."""
        code = main(arguments)
        assert code == 2
        return self.capsys.readouterr().err


@pytest.fixture(name="project")
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    """An empty folder, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("TUNESMITH_HOME", raising=False)
    return Here(capsys)


@pytest.mark.parametrize("kind", SWEEPS)
def test_a_sweep_of_each_kind_is_planned(project: Here, kind: str) -> None:
    text, n_trials = SWEEPS[kind]
    project.write("train.py", TRAIN)
    project.write("sweep.yaml", f"program: train.py\n{text}")

    trials = json.loads(project.answer("run", "sweep.yaml", "--print-trials", "--json"))

    assert len(trials) == n_trials
    project.answer("run", "sweep.yaml", "--save-sweep", "again.json")
    again = json.loads(project.answer("run", "again.json", "--print-trials", "--json"))
    assert [one.keys() for one in again] == [one.keys() for one in trials]
    if "method: grid" in text:
        assert again == trials


def test_a_program_is_found_from_the_folder_or_beside_the_file(project: Here) -> None:
    project.write("train.py", TRAIN)
    project.write("sweeps/a.yaml", "program: train.py\nparameters: {lr: {value: 0.4}}\n")
    project.write("b/go.py", TRAIN)
    project.write("b/sweep.json", '{"program": "go.py", "parameters": {"lr": {"value": 0.5}}}')

    assert "lr=0.4" in project.answer("run", "sweeps/a.yaml", "--print-trials")
    assert "lr=0.5" in project.answer("run", "b/sweep.json", "--print-trials")


def test_a_key_that_is_not_supported_ends_the_command(project: Here) -> None:
    project.write("train.py", TRAIN)
    project.write("sweep.yml", "program: train.py\nmethod: random\njob: a\n")

    assert "sweep.yml: job is not supported" in project.refusal("run", "sweep.yml")


def test_what_is_typed_is_written_as_a_sweep_file(project: Here) -> None:
    project.write("train.py", TRAIN)
    words = ("lr=loguniform[1e-5:1e-1]", "opt=[sgd,adam]", "augment=yes", "-o", "gp", "-m", "7")
    project.answer("run", "train.py", *words, "-X", "val_acc", "--save-sweep", "sweep.yaml")

    assert Path("sweep.yaml").read_text() == (
        "program: train.py\nmethod: bayes\nmetric:\n  name: val_acc\n  goal: maximize\n"
        "parameters:\n  lr: {distribution: log_uniform_values, min: 1.0e-05, max: 0.1}\n"
        "  opt: {values: [sgd, adam]}\n  augment: {value: true}\nrun_cap: 7\n"
    )
    assert not Path(".tunesmith").exists()


def test_the_options_and_where_they_come_from(project: Here) -> None:
    project.write("train.py", TRAIN)
    project.write(
        "pyproject.toml", '[tool.tunesmith]\nmaximize = "val_acc"\nretries = 2\noptimizer = "gp"\n'
    )
    project.write("sweep.yaml", "program: train.py\njobs: 3\nparameters: {lr: {value: 0.5}}\n")

    text = project.answer("config", "sweep.yaml", "opt=adam", "--timeout", "5m")
    rows = {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines()}

    assert rows["timeout"] == "300.0 command line"
    assert rows["opt"] == "adam command line"
    assert rows["jobs"] == "3 sweep.yaml"
    assert rows["lr"] == "0.5 sweep.yaml"
    assert rows["retries"] == "2 pyproject.toml"
    assert rows["maximize"] == "val_acc pyproject.toml"
    assert rows["minimize"].endswith("default")
    assert rows["optimizer"] == "gp pyproject.toml, for ranges"
    assert rows["max_trials"].endswith("default")


def test_a_wrong_default_of_the_project_ends_the_command(project: Here) -> None:
    project.write("train.py", TRAIN)
    project.write("pyproject.toml", "[tool.tunesmith]\nretrys = 2\n")

    said = project.refusal("run", "train.py", "lr=[1,2]")
    assert "[tool.tunesmith] has an unknown key 'retrys': did you mean 'retries'?" in said


@pytest.mark.server
def test_a_sweep_file_is_run_and_goes_on(sweep: RunSweep, served_project: Project) -> None:
    text = (
        "program: train.py\nmethod: bayes\nrun_cap: 4\nmetric: {name: loss, goal: minimize}\n"
        "name: night\nparameters:\n  lr: {distribution: normal, mu: 0.3, sigma: 0.1}\n"
        "  batch_size: {distribution: q_log_uniform_values, min: 8, max: 64, q: 8}\n"
        "  opt: {values: [sgd, adam], probabilities: [0.9, 0.1]}\n"
    )
    done = sweep({"train.py": TRAIN, "sweep.yaml": text}, "sweep.yaml")

    assert len(done.completed) == 4
    assert all(one % 8 == 0 for one in done.values("batch_size"))
    assert all(0.0 <= one <= 0.6 for one in done.values("lr"))
    assert "lr: normal(0.3, 0.1)" in done.said
    assert all(one.label == "night" for one in done.trials)
    served_project.succeed("run", "--restart", "1", "-m", "2", "-yq")
    batch = open_store(served_project.home).batches()[0]
    assert len(batch.trials) == 6
    assert "No command can repeat the batch" in batch.report().read_text()


@pytest.mark.server
def test_a_program_runs_a_sweep_file(served_project: Project) -> None:
    served_project.write("train.py", TRAIN)
    served_project.write(
        "sweep.yaml", "program: train.py\nmethod: grid\nparameters: {lr: {values: [0.1, 0.2]}}\n"
    )
    served_project.write(
        "go.py",
        'import tunesmith\nbatch = tunesmith.run("sweep.yaml", {"opt": "adam"}, jobs=2)\n'
        "print(sorted((one.flags['lr'], one.flags['opt']) for one in batch.trials))\n",
    )
    done = subprocess.run(
        [sys.executable, "go.py"],
        cwd=served_project.path,
        env=dict(served_project.environment),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "[(0.1, 'adam'), (0.2, 'adam')]" in done.stdout, done.stderr
