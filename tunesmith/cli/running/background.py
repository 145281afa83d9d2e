"""``tunesmith run --background``: a process of its own runs what was asked for.

The command writes to it what is to be run, waits until it has begun, and returns.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tunesmith.batch import BatchSpec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.cli import console
from tunesmith.cli.options.run_options import RunOptions
from tunesmith.executor.environment import outside_trial
from tunesmith.executor.output_log import tail_lines
from tunesmith.flags.values import from_plain, to_plain
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.store import Store
from tunesmith.trial import short_id

START_S = 90.0
"""Seconds after which a run that has not begun is left to itself: servers start slowly."""
POLL_S = 0.05


def run_in_background(spec: BatchSpec, options: RunOptions, *, store: Store, n_total: int) -> int:
    """Start a process that runs a batch or a single run; return the command's exit code.

    Args:
        spec: What to run, its source snapshot taken.
        options: The command's options, of which the quiet ones count.
        store: Where it is kept.
        n_total: How many trials it runs.
    """
    log = store.layout.command_log(spec.id)
    log.parent.mkdir(parents=True, exist_ok=True)
    process = _start(spec, store, n_total, log)
    if not _has_begun(store, spec, process):
        lines = tail_lines(log, 3)
        console.say(lines[-1] if lines else f"error: nothing was started, see {log}")
        return process.returncode or 1
    if options.json:
        console.answer(json.dumps({"id": spec.id, "log": str(log)}))
    elif options.quiet:
        console.answer(spec.id)
    else:
        short = short_id(spec.id)
        console.answer(
            f"{short} runs in the background: follow it with tunesmith watch {short}, end it with "
            f"tunesmith stop {short}\nIts messages are in {log}"
        )
    return 0


def _start(spec: BatchSpec, store: Store, n_total: int, log: Path) -> "subprocess.Popen[bytes]":
    """Start the process, in a session of its own: the end of the terminal does not reach it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=outside_trial(os.environ),
        )
    secrets = {name: to_plain(value) for name, value in spec.secrets.items()}
    request = {"spec": batch_to_plain(spec), "n_total": n_total, "secrets": secrets}
    if process.stdin is not None:
        process.stdin.write(json.dumps({**request, "home": str(store.home)}).encode())
        process.stdin.close()
    return process


def _has_begun(store: Store, spec: BatchSpec, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until the run is held by its process; return whether it is, or has ended well."""
    deadline = time.monotonic() + START_S
    while process.poll() is None:
        runner = store.runner_of(spec.id)
        if (runner and runner.pid == process.pid) or time.monotonic() > deadline:
            return True
        time.sleep(POLL_S)
    return process.returncode == 0 or spec.id in store.batch_ids()


def main() -> int:
    """Run what standard input says; return the exit code."""
    from tunesmith.cli.main import guarded

    with os.fdopen(0) as source:
        request = json.load(source)
    os.open(os.devnull, os.O_RDONLY)  # in the place of standard input
    secrets = {name: from_plain(plain) for name, plain in request["secrets"].items()}
    spec = batch_from_plain(request["spec"]).with_secrets(secrets)
    home, n_total = Path(request["home"]), request["n_total"]
    return guarded(lambda: _run(spec, home, n_total=n_total), is_traced=False)


def _run(spec: BatchSpec, home: Path, *, n_total: int) -> int:
    # the output of a single run has a file of its own
    options = RunOptions(request=SweepRequest(), yes=True, quiet=spec.is_single)
    store = Store.create(home)
    if spec.is_single:
        from tunesmith.cli.running.single import run_once  # a batch does not need it

        return run_once(spec, options, store)
    from tunesmith.cli.running.starting_server import server_starting
    from tunesmith.cli.running.sweep import sweep

    with server_starting() as server:
        return sweep(spec, options, server=server, n_total=n_total, store=store)


if __name__ == "__main__":
    sys.exit(main())
