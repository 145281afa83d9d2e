import dataclasses
import math
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.index.conftest import BATCH, NewRecord, part
from tunesmith.flags.values import FlagValue
from tunesmith.scalar import ScalarSummary
from tunesmith.storage.index.index_rows import from_row
from tunesmith.storage.index.run_index import RunIndex, SettledBatch
from tunesmith.trial import BatchProgress, Prediction, Run, TrialStatus


def test_the_index_imports_no_parquet_and_no_arrays() -> None:
    code = (
        "import sys, tunesmith.storage.index.run_list as run_list;"
        "heavy = {'pyarrow', 'numpy', 'pandas', 'prefect', 'sklearn'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or None)"
    )

    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stderr) == (0, "")


_FLOATS = st.floats()
_SUMMARIES = st.builds(
    ScalarSummary,
    first=_FLOATS,
    first_step=st.integers(0, 9),
    last=_FLOATS,
    last_step=st.integers(0, 9),
    min=_FLOATS,
    min_step=st.integers(0, 9),
    max=_FLOATS,
    max_step=st.integers(0, 9),
    mean=_FLOATS,
    count=st.integers(1, 9),
)
_VALUES: st.SearchStrategy[FlagValue] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), _FLOATS, st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=2).map(tuple),
    max_leaves=4,
)
_RUNS = st.builds(
    Run,
    id=st.just("a" * 32),
    batch=st.just(BATCH),
    number=st.integers(0, 99),
    operation=st.text(max_size=5),
    script=st.text(max_size=5),
    status=st.sampled_from(TrialStatus),
    exit_code=st.none() | st.integers(0, 255),
    started=st.none() | st.floats(1, 1e10),
    label=st.text(max_size=5),
    tags=st.lists(st.text(max_size=3), max_size=2).map(tuple),
    objective=st.none() | _FLOATS.map(lambda value: value + 0.0),  # SQLite has no -0.0
    flags=st.dictionaries(st.text(max_size=4), _VALUES, max_size=3),
    scalars=st.dictionaries(st.text(max_size=4), _SUMMARIES, max_size=2),
    prediction=st.none() | st.builds(Prediction, mean=_FLOATS, sd=_FLOATS, acquisition=_FLOATS),
    progress=st.none()
    | st.builds(
        BatchProgress,
        total=st.none() | st.integers(0, 9),
        counts=st.dictionaries(st.sampled_from(TrialStatus), st.integers(0, 9)),
        best_number=st.none() | st.integers(1, 9),
        best_objective=st.none() | _FLOATS,
        is_alive=st.booleans(),
    ),
)


@settings(deadline=None, max_examples=100)
@given(_RUNS)
def test_a_run_comes_back_as_it_was(run: Run) -> None:
    with RunIndex.in_memory() as index:
        index.settle({BATCH: SettledBatch(key="", derived=((0.0, run),))})
        (row,) = index.rows()
    found = from_row(row)

    in_order = dataclasses.replace(run, flags=dict(sorted(run.flags.items())))
    assert repr(found) == repr(in_order)  # NaN is not equal to itself


def test_an_objective_that_is_not_a_number_is_not_a_missing_one(
    path: Path, new_record: NewRecord
) -> None:
    values = [math.nan, math.inf, None]
    with RunIndex.open(path) as index:
        for number, value in enumerate(values, start=1):
            index.upsert([new_record(BATCH, number, objective=value)], part(number))

        runs = sorted(map(from_row, index.rows()), key=lambda run: run.number)

    assert [repr(run.objective) for run in runs] == ["nan", "inf", "None"]
