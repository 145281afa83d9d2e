"""How long one waits for a list of three values, and for a single run, beside what others take.

    python benchmarks/short_batch.py [--rounds 5] [--guild PATH]

The ways take turns within a round, since the machine's speed drifts; the Prefect server is up.
Wall time is that of the whole command; processor time is of all that it started, of the engine's
fork too, but not of the server. Ratios are of medians, to ``python train.py``.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from overhead import INSTALL_GUILD, REFERENCE, guild, processor_s, python_loop, server_processes
from own_server import TUNESMITH, engine_process, own_server
from spent import load, middle, spend, waited_for_s

VALUES = "x=[-1,0,1]"
SETTLES_S = 2.0
"""Seconds after a command in which its fork still tells the server how trials ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A command that is measured."""

    name: str
    argv: list[str]
    engine: str = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one command took, in seconds."""

    wall_s: float
    cpu_s: float
    server_cpu_s: float
    first_s: float | None = None
    """Until the line of the first trial was printed; None of commands that print none."""
    prompt_s: float | None = None
    """From the line of the last trial to the end."""


def main() -> None:
    options = parse()
    ways, left_out = chosen_ways(options.guild)
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {load()}")
    for note in left_out:
        print(f"left out: {note}")
    found: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory() as folder, own_server(Path(folder)) as environment:
        for number in range(options.rounds + 1):
            for way in ways:
                figures = measure(Path(folder), environment, way)
                if number:  # the first round fills caches
                    found.setdefault(way.name, []).append(figures)
    show(found)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--guild", default=shutil.which("guild"), help="the program of Guild AI")
    return parser.parse_args()


def chosen_ways(program: str | None) -> tuple[list[Way], list[str]]:
    three = [*TUNESMITH, "run", "train.py", VALUES, "-y"]
    single = [*TUNESMITH, "run", "train.py", "x=1", "-y"]
    ways = [
        Way(name="python train.py", argv=[sys.executable, "train.py"]),
        Way(name="single run", argv=single),
        Way(name="single run, no engine", argv=single, engine="0"),
        Way(name="three values", argv=three),
        Way(name="three values, no engine", argv=three, engine="0"),
    ]
    left_out = []
    if subprocess.run([sys.executable, "-c", "import optuna"], capture_output=True).returncode:
        left_out.append("Optuna, which is not installed: pip install optuna")
    else:
        ways.append(Way(name="Optuna, three processes", argv=python_loop("optuna_loop.py", 3)))
    if program and Path(program).exists():
        argv = guild(str(Path(program).absolute()), 3)
        ways.append(Way(name="Guild AI, three values", argv=[*argv[:3], VALUES, *argv[4:]]))
    else:
        left_out.append(f"Guild AI, which is not installed: {INSTALL_GUILD}")
    return ways, left_out


def measure(folder: Path, environment: dict[str, str], way: Way) -> Figures:
    """Run a command in a project of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        project, home = Path(name, "project"), Path(name, "guild-home")
        project.mkdir()
        home.mkdir()
        shutil.copy(REFERENCE, project / "train.py")
        (project / "pyproject.toml").touch()
        own = {**environment, "GUILD_HOME": str(home), "TUNESMITH_ENGINE": way.engine}
        if way.name.startswith("Guild"):
            own.pop("PYTHONPATH", None)
        return run_twice(folder, project, own, way)


def run_twice(folder: Path, project: Path, own: dict[str, str], way: Way) -> Figures:
    """Run a command once for what it takes, and once for when it prints its lines."""
    engine = engine_process(folder)
    before = waited_for_s(engine), server_s(folder)
    spent = spend(way.argv, project, own)
    time.sleep(SETTLES_S)
    after = waited_for_s(engine), server_s(folder)
    moments = (
        lines_of(way.argv, project, own) if "-y" in way.argv and TUNESMITH[-1] in way.argv else []
    )
    trials = [moment for moment, line in moments if line.startswith("[")]
    return Figures(
        wall_s=spent.wall_s,
        cpu_s=spent.cpu_s + after[0] - before[0],
        server_cpu_s=after[1] - before[1],
        first_s=trials[0] if trials else None,
        prompt_s=moments[-1][0] - trials[-1] if trials else None,
    )


def server_s(folder: Path) -> float:
    """Return the processor seconds of the server, without the engine."""
    engine = engine_process(folder)
    return processor_s([pid for pid in server_processes(folder) if pid != engine])


def lines_of(
    argv: list[str], folder: Path, environment: dict[str, str]
) -> list[tuple[float, str]]:
    """Run a command; return its lines, each with the seconds since its start, and its end."""
    began = time.perf_counter()
    moments = []
    with subprocess.Popen(
        argv,
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        moments = [(time.perf_counter() - began, line) for line in process.stderr]
        process.wait()
        moments.append((time.perf_counter() - began, ""))
    return moments


def show(found: dict[str, list[Figures]]) -> None:
    base, *_ = found.values()
    unit = middle([one.wall_s for one in base])
    guild_wall, guild_cpu = (
        middle([getattr(one, name) for one in found["Guild AI, three values"]])
        if "Guild AI, three values" in found
        else float("nan")
        for name in ("wall_s", "cpu_s")
    )
    print(
        f"{'':26}{'wall s':>8}{'least':>7}{'CPU s':>7}{'server':>8}{'x python':>10}{'x Guild':>9}"
        f"{'CPU':>6}{'first':>8}{'x':>6}{'prompt':>8}{'x':>6}"
    )
    for name, figures in found.items():
        wall, cpu = (middle([getattr(one, key) for one in figures]) for key in ("wall_s", "cpu_s"))
        server = middle([one.server_cpu_s for one in figures])
        row = (
            f"{name:26}{wall:8.2f}{min(one.wall_s for one in figures):7.2f}{cpu:7.2f}{server:8.2f}"
        )
        row += f"{wall / unit:10.1f}{wall / guild_wall:9.2f}{cpu / guild_cpu:6.2f}"
        for key in ("first_s", "prompt_s"):
            known = [value for one in figures if (value := getattr(one, key)) is not None]
            row += (
                f"{middle(known):8.2f}{middle(known) / unit:6.1f}"
                if known
                else f"{'-':>8}{'-':>6}"
            )
        print(row)


if __name__ == "__main__":
    main()
