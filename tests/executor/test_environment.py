from pathlib import Path
from typing import Any

import pytest
from joblib.externals import loky

from tunesmith.execution import Execution
from tunesmith.executor.attempt import publish_attempt
from tunesmith.executor.child import PARENT_VARIABLE
from tunesmith.executor.environment import (
    WORKER_VARIABLE,
    outside_trial,
    run_environment,
    share_cores,
)
from tunesmith.trial import PlannedTrial

LIMITS = {"OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"}


def trial_environment(base: dict[str, str]) -> dict[str, str]:
    return run_environment(
        share_cores(base, 64),
        {"FLAG_X": "1", "CUDA_VISIBLE_DEVICES": "0"},
        directory=Path("/r"),
        batch_id="b",
        number=1,
    )


def test_nothing_of_a_trial_is_left_outside_of_it() -> None:
    outside = {"HOME": "/", "TUNESMITH_HOME": "/store", "PATH": "/bin"}
    inside = trial_environment(outside) | {WORKER_VARIABLE: "w", PARENT_VARIABLE: "7"}
    assert outside_trial(inside) == outside


def test_what_a_user_has_set_outside_of_trials_stays() -> None:
    own = {"RUN_DIR": "/mine", "FLAG_X": "1", "CUDA_VISIBLE_DEVICES": "1", "OMP_NUM_THREADS": "3"}
    assert outside_trial(own) == own


@pytest.mark.parametrize(
    ("n_cores", "n_at_once", "share"), [(8, 2, "4"), (8, 3, "2"), (2, 2, "1"), (2, 5, "1")]
)
def test_trials_at_once_share_the_cores(
    monkeypatch: pytest.MonkeyPatch, n_cores: int, n_at_once: int, share: str
) -> None:
    monkeypatch.setattr(loky, "cpu_count", lambda: n_cores)
    shared = share_cores({"HOME": "/"}, n_at_once)
    assert shared == {"HOME": "/"} | dict.fromkeys(LIMITS, share)


def test_a_trial_alone_has_all_cores() -> None:
    assert share_cores({"HOME": "/"}, 1) == {"HOME": "/"}


def test_the_caller_s_own_limit_stays() -> None:
    assert share_cores({"OMP_NUM_THREADS": "7"}, 64)["OMP_NUM_THREADS"] == "7"


def test_the_numeric_libraries_of_a_script_know_of_their_share(make_work: Any) -> None:
    work = make_work(
        "import numpy\nfrom threadpoolctl import threadpool_info\nx = 1\n"
        "print('share:', *{pool['num_threads'] for pool in threadpool_info()})\n",
        execution=Execution(jobs=1000),
    )
    record = publish_attempt(work, PlannedTrial(number=1, flags={"x": 1}, origin="grid"))
    assert record.scalars["share"].last == 1
