import math
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import CorruptObjectError
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.files.leases import try_lock
from tunesmith.storage.records import compaction
from tunesmith.storage.records.columns import (
    MAX_WIDE,
    from_nanoseconds,
    to_nanoseconds,
    wide_flags,
)
from tunesmith.storage.records.parquet import ROWS_AT_ONCE
from tunesmith.storage.records.reading import read_segment, segment_names
from tunesmith.storage.records.records import encode_segment
from tunesmith.storage.store import Store
from tunesmith.trial import TrialRecord, trial_id

NewRecord = Callable[..., TrialRecord]
MakeSeries = Callable[[int], ScalarSeries]


def raw_rows(store: Store) -> list[tuple[str, int]]:
    """Return what DuckDB sees of every segment, which knows nothing of our rules."""
    pattern = str(store.layout.runs / "*.parquet")
    query = "select id, attempt from read_parquet(?, union_by_name=true) order by id, attempt"
    return duckdb.connect().execute(query, [pattern]).fetchall()


def test_compaction_changes_nothing_that_a_reader_sees(
    store: Store, new_record: NewRecord, make_series: MakeSeries, batch: str
) -> None:
    for number in range(1, 6):
        store.publish(new_record(batch, number), [make_series(number)])
    before, series = store.records(), [repr(store.series(batch, n)) for n in range(1, 6)]
    assert store.compact(batch)
    assert repr(store.records()) == repr(before)
    assert [repr(store.series(batch, n)) for n in range(1, 6)] == series
    assert store.part_names() == []
    assert store.segment_names() == [f"runs/{batch}.000001.parquet"]


def test_many_points_are_compacted_into_segments_that_the_memory_holds(
    store: Store, new_record: NewRecord, make_series: MakeSeries, batch: str
) -> None:
    for number in range(1, 6):
        store.publish(new_record(batch, number), [make_series(number)])
    series = [repr(store.series(batch, n)) for n in range(1, 6)]
    compaction.compact(store.objects, batch, max_points=6)  # two trials have so many
    assert len(store.segment_names(batch)) == 3
    assert store.part_names() == []
    assert [record.number for record in store.records(batch).records] == [1, 2, 3, 4, 5]
    assert [repr(store.series(batch, n)) for n in range(1, 6)] == series


@pytest.mark.parametrize("is_compacted", [False, True])
def test_a_trial_with_more_points_than_are_read_at_once_comes_back_whole(
    store: Store, new_record: NewRecord, batch: str, is_compacted: bool
) -> None:
    n = ROWS_AT_ONCE + 10
    for number in (1, 2, 3):
        numbers = [float(step * number) for step in range(n)]
        series = ScalarSeries(tag="loss", steps=range(n), values=numbers, times=numbers)
        store.publish(new_record(batch, number), [series])
    if is_compacted:
        store.compact(batch)
    for number in (1, 2, 3):
        exact = tuple(float(step * number) for step in range(n))
        whole = ScalarSeries(tag="loss", steps=tuple(range(n)), values=exact, times=exact)
        assert store.series(batch, number) == [whole]


def test_compaction_again_changes_nothing(store: Store, new_record: NewRecord, batch: str) -> None:
    store.publish(new_record(batch, 1), ())
    store.compact(batch)
    before = {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()}
    assert store.compact(batch)
    assert {path: path.read_bytes() for path in store.home.rglob("*") if path.is_file()} == before


def test_what_comes_later_goes_into_a_segment_of_its_own(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    for number in (1, 2):
        store.publish(new_record(batch, number), ())
        store.compact(batch)
    assert len(store.segment_names(batch)) == 2
    assert [record.number for record in store.records(batch).records] == [1, 2]


def test_a_later_attempt_replaces_the_earlier_one_for_every_reader(
    store: Store, new_record: NewRecord, make_series: MakeSeries, batch: str
) -> None:
    for number in (1, 2):
        store.publish(new_record(batch, number), [make_series(number)])
    store.compact(batch)
    store.publish(new_record(batch, 1, attempt=2, objective=9.0), [make_series(5)])
    assert [record.attempt for record in store.records().records] == [2, 1]
    assert repr(store.series(batch, 1)) == repr([make_series(5)])
    store.compact(batch)
    assert [record.attempt for record in store.records().records] == [2, 1]
    assert repr(store.series(batch, 1)) == repr([make_series(5)])
    assert repr(store.series(batch, 2)) == repr([make_series(2)])
    assert sorted(raw_rows(store)) == sorted([(trial_id(batch, 1), 2), (trial_id(batch, 2), 1)])


def test_two_attempts_compacted_together_make_one_row(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    for attempt in (1, 2, 3):
        store.publish(new_record(batch, 1, attempt=attempt), ())
    store.compact(batch)
    assert raw_rows(store) == [(trial_id(batch, 1), 3)]


def test_a_torn_part_is_quarantined_by_compaction(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    torn, _ = [store.publish(new_record(batch, n), ()) for n in (1, 2)]
    (store.home / torn).write_bytes(b"PAR1")
    store.compact(batch)
    assert [path.read_bytes() for path in store.layout.quarantine.iterdir()] == [b"PAR1"]
    reading = store.records()
    assert [record.number for record in reading.records] == [2]
    assert reading.warnings == ()


def test_a_torn_segment_is_named_then_quarantined_and_its_number_is_never_used_again(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.publish(new_record(batch, 1), ())
    store.compact(batch)
    (name,) = store.segment_names()
    path = store.home / name
    path.write_bytes(path.read_bytes()[:-30])
    assert name in store.records().warnings[0]
    with pytest.raises(CorruptObjectError, match=name):
        read_segment(store.objects, *segment_names(store.objects))
    store.publish(new_record(batch, 2), ())
    store.compact(batch)
    assert store.segment_names() == [f"runs/{batch}.000002.parquet"]
    assert [record.number for record in store.records().records] == [2]


def test_a_stranger_s_file_among_the_segments_is_ignored_with_a_warning(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.publish(new_record(batch, 1), ())
    store.compact(batch)
    (store.layout.runs / "notes.parquet").write_text("mine")
    assert store.records().warnings == ("runs/notes.parquet is not a segment: ignored",)
    assert len(store.records().records) == 1


def test_series_without_their_segment_are_removed(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.objects.put_new(f"series/{batch}.000001.parquet", b"never committed")
    store.publish(new_record(batch, 1), ())
    store.compact(batch)
    assert store.objects.list("series/") == [f"series/{batch}.000002.parquet"]


def test_a_second_sealer_leaves_the_work_to_the_first(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.publish(new_record(batch, 1), ())
    with try_lock(store.layout.compaction_lock(batch)):
        assert not store.compact(batch)
    assert store.compact(batch)


def test_dead_batches_are_compacted_and_live_ones_left_alone(
    store: Store, new_record: NewRecord
) -> None:
    dead, live = uuid.uuid4().hex, uuid.uuid4().hex
    for batch in (dead, live):
        store.publish(new_record(batch, 1), ())
    with store.lease(live):
        assert store.compact_abandoned() == [dead]
    assert store.compact_abandoned() == [live]
    assert store.compact_abandoned() == []


def test_the_one_part_of_a_single_run_is_left_as_it_is(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.publish(new_record(batch, 0), ())
    assert store.compact_abandoned() == []
    assert [record.id for record in store.records().records] == [batch]


@pytest.fixture
def compacted(store: Store, new_record: NewRecord) -> Path:
    """Two batches whose flags have different types: the hard case for other readers."""
    for values in ((1, 2), (0.5, "auto")):
        batch = uuid.uuid4().hex
        for number, value in enumerate(values, start=1):
            store.publish(new_record(batch, number, flags={"x": value, "odd name": True}), ())
        store.compact(batch)
    return store.layout.runs


def test_duckdb_reads_the_compacted_runs(compacted: Path) -> None:
    runs = f"read_parquet('{compacted}/*.parquet', union_by_name=true)"
    rows = duckdb.execute(f'select "flag:x" from {runs} order by 1').fetchall()
    assert rows == [("0.5",), ("1.0",), ("2.0",), ("auto",)]


def test_polars_reads_the_compacted_runs(compacted: Path) -> None:
    frames = [pl.read_parquet(path) for path in compacted.glob("*.parquet")]
    runs = pl.concat(frames, how="diagonal_relaxed")
    assert sorted(runs["flag:x"]) == ["0.5", "1.0", "2.0", "auto"]


def test_pandas_reads_the_compacted_runs(compacted: Path) -> None:
    runs = pd.concat(pd.read_parquet(path) for path in compacted.glob("*.parquet"))
    assert sorted(map(str, runs["flag:x"])) == ["0.5", "1.0", "2.0", "auto"]
    assert runs["started"].dt.year.tolist() == [2023] * 4
    assert runs["scalar:loss"].notna().all()


@pytest.mark.parametrize(
    ("values", "kind", "column"),
    [
        ((1, 0.5, None), "double", [1.0, 0.5, None]),
        ((True, None, False), "bool", [True, None, False]),
        (("a", None), "text", ["a", None]),
        ((1, "a", True), "text", ["1", "a", "true"]),
        ((True, 1), "text", ["true", "1"]),
        (((1, 2.5), "x"), "text", ["[1,2.5]", "x"]),
        ((10**400, -(10**400)), "double", [math.inf, -math.inf]),
        ((math.nan, "x"), "text", ['{"$float":"nan"}', "x"]),
    ],
    ids=["numbers", "bools", "texts", "mixed", "bool-and-int", "list", "huge", "nan-in-text"],
)
def test_a_wide_column_has_one_type(values: Any, kind: str, column: Any) -> None:
    assert wide_flags([{"x": value} for value in values]) == {"flag:x": (kind, column)}


def test_a_flag_without_any_value_has_no_column() -> None:
    assert wide_flags([{"x": None}, {}]) == {}


def test_flags_beyond_the_cap_are_in_json_alone(new_record: NewRecord, batch: str) -> None:
    flags: Mapping[str, int] = {f"f{n:04d}": n for n in range(MAX_WIDE + 200)}
    data = encode_segment([new_record(batch, 1, flags=flags)], ())
    (row,) = pl.read_parquet(data).to_dicts()
    assert sum(name.startswith("flag:") for name in row) == MAX_WIDE
    assert row["flags"].count(":") == MAX_WIDE + 200


@given(time=st.floats(1e8, 4e9))
@settings(deadline=None)
def test_a_time_of_our_century_survives_nanoseconds(time: float) -> None:
    assert from_nanoseconds(to_nanoseconds(time)) == time


def test_a_store_that_cannot_be_locked_keeps_its_parts_and_is_read(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.publish(new_record(batch, 1), ())
    store.layout.leases.rmdir()
    assert store.compact_abandoned() == []
    assert len(store.records().records) == 1


def test_series_that_no_segment_belongs_to_go_when_dead_batches_are_sealed(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    store.publish(new_record(batch, 1), ())
    store.compact(batch)
    store.objects.put_new(f"series/{batch}.000001.1.parquet", b"left by a crash")
    assert store.compact_abandoned() == [batch]
    assert store.objects.list("series/") == [f"series/{batch}.000001.parquet"]
    assert store.compact_abandoned() == []
