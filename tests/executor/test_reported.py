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


def test_a_named_file_that_is_not_written_is_noted_once(make_work: Any, observer: Any) -> None:
    work = make_work(WRITES + "print('loss: 0.25')")
    execution = replace(work.spec.execution, metrics=("mine.json", "other/*.json"))
    named = replace(work, spec=replace(work.spec, execution=execution))
    records = [
        publish_attempt(named, PlannedTrial(number=number, flags={}, origin="grid"))
        for number in (1, 2)
    ]
    assert [record.scalars["loss"].last for record in records] == [0.25, 0.25]
    notes = [text for kind, text, *_ in observer.told if kind == "note"]
    assert len(notes) == 1
    assert "trial 1 wrote no other/*.json, which --metrics names" in notes[0]


def test_the_unit_of_steps_is_recorded(make_work: Any) -> None:
    work = make_work("print('epoch 3: val loss 0.5')\nprint('once: 1.5')")
    record = publish_attempt(work, PlannedTrial(number=1, flags={}, origin="grid"))
    assert record.units["val_loss"] == "epoch"
