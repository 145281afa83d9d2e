import errno
import io
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.errors import ScriptError, StoreAccessError
from tunesmith.executor.child_exit import ExitWatch
from tunesmith.executor.child_process import ChildOutcome, run_child
from tunesmith.executor.child_request import ChildRequest
from tunesmith.executor.stop_token import StopToken

RunScript = Callable[..., ChildOutcome]
IsGone = Callable[[int], bool]

DAEMON = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'],\n"
    "                         start_new_session={session})\n"
    "print(child.pid, flush=True)\n"
)


def descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize(
    ("text", "code", "number"),
    [
        ("pass", 0, None),
        ("raise SystemExit(3)", 3, None),
        ("import sys; sys.exit('in words')", 1, None),
        ("import os; os._exit(7)", 7, None),
        ("import os; os.kill(os.getpid(), 15)", None, 15),
        ("1 / 0", 1, None),
    ],
)
def test_the_end_is_reported_as_it_was(
    run_script: RunScript, text: str, code: int | None, number: int | None
) -> None:
    outcome = run_script(text)
    assert (outcome.exit_code, outcome.signal, outcome.reason) == (code, number, "")


def test_a_kill_that_was_not_ours_carries_a_hint(run_script: RunScript) -> None:
    outcome = run_script("import os; os.kill(os.getpid(), 9)")
    assert outcome.signal == 9
    assert "out of memory" in outcome.reason


def test_both_streams_keep_their_order(run_script: RunScript, output: Path) -> None:
    run_script("import sys\nfor n in range(3):\n  print(n)\n  print(n, file=sys.stderr)")
    assert output.read_text() == "0\n0\n1\n1\n2\n2\n"


def test_lines_are_told_as_they_come_and_the_output_is_echoed(run_script: RunScript) -> None:
    lines: list[str] = []
    echo = io.BytesIO()
    run_script(
        "print('one')\nprint('two', end='')", on_line=lambda s, _: lines.append(s), echo=echo
    )
    assert lines == ["one", "two"]
    assert echo.getvalue() == b"one\ntwo"


def test_a_reader_that_goes_away_does_not_end_the_run(run_script: RunScript, output: Path) -> None:
    class Closed(io.BytesIO):
        def write(self, _: object) -> int:
            raise BrokenPipeError

    assert run_script("print('a')\nprint('b')", echo=Closed()).exit_code == 0
    assert output.read_text() == "a\nb\n"


def test_much_output_and_bytes_that_are_no_text_are_kept(
    run_script: RunScript, output: Path
) -> None:
    lines: list[str] = []
    run_script(
        "import sys\nout = sys.stdout.buffer\n"
        "out.write(b'x\\xff\\x00y\\n')\n"
        "for n in range(50_000): out.write(b'line %d\\n' % n)\n",
        on_line=lambda line, _: lines.append(line),
    )
    assert len(lines) == 50_001
    assert lines[0] == "x\ufffd\0y"
    assert output.stat().st_size == 5 + sum(len(f"line {n}\n") for n in range(50_000))


def test_a_script_that_closes_its_output_is_waited_for(run_script: RunScript) -> None:
    text = (
        "import os, select\nos.close(1); os.close(2)\nselect.select([], [], [], 0.1)\nos._exit(4)"
    )
    assert run_script(text).exit_code == 4


def test_a_timeout_ends_the_script(run_script: RunScript) -> None:
    outcome = run_script("import signal; signal.pause()", timeout_s=0.2)
    assert outcome.reason == "timed out after 0.2 s"
    assert outcome.signal == signal.SIGTERM


def killing(stop: StopToken) -> Callable[[str, float], None]:
    """Return a reader of lines that stops the script once it says that it is ready."""

    def read(line: str, _time: float) -> None:
        if line == "ready":
            threading.Thread(target=stop.kill, args=("stopped by Ctrl-C",)).start()

    return read


def test_a_stop_wakes_the_waiting_runner_and_ends_the_script(run_script: RunScript) -> None:
    stop = StopToken()
    text = "import signal; print('ready', flush=True); signal.pause()"
    outcome = run_script(text, stop=stop, on_line=killing(stop))
    assert (outcome.signal, outcome.reason) == (15, "stopped by Ctrl-C")


def test_a_script_that_ignores_sigterm_is_killed_after_the_time_of_grace(
    run_script: RunScript,
) -> None:
    stop = StopToken()
    outcome = run_script(
        "import signal\nsignal.signal(15, signal.SIG_IGN)\nprint('ready', flush=True)\n"
        "while True: signal.pause()",
        stop=stop,
        on_line=killing(stop),
        grace_s=0.2,
    )
    assert (outcome.signal, outcome.reason) == (9, "stopped by Ctrl-C")


def test_a_script_may_clean_up_in_its_time_of_grace(run_script: RunScript, output: Path) -> None:
    stop = StopToken()
    outcome = run_script(
        "import signal, sys\n"
        "signal.signal(15, lambda *_: (print('bye'), sys.exit(0)))\n"
        "print('ready', flush=True)\nwhile True: signal.pause()",
        stop=stop,
        on_line=killing(stop),
        grace_s=60.0,
    )
    assert (outcome.exit_code, outcome.reason) == (0, "stopped by Ctrl-C")
    assert output.read_text() == "ready\nbye\n"


@pytest.mark.parametrize("session", [False, True], ids=["of its group", "of its own session"])
def test_a_daemon_that_holds_the_pipe_neither_hangs_us_nor_stays(
    run_script: RunScript, output: Path, is_gone: IsGone, session: bool
) -> None:
    outcome = run_script(DAEMON.format(session=session))
    assert outcome.exit_code == 0
    assert is_gone(int(output.read_text()))


def test_what_was_used_is_reported(run_script: RunScript) -> None:
    outcome = run_script("data = bytearray(50_000_000)\nsum(range(10**6))")
    assert outcome.cpu_seconds > 0
    assert outcome.seconds >= outcome.cpu_seconds / 8
    assert 50_000_000 < outcome.max_rss_bytes < 90_000_000
    assert outcome.started <= outcome.stopped


def test_a_missing_interpreter_is_named(tmp_path: Path) -> None:
    request = ChildRequest(
        argv=("/nowhere/python",), directory=tmp_path, environment={}, output=tmp_path / "output"
    )
    n_before = len(descriptors())
    with pytest.raises(ScriptError, match=r"/nowhere/python cannot be run.*--python"):
        run_child(request, stop=StopToken())
    assert len(descriptors()) <= n_before + 2  # the token's own pipe


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EAGAIN], ids=errno.errorcode.get)
def test_what_the_machine_has_none_of_is_no_fault_of_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(subprocess, "Popen", refuse)
    request = ChildRequest(
        argv=(sys.executable,), directory=tmp_path, environment={}, output=tmp_path / "output"
    )
    with pytest.raises(ScriptError, match=r"raise the limit \(see ulimit -a\)") as raised:
        run_child(request, stop=StopToken())
    assert "--python" not in str(raised.value)


def test_no_descriptor_is_left_open(run_script: RunScript) -> None:
    stop = StopToken()
    run_script("pass", stop=stop)
    before = descriptors()
    run_script("print(1)", stop=stop)
    assert descriptors() == before


@pytest.mark.parametrize("has_pidfd", [True, False], ids=["pidfd", "asking"])
def test_an_exit_is_noticed_with_and_without_a_descriptor(has_pidfd: bool) -> None:
    child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(5)"])
    watch = ExitWatch(child.pid, has_pidfd=has_pidfd)
    assert (watch.descriptor is not None) == has_pidfd
    if watch.descriptor is not None:
        select.select([watch.descriptor], [], [])
    else:
        while not watch.has_ended():
            select.select([], [], [], 0.01)
    ended = watch.reap()
    child.returncode = 5
    assert (ended.code, ended.signal) == (5, None)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_script_whose_output_cannot_be_stored_is_ended(
    run_script: RunScript, output: Path, tmp_path: Path, is_gone: Callable[[int], bool]
) -> None:
    output.symlink_to("/dev/full")
    note = tmp_path / "pid"
    text = (
        f"import os, signal; open({str(note)!r}, 'w').write(str(os.getpid()))\n"
        "print('much', flush=True)\nsignal.pause()"
    )
    with pytest.raises(StoreAccessError, match="is full"):
        run_script(text)
    assert is_gone(int(note.read_text()))
