"""The environment in which a script runs."""

from collections.abc import Mapping
from pathlib import Path

from tunesmith.executor.child import (
    ARGUMENTS_VARIABLE,
    MARK_VARIABLE,
    MODULE_VARIABLE,
    PARENT_VARIABLE,
    PEAK_VARIABLE,
)
from tunesmith.trial import trial_id

BATCH_VARIABLE = "TUNESMITH_BATCH"
RUN_VARIABLE = "TUNESMITH_RUN_ID"
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Limit the threads of numeric libraries: the first for OpenMP, OpenBLAS, MKL, BLIS, NumExpr and
PyTorch, the second for macOS."""
WORKER_VARIABLE = "TUNESMITH_WORKER"
"""Set in all trials of a worker, so that its reaper ends these and no other worker's."""
_OF_TRIAL = {"RUN_ID", "RUN_DIR", RUN_VARIABLE, "TUNESMITH_TRIAL", "CUDA_VISIBLE_DEVICES"}
_OF_ALL_TRIALS = {
    BATCH_VARIABLE,
    WORKER_VARIABLE,
    PARENT_VARIABLE,
    PEAK_VARIABLE,
    MARK_VARIABLE,
    ARGUMENTS_VARIABLE,
    MODULE_VARIABLE,
    "PYTHONUNBUFFERED",
    *_THREAD_VARIABLES,
}


def run_environment(
    base: Mapping[str, str],
    flags_environment: Mapping[str, str],
    *,
    directory: Path,
    batch_id: str,
    number: int,
) -> dict[str, str]:
    """Return the environment of a run: the caller's, with the flags and the run's variables.

    Args:
        base: The caller's environment.
        flags_environment: Variables of the flags and of the GPU.
        directory: The run's working directory.
        batch_id: The id of the run's batch.
        number: The trial's number within the batch; 0 for a single run.
    """
    run_id = trial_id(batch_id, number)
    return {
        **base,
        **flags_environment,
        "PYTHONUNBUFFERED": "1",  # otherwise output arrives in one piece at the end
        "RUN_ID": run_id,
        "RUN_DIR": str(directory),
        RUN_VARIABLE: run_id,
        BATCH_VARIABLE: batch_id,
        "TUNESMITH_TRIAL": str(number),
    }


def is_of_trial(name: str) -> bool:
    """Return whether a variable may differ between the trials of a batch."""
    return name in _OF_TRIAL or name.startswith("FLAG_")


def outside_trial(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a process that outlives the command that starts it.

    If the command runs within a trial, the trial's variables are left out: by some of them the
    end of the trial finds the processes to kill, and the others mean nothing outside.

    Args:
        environ: The command's own environment, which is returned unchanged outside of trials.
    """
    if RUN_VARIABLE not in environ:
        return dict(environ)
    return {
        name: text
        for name, text in environ.items()
        if name not in _OF_ALL_TRIALS and not is_of_trial(name)
    }


def share_cores(base: Mapping[str, str], n_at_once: int) -> dict[str, str]:
    """Return an environment in which each of several parallel trials uses its share of the cores.

    Otherwise the numeric libraries of each trial start one thread for every core, which slows all
    of them down. Variables that the caller has set stay.

    Args:
        base: The environment that trials inherit.
        n_at_once: The number of trials that run at once on this machine.
    """
    if n_at_once < 2:
        return dict(base)
    from joblib.externals.loky import cpu_count  # respects CPU affinity and a container's quota

    share = str(max(1, cpu_count() // n_at_once))
    return dict.fromkeys(_THREAD_VARIABLES, share) | dict(base)
