"""What a file of a store says of itself has to fit its name, and can lead nowhere else."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.storage.conftest import MemoryObjects, NewRecord, NewSpec
from tunesmith.batch_json import batch_to_json
from tunesmith.errors import CorruptObjectError
from tunesmith.storage.objects.object_names import SegmentName, specification_name
from tunesmith.storage.records.batches import read_specification
from tunesmith.storage.records.edits import decode_edit
from tunesmith.storage.records.plans import decode_plan
from tunesmith.storage.records.reading import read_part, read_records, read_segment
from tunesmith.storage.records.records import encode_part, encode_segment, part_name
from tunesmith.storage.store import Store
from tunesmith.trial import trial_id

OTHER = "b" * 32


@pytest.mark.parametrize(
    "changes",
    [
        {"script": "../../train.py"},
        {"script": "/etc/train.py"},
        {"source_digest": "../../.."},
        {"source_digest": "/etc"},
        {"id": "../" * 6 + "x"},
        {"id": OTHER},
        {"batch": OTHER},
        {"number": 8},
        {"attempt": 10**8},
        {"attempt": -1},
    ],
    ids=str,
)
def test_a_record_that_names_what_is_not_its_own_is_not_read(
    batch: str, new_record: NewRecord, changes: dict[str, Any]
) -> None:
    name = SegmentName(batch_id=batch, generation=1)
    objects = MemoryObjects()
    good, bad = new_record(batch, 6), replace(new_record(batch, 7), **changes)
    objects.put_new(str(name), encode_segment([good, bad], ()))
    with pytest.raises(CorruptObjectError, match="is damaged"):
        read_segment(objects, name)
    reading = read_records(objects)
    assert (reading.records, len(reading.warnings)) == ((), 1)


def test_a_part_that_holds_a_trial_of_another_batch_is_not_read(
    batch: str, new_record: NewRecord
) -> None:
    objects = MemoryObjects()
    theirs = new_record(OTHER, 1, attempt=99)
    data = encode_part(theirs, ())
    name = part_name(new_record(batch, 1, attempt=99), data)
    objects.put_new(str(name), data)
    with pytest.raises(CorruptObjectError, match="another trial"):
        read_part(objects, name)


@pytest.mark.parametrize(("batch_of_name", "generation"), [(OTHER, 0), ("a" * 32, 3)])
def test_a_specification_under_another_name_is_not_read(
    store: Store, new_spec: NewSpec, batch_of_name: str, generation: int
) -> None:
    spec = new_spec("a" * 32)
    objects = MemoryObjects()
    objects.put_new(specification_name(batch_of_name, generation), batch_to_json(spec).encode())
    with pytest.raises(CorruptObjectError, match="another batch or generation"):
        read_specification(objects, batch_of_name, position=-1)


@pytest.mark.parametrize(
    "changes",
    [{"runs": ["../../x"]}, {"runs": [7]}, {"runs": "abc"}, {"time": 1e300}, {"time": "nan"}],
    ids=str,
)
def test_an_edit_that_names_no_runs_or_has_no_date_is_not_read(changes: dict[str, Any]) -> None:
    fields = {"format": 1, "action": "label", "runs": ["a" * 32], "value": "v", "time": 1.0}
    assert decode_edit("edits/x.json", json.dumps(fields).encode()).runs == ("a" * 32,)
    with pytest.raises(CorruptObjectError, match="is damaged"):
        decode_edit("edits/x.json", json.dumps({**fields, **changes}).encode())


@pytest.mark.parametrize("number", [-1, 10**8, True, 1.5, "1"])
def test_a_plan_with_a_number_that_no_name_holds_is_not_read(number: object) -> None:
    trial = {"number": number, "flags": {}, "origin": "grid", "prediction": None}
    with pytest.raises(CorruptObjectError, match="not a plan"):
        decode_plan("plan/x.json", json.dumps({"format": 1, "trials": [trial]}).encode())


@pytest.mark.parametrize("attempt", [10**8, -1, True, 1.5, "2"])
def test_the_note_of_a_start_with_an_attempt_that_no_name_holds_counts_as_the_first(
    store: Store, batch: str, attempt: object
) -> None:
    store.start_trial(batch, 1, attempt=1, started=1.0)
    note = store.layout.started(batch, trial_id(batch, 1))
    note.write_text(json.dumps({**json.loads(note.read_text()), "attempt": attempt}))
    start = store.start(batch, 1)
    assert start is not None
    assert (start.number, start.attempt) == (1, 1)
