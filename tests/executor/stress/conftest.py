"""What scripts do to whoever runs them, in fresh processes and in forks of a warm server alike.

After each, no process is left that the script has started, and no file that is not its own.
"""

import os
import select
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest

from tunesmith.executor import child
from tunesmith.executor.child_process import ChildOutcome, run_child
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.child_starter import Starter, start_fresh
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.warm_server import WarmPlan, WarmServer

MODES = ("fresh", "warm")
PLAN = WarmPlan(
    imports=(("numpy", ()), ("numpy.random", ()), ("multiprocessing.pool", ())),
    own=(),
    denied=(),
)
BASE = {
    **{name: value for name, value in os.environ.items() if not name.startswith("TUNESMITH_")},
    "PYTHONUNBUFFERED": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "0",
    "LC_ALL": "C.UTF-8",
}


def left_processes(marker: str) -> list[int]:
    """Return the processes whose environment holds a variable."""
    found = []
    for path in Path("/proc").iterdir():
        try:
            if path.name.isdigit() and marker.encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def wait_until(condition: Callable[[], bool], *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], 0.01)
    return True


@dataclass
class Trial:
    """Runs scripts in a folder, as an attempt does."""

    folder: Path
    start: Starter
    lines: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)

    @property
    def run_folder(self) -> Path:
        return self.folder / "run"

    @property
    def output(self) -> bytes:
        return (self.folder / "output").read_bytes()

    @property
    def text(self) -> str:
        return self.output.decode()

    def put(self, name: str, text: str) -> None:
        self.run_folder.mkdir(exist_ok=True)
        (self.run_folder / name).write_text(dedent(text))
        self.written.add(name)

    def run(
        self,
        text: str,
        *arguments: str,
        timeout_s: float | None = None,
        output: str = "output",
        **environment: str,
    ) -> ChildOutcome:
        """Run a script to its end, and see that nothing is left of it."""
        self.put("script.py", text)
        run_id = uuid.uuid4().hex
        request = ChildRequest(
            argv=(sys.executable, child.__file__, str(self.run_folder / "script.py"), *arguments),
            directory=self.run_folder,
            environment={**BASE, "TUNESMITH_RUN_ID": run_id, **environment},
            output=self.folder / output,
            marker=f"TUNESMITH_RUN_ID={run_id}",
            timeout_s=timeout_s,
            grace_s=0.3,
        )
        self.lines.clear()
        outcome = run_child(
            request,
            start=self.start,
            stop=StopToken(),
            on_line=lambda line, _: self.lines.append(line),
        )
        assert wait_until(lambda: not left_processes(request.marker))
        return outcome


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmServer]:
    folder = tmp_path_factory.mktemp("server")
    server = WarmServer(PLAN, python=sys.executable, environment=BASE, directory=folder)
    assert server.wait(StopToken()), server.obstacle
    yield server
    server.close()
    assert not list(folder.iterdir())


@pytest.fixture(params=MODES)
def trial(request: pytest.FixtureRequest, tmp_path: Path, server: WarmServer) -> Iterator[Trial]:
    trial = Trial(tmp_path, server.start if request.param == "warm" else start_fresh)
    yield trial
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    ours = {"output", "output.index", *(f"run/{name}" for name in trial.written)}
    assert {name for name in files if "__pycache__" not in name} <= ours
    (tmp_path / "output").unlink(missing_ok=True)  # some are large
