"""Compaction what this process has published: quicker, and the same to the byte."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.storage.records.test_parts import ENDS, FIELDS
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.objects.object_store import ObjectStore
from tunesmith.storage.records import compaction
from tunesmith.storage.records.part_cache import PartCache
from tunesmith.storage.records.records import encode_part, part_name
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord

NewRecord = Callable[..., TrialRecord]
MakeSeries = Callable[[int], ScalarSeries]


def publish(
    objects: ObjectStore, cache: PartCache, record: TrialRecord, series: Sequence[ScalarSeries]
) -> str:
    data = encode_part(record, series)
    name = str(part_name(record, data))
    objects.put_new(name, data)
    cache.add(name, record, series)
    return name


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(FIELDS, ENDS), min_size=1, max_size=3))
def test_a_segment_is_the_same_whether_its_parts_are_remembered_or_read(
    new_memory: Callable[[], ObjectStore],
    new_record: NewRecord,
    make_series: MakeSeries,
    rows: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    remembering, reading = new_memory(), new_memory()
    cache, nothing = PartCache(), PartCache(max_points=0)
    for number, (fields, end) in enumerate(rows):
        record = new_record("a" * 32, number, **fields, **end)
        publish(remembering, cache, record, [make_series(number)])
        publish(reading, nothing, record, [make_series(number)])
    compaction.compact(remembering, "a" * 32, cache)
    compaction.compact(reading, "a" * 32, nothing)
    names = remembering.list("")
    assert names == reading.list("") == ["runs/" + "a" * 32 + ".000001.parquet", names[1]]
    assert [remembering.get(name) for name in names] == [reading.get(name) for name in names]


def test_what_is_sealed_is_forgotten(
    new_memory: Callable[[], ObjectStore], new_record: NewRecord, make_series: MakeSeries
) -> None:
    objects, cache = new_memory(), PartCache(max_points=4)
    first, second = (
        publish(objects, cache, new_record("a" * 32, number), [make_series(number)])
        for number in (1, 2)
    )
    assert cache.find(first) is not None
    assert cache.find(second) is None  # there was room for three points, and one for the part
    compaction.compact(objects, "a" * 32, cache)
    assert cache.find(first) is None
    third = publish(objects, cache, new_record("a" * 32, 3), [make_series(3)])
    assert cache.find(third) is not None


def test_bytes_that_changed_on_the_disk_are_not_sealed_from_memory(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    name, _ = [store.publish(new_record(batch, number), ()) for number in (1, 2)]
    path = store.home / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    store.compact(batch)
    assert [record.number for record in store.records().records] == [2]
    assert len(list(store.layout.quarantine.iterdir())) == 1
