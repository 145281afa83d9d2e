"""The laws of sequences."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.flags.conftest import refusal, values
from tunesmith.flags.sequences import expand_sequence


def has_only_bounded_values(text: str, start: float, end: float) -> bool:
    if refusal(text):
        return True
    return all(min(start, end) <= value <= max(start, end) for value in values(text))


finite = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(finite, finite, st.integers(1, 20))
def test_a_linspace_stays_within_its_ends(start: float, end: float, n: int) -> None:
    assert has_only_bounded_values(f"linspace[{start!r}:{end!r}:{n}]", start, end)


@settings(deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
def test_a_range_stays_within_its_ends(start: float, end: float, step: float) -> None:
    step = max(step, abs(end - start) / 100)
    signed = step if start < end else -step
    assert has_only_bounded_values(f"range[{start!r}:{end!r}:{signed!r}]", start, end)


@settings(deadline=None)
@given(st.integers(-5, 5), st.integers(0, 40), st.sampled_from([0.1, 0.25, 0.5, 0.2, 0.05]))
def test_a_range_of_fractions_is_numpys_with_its_end(start: int, n: int, step: float) -> None:
    end = round(start + n * step, 8)
    expected = np.arange(start, end + step / 2, step)
    expanded = values(f"range[{start}.0:{end!r}:{step}]")
    assert np.allclose(np.array(expanded, dtype=float), expected, rtol=0, atol=1e-8)
    assert expanded[-1] == end


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(2, 50))
def test_linspace_is_numpys_rounded(start: float, end: float, n: int) -> None:
    expanded = expand_sequence("linspace", (start, end, n), "linspace")
    assert np.allclose(np.array(expanded, dtype=float), np.linspace(start, end, n), atol=2e-8)
    assert len(expanded) == n


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 7))
def test_a_range_of_whole_numbers_is_pythons_with_its_end(start: int, end: int, step: int) -> None:
    if end < start:
        start, end = end, start
    expected = tuple(range(start, end + 1, step))
    assert expand_sequence("range", (start, end, step), "range") == expected


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.integers(2, 20))
def test_geomspace_is_numpys(start: float, end: float, n: int) -> None:
    expanded = expand_sequence("geomspace", (start, end, n), "geomspace")
    assert np.allclose(np.array(expanded, dtype=float), np.geomspace(start, end, n), rtol=1e-9)
    assert (expanded[0], expanded[-1]) == (start, end)
