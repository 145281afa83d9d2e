"""The sample store of every released format reads as it did when it was written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.storage.records.batches import read_ends
from tunesmith.storage.store import Store
from tunesmith.trial import Prediction, TrialStatus

SAMPLE = Path(__file__).parents[2] / "assets" / "store-format-1"
BATCH = "0123456789abcdef" * 2
SINGLE = "fedcba9876543210" * 2


@pytest.fixture
def sample() -> Store:
    return Store.open(SAMPLE)


def test_format_1_has_its_batches(sample: Store) -> None:
    assert sample.batch_ids() == sorted([BATCH, SINGLE])
    assert sample.batch(BATCH).n_trials == 4
    assert sample.batch(SINGLE).is_single
    assert [one.number for one in sample.plan(BATCH)] == [1, 2, 3, 4]
    (end,) = read_ends(sample.objects, BATCH)
    assert end is not None
    assert end.reason == "stopped"
    assert [edit.value for edit in sample.edits()] == ["kept"]


def test_format_1_has_its_rows(sample: Store) -> None:
    reading = sample.records()
    found = [(one.batch, one.number, one.attempt, one.status) for one in reading.records]
    assert reading.warnings == ()
    assert found == [
        (BATCH, 1, 1, TrialStatus.COMPLETED),
        (BATCH, 2, 2, TrialStatus.TERMINATED),
        (BATCH, 3, 1, TrialStatus.COMPLETED),
        (SINGLE, 0, 1, TrialStatus.COMPLETED),
    ]


def test_format_1_keeps_every_field(sample: Store) -> None:
    record = sample.records(BATCH).records[0]
    flags = {"x": 1 / 7, "name": "adam", "list": (1, 2.5, None), "on": True, "n": 1}
    assert record.flags == flags
    assert (record.started, record.stopped, record.seconds) == (1767225601.0, 1767225602.25, 1.25)
    assert (record.cpu_seconds, record.max_rss_bytes) == (0.5, 50_000_000)
    assert (record.label, record.tags, record.host) == ("sample", ("a", "b"), "host")
    assert (record.command, record.origin) == ("python train.py --x 1", "gp")
    assert record.prediction == Prediction(mean=-0.5, sd=0.25, acquisition=1.5)
    assert record.scalars["loss"].last == record.objective == 1 / 3
    assert sample.series(BATCH, 1)[0].times == (1767225601.0, 1767225601.5)
    assert sample.series(BATCH, 2)[0].values[1] == 2 / 3


CHECK = """
import sys
from pathlib import Path
from tunesmith.storage.store import Store
store = Store.open(Path(sys.argv[1]))
store.batch_ids(), store.edits(), store.part_names(), store.segment_names()
print(sorted({"pyarrow", "numpy", "pandas"} & set(sys.modules)))
assert len(store.records().records) == 4
store.series(sys.argv[2], 1), store.series(sys.argv[2], 3)
print(sorted({"pyarrow", "numpy", "pandas"} & set(sys.modules)))
import pandas
print(len(pandas.read_parquet(next((Path(sys.argv[1]) / "runs").glob("*.parquet")))))
"""


def test_names_need_no_pyarrow_and_rows_no_pandas_which_works_all_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(SAMPLE), BATCH],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert done.stdout.splitlines() == ["[]", "['numpy', 'pyarrow']", "2"]
