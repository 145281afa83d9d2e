"""What scripts print."""

import sys

import pytest

from tests.executor.stress.conftest import Trial
from tunesmith.executor.output_log import HEAD_BYTES, TAIL_BYTES
from tunesmith.output.scalars import OutputScalars

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="forks are for Linux, and so is /proc"
)


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
