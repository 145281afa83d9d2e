"""What a trial costs here, on two Dask workers and on two of Prefect's task workers."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from own_server import TUNESMITH, own_server

SCRIPT = "import time\nx = 0\nseconds = 0.0\ntime.sleep(seconds)\nprint('loss:', x)\n"
N_WORKERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=40, help="trials of each batch")
    parser.add_argument("--seconds", type=float, default=0.2, help="length of a trial")
    parser.add_argument("--rounds", type=int, default=3, help="batches with each runner")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        os.environ.update(stack.enter_context(own_server(Path(folder))))
        project = Path(folder, "project")
        project.mkdir()
        (project / "wait.py").write_text(SCRIPT)
        (project / "pyproject.toml").touch()
        uris = ["local", stack.enter_context(dask_workers(project)), "prefect://"]
        stack.enter_context(task_workers(project))
        warm_up(project, uris)
        plain = measure_plain(project, options.seconds)
        print(f"{options.trials} trials, 2 at once, of a script of {plain:.3f} s")
        print(f"{'runner':10} {'trials/s':>9} {'s a trial beyond the script':>28}  of each round")
        ideal = plain / N_WORKERS
        times: dict[str, list[float]] = {uri: [] for uri in uris}
        for _ in range(options.rounds):  # in turn, since the machine's speed drifts
            for uri in uris:
                times[uri].append(measure(project, uri, options) / options.trials)
        for uri, each in times.items():
            best = sorted(each)[len(each) // 2]
            rounds = " ".join(f"{one - ideal:.3f}" for one in each)
            name = uri.partition(":")[0]
            print(f"{name:10} {1 / best:9.1f} {best - ideal:28.3f}  {rounds}")


def measure(project: Path, uri: str, options: argparse.Namespace) -> float:
    """Return the seconds of a batch, without the start and the end of the command."""
    grid = [f"x=range[1:{options.trials}]", f"seconds={options.seconds}"]
    command = [*TUNESMITH, "run", "wait.py", *grid, "--runner", uri, "-j", str(N_WORKERS)]
    done = subprocess.run(
        [*command, "-y", "--json"], cwd=project, check=True, capture_output=True, text=True
    )
    return float(json.loads(done.stdout)["seconds"])


def measure_plain(project: Path, seconds: float) -> float:
    script = SCRIPT.replace("seconds = 0.0", f"seconds = {seconds}")
    times = []
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return sorted(times)[2]


def warm_up(project: Path, uris: list[str]) -> None:
    """Wait until every worker is there and has imported what it needs."""
    for uri in uris:
        command = [*TUNESMITH, "run", "wait.py", "x=range[1:8]", "--runner", uri, "-yq"]
        for _ in range(30):
            done = subprocess.run(command, cwd=project, capture_output=True, text=True)
            if done.returncode == 0:
                break
            time.sleep(1)
        else:
            raise SystemExit(f"{uri}: {done.stderr}")


@contextlib.contextmanager
def dask_workers(project: Path) -> Iterator[str]:
    """Start a scheduler and two workers on loopback; give what ``--runner`` takes."""
    place = project / "scheduler.json"
    shared = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(place)]
    worker = ["worker", "--no-nanny", "--nthreads", "1", *shared]
    with started([sys.executable, "-m", "dask", "scheduler", "--port", "0", *shared]):
        while not place.exists():
            time.sleep(0.1)
        folders = [["--local-directory", str(project / f"dask-{n}")] for n in range(N_WORKERS)]
        commands = [[sys.executable, "-m", "dask", *worker, *folder] for folder in folders]
        with started(*commands):
            yield json.loads(place.read_text())["address"].replace("tcp://", "dask://")


def task_workers(project: Path) -> contextlib.AbstractContextManager[None]:
    command = [*TUNESMITH, "worker", "--home", str(project / ".tunesmith")]
    return started(*[command for _ in range(N_WORKERS)])


@contextlib.contextmanager
def started(*commands: list[str]) -> Iterator[None]:
    """Keep processes running meanwhile."""
    processes = [
        subprocess.Popen(
            command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for command in commands
    ]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
