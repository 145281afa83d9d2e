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
from tunesmith.executor.output_log import HEAD_BYTES, TAIL_BYTES
from tunesmith.executor.process import ChildOutcome, run_child
from tunesmith.executor.request import ChildRequest
from tunesmith.executor.starting import Starter, start_fresh
from tunesmith.executor.stopping import StopToken
from tunesmith.executor.warm_server import WarmPlan, WarmServer
from tunesmith.script.output import OutputScalars

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks are for Linux, and so is /proc"
)

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


def test_a_hundred_thousand_lines_come_whole(trial: Trial) -> None:
    outcome = trial.run("for n in range(100_000):\n    print('line', n)\n")
    assert outcome.exit_code == 0
    assert trial.lines == [f"line {n}" for n in range(100_000)]
    assert trial.text == "".join(f"line {n}\n" for n in range(100_000))


def test_of_more_output_than_is_kept_the_head_and_the_tail_are(trial: Trial) -> None:
    n_bytes = HEAD_BYTES + TAIL_BYTES + 4 * 2**20
    outcome = trial.run(
        f"""\
        import sys
        block = b"x" * (2**20 - 1) + b"\\n"
        sys.stdout.buffer.write(b"begin\\n")
        for _ in range({n_bytes // 2**20}):
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.write(b"end\\n")
        """
    )
    assert outcome.exit_code == 0
    assert trial.output.startswith(b"begin\n")
    assert trial.output.endswith(b"x\nend\n")
    assert HEAD_BYTES + TAIL_BYTES < len(trial.output) < HEAD_BYTES + TAIL_BYTES + 100
    assert trial.lines == ["begin", "end"]


def test_an_endless_line_is_stored_and_not_read(trial: Trial) -> None:
    outcome = trial.run(
        "import sys\nfor _ in range(200):\n    sys.stdout.write('x' * 100_000)\n"
        "print()\nprint('loss: 1')\n"
    )
    assert outcome.exit_code == 0
    assert trial.lines == ["loss: 1"]
    assert trial.output == b"x" * 20_000_000 + b"\nloss: 1\n"


def test_bytes_that_are_no_text_are_stored_as_they_are(trial: Trial) -> None:
    trial.run(
        "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 100)\nprint('\\nloss: 2')\n"
    )
    assert trial.output == bytes(range(256)) * 100 + b"\nloss: 2\n"
    assert trial.lines[-1] == "loss: 2"


def test_of_a_progress_bar_what_stands_last_is_read(trial: Trial) -> None:
    trial.run(
        "for n in range(101):\n    print(f'\\r{n}% loss: 9', end='', flush=True)\n"
        "print('\\rloss: 0.5')\n"
    )
    scalars = OutputScalars(flag_names=())
    for line in trial.lines:
        scalars.feed(line, 0.0)
    assert [list(series.values) for series in scalars.series()] == [[0.5]]
    assert trial.output.count(b"\r") == 102


@pytest.mark.parametrize(
    "closing",
    ["sys.stdout.close(); sys.stderr.close()", "os.close(1); os.close(2)", "sys.stdout = None"],
)
def test_a_script_that_closes_its_output_runs_to_its_end(trial: Trial, closing: str) -> None:
    outcome = trial.run(
        f"import os, sys, time\nprint('before')\n{closing}\ntime.sleep(0.1)\nos._exit(5)\n"
    )
    assert (outcome.exit_code, trial.text) == (5, "before\n")


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


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_pools_of_processes_work(trial: Trial, method: str) -> None:
    outcome = trial.run(
        f"""\
        import multiprocessing, os
        x = 7
        class Point:
            def __init__(self, value):
                self.value = value
        def scale(point):
            return Point(x * point.value)
        if __name__ == "__main__":
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                print([one.value for one in pool.map(scale, [Point(1), Point(2)])])
            process = multiprocessing.get_context("{method}").Process(target=print, args=("hi",))
            process.start()
            process.join()
            print(process.exitcode)
        """
    )
    assert (outcome.exit_code, trial.text) == (0, "[7, 14]\nhi\n0\n")


def test_classes_of_the_script_can_be_pickled(trial: Trial) -> None:
    trial.run(
        """\
        import pickle
        class Model:
            weights = [1, 2]
            def __eq__(self, other):
                return type(self) is type(other)
        print(pickle.loads(pickle.dumps(Model())) == Model(), Model.__module__)
        """
    )
    assert trial.text == "True __main__\n"


def test_threads_are_waited_for_and_daemons_are_not(trial: Trial) -> None:
    outcome = trial.run(
        """\
        import threading, time
        print(threading.current_thread() is threading.main_thread(), threading.active_count())
        def late():
            time.sleep(0.2)
            print("late")
        threading.Thread(target=late).start()
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        print("main")
        """
    )
    assert (outcome.exit_code, trial.text) == (0, "True 1\nmain\nlate\n")


def test_handlers_for_the_end_are_called(trial: Trial) -> None:
    outcome = trial.run(
        """\
        import atexit, weakref
        class Thing: pass
        thing = Thing()
        weakref.finalize(thing, print, "finalized")
        atexit.register(print, "first")
        atexit.register(lambda: 1 / 0)
        atexit.register(print, "last")
        """
    )
    assert outcome.exit_code == 0
    assert trial.lines[0] == "last"
    assert {"first", "finalized", "ZeroDivisionError: division by zero"} <= set(trial.lines)


def test_what_is_left_open_is_written(trial: Trial) -> None:
    trial.put("helper.py", "file = open('helped.txt', 'w')\nfile.write('helped')\n")
    outcome = trial.run(
        """\
        import sys
        import helper

        class Loud:
            def __del__(self):
                print("gone")

        class Tee:
            def __init__(self):
                self.file = open("tee.txt", "w")
            def write(self, text):
                return self.file.write(text)
            def flush(self):
                pass

        loud, cycle = Loud(), [Loud()]
        cycle.append(cycle)
        file = open("result.txt", "w")
        file.write("kept")
        def inner():
            held = open("raised.txt", "w")
            held.write("raised")
            raise ValueError
        sys.stdout = Tee()
        print("teed")
        inner()
        """
    )
    assert outcome.exit_code == 1
    expected = {
        "helped.txt": "helped", "tee.txt": "teed\n", "result.txt": "kept", "raised.txt": "raised",
    }  # fmt: skip
    trial.written.update(expected)
    assert {name: (trial.run_folder / name).read_text() for name in expected} == expected
    assert trial.lines.count("gone") == 2


def test_warnings_are_shown_once_a_place(trial: Trial) -> None:
    trial.run(
        "import warnings\nfor _ in range(3):\n    warnings.warn('careful')\n"
        "import numpy\nnumpy.log(numpy.zeros(1))\n"
    )
    assert trial.text.count("UserWarning: careful\n  warnings.warn('careful')\n") == 1
    assert trial.text.count("RuntimeWarning: divide by zero") == 1


def test_the_script_is_the_main_module(trial: Trial) -> None:
    trial.put("helper.py", "import sys\nvalue = 3\nmain = sys.modules['__main__']\n")
    trial.put("data.txt", "12")
    trial.run(
        """\
        import os, sys
        import helper
        from helper import value
        if __name__ == "__main__":
            print(helper.main.__file__ == __file__ == sys.argv[0], sys.argv[1:], value)
            print(os.path.dirname(__file__) == sys.path[0] == os.getcwd())
            print(helper.main.os is os, __spec__, open("data.txt").read())
            print(sys.modules["__main__"].__dict__ is globals())
        """,
        "a",
        "--b=c d",
    )
    assert trial.lines == ["True ['a', '--b=c d'] 3", "True", "True None 12", "True"]


def test_the_surroundings_are_those_of_a_fresh_process(trial: Trial) -> None:
    trial.run(
        """\
        import os, signal, subprocess, sys, tempfile
        print(tempfile.tempdir, len(os.listdir("/proc/self/fd")) - 1, os.getsid(0) == os.getpid())
        print([sys.stdout.write_through, sys.stdout.line_buffering, sys.stdout.isatty(),
               sys.stdout.encoding, sys.stdout.errors, sys.stdout.seekable()])
        print([sys.stderr.write_through, sys.stderr.line_buffering, sys.stderr.errors])
        print([signal.getsignal(number) for number in (signal.SIGCHLD, signal.SIGTERM)],
              signal.getsignal(signal.SIGINT) is signal.default_int_handler,
              signal.set_wakeup_fd(-1))
        print(sorted(name for name in os.environ if name.startswith("TUNESMITH_")),
              os.environ["FLAG_X"], os.environ["RUN_DIR"])
        code = "import os; print(os.environ['FLAG_X'], os.environ['TUNESMITH_RUN_ID'])"
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        print(said.stdout.split() == ["5", os.environ["TUNESMITH_RUN_ID"]])
        """,
        FLAG_X="5",
        RUN_DIR="/r",
    )
    assert trial.lines == [
        "None 3 True",
        "[True, False, False, 'utf-8', 'surrogateescape', False]",
        "[True, False, 'backslashreplace']",
        "[<Handlers.SIG_DFL: 0>, <Handlers.SIG_DFL: 0>] True -1",
        "['TUNESMITH_RUN_ID'] 5 /r",
        "True",
    ]


def test_random_numbers_differ_from_trial_to_trial(trial: Trial) -> None:
    text = (
        "import random, tempfile, uuid\nimport numpy as np\n"
        "print(np.random.rand(), np.random.default_rng().random(), random.random(),\n"
        "      uuid.uuid4(), next(tempfile._get_candidate_names()))\n"
    )
    drawn = []
    for _ in range(3):
        trial.run(text)
        drawn.append(trial.text.split())
    assert all(len(set(column)) == 3 for column in zip(*drawn, strict=True))


def test_a_seed_of_the_scripts_own_rules(trial: Trial) -> None:
    trial.run(
        "import random\nimport numpy as np\nnp.random.seed(1)\nrandom.seed(1)\n"
        "print(np.random.rand(), random.random())\n"
    )
    assert trial.text == "0.417022004702574 0.13436424411240122\n"


def test_hashes_are_those_of_the_seed_for_them(trial: Trial) -> None:
    trial.run("import sys\nprint(sys.flags.hash_randomization, hash('tunesmith'))\n")
    once = trial.text
    trial.start = start_fresh
    trial.run("import sys\nprint(sys.flags.hash_randomization, hash('tunesmith'))\n")
    assert trial.text == once


def test_what_was_used_is_what_the_script_used(trial: Trial) -> None:
    outcome = trial.run("data = bytearray(60_000_000)\nsum(range(10**6))\n")
    assert 60_000_000 < outcome.max_rss_bytes < 130_000_000
    assert 0 < outcome.cpu_seconds < 10
    assert outcome.seconds < 60


def test_arrays_are_computed_with_all_threads(trial: Trial) -> None:
    outcome = trial.run(
        "import numpy as np\na = np.eye(600)\nprint(float((a @ a).sum()))\n", timeout_s=60.0
    )
    assert (outcome.exit_code, trial.text) == (0, "600.0\n")
