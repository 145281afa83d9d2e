"""How scripts end, and what they leave behind."""

import sys
from collections.abc import Callable

import pytest

from tests.executor.stress.conftest import Trial

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks are for Linux, and so is /proc"
)


@pytest.mark.parametrize("session", [False, True], ids=["its group", "a session of its own"])
def test_a_daemon_that_holds_the_pipe_does_not_outlive_the_script(
    trial: Trial, session: bool
) -> None:
    outcome = trial.run(
        f"""\
        import subprocess, sys
        subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"],
                         start_new_session={session})
        print("done")
        """
    )
    assert (outcome.exit_code, trial.text) == (0, "done\n")


def test_a_daemon_that_forks_twice_does_not_outlive_the_script(
    trial: Trial, is_gone: Callable[[int], bool]
) -> None:
    outcome = trial.run(
        """\
        import os, signal
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(writer, str(os.getpid()).encode())
                signal.pause()
            os._exit(0)
        print(os.read(reader, 20).decode())
        """
    )
    assert outcome.exit_code == 0
    assert is_gone(int(trial.text))


def test_a_child_that_outlives_the_script_is_ended(
    trial: Trial, is_gone: Callable[[int], bool]
) -> None:
    outcome = trial.run(
        """\
        import os, signal, sys
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                signal.pause()
        print(pid)
        """
    )
    assert outcome.exit_code == 0
    assert is_gone(int(trial.text))


@pytest.mark.parametrize(
    ("text", "code", "number", "last_line"),
    [
        pytest.param("import ctypes; ctypes.string_at(0)", None, 11, "", id="segfault"),
        pytest.param("import os; os.abort()", None, 6, "", id="abort"),
        pytest.param("import os; os._exit(7)", 7, None, "", id="os._exit"),
        pytest.param("raise SystemExit", 0, None, "", id="SystemExit"),
        pytest.param("import sys; sys.exit(-1)", 255, None, "", id="-1"),
        pytest.param("import sys; sys.exit(True)", 1, None, "", id="True"),
        pytest.param("import sys; sys.exit('in words')", 1, None, "in words", id="words"),
        pytest.param(
            "def f(): f()\nf()",
            1,
            None,
            "RecursionError: maximum recursion depth exceeded",
            id="recursion",
        ),
        pytest.param(
            "import resource\n"
            "resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))\n"
            "data = bytearray(2**31)",
            1,
            None,
            "MemoryError",
            id="memory",
        ),
        pytest.param("import os; os.kill(os.getpid(), 15)", None, 15, "", id="SIGTERM"),
        pytest.param("raise KeyboardInterrupt", None, 2, "KeyboardInterrupt", id="interrupt"),
        pytest.param("x = = 1", 1, None, "SyntaxError: invalid syntax", id="syntax"),
        pytest.param(
            "import atexit, os; atexit.register(os._exit, 9)", 9, None, "", id="exit at exit"
        ),
    ],
)
def test_an_end_is_recorded_as_it_was(
    trial: Trial, text: str, code: int | None, number: int | None, last_line: str
) -> None:
    outcome = trial.run(text)
    assert (outcome.exit_code, outcome.signal, outcome.reason) == (code, number, "")
    assert (trial.text.splitlines() or [""])[-1] == last_line


def test_an_end_for_want_of_memory_is_hinted_at(trial: Trial) -> None:
    outcome = trial.run("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert (outcome.signal, outcome.is_lost) == (9, False)
    assert "out of memory" in outcome.reason


def test_a_script_that_ignores_sigterm_is_killed_when_its_time_is_over(trial: Trial) -> None:
    outcome = trial.run(
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready')\nwhile True:\n    signal.pause()\n",
        timeout_s=1.0,
    )
    assert (outcome.signal, outcome.reason) == (9, "timed out after 1 s")
    assert trial.text == "ready\n"


def test_standard_input_is_at_its_end(trial: Trial) -> None:
    outcome = trial.run(
        "import sys\nprint(repr(sys.stdin.read()))\n"
        "try:\n    input()\nexcept EOFError:\n    print('end')\n"
    )
    assert (outcome.exit_code, trial.text) == (0, "''\nend\n")


def test_a_script_may_change_its_directory(trial: Trial) -> None:
    outcome = trial.run("import os\nos.chdir('/')\nprint(os.getcwd())\n1 / 0\n")
    assert outcome.exit_code == 1
    assert trial.text.startswith("/\nTraceback")
    assert "    1 / 0\n" in trial.text


def test_a_script_that_deletes_its_folder_is_recorded(trial: Trial) -> None:
    (trial.run_folder / ".run").mkdir(parents=True)
    outcome = trial.run(
        "import os, shutil\nshutil.rmtree(os.getcwd())\nprint('still here')\nos._exit(3)\n",
        output="run/.run/output",
    )
    assert (outcome.exit_code, trial.lines) == (3, ["still here"])
    assert outcome.max_rss_bytes > 0
