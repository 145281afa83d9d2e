"""What a trial costs here, beside a shell loop, a bare fork loop, Guild AI and Optuna.

    python benchmarks/overhead.py [--quick] [--sizes 20 100 1000] [--guild PATH]

All run the same script, one trial at a time unless the name says otherwise, and take turns within
a round, since the machine's speed drifts. Wall time is that of the whole command, its start
included; processor time is of all its processes. The Prefect server, which stays, is counted
apart. Ratios are of medians.
"""

import argparse
import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from own_server import TUNESMITH, engine_process, own_server
from spent import Spent, load, middle, spend, waited_for_s

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "examples" / "train.py"
HEAVY = """\
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge

x = 0.1

points = np.random.randn(50, 3)
model = Ridge(alpha=abs(x) + 0.01).fit(points, points.sum(axis=1))
print(f"loss: {abs(model.predict(points) - points.sum(axis=1)).mean()}")
"""
INSTALL_GUILD = (
    "python3.11 -m venv build/guild && build/guild/bin/pip install guildai==0.9.0 'numpy<1.25' "
    "'scikit-learn<1.3' 'tabview<1.5' 'setuptools<81'; then --guild build/guild/bin/guild"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to run a script many times."""

    name: str
    argv: Callable[[int], list[str]]
    most: int = 10**9
    """The most trials that it is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one command took of each trial."""

    spent: Spent
    server_cpu_s: float
    first_trial_s: float | None
    """Seconds from the start of the command to that of the first trial; None where unknown."""


def main() -> None:
    options = parse()
    ways, left_out = chosen_ways(options)
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {load()}")
    for note in left_out:
        print(f"left out: {note}")
    with tempfile.TemporaryDirectory() as folder, own_server(Path(folder)) as environment:
        compiled = [sys.executable, "-m", "compileall", "-q", str(HERE.parent / "tunesmith")]
        subprocess.run(compiled, env=environment, check=False)
        pids = functools.partial(server_processes, Path(folder))
        for size in options.sizes:
            rounds = options.rounds or (3 if size <= 20 else 1)
            found: dict[str, list[Figures]] = {}
            for _ in range(rounds):
                for way in ways:
                    if size <= way.most:
                        figures = measure(way, size, Path(folder), environment, pids)
                        found.setdefault(way.name, []).append(figures)
            show(f"reference script, {size} trials, {rounds} round(s)", size, found)
        if not options.only:
            show_imports(options, Path(folder), environment, pids)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="20 trials, one round")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="*",
        help="trials; none for imports only  [default: 20 100 1000]",
    )
    parser.add_argument("--rounds", type=int, help="of each size  [default: 3 of 20, else 1]")
    parser.add_argument("--guild", default=shutil.which("guild"), help="the program of Guild AI")
    parser.add_argument("--guild-most", type=int, default=10**9, help="most trials of Guild AI")
    parser.add_argument("--only", nargs="+", help="names of the ways, as the table has them")
    options = parser.parse_args()
    if options.sizes is None:
        options.sizes = [20] if options.quick else [20, 100, 1000]
    options.rounds = options.rounds or (1 if options.quick else None)
    return options


def chosen_ways(options: argparse.Namespace) -> tuple[list[Way], list[str]]:
    ways = [
        Way(name="python train.py", argv=shell_loop),
        Way(name="two at once", argv=two_at_once),
        Way(name="bare fork loop", argv=functools.partial(python_loop, "fork_loop.py")),
        Way(name="Tunesmith fresh", argv=functools.partial(tunesmith, warm="off", jobs=1)),
        Way(name="Tunesmith warm", argv=functools.partial(tunesmith, warm="on", jobs=1)),
        Way(name="fresh, --jobs 2", argv=functools.partial(tunesmith, warm="off", jobs=2)),
        Way(name="warm, --jobs 2", argv=functools.partial(tunesmith, warm="on", jobs=2)),
        Way(name="Optuna", argv=functools.partial(python_loop, "optuna_loop.py")),
    ]
    left_out = []
    if options.guild and Path(options.guild).exists():
        program = str(Path(options.guild).absolute())
        argv = functools.partial(guild, program)
        ways.append(Way(name="Guild AI", argv=argv, most=options.guild_most))
    else:
        left_out.append(f"Guild AI, which is not installed: {INSTALL_GUILD}")
    if subprocess.run([sys.executable, "-c", "import optuna"], capture_output=True).returncode:
        left_out.append("Optuna, which is not installed: pip install optuna")
        ways = [way for way in ways if way.name != "Optuna"]
    return [way for way in ways if not options.only or way.name in options.only], left_out


def shell_loop(n: int) -> list[str]:
    text = f'i=0; while [ $i -lt {n} ]; do "$0" train.py || exit 1; i=$((i+1)); done'
    return ["sh", "-c", text, sys.executable]


def two_at_once(n: int) -> list[str]:
    """Return the shell loop with two scripts at a time: what --jobs 2 could reach."""
    return ["sh", "-c", f'seq {n} | xargs -P 2 -I % "$0" train.py', sys.executable]


def python_loop(program: str, n: int) -> list[str]:
    return [sys.executable, str(HERE / program), "train.py", str(n)]


def tunesmith(n: int, *, warm: str, jobs: int) -> list[str]:
    grid = f"x=linspace[-2:2:{n}]"
    return [*TUNESMITH, "run", "train.py", grid, "-j", str(jobs), "--warm", warm, "-yq"]


def guild(program: str, n: int) -> list[str]:
    return [program, "run", "train.py", f"x=linspace[-2:2:{n}]", "-y"]


def measure(
    way: Way,
    n: int,
    folder: Path,
    environment: dict[str, str],
    pids: Callable[[], list[int]],
    *,
    text: str = REFERENCE.read_text(),
) -> Figures:
    """Run a way's command in a project of its own, and return what it took."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        project, home = Path(name, "project"), Path(name, "guild-home")
        project.mkdir()
        home.mkdir()
        (project / "train.py").write_text(text)
        (project / "pyproject.toml").touch()
        own = {**environment, "GUILD_HOME": str(home)}
        if way.name == "Guild AI":
            own.pop("PYTHONPATH", None)  # an interpreter and libraries of its own
        engine = engine_process(folder)
        began, before, forks_s = time.time(), processor_s(pids()), waited_for_s(engine)
        spent = spend(way.argv(n), project, own)
        server_cpu_s = processor_s(pids()) - before
        spent = replace(spent, cpu_s=spent.cpu_s + waited_for_s(engine) - forks_s)
        return Figures(
            spent=spent, server_cpu_s=server_cpu_s, first_trial_s=first_trial(project, began)
        )


def first_trial(project: Path, began: float) -> float | None:
    """Return how long after a time the first of Tunesmith's trials was started."""
    notes = project.glob(".tunesmith/trials/*/*/.run/started.json")
    moments = [json.loads(note.read_text())["started"] for note in notes]
    return min(moments) - began if moments else None


def processor_s(pids: list[int]) -> float:
    """Return the processor seconds of processes that run."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def server_processes(folder: Path) -> list[int]:
    """Return the processes of the server whose files are in a folder."""
    state = folder / "data" / "tunesmith" / "prefect" / "server.json"
    return family(int(json.loads(state.read_text())["pid"]))


def family(pid: int) -> list[int]:
    """Return a process and its descendants; it alone where the system does not tell."""
    found = [pid]
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += family(int(child))
    return found


def show(title: str, n: int, found: dict[str, list[Figures]]) -> None:
    """Print one row for each way: milliseconds a trial, and ratios to the two loops."""
    print(f"\n{title} (load {load()})")
    print(
        f"{'':16} {'wall ms':>9} {'least':>7} {'CPU ms':>7} {'server':>7} {'x plain':>8} "
        f"{'x fork':>7} {'first s':>8} {'peak MB':>8}"
    )
    wall = {name: middle([one.spent.wall_s for one in all_]) for name, all_ in found.items()}
    for name, all_ in found.items():
        firsts = [one.first_trial_s for one in all_ if one.first_trial_s is not None]
        ratios = [
            f"{wall[name] / wall[base]:.2f}" if base in wall else "-"
            for base in ("python train.py", "bare fork loop")
        ]
        print(
            f"{name:16} {1000 * wall[name] / n:9.1f} "
            f"{1000 * min(one.spent.wall_s for one in all_) / n:7.1f} "
            f"{1000 * middle([one.spent.cpu_s for one in all_]) / n:7.1f} "
            f"{1000 * middle([one.server_cpu_s for one in all_]) / n:7.1f} "
            f"{ratios[0]:>8} {ratios[1]:>7} {f'{middle(firsts):.1f}' if firsts else '-':>8} "
            f"{max(one.spent.peak_bytes for one in all_) / 2**20:8.0f}"
        )


def show_imports(
    options: argparse.Namespace,
    folder: Path,
    environment: dict[str, str],
    pids: Callable[[], list[int]],
) -> None:
    """Measure a script that imports much: what a warm server is for."""
    n = 10 if options.quick else 100
    ways = [way for way in chosen_ways(options)[0] if way.name in HEAVY_WAYS]
    try:
        found = {
            way.name: [measure(way, n, folder, environment, pids, text=HEAVY)] for way in ways
        }
    except RuntimeError as error:
        print(f"left out: the script that imports scikit-learn and pandas: {error}")
        return
    show(f"script that imports scikit-learn and pandas, {n} trials", n, found)


HEAVY_WAYS = ("python train.py", "bare fork loop", "Tunesmith fresh", "Tunesmith warm")

if __name__ == "__main__":
    main()
