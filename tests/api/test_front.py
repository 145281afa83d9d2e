"""The front of a batch from Python."""

from dataclasses import replace
from typing import Any

import tunesmith
from tests.cli.conftest import Library
from tunesmith.objective import Objective
from tunesmith.scalar import ScalarColumn


def test_a_batch_has_its_front(library: Library) -> None:
    library.search()
    store: Any = library.store
    spec = store.batch("0b5e55ed" * 4)
    seconds = Objective(column=ScalarColumn(tag="seconds"))
    store.put_batch(replace(spec, generation=1, more_objectives=(seconds,)))

    batch = tunesmith.open(library.project).batch("0b5e55ed")

    # all took as long, so that the best by the first objective beats the others
    assert [one.number for one in batch.front.trials] == [batch.best and batch.best.number]
    assert batch.front.knee is None
