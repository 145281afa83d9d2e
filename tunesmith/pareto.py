"""The Pareto front of several costs: which points no other one beats, and what they dominate.

All costs are minimized. Pure, and without numpy: lists of runs are shown with it.
"""

from collections.abc import Sequence

Point = Sequence[float]
"""A finite cost for each objective."""

_ROUNDING = 1e-9
"""What the sum of scaled costs may be off by: points on the line of the ends are no knee."""
MIN_FRONT = 3
"""With fewer points on the front none is between the others."""


def dominates(one: Point, other: Point) -> bool:
    """Return whether a point is as good as another in every cost, and better in one."""
    return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)


def front_of(points: Sequence[Point]) -> list[int]:
    """Return the places of the points that no other one dominates, by their costs in order.

    Of equal points the first stands for all.
    """
    order = sorted(range(len(points)), key=lambda place: (*points[place], place))
    front: list[int] = []
    for place in order:  # whatever dominates a point comes before it
        point = points[place]
        if not any(_covers(points[other], point) for other in reversed(front)):
            front.append(place)
    return front


def _covers(one: Point, other: Point) -> bool:
    """Return whether a point is as good as another in every cost."""
    return all(a <= b for a, b in zip(one, other, strict=True))


def knee_of(front: Sequence[Point]) -> int | None:
    """Return the place of the knee of a front: the point farthest from the line of its ends.

    With costs scaled to [0, 1] over the front it has the lowest sum (Das, 1999, "On characterizing
    the knee of the Pareto curve based on normal-boundary intersection", for the plane through the
    unit points). None with fewer than three points, or where none lies below that line.
    """
    if len(front) < MIN_FRONT:
        return None
    lows, highs = _bounds(front)
    spans = [high - low for low, high in zip(lows, highs, strict=True)]
    sums = [
        sum(
            (cost - low) / span for cost, low, span in zip(point, lows, spans, strict=True) if span
        )
        for point in front
    ]
    place = min(range(len(front)), key=sums.__getitem__)
    return place if sums[place] < 1.0 - _ROUNDING else None


def _bounds(points: Sequence[Point]) -> tuple[list[float], list[float]]:
    columns = list(zip(*points, strict=True))
    return list(map(min, columns)), list(map(max, columns))


def hypervolume(points: Sequence[Point], reference: Point) -> float:
    """Return the volume that points dominate up to a reference point.

    It is cut into slices along the last cost, in each of which the points below it dominate an
    area of the other costs: exact for any number of objectives, and quick for two and three.

    Args:
        points: Their costs; what is beyond the reference counts for nothing.
        reference: A cost for each objective, beyond which nothing counts.
    """
    inside = [tuple(point) for point in points if _is_below(point, reference)]
    return _volume([inside[place] for place in front_of(inside)], tuple(reference))


def _is_below(point: Point, reference: Point) -> bool:
    return all(cost < bound for cost, bound in zip(point, reference, strict=True))


def _volume(front: Sequence[tuple[float, ...]], reference: tuple[float, ...]) -> float:
    if not front:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(cost for (cost,) in front)
    levels = sorted(front, key=lambda point: point[-1])
    ends = [*(point[-1] for point in levels[1:]), reference[-1]]
    volume, below = 0.0, []
    for point, end in zip(levels, ends, strict=True):
        below.append(point[:-1])
        if end > point[-1]:
            below = [below[place] for place in front_of(below)]
            volume += (end - point[-1]) * _volume(below, reference[:-1])
    return volume
