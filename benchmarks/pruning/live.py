"""Run three real scripts with and without ``--prune``: what it saves, and whether the best stays.

``python benchmarks/pruning/live.py`` runs 40 trials of each by random search, from the same seed.
LightGBM is no dependency: its script is left out where it is not installed.
"""

import argparse
import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).with_name("live_scripts")
TUNESMITH = str(Path(sys.executable).with_name("tunesmith"))


@dataclass(frozen=True)
class Program:
    """A script, what is searched, and by which scalar."""

    script: str
    flags: tuple[str, ...]
    objective: str
    needs: str = "numpy"


PROGRAMS = (
    Program(
        "mlp_by_epochs.py",
        ("lr=loguniform[1e-5:1e-1]", "width=[8:128]", "alpha=loguniform[1e-6:1e-1]"),
        "val_loss",
        "sklearn",
    ),
    Program(
        "lightgbm_rounds.py",
        ("learning_rate=loguniform[0.003:0.5]", "num_leaves=[4:64]", "min_child_samples=[2:60]"),
        "rmse",
        "lightgbm",
    ),
    Program(
        "loop_with_bar.py",
        (
            "lr=loguniform[1e-4:1]",
            "momentum=[0.0:0.99]",
            "width=[4:128]",
            "decay=loguniform[1e-6:1]",
        ),
        "val loss",
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What a batch has cost, and its best."""

    cpu_s: float
    wall_s: float
    best: float
    counts: dict[str, int]


def run_batch(program: Program, folder: Path, options: list[str]) -> Outcome:
    """Run a batch in a folder, whose processor time is that of the command and its trials."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [TUNESMITH, "run", program.script, *program.flags, "-N", program.objective]
    done = subprocess.run(
        [*command, *options, "-y", "--json"], cwd=folder, check=True, stdout=subprocess.PIPE
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(done.stdout)
    return Outcome(
        cpu_s=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        wall_s=time.monotonic() - began,
        best=told["best"]["objective"],
        counts=told["counts"],
    )


def main() -> int:
    """Run the programs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rule", default="careful")
    parser.add_argument("--scripts", nargs="*", default=[one.script for one in PROGRAMS])
    parser.add_argument("--optimizer", default="random")
    given = parser.parse_args()
    print("| script | CPU | wall time | best without, with | trials |")
    print("|---|---|---|---|---|")
    for program in PROGRAMS:
        if program.script not in given.scripts:
            continue
        if importlib.util.find_spec(program.needs) is None:
            print(f"| {program.script} | {program.needs} is not installed | | | |")
            continue
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            shutil.copy(SCRIPTS / program.script, folder)
            (folder / "pyproject.toml").touch()
            options = ["-m", str(given.trials), "--random-seed", str(given.seed)]
            options += ["-o", given.optimizer]
            full = run_batch(program, folder, options)
            pruned = run_batch(program, folder, [*options, f"--prune={given.rule}"])
        print(
            f"| {program.script} | {pruned.cpu_s / full.cpu_s:.2f} of {full.cpu_s:.0f} s "
            f"| {pruned.wall_s / full.wall_s:.2f} of {full.wall_s:.0f} s "
            f"| {full.best:.5g}, {pruned.best:.5g} | {pruned.counts} |",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
