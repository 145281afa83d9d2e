import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import kill_runner
from tunesmith.executor.groups import signal_group, signal_marked
from tunesmith.executor.reaper import Reaper

IsGone = Callable[[int], bool]
PAUSE = "import signal; signal.pause()"
RUNNER = """
import os, sys
from pathlib import Path
from tunesmith.executor.process import run_child
from tunesmith.executor.request import ChildRequest
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stopping import StopToken
environment = {**os.environ, "TUNESMITH_BATCH": sys.argv[3]}
with Reaper(marker="TUNESMITH_BATCH=" + sys.argv[3]) as reaper:
    request = ChildRequest(argv=(sys.executable, "-c", sys.argv[1]), directory=Path(sys.argv[2]),
        environment=environment, output=Path(sys.argv[2]) / "output")
    run_child(request, stop=StopToken(), reaper=reaper,
        on_line=lambda line, _: print(line, flush=True))
"""


def start(code: str, **options: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", code], start_new_session=True, **options)


@pytest.mark.kill
@pytest.mark.parametrize("session", [False, True], ids=["its group", "a session of its own"])
def test_a_kill_of_the_runner_ends_the_script_and_what_it_started(
    tmp_path: Path, is_gone: IsGone, session: bool
) -> None:
    script = (
        "import os, signal, subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {PAUSE!r}],\n"
        f"                         start_new_session={session})\n"
        "print(os.getpid(), child.pid, flush=True)\nsignal.pause()\n"
    )
    pids = kill_runner(RUNNER, script, tmp_path)
    assert len(pids) == 2
    assert all(is_gone(pid) for pid in pids)


def test_what_is_still_registered_is_killed_at_the_end(is_gone: IsGone) -> None:
    kept, ended = start(PAUSE), start(PAUSE)
    with Reaper() as reaper:
        reaper.register(kept.pid)
        reaper.unregister(kept.pid)
        reaper.register(ended.pid)
    assert is_gone(ended.pid)
    assert kept.poll() is None
    kept.kill()
    kept.wait()
    ended.wait()


def test_the_reaper_itself_is_gone_afterwards() -> None:
    with Reaper() as reaper:
        process = reaper._process
        assert process is not None
    assert process.returncode == 0


def test_strays_are_found_by_their_marker(is_gone: IsGone) -> None:
    stray = uuid.uuid4().hex
    ours = start(PAUSE, env={**os.environ, "TUNESMITH_RUN_ID": f"{stray}"})
    other = start(PAUSE, env={**os.environ, "TUNESMITH_RUN_ID": f"{stray}2"})
    try:
        while not Path(f"/proc/{ours.pid}/environ").read_bytes().count(stray.encode()):
            pass
        assert signal_marked(f"TUNESMITH_RUN_ID={stray}") == 1
        assert is_gone(ours.pid)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        ours.wait()


def test_without_proc_no_stray_is_found(tmp_path: Path) -> None:
    assert signal_marked("A=b", proc=tmp_path / "none") == 0


def test_a_group_that_is_gone_is_no_error() -> None:
    process = start("pass")
    process.wait()
    signal_group(process.pid, signal.SIGTERM)
