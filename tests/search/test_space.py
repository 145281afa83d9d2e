import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import FlagValue
from tunesmith.search.dimension import (
    FixedDimension,
    IntegerDimension,
    RealDimension,
    dimension_of,
)
from tunesmith.search.grid import Grid, grid_size
from tunesmith.search.interval import Scale
from tunesmith.search.listed_dimension import CategoricalDimension
from tunesmith.search.optimizer import Observation
from tunesmith.search.space import SearchSpace

scales = st.sampled_from(list(Scale))
positive = st.floats(1e-9, 1e9)


@given(positive, positive, scales, st.floats(0, 1))
def test_a_real_value_goes_to_the_cube_and_back(
    one: float, other: float, scale: Scale, u: float
) -> None:
    low, high = sorted((one, other))
    if high <= low * (1 + 1e-6):
        return
    dimension = RealDimension(name="x", low=low, high=high, scale=scale)
    value = dimension.from_unit(u)
    assert low <= value <= high
    assert dimension.contains(value)
    assert dimension.from_unit(dimension.to_unit(value)) == pytest.approx(value, rel=1e-6)


@given(st.integers(1, 10**6), st.integers(1, 10**4), scales, st.data())
def test_an_integer_goes_to_the_cube_and_back_exactly(
    low: int, length: int, scale: Scale, data: st.DataObject
) -> None:
    dimension = IntegerDimension(name="n", low=low, high=low + length, scale=scale)
    value = data.draw(st.integers(low, low + length))
    assert dimension.from_unit(dimension.to_unit(value)) == value


@given(st.integers(-50, 50), st.integers(1, 9))
def test_the_ends_of_an_interval_of_integers_are_as_likely_as_the_others(
    low: int, length: int
) -> None:
    dimension = IntegerDimension(name="n", low=low, high=low + length)
    n = 100 * dimension.size
    counts = Counter(dimension.from_unit((k + 0.5) / n) for k in range(n))
    assert set(counts.values()) == {100}
    assert dimension.from_unit(0.0) == low
    assert dimension.from_unit(1.0) == low + length


@given(st.lists(st.text(max_size=3) | st.integers() | st.booleans(), min_size=2, unique_by=repr))
def test_a_category_goes_to_the_cube_and_back_exactly(values: list[FlagValue]) -> None:
    dimension = CategoricalDimension(name="k", values=tuple(values))
    for value in values:
        back = dimension.from_unit(dimension.to_unit(value))
        assert back == value
        assert type(back) is type(value)


def test_the_middle_of_a_log_scale_has_no_dust_of_its_computation() -> None:
    dimension = RealDimension(name="lr", low=1e-5, high=1e-1, scale=Scale.LOG)
    assert [dimension.from_unit(u) for u in (0, 0.25, 0.5, 1)] == [1e-5, 1e-4, 1e-3, 1e-1]


def test_a_log_scale_gives_every_decade_the_same_share() -> None:
    dimension = RealDimension(name="lr", low=1e-4, high=1.0, scale=Scale.LOG)
    assert dimension.from_unit(0.25) == pytest.approx(1e-3)
    assert dimension.to_unit(1e-2) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[1:9]", IntegerDimension),
        ("[1:9.5]", RealDimension),
        ("loguniform[0.1:9]", RealDimension),
        ("[a,b]", CategoricalDimension),
        ("[1,1.0]", FixedDimension),
        ("5", FixedDimension),
    ],
)
def test_a_setting_becomes_its_dimension(text: str, kind: type) -> None:
    assert isinstance(dimension_of("x", read_setting(text)), kind)


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


def test_a_grid_varies_the_last_flag_fastest_and_keeps_the_order_of_lists() -> None:
    candidates = Grid().propose(space_of(b="[2,1]", a="[x,y]"), [], [], 9, 0)
    assert [tuple(one.flags.values()) for one in candidates] == [
        ("x", 2),
        ("x", 1),
        ("y", 2),
        ("y", 1),
    ]


def test_values_that_a_script_reads_as_the_same_make_one_point() -> None:
    assert grid_size(space_of(x="[1,1.0,2]", y="[a,a]")) == 2


def test_a_repeated_list_repeats_the_grid() -> None:
    space = space_of(x="[1,2]*2", y="[a]")
    chosen = [one.flags["x"] for one in Grid().propose(space, [], [], 9, 0)]
    assert (chosen, grid_size(space)) == ([1, 2, 1, 2], 4)
    assert grid_size(space_of(x="[1,2]*2", y="[a,b]*3")) == 24


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 5))
def test_a_repeated_grid_that_goes_on_has_what_is_left(n: int, m: int, seed: int) -> None:
    space = space_of(x="[1,2,3]*4")
    first = [one.flags for one in Grid().propose(space, [], [], n, seed)]
    more = [one.flags for one in Grid().propose(space, [], first, m, seed)]
    at_once = [one.flags for one in Grid().propose(space, [], [], n + m, seed)]
    assert Counter(map(space.key, first + more)) == Counter(map(space.key, at_once))


@given(st.integers(1, 30), st.integers(0, 5))
def test_a_sample_of_a_grid_keeps_its_order_and_has_no_point_twice(n: int, seed: int) -> None:
    space = space_of(a="range[1:5]", b="range[1:6]")
    chosen = [one.flags for one in Grid().propose(space, [], [], n, seed)]
    places = [place for flags in chosen if (place := space.index_of(flags)) is not None]
    assert places == sorted(set(places))
    assert len(places) == len(chosen) == n


def test_a_grid_that_goes_on_has_the_points_that_are_left() -> None:
    space = space_of(a="range[1:4]")
    first = Grid().propose(space, [], [], 2, 3)
    trials = [Observation(number=k, flags=c.flags, cost=0.0) for k, c in enumerate(first, 1)]
    rest = Grid().propose(space, trials, [], 9, 3)
    both = [one.flags["a"] for one in (*first, *rest)]
    assert set(both) == {1, 2, 3, 4}
    assert len(both) == 4


def test_a_grid_of_a_million_points_is_not_written_out() -> None:
    space = space_of(a="range[1:1000]", b="range[1:1000]")
    assert grid_size(space) == 1_000_000
    assert len(Grid().propose(space, [], [], 3, 0)) == 3


def test_a_grid_over_an_interval_is_refused_with_a_sequence() -> None:
    with pytest.raises(SpecificationError, match=r"x=linspace\[0.0:1.0:5\]"):
        Grid().propose(space_of(x="[0.0:1.0]"), [], [], 1, 0)


def test_rows_vary_together_and_lists_multiply_them() -> None:
    space = SearchSpace.from_settings(
        {"x": 0, "y": 0, "z": read_setting("[a,b]")}, [{"x": 1, "y": 2}, {"x": 3}]
    )
    points = [tuple(one.flags.values()) for one in Grid().propose(space, [], [], 9, 0)]
    assert points == [(1, 2, "a"), (1, 2, "b"), (3, 0, "a"), (3, 0, "b")]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_point_of_the_cube_is_a_point_of_the_space(u: float, v: float) -> None:
    space = space_of(x="[-2.0:2.0]", n="[1:5]", fixed="3")
    point = space.from_units([u, v])
    assert space.contains(point)
    units = space.to_units(point)
    assert units is not None
    assert all(math.isclose(a, b, abs_tol=0.2) for a, b in zip(units, [u, v], strict=True))
