"""``tunesmith serve``: run what deployments ask for, on this machine, until Ctrl-C."""

import os
import signal
import subprocess

import click

from tunesmith.cli import console
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.server.shared_server import touch

TOUCH_S = 30.0
"""Seconds between two notes that the shared server is in use."""
END_S = 30.0
"""Seconds that a worker may take to end what it runs."""


@click.command()
@click.option("--pool", metavar="NAME", help="Work pool to work for  [default: tunesmith]")
@click.option(
    "--limit", type=WholeNumber(min=1), metavar="N", help="Sweeps at once  [default: no limit]"
)
def serve(*, pool: str | None, limit: int | None) -> int:
    """Run the sweeps that are due, by their schedules or from Prefect's pages.

    Several machines may serve one pool; Ctrl-C ends what runs here.
    """
    with server_starting() as server:
        server.use()
        from tunesmith.flows.deployments import start_worker
        from tunesmith.flows.work_pool import POOL, ensure_pool

        name = pool or POOL
        ensure_pool(name)
        console.say(f"Serving the work pool {name}: Ctrl-C ends it")
        worker = start_worker(name, dict(os.environ), limit=limit)
    try:
        while True:
            try:
                return worker.wait(timeout=TOUCH_S)
            except subprocess.TimeoutExpired:
                touch(server.directory)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(worker)


def _end(worker: "subprocess.Popen[bytes]") -> None:
    """End a worker and what it runs, gently first."""
    if worker.poll() is None:
        worker.send_signal(signal.SIGINT)
        try:
            worker.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
