"""What scripts ask of their interpreter."""

import sys

import pytest

from tests.executor.stress.conftest import Trial
from tunesmith.executor.child_starter import start_fresh

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks are for Linux, and so is /proc"
)


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
