"""The environment in which a script runs."""

from collections.abc import Mapping
from pathlib import Path

from tunesmith.executor.child import (
    ARGUMENTS_VARIABLE,
    MARK_VARIABLE,
    PARENT_VARIABLE,
    PEAK_VARIABLE,
)

BATCH_VARIABLE = "TUNESMITH_BATCH"
RUN_VARIABLE = "TUNESMITH_RUN_ID"
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What limits the threads of numeric libraries: the first those of OpenMP, OpenBLAS, MKL, BLIS,
NumExpr and PyTorch, the second those of macOS."""
WORKER_VARIABLE = "TUNESMITH_WORKER"
"""What the trials of one worker have in common: its reaper ends those, and no other worker's."""
_OF_TRIAL = {"RUN_ID", "RUN_DIR", RUN_VARIABLE, "TUNESMITH_TRIAL", "CUDA_VISIBLE_DEVICES"}
_OF_ALL_TRIALS = {
    BATCH_VARIABLE,
    WORKER_VARIABLE,
    PARENT_VARIABLE,
    PEAK_VARIABLE,
    MARK_VARIABLE,
    ARGUMENTS_VARIABLE,
    "PYTHONUNBUFFERED",
    *_THREAD_VARIABLES,
}


def build_environment(
    base: Mapping[str, str],
    *,
    flags_environment: Mapping[str, str],
    run_id: str,
    run_directory: Path,
    batch: str,
    number: int,
) -> dict[str, str]:
    """Return the caller's environment, the flags, and where and what the run is.

    Args:
        base: What the caller's own environment is.
        flags_environment: Variables of the flags and of the GPU.
        run_id: The run's id.
        run_directory: Its working directory.
        batch: Its batch's id.
        number: Its number within the batch.
    """
    return {
        **base,
        **flags_environment,
        "PYTHONUNBUFFERED": "1",  # or progress and scalars come in one piece at the end
        "RUN_ID": run_id,
        "RUN_DIR": str(run_directory),
        RUN_VARIABLE: run_id,
        BATCH_VARIABLE: batch,
        "TUNESMITH_TRIAL": str(number),
    }


def is_of_trial(name: str) -> bool:
    """Return whether a variable may differ between the trials of a batch."""
    return name in _OF_TRIAL or name.startswith("FLAG_")


def outside_trial(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for what is to outlive the command that starts it.

    Where the command runs within a trial, the trial's variables are left out: by some of them its
    end finds what it has left behind, and the others are of no meaning outside.

    Args:
        environ: The command's own environment; returned as it is outside of trials.
    """
    if RUN_VARIABLE not in environ:
        return dict(environ)
    return {
        name: text
        for name, text in environ.items()
        if name not in _OF_ALL_TRIALS and not is_of_trial(name)
    }


def share_cores(base: Mapping[str, str], n_at_once: int) -> dict[str, str]:
    """Return an environment in which trials that run at once have a share of the cores each.

    Without it the numeric libraries of each trial start a thread for every core, and get in each
    other's way. What the caller's environment says stays.

    Args:
        base: The environment that trials inherit.
        n_at_once: How many trials run at once on this machine.
    """
    if n_at_once < 2:
        return dict(base)
    from joblib.externals.loky import cpu_count  # knows of affinity and of a container's quota

    share = str(max(1, cpu_count() // n_at_once))
    return dict.fromkeys(_THREAD_VARIABLES, share) | dict(base)
