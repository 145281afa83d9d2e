"""Whatever bytes stand in an object's place: it is named as damaged, and nothing else breaks."""

import json
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.batch import BatchSpec
from tunesmith.errors import StoreError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.objects.json_objects import decode_json
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.records.batches import read_ends, read_specification
from tunesmith.storage.records.edits import decode_edit
from tunesmith.storage.records.plans import decode_plan
from tunesmith.storage.records.points import decode_part_series, decode_series
from tunesmith.storage.records.records import (
    decode_covered,
    decode_records,
    encode_part,
    encode_segment,
)
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord

NewRecord = Callable[..., TrialRecord]
NewSpec = Callable[..., BatchSpec]
MakeSeries = Callable[[int], ScalarSeries]

BATCH = "d" * 32
SEEDS = range(4)


def decode_everything(data: bytes) -> None:
    """Decode as every kind of Parquet object; only the one error may come out."""
    for decode in (decode_records, decode_covered, decode_part_series):
        with suppress(StoreError):
            decode("object", data)
    with suppress(StoreError):
        dict(decode_series("object", data, ["id"]))


@pytest.fixture(params=["part", "segment"])
def data(request: pytest.FixtureRequest, new_record: NewRecord, make_series: MakeSeries) -> bytes:
    if request.param == "part":
        return encode_part(new_record(BATCH, 1), [make_series(1)])
    return encode_segment([new_record(BATCH, n) for n in range(1, 4)], ["parts/x"])


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_off_parquet_is_damage(data: bytes, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        decode_everything(data[: chance.randrange(len(data))])


@pytest.mark.parametrize("seed", SEEDS)
def test_changed_parquet_is_damage_or_what_it_was(data: bytes, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        decode_everything(bytes(changed))


@given(data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_random_bytes_are_no_parquet(data: bytes) -> None:
    with pytest.raises(StoreError, match=r"^object is damaged"):
        decode_records("object", data)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_changed_bit_of_a_part_is_noticed(
    store: Store, new_record: NewRecord, batch: str, seed: int
) -> None:
    name = store.publish(new_record(batch, 1), ())
    path = store.home / name
    intact, chance = path.read_bytes(), random.Random(seed)
    for _ in range(50):
        changed = bytearray(intact)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        reading = store.records()
        assert (len(reading.records), len(reading.warnings)) == (0, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values),
    max_leaves=8,
)
PLAN_FIELDS = ("trials", "number", "flags", "origin", "prediction")
EDIT_FIELDS = ("action", "runs", "value", "time", "reason", "stopped")
SPEC_FIELDS = ("settings", "objective", "script_flags", "optimizer", "execution")
FIELDS = st.sampled_from((*PLAN_FIELDS, *EDIT_FIELDS, *SPEC_FIELDS))


@given(fields=st.dictionaries(FIELDS, JSON | st.lists(st.dictionaries(FIELDS, JSON), max_size=2)))
@settings(max_examples=80, deadline=None)
def test_json_of_another_shape_is_damage(
    new_memory: Callable[[], ObjectStore], fields: dict[str, object]
) -> None:
    data = json.dumps({"format": 1, **fields}).encode()
    for decode in (decode_plan, decode_edit, decode_json):
        with suppress(StoreError):
            decode("object", data)
    objects = new_memory()
    objects.put_new(f"batches/{BATCH}.json", data)
    objects.put_new(f"batches/{BATCH}.r0.end.json", data)
    with suppress(StoreError):
        read_ends(objects, BATCH)
    with suppress(StoreError):
        read_specification(objects, BATCH, position=0)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"[" * 100_000, b'{"format": 1, "trials": ' + b"[" * 3000, b"1" * 5000],
    ids=["empty", "binary", "deep", "deep-inside", "long-number"],
)
def test_bytes_that_are_no_json_are_damage(data: bytes) -> None:
    with pytest.raises(StoreError, match=r"^object is damaged"):
        decode_json("object", data)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_store_with_damage_everywhere_is_read_sealed_and_purged(
    store: Store,
    new_record: NewRecord,
    new_spec: NewSpec,
    make_series: MakeSeries,
    seed: int,
) -> None:
    chance = random.Random(seed)
    store.put_batch(new_spec(BATCH))
    for number in range(1, 7):
        store.publish(new_record(BATCH, number), [make_series(number)])
        if number % 2 == 0:
            store.compact(BATCH)
    store.publish(new_record(BATCH, 7, attempt=2), ())
    for name in [*store.segment_names(), *store.objects.list("series/"), *store.part_names()]:
        if chance.random() < 0.6:
            path = store.home / name
            path.write_bytes(path.read_bytes()[: chance.randrange(2000)])
    assert len(store.records().records) + len(store.records().warnings) <= 7
    assert store.compact(BATCH)
    store.purge([BATCH])
    assert store.records().records == ()
