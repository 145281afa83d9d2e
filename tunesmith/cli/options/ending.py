"""How a running batch, a single run or a trial is told to end, by a command or the live view."""

import signal

from tunesmith.executor.environment import RUN_VARIABLE
from tunesmith.executor.process_groups import signal_marked
from tunesmith.processes import Process
from tunesmith.storage.store import Store
from tunesmith.trial import Run, TrialStatus, short_id

ALIVE = (TrialStatus.RUNNING, TrialStatus.PENDING)


def runs_now(store: Store, run: Run) -> bool:
    """Return whether a run can be stopped; a trial can once it has started."""
    is_open = run.status in ALIVE and not (run.is_trial and run.status is TrialStatus.PENDING)
    return is_open and store.is_alive(run.batch)


def end_run(store: Store, run: Run) -> str:
    """Signal a run to end; return why that was not possible, or nothing.

    A run that has ended meanwhile is as wanted.
    """
    runner = store.runner_of(run.batch)
    if runner is None:
        if not store.is_alive(run.batch):
            return ""
        return f"{short_id(run.id)} runs on another machine: stop it there"
    if not run.is_trial:
        return _terminate(runner, run)
    if signal_marked(f"{RUN_VARIABLE}={run.id}", number=signal.SIGTERM):
        return ""
    return f"found no process of trial {run.number}: stop its batch, {short_id(run.batch)}"


def _terminate(runner: Process, run: Run) -> str:
    try:
        runner.signal(signal.SIGTERM)  # no effect if it has ended meanwhile
    except PermissionError:
        return f"{short_id(run.id)} belongs to another user: ask them to stop process {runner.pid}"
    return ""
