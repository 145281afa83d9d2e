import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import CorruptObjectError, NotFoundError, StoreFormatError
from tunesmith.pruning import Pruned
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.storage.records.parquet import FORMAT_KEY, arrow
from tunesmith.storage.records.points import decode_part_series
from tunesmith.storage.records.records import decode_records, encode_part, encode_segment
from tunesmith.storage.store import Store
from tunesmith.trial import Prediction, TrialRecord, TrialStatus

NewRecord = Callable[..., TrialRecord]
MakeSeries = Callable[[int], ScalarSeries]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FLOATS = st.floats(allow_nan=False)
STEPS = st.integers(-(2**63), 2**63 - 1)
FLAG_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(max_size=12),
    lambda values: st.lists(values, max_size=3).map(tuple),
    max_leaves=5,
)
SUMMARIES = st.builds(
    ScalarSummary,
    first=FLOATS,
    first_step=STEPS,
    last=FLOATS,
    last_step=STEPS,
    min=FLOATS,
    min_step=STEPS,
    max=FLOATS,
    max_step=STEPS,
    mean=FLOATS,
    count=st.integers(1, 10**9),
)
ENDS = st.sampled_from(
    [
        {"status": TrialStatus.COMPLETED, "exit_code": 0},
        {"status": TrialStatus.ERROR, "exit_code": 1},
        {"status": TrialStatus.TERMINATED, "exit_code": None, "signal": 9, "reason": "timeout"},
        {"status": TrialStatus.PRUNED, "exit_code": 0, "reason": "at point 6 its loss was high"},
    ]
)
FIELDS = st.fixed_dictionaries(
    {
        "attempt": st.integers(1, 9999),
        "operation": TEXTS,
        "script": st.sampled_from(["train.py", "src/train ü.py", "a/..b/c"]),
        "started": st.floats(1e9, 4e9),
        "stopped": st.floats(1e9, 4e9),
        "seconds": FLOATS,
        "cpu_seconds": st.none() | FLOATS,
        "max_rss_bytes": st.none() | st.integers(0, 2**50),
        "label": TEXTS,
        "tags": st.lists(TEXTS, max_size=3).map(tuple),
        "host": TEXTS,
        "command": TEXTS,
        "origin": TEXTS,
        "objective": st.none() | FLOATS,
        "flags": st.dictionaries(st.text(max_size=8), FLAG_VALUES, max_size=4),
        "scalars": st.dictionaries(TEXTS, SUMMARIES, max_size=3),
        "units": st.dictionaries(TEXTS, st.sampled_from(["epoch", "step"]), max_size=3),
        "pruned": st.none()
        | st.builds(
            Pruned,
            point=st.integers(1, 10**9),
            estimate=st.none() | st.floats(allow_nan=False, allow_infinity=False),
            among=st.lists(st.integers(1, 10**6), max_size=5).map(tuple),
        ),
        "prediction": st.none()
        | st.builds(Prediction, mean=FLOATS, sd=FLOATS, acquisition=FLOATS),
    }
)


@settings(max_examples=60, deadline=None)
@given(fields=FIELDS, end=ENDS)
def test_a_record_comes_back_as_it_was_published(
    new_record: NewRecord, fields: dict[str, Any], end: dict[str, Any]
) -> None:
    record = new_record("a" * 32, 7, **fields, **end)
    assert decode_records("part", encode_part(record, ())) == [record]
    assert decode_records("segment", encode_segment([record, record], ())) == [record, record]


def _settled(one: ScalarSeries) -> ScalarSeries:
    return ScalarSeries(
        tag=one.tag, steps=tuple(one.steps), values=tuple(one.values), times=tuple(one.times)
    )


@settings(max_examples=40, deadline=None)
@given(
    points=st.lists(
        st.tuples(st.sampled_from(["loss", "val#acc", ""]), STEPS, FLOATS, FLOATS), max_size=30
    )
)
def test_series_come_back_as_they_were_published(
    new_record: NewRecord, points: list[tuple[str, int, float, float]]
) -> None:
    series = [
        ScalarSeries(
            tag=tag,
            steps=tuple(step for name, step, _, _ in points if name == tag),
            values=tuple(value for name, _, value, _ in points if name == tag),
            times=tuple(time for name, _, _, time in points if name == tag),
        )
        for tag in dict.fromkeys(name for name, _, _, _ in points)
    ]
    data = encode_part(new_record("a" * 32, 1), series)
    found = decode_part_series("part", data)
    assert [_settled(one) for one in found] == series


def test_nan_and_infinity_are_not_the_same_as_nothing(new_record: NewRecord, batch: str) -> None:
    values = [math.nan, math.inf, -math.inf, None]
    records = [new_record(batch, n, objective=value) for n, value in enumerate(values)]
    found = decode_records("segment", encode_segment(records, ()))
    assert [repr(record.objective) for record in found] == ["nan", "inf", "-inf", "None"]


def test_flags_keep_their_types(new_record: NewRecord, batch: str) -> None:
    flags = {"i": 1, "f": 1.0, "b": True, "t": "1", "n": None, "l": (1, (2.0,)), "z": -0.0}
    (found,) = decode_records("part", encode_part(new_record(batch, 1, flags=flags), ()))
    assert {name: repr(value) for name, value in found.flags.items()} == {
        name: repr(value) for name, value in flags.items()
    }


def test_what_utf_8_cannot_hold_is_published_all_the_same(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    record = new_record(batch, 1, flags={"a\udcff": "b\udcfe"}, command="run \udcff")
    store.publish(record, ())
    (found,) = store.records(batch).records
    assert found.flags == record.flags
    assert found.command == "run \\udcff"


def test_a_step_beyond_64_bits_is_published_as_the_largest(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    series = ScalarSeries(tag="loss", steps=(10**30,), values=(1.0,), times=(0.0,))
    scalars = {"loss": ScalarSummary.from_series(series)}
    store.publish(new_record(batch, 1, scalars=scalars), [series])
    assert store.series(batch, 1)[0].steps == (2**63 - 1,)
    assert store.records(batch).records[0].scalars["loss"].last_step == 2**63 - 1


def test_a_published_trial_is_there_for_another_process(
    store: Store, new_record: NewRecord, make_series: MakeSeries, batch: str
) -> None:
    record = new_record(batch, 1)
    name = store.publish(record, [make_series(1)])
    other = Store.open(store.home)
    assert other.part_names(batch) == [name]
    assert other.read_part(name).flags == record.flags
    assert repr(other.series(batch, 1)) == repr([make_series(1)])


def test_publishing_an_attempt_again_changes_nothing(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    names = {store.publish(new_record(batch, 1), ()) for _ in range(3)}
    assert store.part_names() == [*names]


def test_a_torn_part_is_named_and_the_others_are_read(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    torn, _ = [store.publish(new_record(batch, n), ()) for n in (1, 2)]
    path = store.home / torn
    path.write_bytes(path.read_bytes()[:-20])
    reading = store.records()
    assert [record.number for record in reading.records] == [2]
    assert reading.warnings == (f"{torn} is damaged: its bytes do not match the hash in its name",)
    with pytest.raises(CorruptObjectError, match=torn):
        store.read_part(torn)


def test_a_damaged_part_is_left_in_place_by_reading(
    store: Store, new_record: NewRecord, batch: str
) -> None:
    name = store.publish(new_record(batch, 1), ())
    (store.home / name).write_bytes(b"")
    store.records()
    assert store.part_names() == [name]


def test_a_part_of_a_later_format_is_refused(
    store: Store, new_record: NewRecord, batch: str, tmp_path: Path
) -> None:
    pa = arrow()
    table = pa.table({"id": ["x"]}).replace_schema_metadata({FORMAT_KEY: b"2"})
    pa.parquet.write_table(table, tmp_path / "later.parquet")
    with pytest.raises(StoreFormatError, match="has format 2; this Tunesmith reads up to 1"):
        decode_records("later", (tmp_path / "later.parquet").read_bytes())


def test_an_unknown_part_is_a_key_error(store: Store, batch: str) -> None:
    for name in (f"parts/{batch}/{batch}.0001.{'0' * 16}.parquet", "parts/../x"):
        with pytest.raises(KeyError):
            store.read_part(name)


def test_an_id_that_is_none_is_refused_before_anything_is_written(
    store: Store, new_record: NewRecord
) -> None:
    with pytest.raises(NotFoundError, match="is not an id"):
        store.publish(new_record("../../etc", 1), ())
    assert store.part_names() == []
