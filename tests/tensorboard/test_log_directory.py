"""Log directories, read back as a script's own event files are."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.batches import make_record
from tunesmith.executor.events import read_event_series
from tunesmith.output.scalars import summarize
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.store import Store
from tunesmith.tensorboard.log_directory import write_batch_summaries

N = 5_000


def _publish(store: Store, batch: str, number: int, series: Sequence[ScalarSeries]) -> None:
    scalars = summarize(series)
    record = make_record(batch, number, flags={"x": number}, scalars=scalars)
    store.publish(record, series)


def _long(tag: str) -> ScalarSeries:
    values = [float(n % 7) for n in range(N)]
    values[1234], values[4321] = -50.0, 90.0
    return ScalarSeries(tag=tag, steps=range(N), values=values, times=[1_700_000_000.5] * N)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / ".tunesmith")


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_long_series_is_thinned_and_says_so(store: Store, is_sealed: bool) -> None:
    batch = uuid.uuid4().hex
    for number in (1, 2):
        _publish(store, batch, number, [_long("loss"), _long("val#acc")])
    if is_sealed:
        store.compact(batch)

    written = write_batch_summaries(store, batch, store.list_runs().runs)

    series = {one.tag: one for one in read_event_series(store.layout.summaries(batch))}
    losses = [one for tag, one in series.items() if tag.endswith("#loss")]
    assert len(losses) == 2
    for one in losses:
        assert 500 < len(one.values) <= 1000
        assert (one.steps[0], one.steps[-1]) == (0, N - 1)
        assert (min(one.values), max(one.values)) == (-50.0, 90.0)
    assert len([tag for tag in series if tag.endswith("/val#acc")]) == 2
    assert written.notes == [
        "the TensorBoard files hold at most 1000 points of each series, including the lowest and "
        "the highest; to export all points: tunesmith tensorboard --export-scalars FILE"
    ]
    assert len(store.series(batch, 1)[0].values) == N


def test_a_trial_with_ten_thousand_scalars_shows_a_part_and_says_so(store: Store) -> None:
    batch = uuid.uuid4().hex
    series = [
        ScalarSeries(tag=f"tag{n:05}", steps=[0], values=[1.0], times=[1_700_000_000.5])
        for n in range(10_000)
    ]
    _publish(store, batch, 1, series)

    written = write_batch_summaries(store, batch, store.list_runs().runs)

    shown = read_event_series(store.layout.summaries(batch))
    assert len([one for one in shown if "#tag" in one.tag]) == 1000
    assert written.notes == ["the TensorBoard files hold 1000 of 10000 scalars"]


def test_a_short_series_is_there_as_a_whole(store: Store) -> None:
    batch = uuid.uuid4().hex
    one = ScalarSeries(tag="loss", steps=[1, 2], values=[0.5, 0.25], times=[1_700_000_000.5] * 2)
    _publish(store, batch, 1, [one])

    written = write_batch_summaries(store, batch, store.list_runs().runs)

    shown = {
        one.tag.rpartition("#")[2]: one for one in read_event_series(store.layout.summaries(batch))
    }
    assert list(shown["loss"].values) == [0.5, 0.25]
    assert list(shown["time"].values) == [1.0]
    assert written.notes == []
