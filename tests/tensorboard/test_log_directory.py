"""Log directories, read back as a script's own event files are."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.batches import make_record, make_spec
from tunesmith.executor.events import read_event_series
from tunesmith.output.scalars import summarize
from tunesmith.pruning import PruningSpec
from tunesmith.scalar import ScalarSeries
from tunesmith.storage.store import Store
from tunesmith.tensorboard.log_directory import write_batch_summaries
from tunesmith.trial import TrialStatus

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


def _pruned(store: Store, batch: str, number: int, tags: Sequence[str]) -> None:
    series = [
        ScalarSeries(tag=tag, steps=[1, 2], values=[2.0, -9.0], times=[1_700_000_000.5] * 2)
        for tag in tags
    ]
    record = make_record(batch, number, flags={"x": number}, scalars=summarize(series))
    fields: dict[str, Any] = {
        "status": TrialStatus.PRUNED,
        "exit_code": None,
        "reason": "at point 2 it lost",
    }
    store.publish(replace(record, **fields), series)


@pytest.mark.parametrize("is_pruned", [True, False])
def test_a_column_tells_pruned_trials_from_others_and_their_curves_stay(
    store: Store, is_pruned: bool
) -> None:
    batch = uuid.uuid4().hex
    store.put_batch(make_spec(batch, pruning=PruningSpec()))
    _publish(store, batch, 1, [_long("loss")])
    if is_pruned:
        _pruned(store, batch, 2, ["loss"])

    written = write_batch_summaries(store, batch, store.list_runs().runs)

    shown = read_event_series(store.layout.summaries(batch))
    assert list(written.metrics) == ["loss", "pruned", "time"]
    marks = {one.tag[:4]: list(one.values) for one in shown if one.tag.endswith("#pruned")}
    assert marks == {"0001": [0.0], **({"0002": [1.0]} if is_pruned else {})}
    curves = [list(one.values) for one in shown if re.match("0002.*#loss$", one.tag)]
    assert curves == ([[2.0, -9.0]] if is_pruned else [])


def test_a_scalar_of_the_script_called_pruned_is_left_as_it_is(store: Store) -> None:
    batch = uuid.uuid4().hex
    _pruned(store, batch, 1, ["loss", "pruned"])

    written = write_batch_summaries(store, batch, store.list_runs().runs)

    shown = read_event_series(store.layout.summaries(batch))
    assert list(written.metrics) == ["loss", "pruned", "time"]
    (one,) = (one for one in shown if one.tag.endswith("#pruned"))
    assert list(one.values) == [2.0, -9.0]
