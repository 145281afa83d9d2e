import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.executor.conftest import kill_runner
from tunesmith.executor.process_groups import signal_group, signal_marked
from tunesmith.executor.reaper import Reaper

IsGone = Callable[[int], bool]
PAUSE = "import signal; signal.pause()"
RUNNER = """
import os, sys
from pathlib import Path
from tunesmith.executor.child_process import run_child
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.reaper import Reaper
from tunesmith.executor.stop_token import StopToken
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_the_end_of_a_trial_that_runs_a_batch_spares_the_reaper_of_that_batch(
    monkeypatch: pytest.MonkeyPatch, is_gone: IsGone
) -> None:
    run_id = uuid.uuid4().hex
    monkeypatch.setenv("TUNESMITH_RUN_ID", run_id)
    inner = start(PAUSE, env={**os.environ, "TUNESMITH_RUN_ID": "inner"})
    with Reaper() as reaper:
        reaper.register(inner.pid)
        assert signal_marked(f"TUNESMITH_RUN_ID={run_id}") == 0
    assert is_gone(inner.pid)
    inner.wait()


def test_strays_are_found_by_their_marker(is_gone: IsGone) -> None:
    stray = uuid.uuid4().hex
    ours = start(PAUSE, env={**os.environ, "TUNESMITH_RUN_ID": f"{stray}"})
    other = start(PAUSE, env={**os.environ, "TUNESMITH_RUN_ID": f"{stray}2"})
    try:
        assert signal_marked(f"TUNESMITH_RUN_ID={stray}") == 1
        assert is_gone(ours.pid)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        ours.wait()


def shown(proc: Path, pid: int, *, end_of_environment: int, has_program: bool = True) -> Path:
    """Return the folder of a process that shows no environment."""
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "environ").write_bytes(b"")
    (folder / "stat").write_text(f"{pid} (a) b) S {'0 ' * 47}{end_of_environment} 0\n")
    if has_program:
        (folder / "exe").symlink_to(sys.executable)
    return folder


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_a_stray_whose_program_only_starts_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_gone: IsGone
) -> None:
    stray = start(PAUSE)
    folder = shown(tmp_path, stray.pid, end_of_environment=0)
    monkeypatch.setattr(time, "sleep", lambda _: (folder / "environ").write_bytes(b"A=b\0C=d\0"))
    try:
        assert signal_marked("C=d", proc=tmp_path) == 1
        assert is_gone(stray.pid)
    finally:
        stray.kill()
        stray.wait()


def test_nobody_waits_for_a_process_that_has_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(tmp_path, 1, end_of_environment=0, has_program=False)  # a thread of the kernel
    shown(tmp_path, 2, end_of_environment=4096)  # env -i
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("waited"))
    assert signal_marked("C=d", proc=tmp_path) == 0


def test_without_proc_no_stray_is_found(tmp_path: Path) -> None:
    assert signal_marked("A=b", proc=tmp_path / "none") == 0


def test_a_group_that_is_gone_is_no_error() -> None:
    process = start("pass")
    process.wait()
    signal_group(process.pid, signal.SIGTERM)
