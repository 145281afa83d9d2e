"""``tunesmith serve``: run the sweeps of deployments on this machine, until Ctrl-C."""

import os
import signal
import subprocess

import click

from tunesmith.cli import console
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.sections import SectionedCommand
from tunesmith.server.shared_server import touch

TOUCH_S = 30.0
"""Seconds between two updates of the time at which the shared server was last used."""
END_S = 30.0
"""Seconds that a worker may take to end its sweeps."""


@click.command(cls=SectionedCommand)
@click.option("--pool", metavar="NAME", help="Prefect work pool to serve.  [default: tunesmith]")
@click.option(
    "--limit",
    type=WholeNumber(min=1),
    metavar="N",
    help="Most sweeps to run at once.  [default: no limit]",
)
def serve(*, pool: str | None, limit: int | None) -> int:
    """Run scheduled sweeps on this machine, and those started from Prefect's pages.

    Several machines may serve one work pool. Ctrl-C ends the sweeps that run here.
    """
    with server_starting() as server:
        server.use()
        from tunesmith.flows.deployments import start_worker
        from tunesmith.flows.work_pool import POOL, ensure_pool

        name = pool or POOL
        ensure_pool(name)
        console.say(f"Serving the work pool {name}: stop with Ctrl-C")
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
    """End a worker and its sweeps, by SIGINT first and by SIGKILL after a while."""
    if worker.poll() is None:
        worker.send_signal(signal.SIGINT)
        try:
            worker.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
