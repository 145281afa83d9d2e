"""The process that keeps the shared Prefect server: starts it, stops it, exits when idle.

Run as ``python -m tunesmith.server.supervisor DIRECTORY [NOTE]``; NOTE is shown to the user with
the start. It holds the directory's lock for its lifetime, so that there is one server.
"""

import dataclasses
import importlib.metadata
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tunesmith.atomic_file import write_atomically
from tunesmith.executor.child import PARENT_VARIABLE
from tunesmith.processes import this_process
from tunesmith.server.client_environment import without_prefect
from tunesmith.server.database import UNUSABLE, find_fault, give_back_space, move_aside
from tunesmith.server.kept_engine import KeptEngine
from tunesmith.server.retention import days_kept, retention_settings
from tunesmith.server.secret import new_secret, read_own
from tunesmith.server.server_directory import ServerDirectory, ServerState
from tunesmith.server.shared_server import find_server
from tunesmith.storage.files.leases import try_lock

IDLE_S = 8 * 3600.0
"""Seconds without use after which the server exits; a flow in progress counts as use."""
LOOKING_S = 0.25
"""Seconds to wait for the lock: whoever checks whether it is held holds it for a moment."""
STOP_GRACE_S = 8.0
NICENESS = 5
"""Niceness of the server once it answers: its late writes delay no trial."""
ENGINE_AFTER_S = 2.0
"""Seconds from the server's first answer to the start of the engine: the command that started the
server imports the same meanwhile."""
ATTEMPTS = 3
"""Maximum number of starts of a server that does not answer; the last has a new database."""


def main(arguments: list[str]) -> int:
    """Run one server until it exits, is told to stop, or is idle; return its exit code."""
    os.umask(0o077)
    directory, note = ServerDirectory(path=Path(arguments[0])), "".join(arguments[1:])
    with try_lock(directory.lock, patience_s=LOOKING_S) as is_alone:
        if not is_alone:  # another supervisor runs: its server is used
            return 0
        try:
            return _supervise(directory, note)
        finally:
            for key in (directory.secret, *directory.path.glob("open-*.html")):
                key.unlink(missing_ok=True)


def server_environment(directory: ServerDirectory, port: int, *, secret: str) -> dict[str, str]:
    """Return the server's environment, which other users of the machine cannot read.

    The recorder's batch size is the one setting that matters for speed: with its default of one
    event a transaction the server needs six times the processor time for a task run.
    """
    return without_prefect(os.environ) | {
        "PREFECT_HOME": str(directory.prefect_home),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),  # without it the interface calls port 4200
        "PREFECT_SERVER_API_AUTH_STRING": secret,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",  # its own pages
        PARENT_VARIABLE: str(os.getpid()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",  # that one calls out from the browser
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        # else a restart forgets the leases, and who has them keeps their slots for ever
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage."
        "filesystem",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "DO_NOT_TRACK": "1",
        **retention_settings(days_kept(os.environ)),
    }


def _supervise(directory: ServerDirectory, note: str) -> int:
    os.truncate(directory.log, 0)
    directory.prefect_home.mkdir(mode=0o700, exist_ok=True)
    _make_private(directory)
    _write_private(directory.secret, new_secret())
    directory.last_use.touch()
    signal.signal(signal.SIGTERM, _raise_exit)
    signal.signal(signal.SIGINT, _raise_exit)
    version, database = importlib.metadata.version("prefect"), directory.database
    fault = find_fault(database, version=version)
    if fault:
        note = f"{note}; {move_aside(database, fault)}".removeprefix("; ")
    code = 1
    for attempt in range(ATTEMPTS):
        if attempt == ATTEMPTS - 1 and not fault and database.exists():
            note = f"{note}; {move_aside(database, UNUSABLE)}".removeprefix("; ")
        state = ServerState(
            **dataclasses.asdict(this_process()),
            port=_free_port(),
            prefect_version=version,
            note=note,
            is_guarded=True,
        )
        code, was_up = _run_server(directory, state)
        if was_up:
            break  # further attempts are for a port that was taken, or a start that failed
    return code


def _run_server(directory: ServerDirectory, state: ServerState) -> tuple[int, bool]:
    """Run a server to its end; return its exit code, and whether it ever answered."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tunesmith.server.guarded_server"],
        env=server_environment(directory, state.port, secret=read_own(directory.secret) or ""),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    engine, code = KeptEngine(directory), None
    try:
        _write_private(directory.state, json.dumps(dataclasses.asdict(state)))
        was_up = _answers(server, directory)
        if was_up:
            _lower_priority(server)
        code = _wait(server, directory, engine)
    finally:
        engine.end()
        _end(server)
        directory.state.unlink(missing_ok=True)
    if code is None:  # nobody waits for it
        give_back_space(directory.database)
    return code or 0, was_up


def _answers(server: subprocess.Popen[bytes], directory: ServerDirectory) -> bool:
    """Return whether a server answers before it exits; a stranger on its port does not count."""
    while server.poll() is None:
        if find_server(directory) is not None:
            return True
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.5)
    return False


def _lower_priority(server: subprocess.Popen[bytes]) -> None:
    """Give trials the processors before all threads of the server."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PGRP, server.pid, NICENESS)


def _wait(
    server: subprocess.Popen[bytes], directory: ServerDirectory, engine: KeptEngine
) -> int | None:
    """Return the server's exit code, or None after ``IDLE_S`` seconds without use."""
    timeout_s = ENGINE_AFTER_S
    while time.time() - _time_of_last_use(directory) < IDLE_S:
        with suppress(subprocess.TimeoutExpired):
            return server.wait(timeout=timeout_s)
        engine.keep()
        timeout_s = 60.0
    return None


def _time_of_last_use(directory: ServerDirectory) -> float:
    try:
        return directory.last_use.stat().st_mtime
    except OSError:
        return 0.0  # the directory was removed: nobody can find this server any more


def _end(server: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        if server.poll() is None:
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(server.pid, number)
                server.wait(timeout=STOP_GRACE_S)


def _write_private(path: Path, text: str) -> None:
    write_atomically(path, text.encode(), mode=0o600)


def _make_private(directory: ServerDirectory) -> None:
    """Make private what earlier versions left readable to others: the database, the log."""
    for folder in (directory.path, directory.prefect_home):
        for path in folder.iterdir():
            if stat.S_ISREG(path.lstat().st_mode):
                path.chmod(0o600)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _raise_exit(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
