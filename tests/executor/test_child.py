from collections.abc import Callable
from pathlib import Path

import pytest

from tunesmith.executor.child_process import ChildOutcome

RunScript = Callable[..., ChildOutcome]


def test_the_script_is_a_real_main_with_its_arguments_and_place(
    run_script: RunScript, output: Path, tmp_path: Path
) -> None:
    run_script(
        "import sys, os\n"
        "print(__name__, sys.argv, __file__ == sys.argv[0], sys.path[0], __doc__)\n"
        "print(sorted(n for n in globals() if not n.startswith('__')))\n"
        "print([n for n in os.environ if n in ('TUNESMITH_PARENT', 'TUNESMITH_PEAK')])",
        "a",
        "--b",
    )
    script = str(tmp_path / "script.py")
    assert output.read_text().splitlines() == [
        f"__main__ {[script, 'a', '--b']} True {tmp_path} None",
        "['os', 'sys']",
        "[]",
    ]


def test_a_traceback_begins_at_the_script(run_script: RunScript, output: Path) -> None:
    run_script("def f():\n    raise ValueError('here')\nf()\n")
    lines = output.read_text().splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('script.py", line 3, in <module>')
    assert "child.py" not in output.read_text()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "import multiprocessing as mp\n"
            "def double(x): return 2 * x\n"
            "if __name__ == '__main__':\n"
            "    with mp.get_context('spawn').Pool(1) as pool: print(pool.map(double, [1, 2]))\n",
            id="spawned processes",
        ),
        pytest.param(
            "import pickle\n"
            "class Point:\n    x = [2, 4]\n"
            "print(pickle.loads(pickle.dumps(Point())).x)\n",
            id="pickles of its own classes",
        ),
        pytest.param(
            "from dataclasses import dataclass\n"
            "@dataclass\nclass P:\n    x: list\n"
            "print(P([2, 4]).x)\n",
            id="dataclasses",
        ),
        pytest.param(
            "from __future__ import annotations\nx: int = 2\nprint([x, x + 2])\n", id="futures"
        ),
        pytest.param(
            "import inspect\ndef f(): pass\nprint(inspect.getsource(f) and [2, 4])", id="source"
        ),
    ],
)
def test_what_works_in_a_script_works_in_a_trial(
    run_script: RunScript, output: Path, text: str
) -> None:
    outcome = run_script(text)
    assert output.read_text() == "[2, 4]\n"
    assert outcome.exit_code == 0


def test_a_hook_of_the_scripts_own_is_used(run_script: RunScript, output: Path) -> None:
    run_script("import sys\nsys.excepthook = lambda *a: print('mine', a[0].__name__)\n1 / 0")
    assert output.read_text() == "mine ZeroDivisionError\n"


def test_a_syntax_error_in_the_copy_is_reported(run_script: RunScript, output: Path) -> None:
    assert run_script("x = = 1").exit_code == 1
    assert "SyntaxError" in output.read_text()
