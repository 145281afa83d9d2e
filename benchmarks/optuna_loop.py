"""Optuna's random search, each trial the script as a process of its own; results in SQLite.

python benchmarks/optuna_loop.py SCRIPT N
"""

import os
import subprocess
import sys

import optuna


def main() -> None:
    script, n_trials = sys.argv[1], int(sys.argv[2])

    def objective(trial: optuna.Trial) -> float:
        flags = {"FLAG_X": repr(trial.suggest_float("x", -2.0, 2.0))}
        done = subprocess.run(
            [sys.executable, script], env={**os.environ, **flags}, check=True, capture_output=True
        )
        return float(done.stdout.split()[-1])

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.RandomSampler(seed=1)
    study = optuna.create_study(storage="sqlite:///optuna.db", sampler=sampler)
    study.optimize(objective, n_trials=n_trials)


if __name__ == "__main__":
    main()
