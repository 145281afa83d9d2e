"""A sweep in a file, as ``tunesmith run sweep.yaml`` takes it."""

from tests.conftest import Project

TRAIN = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--batch_size", type=int, default=32)
parser.add_argument("--opt", default="sgd", choices=["sgd", "adam"])
args = parser.parse_args()
print(f"loss: {(args.lr - 0.3) ** 2 + args.batch_size}")
"""


def test_the_sweep_of_a_file_is_listed(project: Project) -> None:
    project.write("train.py", TRAIN)
    project.write(
        "sweeps/grid.yaml",
        "program: train.py\nmethod: grid\nparameters:\n"
        "  lr: {values: [0.1, 0.2]}\n  opt: {value: adam}\n",
    )

    assert project.succeed("run", "sweeps/grid.yaml", "--print-trials").splitlines() == [
        "batch_size=32 lr=0.1 opt=adam",
        "batch_size=32 lr=0.2 opt=adam",
    ]
    typed = project.succeed("run", "sweeps/grid.yaml", "opt=sgd", "-m", "1", "--print-trials")
    assert len(typed.splitlines()) == 1
    assert "opt=sgd" in typed


def test_a_program_beside_the_file_is_found(project: Project) -> None:
    project.write("a/go.py", TRAIN)
    project.write("a/sweep.json", '{"program": "go.py", "parameters": {"lr": {"value": 0.5}}}')

    assert "lr=0.5" in project.succeed("run", "a/sweep.json", "--print-trials")


def test_a_key_that_is_not_supported_ends_the_command(project: Project) -> None:
    project.write("train.py", TRAIN)
    project.write(
        "sweep.yml", "program: train.py\nmethod: random\nearly_terminate: {type: hyperband}\n"
    )
    done = project.run("run", "sweep.yml")

    assert done.returncode == 2
    assert "sweep.yml: early_terminate is not supported" in done.stderr
