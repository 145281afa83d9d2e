"""Learning curves for tests, as pure functions of the point."""

import math
from collections.abc import Callable, Mapping, Sequence

from hypothesis import strategies as st

from tunesmith.flags.values import FlagValue
from tunesmith.search.pruning.judging import Trace

Shape = Callable[[int], float]


def decay(end: float, *, height: float = 1.0, rate: float = 0.2) -> Shape:
    """Return a curve that falls to its end as an exponential."""
    return lambda t: end + height * math.exp(-rate * t)


def trace(
    number: int,
    costs: Sequence[float],
    *,
    is_finished: bool = False,
    flags: Mapping[str, FlagValue] | None = None,
) -> Trace:
    """Return a trial's points."""
    return Trace(number=number, costs=costs, is_finished=is_finished, flags=flags or {})


def finished(*shapes: Shape, n_points: int = 40) -> tuple[Trace, ...]:
    """Return trials 1, 2, … that have run to their end."""
    return tuple(
        trace(k, [shape(t) for t in range(1, n_points + 1)], is_finished=True)
        for k, shape in enumerate(shapes, 1)
    )


def begun(shape: Shape, n_points: int, *, number: int = 99) -> Trace:
    """Return a trial that has printed its first points."""
    return trace(number, [shape(t) for t in range(1, n_points + 1)])


# Multiples of 1/64 up to 64: shifting and doubling them is exact.
whole_costs = st.integers(-4096, 4096).map(lambda n: n / 64)
any_costs = st.one_of(whole_costs, st.floats(allow_nan=True, allow_infinity=True))


@st.composite
def batches(draw: st.DrawFn, costs: st.SearchStrategy[float] = whole_costs) -> list[Trace]:
    """Draw trials that have ended: three that finished with as many points, and others."""
    n_points = draw(st.integers(5, 30))
    lengths = [n_points] * 3 + draw(st.lists(st.integers(0, n_points), max_size=4))
    return [
        trace(
            number,
            draw(st.lists(costs, min_size=length, max_size=length)),
            is_finished=number <= 3 or draw(st.booleans()),
        )
        for number, length in enumerate(lengths, 1)
    ]


@st.composite
def running(draw: st.DrawFn, costs: st.SearchStrategy[float] = whole_costs) -> Trace:
    """Draw a trial that runs."""
    return trace(50, draw(st.lists(costs, min_size=2, max_size=30)))
