"""``tunesmith serve``: run the sweeps of deployments on this machine, until Ctrl-C."""

import os
import signal
import subprocess

import click

from tunesmith.cli import console
from tunesmith.cli.options.whole_number import WholeNumber
from tunesmith.cli.running.starting_server import server_starting
from tunesmith.cli.sections import SectionedCommand
from tunesmith.cli.serving.deployed import check_name, format_firing
from tunesmith.query.cells import count
from tunesmith.server.shared_server import touch

LOOK_S = 2.0
"""Seconds between two looks at what was fired and what has ended."""
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
    check_name("--pool", pool)
    with server_starting() as server:
        api_url = server.use()
        from tunesmith.flows.deployments import start_worker
        from tunesmith.flows.firings import Firings
        from tunesmith.flows.work_pool import POOL, ensure_pool

        chosen, name = pool or POOL, f"{os.uname().nodename}-{os.getpid()}"
        ensure_pool(chosen)
        _say_what_is_served(chosen, api_url)
        firings = Firings(chosen, worker=name)
        worker = start_worker(chosen, dict(os.environ), name=name, limit=limit)
    try:
        while True:
            try:
                return worker.wait(timeout=LOOK_S)
            except subprocess.TimeoutExpired:
                touch(server.directory)
            for line in firings.look():
                console.say(line)
    except KeyboardInterrupt:
        console.say("Ending the sweeps that run here")
        return 0
    finally:
        _end(worker)
        for line in firings.look():
            console.say(line)


def _say_what_is_served(pool: str, api_url: str) -> None:
    """Say which deployments the work pool has, and which of them fires next."""
    from tunesmith.flows.deployed import list_deployed  # Prefect, on the server in use

    ours = [one for one in list_deployed() if one.pool == pool]
    console.say(f"Serving the work pool {pool} of {api_url}: stop with Ctrl-C")
    coming = [(one.next_firing, one.name) for one in ours if one.next_firing is not None]
    told = "".join(f"; next: {name}, {format_firing(when)}" for when, name in sorted(coming)[:1])
    console.say(f"  {count(len(ours), 'deployment')}{told}")


def _end(worker: "subprocess.Popen[bytes]") -> None:
    """End a worker and its sweeps, by SIGINT first and by SIGKILL after a while."""
    if worker.poll() is None:
        worker.send_signal(signal.SIGINT)
        try:
            worker.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
