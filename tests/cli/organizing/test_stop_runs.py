"""``tunesmith stop`` on real processes that hold a lease or a trial's environment."""

import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.cli.conftest import MORNING, Library, Outcome
from tunesmith.storage.files.leases import find_holder
from tunesmith.trial import PlannedTrial, trial_id

Call = Callable[..., Outcome]
BATCH = uuid.uuid4().hex
HOLD = """\
import signal, sys
from pathlib import Path
from tunesmith.storage.store import Store
if sys.argv[3] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with Store.open(Path(sys.argv[1])).lease(sys.argv[2]):
    print("ready", flush=True)
    while True:
        signal.pause()
"""
PAUSE = "import signal; print('ready', flush=True); signal.pause()"


@contextmanager
def _started(command: list[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that says when it is ready; end it in any case."""
    with subprocess.Popen(
        [sys.executable, "-c", *command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables},
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def _holding(library: Library, *, manner: str = "") -> list[str]:
    return [HOLD, str(library.store.home), BATCH, manner]


def _begin(library: Library, *, n: int = 2) -> str:
    """Write a batch whose first trial has started; return that trial."""
    library.spec(BATCH, optimizer="grid", settings={"x": 1.0}, n_trials=n)
    library.store.put_plan(
        BATCH,
        [
            PlannedTrial(number=number, flags={"x": float(number)}, origin="grid")
            for number in range(1, n + 1)
        ],
    )
    library.store.start_trial(BATCH, 1, attempt=1, started=MORNING)
    return trial_id(BATCH, 1)


def test_the_process_that_runs_a_batch_is_ended(library: Library, call: Call) -> None:
    _begin(library)
    with _started(_holding(library)) as process:
        done = call("stop", "--yes")

        assert process.wait(timeout=30) == -signal.SIGTERM
    assert (done.code, done.err) == (0, f"{BATCH[:8]}  train.py+  stopped\n")


def test_a_batch_named_with_its_trials_is_stopped_once(library: Library, call: Call) -> None:
    trial = _begin(library)
    with _started(_holding(library)):
        done = call("stop", BATCH[:8], trial[:8])

    assert (done.code, done.err) == (0, f"{BATCH[:8]}  train.py+  stopped\n")


def test_a_batch_that_goes_on_is_an_error_after_the_timeout(library: Library, call: Call) -> None:
    _begin(library)
    with _started(_holding(library, manner="stubborn")):
        done = call("stop", "--yes", "--timeout", "0.1")

    assert done.code == 1
    assert done.err.splitlines()[-1] == "error: 1 run did not end within 0.1 s"


def test_without_waiting_it_returns_at_once(library: Library, call: Call) -> None:
    _begin(library)
    with _started(_holding(library, manner="stubborn")) as process:
        done = call("stop", "--yes", "--no-wait")

        assert process.poll() is None
    assert (done.code, done.err) == (0, f"{BATCH[:8]}  train.py+  stopping\n")


def test_of_a_trial_only_its_own_processes_are_ended(library: Library, call: Call) -> None:
    trial = _begin(library)
    with (
        _started(_holding(library)) as batch,
        _started([PAUSE], TUNESMITH_RUN_ID=trial) as ours,
        _started([PAUSE], TUNESMITH_RUN_ID=trial_id(BATCH, 2)) as other,
    ):
        done = call("stop", trial[:8], "--no-wait")

        assert ours.wait(timeout=30) == -signal.SIGTERM
        assert (batch.poll(), other.poll()) == (None, None)
    assert (done.code, done.err) == (0, f"{trial[:8]}  train.py  stopping\n")


def test_what_does_not_run_is_named_beside_what_does(library: Library, call: Call) -> None:
    _begin(library)
    pending = trial_id(BATCH, 2)[:8]
    ended = library.single("a1" * 16, {"x": 1.0}, started=MORNING)[:8]
    with _started(_holding(library)):
        done = call("stop", BATCH[:8], ended)
        lone = call("stop", pending)

    assert done.code == 0
    assert done.err.splitlines() == [
        f"{ended}  train.py  not running: completed",
        f"{BATCH[:8]}  train.py+  stopped",
    ]
    assert lone.code == 3
    assert f"{pending} is not running: it is pending" in lone.err


def test_it_is_not_asked_without_a_terminal(library: Library, call: Call) -> None:
    _begin(library)
    with _started(_holding(library)) as process:
        done = call("stop")

        assert process.poll() is None
    assert done.code == 2
    assert "--yes" in done.err


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "elsewhere"},
        {"pid": 0},
        {"pid": -1},
        {"pid": os.getpid(), "born": "an earlier boot/1"},
        {"pid": 1},
    ],
    ids=["another machine", "own group", "every process", "an earlier process", "a stranger"],
)
def test_a_lease_names_only_a_process_of_this_machine(
    library: Library, call: Call, changes: dict[str, object]
) -> None:
    _begin(library)
    path = library.store.layout.lease(BATCH)
    with _started(_holding(library)) as process:
        holder = find_holder(path)
        assert holder is not None
        assert holder.pid == process.pid
        path.write_text(json.dumps({"pid": 1, "host": socket.gethostname(), **changes}))

        assert find_holder(path) is None
        assert call("stop", "--yes").code == 1
        assert process.poll() is None


def test_a_lease_that_nobody_holds_names_no_process(library: Library) -> None:
    path = library.store.layout.lease(BATCH)
    path.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))

    assert find_holder(path) is None
