"""A store of finished batches, for measuring what reads it.

    python benchmarks/made_store.py HOME N_BATCHES N_TRIALS

As a program it leaves the index to the first list.
"""

import random
import sys
import uuid
from pathlib import Path

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.flags.definition import FlagDefinition, FlagSource, FlagType, ScriptFlags
from tunesmith.flags.settings import Distribution
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.objects.object_names import SegmentName
from tunesmith.storage.records.points import encode_series
from tunesmith.storage.records.records import encode_segment
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, TrialRecord, TrialStatus, trial_id

FIRST_START = 1_700_000_000.0


def make_store(home: Path, *, n_batches: int, n_trials: int) -> Store:
    """Make a store with compacted batches of the reference script, and its index."""
    store = make_batches(home, n_batches=n_batches, n_trials=n_trials)
    store.list_runs()
    return store


def make_batches(home: Path, *, n_batches: int, n_trials: int) -> Store:
    """Make a store with compacted batches."""
    store = Store.create(home)
    for place in range(n_batches):
        add_batch(store, n_trials, created=FIRST_START + 1000.0 * place)
    return store


def add_batch(store: Store, n_trials: int, *, created: float) -> None:
    """Write a batch as a compacted one looks, without the parts that were before."""
    spec = _specification(store.home, n_trials, created)
    generator = random.Random(created)
    store.put_batch(spec)
    planned = [
        PlannedTrial(
            number=number, flags={"noise": 0.1, "x": generator.uniform(-2, 2)}, origin="random"
        )
        for number in range(1, n_trials + 1)
    ]
    store.put_plan(spec.id, planned)
    finished = [_finished(spec, one, created + one.number) for one in planned]
    name = SegmentName(batch_id=spec.id, generation=1)
    points = encode_series([(record.id, series) for record, series in finished])
    store.objects.put_new(name.series, points)
    rows = encode_segment([record for record, _ in finished], [])
    store.objects.put_new(str(name), rows)
    stopped = created + n_trials + 1
    store.put_end(spec.id, generation=0, reason="", stopped=stopped)


def _finished(
    spec: BatchSpec, planned: PlannedTrial, started: float
) -> tuple[TrialRecord, list[ScalarSeries]]:
    x = planned.flags["x"]
    assert isinstance(x, float)  # as made above
    loss = x**2
    series = ScalarSeries(tag="loss", steps=[0], values=[loss], times=[started])
    record = TrialRecord(
        id=trial_id(spec.id, planned.number),
        batch=spec.id,
        number=planned.number,
        attempt=1,
        operation=spec.operation,
        script=spec.script,
        status=TrialStatus.COMPLETED,
        exit_code=0,
        started=started,
        stopped=started + 0.5,
        seconds=0.5,
        origin=planned.origin,
        objective=loss,
        flags=planned.flags,
        scalars={"loss": ScalarSummary.from_series(series)},
    )
    return record, [series]


def _specification(home: Path, n_trials: int, created: float) -> BatchSpec:
    number = FlagDefinition(name="x", type=FlagType.NUMBER, default=0.1)
    noise = FlagDefinition(name="noise", type=FlagType.NUMBER, default=0.1)
    return BatchSpec(
        id=uuid.uuid4().hex,
        project=str(home.parent),
        script="train.py",
        operation="train.py",
        script_flags=ScriptFlags(source=FlagSource.GLOBALS, definitions=(number, noise)),
        settings={"noise": 0.1, "x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")},
        optimizer=OptimizerSpec(name="random"),
        n_trials=n_trials,
        n_first_trials=n_trials,
        created=created,
    )


if __name__ == "__main__":
    make_batches(Path(sys.argv[1]), n_batches=int(sys.argv[2]), n_trials=int(sys.argv[3]))
