"""Laws of the Pareto front and of the hypervolume below it."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.pareto import dominates, front_of, hypervolume, knee_of

costs = st.integers(0, 6).map(float)


def points(n: int) -> st.SearchStrategy[list[tuple[float, ...]]]:
    return st.lists(st.tuples(*[costs] * n), max_size=9)


some = st.integers(1, 4).flatmap(points)


@given(points=some)
def test_the_front_is_what_no_point_dominates(points: list[tuple[float, ...]]) -> None:
    front = [points[place] for place in front_of(points)]
    wanted = {one for one in points if not any(dominates(other, one) for other in points)}
    assert set(front) == wanted
    assert len(front) == len(wanted)
    assert front == sorted(front)


@given(points=points(2))
def test_of_equal_points_the_first_is_on_the_front(points: list[tuple[float, ...]]) -> None:
    assert all(points.index(points[place]) == place for place in front_of(points))


@given(points=some)
def test_the_hypervolume_counts_the_cells_that_are_dominated(
    points: list[tuple[float, ...]],
) -> None:
    n = len(points[0]) if points else 2
    top = 6
    cells = [
        cell for cell in _cells(n, top) if any(_covers(one, cell) for one in points)
    ]  # costs are whole, so that each unit cell is dominated as a whole or not at all
    assert hypervolume(points, (float(top),) * n) == len(cells)


def _cells(n: int, top: int) -> list[tuple[int, ...]]:
    if n == 0:
        return [()]
    return [(*rest, k) for rest in _cells(n - 1, top) for k in range(top)]


def _covers(point: Sequence[float], cell: Sequence[int]) -> bool:
    return all(cost <= corner for cost, corner in zip(point, cell, strict=True))


def test_what_lies_beyond_the_reference_counts_for_nothing() -> None:
    assert hypervolume([(0.5, 2.0), (1.0, 0.0)], (1.0, 1.0)) == 0.0
    assert hypervolume([(0.5, 0.5), (-1.0, 2.0)], (1.0, 1.0)) == 0.25


def test_the_knee_lies_farthest_below_the_line_of_the_ends() -> None:
    assert knee_of([(0.0, 100.0), (1.0, 20.0), (5.0, 10.0), (10.0, 0.0)]) == 1


@pytest.mark.parametrize(
    "front",
    [[], [(1.0, 1.0)], [(0.0, 1.0), (1.0, 0.0)], [(0.0, 1.0), (0.75, 0.75), (1.0, 0.0)]],
    ids=["none", "one", "two", "a bulge"],
)
def test_a_front_that_does_not_bend_has_no_knee(front: list[tuple[float, float]]) -> None:
    assert knee_of(front) is None


@given(points=points(2), scale=st.sampled_from([1e-9, 1.0, 1e9]))
def test_the_knee_does_not_depend_on_units(points: list[tuple[float, ...]], scale: float) -> None:
    front = [points[place] for place in front_of(points)]
    scaled = [(a * scale, b) for a, b in front]
    one, other = knee_of(front), knee_of(scaled)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert math.isclose(sum(_relative(front)[one]), sum(_relative(front)[other]))


def _relative(front: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    low = [min(column) for column in zip(*front, strict=True)]
    high = [max(column) for column in zip(*front, strict=True)]
    return [
        tuple((c - a) / (b - a) if b > a else 0.0 for c, a, b in zip(one, low, high, strict=True))
        for one in front
    ]
