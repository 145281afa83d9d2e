"""The shared background Prefect server: finding it, starting it on demand, stopping it.

One server serves all batches of a user. Its files lie in the user's data directory, with a Prefect
home of their own. It listens on loopback and exits after a long idle time. Prefect is not imported
here, so that a command can start the server while it waits for the user's answer.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from tunesmith.engine.letting_go import wait_for_finishing
from tunesmith.errors import ServerError
from tunesmith.executor.environment import outside_trial
from tunesmith.loopback import open_url
from tunesmith.processes import Process, find_process
from tunesmith.server.retention import days_kept
from tunesmith.server.secret import is_proven, read_own
from tunesmith.server.server_directory import ServerDirectory, ServerState, read_state
from tunesmith.storage.files.leases import is_held

START_TIMEOUT_S = 120.0
"""The first start migrates a database: 12 s on a quiet machine, far more on a loaded one."""
SUPERVISOR = "tunesmith.server.supervisor"
"""The module that keeps the server, as its process names it on its command line."""
EARLIER_SUPERVISOR = "tunesmith.flows.supervisor"
"""Its name in the versions whose file names the supervisor by a number alone."""


def find_server(directory: ServerDirectory) -> ServerState | None:
    """Return the shared server if it answers and proves that it has our secret; None otherwise."""
    state, secret = read_state(directory), read_own(directory.secret)
    if state is None or not state.is_guarded or not secret:
        return None
    return state if is_proven(state.ui_url, secret) else None


def find_unguarded(directory: ServerDirectory) -> ServerState | None:
    """Return a running server of an earlier version, which asks for no secret; None otherwise."""
    state = read_state(directory)
    is_there = state is not None and not state.is_guarded and is_held(directory.lock)
    return state if is_there else None


def begin_start(directory: ServerDirectory) -> subprocess.Popen[bytes] | None:
    """Start the shared server without waiting for it; None if one answers already.

    Calling it twice, or from several commands at once, starts one server: the supervisor that
    comes second finds the lock taken and ends.

    Raises:
        UsageError: The number of days that flow runs are kept cannot be read.
        ServerError: The data directory cannot be written, or a batch runs on a server that an
            earlier version has started.
    """
    if find_server(directory) is not None:
        return None
    note = _end_unguarded(directory)
    days_kept(os.environ)  # raises here, where somebody reads it
    try:
        directory.prepare()
        with directory.log.open("ab", buffering=0) as log:
            # fails here if the disk is full; the supervisor could not report that in its own log
            log.write(b"its supervisor was started\n")
            return subprocess.Popen(
                [sys.executable, "-m", SUPERVISOR, str(directory.path), note],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                env=outside_trial(os.environ),  # it serves others when the trial has ended
            )
    except OSError as error:
        raise ServerError(
            f"the Prefect server cannot be started in {directory.path}: {error.strerror}; "
            "set XDG_DATA_HOME to a folder that can be written, or PREFECT_API_URL to a server"
        ) from error


def wait_until_healthy(
    directory: ServerDirectory, supervisor: subprocess.Popen[bytes] | None
) -> ServerState:
    """Return the shared server once it answers.

    Args:
        directory: Where the server keeps its files.
        supervisor: What ``begin_start`` returned.

    Raises:
        ServerError: It ended, or did not answer within two minutes.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if (state := find_server(directory)) is not None:
            touch(directory)
            return state
        if supervisor is not None and supervisor.poll() not in (None, 0):
            break
        time.sleep(0.05)
    raise ServerError(f"the Prefect server did not start; {_last_log_line(directory)}")


def touch(directory: ServerDirectory) -> None:
    """Record that the server is in use, so that it does not exit as idle."""
    with suppress(OSError):
        directory.last_use.touch()


def stop_server(directory: ServerDirectory, *, timeout_s: float = 20.0) -> bool:
    """Stop the shared server and wait until it is gone; return False if none ran.

    The supervisor's lock tells whether one runs, since it ends with the process. The state file
    of a killed one stays, and its process id may belong to another process by now.

    Raises:
        ServerError: It does not end, or it is not a process of this user and machine.
    """
    if is_held(directory.lock):
        wait_for_finishing(directory.path)
    asked: Process | None = None
    deadline = time.monotonic() + timeout_s
    while is_held(directory.lock):
        asked = asked or _ask_to_end(directory)  # one that starts just now has no state yet
        if time.monotonic() > deadline:
            raise ServerError(_why_it_runs(directory, asked))
        time.sleep(0.05)
    directory.state.unlink(missing_ok=True)
    return asked is not None


def _end_unguarded(directory: ServerDirectory) -> str:
    """Stop a server that asks for no secret; return a note for the user, or an empty string.

    Raises:
        ServerError: A batch runs on it.
    """
    state = find_unguarded(directory)
    if state is None:
        return ""
    if _has_running_flows(state.api_url):
        raise ServerError(
            f"the Prefect server at {state.ui_url} is an earlier version's and has no password, "
            "and a batch runs on it: wait until that has ended, or end the server now with "
            "tunesmith server stop"
        )
    stop_server(directory)
    return (
        "the Prefect server of an earlier version had no password and was ended: start tunesmith "
        "serve again, where it ran"
    )


def _has_running_flows(api_url: str) -> bool:
    """Return whether flow runs are in progress on a server that asks for no secret."""
    query = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "CANCELLING"]}}}}
    request = urllib.request.Request(
        f"{api_url}/flow_runs/count",
        data=json.dumps(query).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with open_url(request, timeout_s=10) as answer:
            return bool(json.load(answer))
    except (OSError, ValueError):
        return False


def _ask_to_end(directory: ServerDirectory) -> Process | None:
    """Signal the supervisor, and return it; None where its process is not known here."""
    supervisor = _supervisor(directory)
    with suppress(PermissionError):
        if supervisor is not None and supervisor.signal(signal.SIGTERM):
            return supervisor
    return None


def _supervisor(directory: ServerDirectory) -> Process | None:
    state = read_state(directory)
    if state is None:
        return None
    if state.born:
        return Process(pid=state.pid, born=state.born)
    return find_process(state.pid, words=[EARLIER_SUPERVISOR, str(directory.path)])


def _why_it_runs(directory: ServerDirectory, asked: Process | None) -> str:
    if asked is not None:
        return (
            f"the Prefect server (process {asked.pid}) does not exit; its log is {directory.log}"
        )
    return (
        f"the Prefect server of {directory.path} is kept by a process that is not yours, or not "
        "of this machine: stop it there"
    )


def _last_log_line(directory: ServerDirectory) -> str:
    try:
        lines = directory.log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    last = lines[-1].strip() if lines else "it printed nothing"
    return f"{last} (log: {directory.log})"
