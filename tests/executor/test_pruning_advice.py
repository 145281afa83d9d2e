"""What a batch that was not pruned says of pruning at its end."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.batches import make_record, make_spec
from tunesmith.batch import OptimizerSpec
from tunesmith.executor.pruning_advice import advise_on_pruning
from tunesmith.objective import Objective
from tunesmith.pruning import PruningSpec
from tunesmith.scalar import ScalarColumn, ScalarSeries, ScalarSummary
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord

BATCH = "b" * 32
SPEC = make_spec(BATCH)


def falling(end: float, n: int = 30) -> list[float]:
    return [end + 2 / t for t in range(1, n + 1)]


def jumping(end: float, n: int = 30) -> list[float]:
    """A plateau that ends in a jump: the better it becomes, the worse it looks before."""
    return [5.0 - end] * (n - 2) + [end, end]


def published(
    store: Store, curves: Sequence[Sequence[float]], seconds: float
) -> list[TrialRecord]:
    records = []
    for number, values in enumerate(curves, 1):
        steps = range(len(values))
        series = ScalarSeries(tag="loss", steps=steps, values=values, times=[1.0] * len(values))
        record = make_record(
            BATCH,
            number,
            seconds=seconds,
            objective=values[-1],
            scalars={"loss": ScalarSummary.from_series(series)},
        )
        store.publish(record, [series])
        records.append(record)
    return records


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / ".tunesmith")


def test_it_says_what_would_have_been_saved_and_that_the_best_stays(store: Store) -> None:
    records = published(store, [falling(k / 2) for k in range(1, 13)], seconds=2.0)
    told = advise_on_pruning(SPEC, store, records)
    assert told.startswith("--prune would have run ")
    assert told.endswith(" % of the steps and found the same best")
    assert int(told.split()[4]) < 60


def test_it_warns_of_curves_that_jump_at_their_end(store: Store) -> None:
    records = published(store, [jumping(k / 5) for k in range(1, 13)], seconds=2.0)
    told = advise_on_pruning(SPEC, store, records)
    assert "lost the best trial" in told
    assert told.endswith(": let these trials run to their end")


def test_it_says_nothing_where_there_is_nothing_to_say(store: Store) -> None:
    curves = [falling(float(k)) for k in range(1, 13)]
    records = published(store, curves, seconds=2.0)
    short = [make_record(BATCH, one.number, seconds=0.1, scalars=one.scalars) for one in records]
    mean = Objective(column=ScalarColumn.from_text("mean loss"))
    single = make_spec(BATCH, optimizer=None, n_trials=None, settings={})
    grid = make_spec(BATCH, optimizer=OptimizerSpec(name="random"))
    assert advise_on_pruning(grid, store, records)
    assert advise_on_pruning(SPEC, store, records[:9]) == ""
    assert advise_on_pruning(SPEC, store, short) == "", "of seconds nothing is to be saved"
    assert advise_on_pruning(make_spec(BATCH, objective=mean), store, records) == ""
    assert advise_on_pruning(make_spec(BATCH, pruning=PruningSpec()), store, records) == ""
    assert advise_on_pruning(single, store, records) == ""
