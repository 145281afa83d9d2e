"""Seconds for each trial of a grid, beside plain ``python train.py``, and where the rest goes."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from own_server import TUNESMITH, own_server

N_TRIALS = 100
N_PLAIN = 20
SCRIPT = Path(__file__).parent.parent / "examples" / "train.py"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, own_server(Path(folder)) as environment:
        project = Path(folder, "project")
        project.mkdir()
        (project / "train.py").write_text(SCRIPT.read_text())
        (project / "pyproject.toml").touch()
        plain = [run([sys.executable, "train.py"], project, environment) for _ in range(N_PLAIN)]
        command = [*TUNESMITH, "run", "train.py", f"x=linspace[-2:2:{N_TRIALS}]", "-j", "1", "-y"]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--json"], cwd=project, env=environment, check=True, capture_output=True
        )
        whole = time.perf_counter() - began
        plain += [run([sys.executable, "train.py"], project, environment) for _ in range(N_PLAIN)]
        listing = subprocess.run(
            [*TUNESMITH, "runs", "--all", "--json"], cwd=project, check=True, capture_output=True
        )
    summary = json.loads(done.stdout)
    rows = [row for row in json.loads(listing.stdout) if row["number"]]
    script = statistics.median(plain)
    child = statistics.median(row["seconds"] for row in rows)
    batch = summary["seconds"] / N_TRIALS
    each, rest = whole / N_TRIALS, whole - summary["seconds"]
    print(f"plain python train.py          {script:7.3f} s")
    print(f"a trial, in all                {each:7.3f} s  ({each / script:.2f} x)")
    print(f"  its child process            {child:7.3f} s")
    print(f"  prepare, record, Prefect     {batch - child:7.3f} s")
    print(f"  start and end of the command {each - batch:7.3f} s  ({rest:.1f} s once)")


def run(argv: list[str], folder: Path, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
