import os
import select
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_spec
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.execution import Execution
from tunesmith.executor import child, child_process
from tunesmith.executor.batch_context import BatchContext, opened
from tunesmith.executor.child_process import ChildOutcome, run_child
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.stop_token import StopToken
from tunesmith.executor.warm_server import WarmPlan
from tunesmith.pruning import PruningSpec
from tunesmith.script.static_flags import read_without_running
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord

CHILD = Path(child_process.__file__).with_name("child.py")
RunScript = Callable[..., ChildOutcome]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "output"


@pytest.fixture
def run_script(tmp_path: Path, output: Path) -> RunScript:
    """Run a script's text as a trial's child."""

    # strays are found by it, so a test beside this one must not have the same
    run_id = uuid.uuid4().hex

    def run(text: str, *arguments: str, **options: Any) -> ChildOutcome:
        script = tmp_path / "script.py"
        script.write_text(text)
        keys = ("stop", "on_line", "echo", "reaper")
        given = {key: options.pop(key) for key in keys if key in options}
        request = ChildRequest(
            argv=(sys.executable, str(CHILD), str(script), *arguments),
            directory=tmp_path,
            environment={**os.environ, "PYTHONUNBUFFERED": "1", "TUNESMITH_RUN_ID": run_id},
            output=output,
            marker=f"TUNESMITH_RUN_ID={run_id}",
            **options,
        )
        return run_child(request, stop=given.pop("stop", None) or StopToken(), **given)

    return run


def wait_until_gone(pid: int, *, within_s: float = 10.0) -> bool:
    """Wait for a process that need not be a child of ours."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True
        if stat.rpartition(")")[2].split()[0] == "Z":
            return True
        select.select([], [], [], 0.01)
    return False


@pytest.fixture
def is_gone() -> Callable[[int], bool]:
    return wait_until_gone


class Recorder:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def proposing(self) -> None:
        self.told.append(("proposing",))

    def trial_started(self, planned: PlannedTrial, run_id: str) -> None:
        self.told.append(("started", planned.number))

    def scalar_reported(self, number: int, tag: str, step: int, value: float) -> None:
        self.told.append((tag, step, value))

    def trial_finished(self, record: TrialRecord) -> None:
        self.told.append(("finished", record.number))

    def note(self, text: str) -> None:
        self.told.append(("note", text))

    def changed(self, spec: BatchSpec, n_more: int) -> None:
        self.told.append(("changed", spec.generation, n_more))

    def phase(self, text: str) -> None:
        self.told.append(("phase", text))


def kill_runner(program: str, script: str, folder: Path) -> list[int]:
    """Kill what runs a script, once the script has told its processes; return these.

    Args:
        program: Takes the script, a folder and a marker, and prints what the script prints.
        script: Prints the ids of its processes on one line, and waits.
        folder: Where it runs.
    """
    runner = subprocess.Popen(
        [sys.executable, "-c", program, script, str(folder), uuid.uuid4().hex],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert runner.stdout is not None
    pids = [int(word) for word in runner.stdout.readline().split()]
    runner.kill()
    runner.communicate()
    return pids


@pytest.fixture
def observer() -> Recorder:
    return Recorder()


@pytest.fixture
def make_work(tmp_path: Path, observer: Recorder) -> Iterator[Any]:
    """Open a batch of one script's text; closed at the test's end."""
    project = tmp_path / "project"
    project.mkdir()

    def make(
        text: str,
        execution: Execution | None = None,
        n_trials: int | None = None,
        pruning: PruningSpec | None = None,
        **files: str,
    ) -> BatchContext:
        (project / "train.py").write_text(text)
        for name, content in files.items():
            (project / name).write_text(content)
        store = Store.create(tmp_path / ".tunesmith")
        script_flags = read_without_running(project / "train.py")
        assert script_flags is not None
        spec = make_spec(
            uuid.uuid4().hex,  # by which what a trial leaves is ended: nobody may share it
            project=str(project),
            script_flags=script_flags,
            settings={},
            optimizer=None if n_trials is None else OptimizerSpec(name="grid"),
            n_trials=n_trials,
            execution=execution or Execution(),
            pruning=pruning,
        )
        digest = store.source.take(project, project / "train.py").digest
        spec = replace(spec, source_digest=digest)
        store.put_batch(spec)
        return guards.enter_context(
            opened(BatchContext(spec=spec, store=store, observer=observer))
        )

    with ExitStack() as guards:
        yield make


def empty_plan() -> WarmPlan:
    return WarmPlan(imports=(), own=(), denied=())


def request_of(folder: Path, text: str, **environment: str) -> ChildRequest:
    folder.mkdir(exist_ok=True)
    (folder / "script.py").write_text(text)
    run_id = uuid.uuid4().hex
    return ChildRequest(
        argv=(sys.executable, child.__file__, str(folder / "script.py")),
        directory=folder,
        environment={**os.environ, "TUNESMITH_RUN_ID": run_id, **environment},
        output=folder / "output",
        marker=f"TUNESMITH_RUN_ID={run_id}",
    )
