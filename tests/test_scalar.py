import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import QueryError
from tunesmith.scalar import (
    ScalarColumn,
    ScalarSeries,
    ScalarSummary,
    Statistic,
    thinned,
)


def series(values: list[float], steps: list[int] | None = None) -> ScalarSeries:
    numbers = list(range(len(values))) if steps is None else steps
    return ScalarSeries(tag="loss", steps=numbers, values=values, times=[0.0] * len(values))


def test_a_summary_names_the_step_of_each_number() -> None:
    summary = ScalarSummary.from_series(series([3.0, 1.0, 2.0], [10, 20, 30]))
    assert (summary.first, summary.first_step) == (3.0, 10)
    assert (summary.last, summary.last_step) == (2.0, 30)
    assert (summary.min, summary.min_step) == (1.0, 20)
    assert (summary.max, summary.max_step) == (3.0, 10)
    assert (summary.mean, summary.count) == (2.0, 3)


def test_nan_is_left_out_of_the_extremes_and_kept_as_last() -> None:
    summary = ScalarSummary.from_series(series([1.0, 5.0, math.nan]))
    assert (summary.min, summary.max, summary.mean) == (1.0, 5.0, 3.0)
    assert math.isnan(summary.last)


def test_a_series_of_nothing_but_nan_has_nan_everywhere() -> None:
    summary = ScalarSummary.from_series(series([math.nan, math.nan]))
    assert all(math.isnan(number) for number in (summary.min, summary.max, summary.mean))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1))
def test_the_mean_is_that_of_the_standard_library(values: list[float]) -> None:
    summary = ScalarSummary.from_series(series(values))
    assert summary.mean == pytest.approx(statistics.fmean(values), rel=1e-12, abs=1e-300)


def test_opposite_infinities_have_no_mean() -> None:
    assert math.isnan(ScalarSummary.from_series(series([math.inf, -math.inf])).mean)


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        ScalarSeries(tag="loss", steps=[1], values=[1.0, 2.0], times=[0.0])


@pytest.mark.parametrize(
    ("text", "tag", "statistic"),
    [
        pytest.param("loss", "loss", Statistic.LAST, id="plain"),
        pytest.param("min loss", "loss", Statistic.MIN, id="minimum"),
        pytest.param("last acc", "acc", Statistic.LAST, id="last"),
        pytest.param("max val#acc", "val#acc", Statistic.MAX, id="prefixed"),
        pytest.param("min", "min", Statistic.LAST, id="a tag called min"),
        pytest.param("min min", "min", Statistic.MIN, id="the minimum of min"),
    ],
)
def test_a_column_is_read(text: str, tag: str, statistic: Statistic) -> None:
    assert ScalarColumn.from_text(text) == ScalarColumn(tag=tag, statistic=statistic)


@given(
    st.from_regex(r"[a-z]{1,5}(#[a-z]{1,5})?", fullmatch=True), st.sampled_from(list(Statistic))
)
def test_a_column_reads_back_what_it_writes(tag: str, statistic: Statistic) -> None:
    column = ScalarColumn(tag=tag, statistic=statistic)
    assert ScalarColumn.from_text(str(column)) == column


def test_an_empty_column_is_refused() -> None:
    with pytest.raises(QueryError, match="is not a scalar"):
        ScalarColumn.from_text("  ")


@given(st.lists(st.floats(), min_size=1, max_size=300), st.integers(1, 40))
def test_a_thinned_series_keeps_its_ends_and_its_extremes(
    values: list[float], max_points: int
) -> None:
    whole = series(values)
    drawn = thinned(whole, max_points)
    assert len(drawn.values) <= max_points
    assert list(drawn.steps) == sorted(set(drawn.steps))
    assert all(drawn.values[i] is values[step] for i, step in enumerate(drawn.steps))
    assert drawn.steps[-1] == len(values) - 1
    if max_points >= 4:
        before, after = ScalarSummary.from_series(whole), ScalarSummary.from_series(drawn)
        assert drawn.steps[0] == 0
        # NaN where every value is
        assert math.isnan(before.min) or (after.min, after.max) == (before.min, before.max)


def test_a_short_series_is_not_thinned() -> None:
    short = series([1.0, 2.0, 3.0])
    assert thinned(short, 3) is short
