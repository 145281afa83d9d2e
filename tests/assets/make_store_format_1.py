"""Write the sample store of format 1: run once, by the release that brought the format.

python tests/assets/make_store_format_1.py tests/assets/store-format-1
"""

import math
import sys
from pathlib import Path

from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.settings import Choices, Distribution
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.edits import Edit, EditAction
from tunesmith.storage.store import Store
from tunesmith.trial import PlannedTrial, Prediction, TrialRecord, TrialStatus, trial_id

BATCH = "0123456789abcdef" * 2
SINGLE = "fedcba9876543210" * 2
BEGAN = 1_767_225_600.0


def new_spec(batch: str, *, is_single: bool) -> BatchSpec:
    definition = FlagDefinition(name="x", default=0.1)
    script_flags = ScriptFlags(source=FlagSource.GLOBALS, definitions=(definition,))
    search = Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")
    choices = Choices(values=("adam", None), text="[adam,null]")
    return BatchSpec(
        id=batch,
        project="/somewhere",
        script="train.py",
        operation="train.py",
        script_flags=script_flags,
        settings={"x": 0.1} if is_single else {"x": search, "name": choices},
        optimizer=None if is_single else OptimizerSpec(name="gp", settings={"xi": 0.05}),
        n_trials=None if is_single else 4,
        created=BEGAN,
    )


def new_record(batch: str, number: int, *, attempt: int = 1) -> tuple[TrialRecord, ScalarSeries]:
    series = ScalarSeries(
        tag="loss",
        steps=(0, 1),
        values=(math.nan, number / 3),
        times=(BEGAN + number, BEGAN + number + 0.5),
    )
    is_good = number != 2
    record = TrialRecord(
        id=trial_id(batch, number),
        batch=batch,
        number=number,
        attempt=attempt,
        operation="train.py",
        script="train.py",
        status=TrialStatus.COMPLETED if is_good else TrialStatus.TERMINATED,
        exit_code=0 if is_good else None,
        signal=None if is_good else 9,
        reason="" if is_good else "out of memory?",
        started=BEGAN + number,
        stopped=BEGAN + number + 1.25,
        seconds=1.25,
        cpu_seconds=0.5,
        max_rss_bytes=50_000_000,
        label="sample",
        tags=("a", "b"),
        source_digest="ab" * 16,
        host="host",
        command="python train.py --x 1",
        origin="gp",
        objective=number / 3 if is_good else None,
        flags={"x": number / 7, "name": "adam", "list": (1, 2.5, None), "on": True, "n": number},
        scalars={"loss": ScalarSummary.from_series(series)},
        prediction=Prediction(mean=-0.5, sd=0.25, acquisition=1.5),
    )
    return record, series


def make(home: Path) -> None:
    store = Store.create(home)
    store.put_batch(new_spec(BATCH, is_single=False))
    trials = [PlannedTrial(number=n, flags={"x": n / 7}, origin="gp") for n in range(1, 5)]
    store.put_plan(BATCH, trials)
    for number in (1, 2):
        record, series = new_record(BATCH, number)
        store.publish(record, [series])
    store.compact(BATCH)
    for number, attempt in ((2, 2), (3, 1)):
        record, series = new_record(BATCH, number, attempt=attempt)
        store.publish(record, [series])
    store.put_end(BATCH, generation=0, reason="stopped", stopped=BEGAN + 9)
    store.put_batch(new_spec(SINGLE, is_single=True))
    record, series = new_record(SINGLE, 0)
    store.publish(record, [series])
    edit = Edit(action=EditAction.LABEL, runs=(SINGLE,), value="kept", time=BEGAN + 10)
    store.add_edit(edit)
    (home / ".gitignore").unlink()  # the sample itself belongs into the repository


if __name__ == "__main__":
    make(Path(sys.argv[1]))
