"""A worker's trial that the driver prunes: through the files beside its ticket."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.executor.test_pruning import BAR, CAREFUL, CURVE, trial
from tunesmith.executor.attempt import publish_attempt
from tunesmith.pruning import PruningSpec
from tunesmith.trial import TrialStatus
from tunesmith.workers.dispatch import dispatching
from tunesmith.workers.worker import WorkerSettings, run_ticket


class ThreadTransport:
    """Runs each ticket in a thread of this process."""

    hint = "start some"
    is_polled = False

    def capacity(self) -> int:
        return 1

    def submit(self, ticket: Any) -> "ThreadSubmission":
        return ThreadSubmission(ticket.path)


class ThreadSubmission:
    def __init__(self, path: Path) -> None:
        settings = WorkerSettings()
        self._thread = threading.Thread(target=run_ticket, args=(str(path), settings))
        self._thread.start()

    def wait(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        self._thread.join()


@pytest.mark.parametrize("script", [CURVE, BAR], ids=["lines", "bar"])
def test_the_driver_prunes_a_trial_that_a_worker_runs(make_work: Any, script: str) -> None:
    work = make_work(script, n_trials=20, pruning=CAREFUL)
    for number in (1, 2, 3):
        work.add_record(publish_attempt(work, trial(number, 1.0 + number / 10)))
    with dispatching(work, ThreadTransport()) as dispatcher:
        record = dispatcher.publish_attempt(trial(4, 9.0))
        assert record is not None
        work.add_record(record)
        left = sorted(path.name for path in dispatcher.queue.folder.iterdir())
    assert record.status is TrialStatus.PRUNED
    assert record.reason == (
        "at point 4 its loss 9.25 had less than a 10 % chance of beating 1.1833"
    )
    assert record.pruned is not None
    assert record.pruned.among == (1, 2, 3)
    assert left == ["driver"], "the files of the trial are removed with its ticket"


def test_the_driver_knows_the_whole_curve_of_a_trial_that_a_worker_finished(
    make_work: Any,
) -> None:
    work = make_work(CURVE, n_trials=20, pruning=PruningSpec(rule="after:4:1"))
    with dispatching(work, ThreadTransport()) as dispatcher:
        for number in (1, 2):
            record = dispatcher.publish_attempt(trial(number, 10.0 - number))
            assert record is not None
            work.add_record(record)
    assert work.pruning.finalists() == (2,)
