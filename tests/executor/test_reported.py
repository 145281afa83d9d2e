"""What an attempt reports by its files beside its output."""

from dataclasses import replace
from typing import Any

from tunesmith.executor.attempt import publish_attempt
from tunesmith.trial import PlannedTrial

WRITES = """\
import json
x = 1
with open("metrics.json", "w") as file:
    json.dump({"val": {"loss": 0.5}, "x": x}, file)
with open("mine.json", "w") as file:
    json.dump({"speed": 7}, file)
"""


def test_a_file_with_metrics_that_a_trial_writes_is_read(make_work: Any) -> None:
    record = publish_attempt(make_work(WRITES), PlannedTrial(number=1, flags={}, origin="grid"))
    assert {tag: one.last for tag, one in record.scalars.items()} == {"val/loss": 0.5}
    assert record.objective == 0.5


def test_a_named_file_is_read_alone(make_work: Any) -> None:
    work = make_work(WRITES)
    execution = replace(work.spec.execution, metrics=("mine.json",))
    named = replace(work, spec=replace(work.spec, execution=execution))
    record = publish_attempt(named, PlannedTrial(number=1, flags={}, origin="grid"))
    assert {tag: one.last for tag, one in record.scalars.items()} == {"speed": 7.0}
