import os
import select
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tunesmith.executor import process
from tunesmith.executor.process import ChildOutcome, ChildRequest, run_child
from tunesmith.executor.stopping import StopToken

CHILD = Path(process.__file__).with_name("child.py")
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
