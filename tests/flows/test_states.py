"""The states in which Prefect shows batches; no server is asked."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.client.schemas.objects import State, StateType
from prefect.states import Cancelled, Failed

from tests.batches import make_record, make_spec
from tests.report.conftest import BATCH
from tunesmith.errors import ServerError, StoreAccessError
from tunesmith.executor.batch_context import BatchContext
from tunesmith.executor.outcome import BatchOutcome
from tunesmith.flows.batch import to_state
from tunesmith.flows.batch_call import conclude
from tunesmith.objective import Direction, Objective
from tunesmith.ranking import Front
from tunesmith.scalar import ScalarColumn
from tunesmith.storage.store import Store
from tunesmith.trial import TrialStatus

ACCURACY = Objective(column=ScalarColumn(tag="val acc"), direction=Direction.MAXIMIZE)
SPEC = make_spec(BATCH, objective=ACCURACY)
BEST = make_record(BATCH, 1, objective=0.75)
OUTCOME = BatchOutcome(
    batch=BATCH,
    end="",
    stopped=2.0,
    seconds=1.0,
    n_run=2,
    n_tasks=4,
    counts={TrialStatus.COMPLETED: 2},
    best=BEST,
)
BROKEN: dict[str, Any] = {"best": None, "n_failed": 2, "counts": {TrialStatus.ERROR: 2}}


@pytest.mark.parametrize(
    ("changes", "state", "message"),
    [
        pytest.param({}, StateType.COMPLETED, "2 completed; best val acc 0.75", id="completed"),
        pytest.param(
            {
                "n_failed": 1,
                "n_run": 20,
                "counts": {
                    TrialStatus.COMPLETED: 3,
                    TrialStatus.ERROR: 1,
                    TrialStatus.PRUNED: 16,
                },
            },
            StateType.COMPLETED,
            "3 completed, 1 error, 16 pruned; best val acc 0.75",
            id="some failed and most were pruned",
        ),
        pytest.param(BROKEN, StateType.FAILED, "2 error", id="all failed"),
        pytest.param(
            {"end": "target", "reason": "trial 2 meets the target val acc > 0.7"},
            StateType.COMPLETED,
            "trial 2 meets the target val acc > 0.7; 2 completed; best val acc 0.75",
            id="at a limit",
        ),
        pytest.param(
            {"end": "max-time", "reason": "over", "n_failed": 2, "n_cut": 2, **BROKEN},
            StateType.COMPLETED,
            "over; 2 error",
            id="ended by the time",
        ),
        pytest.param(
            {"n_failed": 2, "counts": {TrialStatus.COMPLETED: 9, TrialStatus.ERROR: 2}},
            StateType.FAILED,
            "9 completed, 2 error; best val acc 0.75",
            id="all of a later firing failed",
        ),
        pytest.param(
            {"end": "failures", "reason": "so many (what was printed)", "n_failed": 1},
            StateType.FAILED,
            "2 completed; best val acc 0.75",
            id="ended for failures",
        ),
        pytest.param(
            {"end": "no-objective", "best": None},
            StateType.FAILED,
            "2 completed; none reported val acc",
            id="no objective",
        ),
        pytest.param(
            {"best": None, "nearest": BEST},
            StateType.COMPLETED,
            "2 completed; none meets what it is subject to",
            id="nothing fits",
        ),
        pytest.param(
            {"front": Front(trials=(BEST, BEST))},
            StateType.COMPLETED,
            "2 completed; 2 trials on the front",
            id="a front",
        ),
        pytest.param(
            {**BROKEN, "end": "stopped"}, StateType.CANCELLED, "2 error", id="stopped by somebody"
        ),
    ],
)
def test_a_batch_that_came_to_nothing_is_red_and_the_objective_has_its_name(
    changes: dict[str, Any], state: StateType, message: str
) -> None:
    shown = to_state(replace(OUTCOME, **changes), SPEC)
    assert (shown.type, shown.message) == (state, message)


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (Failed(data=StoreAccessError("the disk is full")), StoreAccessError, "the disk is full"),
        (Failed(data=httpx.ConnectError("gone")), ServerError, r"failed \(ConnectError\)"),
        (Failed(data=KeyError("a bug")), KeyError, "a bug"),
        (Cancelled(message="by a rule"), ServerError, "ended the flow run: Cancelled, by a rule"),
    ],
    ids=["store lost", "server lost", "a bug", "ended by the server"],
)
def test_what_ended_a_batch_is_raised_as_itself_where_an_event_loop_runs(
    tmp_path: Path, state: State[Any], error: type[Exception], words: str
) -> None:
    context = BatchContext(spec=make_spec(BATCH), store=Store.create(tmp_path / ".tunesmith"))

    async def read() -> BatchOutcome:
        return conclude(context, state)

    with pytest.raises(error, match=words):
        asyncio.run(read())
