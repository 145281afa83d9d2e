"""The curve of a program that shows its results in one progress bar."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.output.scalars import OutputScalars
from tunesmith.output.series import ScalarPoint

N = 6


def tqdm(n: int, loss: float | None, *, total: int = N, title: str = "") -> str:
    """Return a state of tqdm's bar."""
    shown = "" if loss is None else f", loss={loss}"
    return f"{title}{100 * n // total:3}%|##  | {n}/{total} [00:01<00:02,  1.02it/s{shown}]"


def read(*texts: str | list[str]) -> tuple[list[tuple[int, float]], list[tuple[int, float, int]]]:
    """Read lines, of which a list has the states that were overwritten.

    Returns:
        The points of the loss that are kept; those that were told while the program ran.
    """
    scalars, told = OutputScalars(flag_names=()), list[ScalarPoint]()
    for text in texts:
        *states, line = [text] if isinstance(text, str) else text
        for state in states:
            told += scalars.feed_state(state, 0.0)
        told += scalars.feed("\r".join([*states, line]), 0.0)
    kept = [one for one in scalars.series() if one.tag == "loss"]
    points = [(s, v) for one in kept for s, v in zip(one.steps, one.values, strict=True)]
    return points, [(one.step, one.value, one.total) for one in told if one.tag == "loss"]


def epochs(total: int = N) -> Iterable[str]:
    """Yield what tqdm draws for a loop whose results are set at the end of each step."""
    yield tqdm(0, None)
    for n in range(total):
        if n:
            yield tqdm(n, 1 / n)  # it has just moved on
        yield tqdm(n, 1 / (n + 1))
    yield tqdm(total, 1 / total)


def test_the_states_of_a_bar_of_epochs_are_a_curve() -> None:
    kept, told = read("reading data", [*epochs()])
    assert kept == [*((n, 1 / (n + 1)) for n in range(N)), (N, 1 / N)]
    assert told == [(step, value, N if step < N else 0) for step, value in kept]


def test_a_step_is_told_as_soon_as_the_bar_has_moved_on() -> None:
    scalars = OutputScalars(flag_names=())
    assert not scalars.feed_state(tqdm(0, 0.5), 0.0)
    assert not scalars.feed_state(tqdm(0, 0.4), 1.0)
    (point,) = scalars.feed_state(tqdm(1, 0.4), 2.0)
    assert (point.tag, point.step, point.value, point.total) == ("loss", 0, 0.4, N)


@pytest.mark.parametrize(
    "states",
    [
        [f"Epoch {n}/{N} loss: {1 / n}" for n in range(1, N + 1)],
        [f"[{n}/{N}] loss: {1 / n}" for n in range(1, N + 1)],
        [f"step {n} of {N}, loss = {1 / n}" for n in range(1, N + 1)],
        [f"[{'#' * n:8}] {n}/{N} loss: {1 / n}" for n in range(1, N + 1)],
        [f"{n} / {N} | loss {1 / n}" for n in range(1, N + 1)],
    ],
    ids=["epoch", "brackets", "of", "bar", "bare"],
)
def test_a_line_of_ones_own_that_is_overwritten_is_a_curve(states: list[str]) -> None:
    kept, _ = read(states)
    assert [value for _, value in kept] == [1 / n for n in range(1, N + 1)]


def test_bars_of_the_batches_of_each_epoch_have_their_last_state_only() -> None:
    kept, told = read(*([tqdm(n, 1 / (n + e)) for n in range(1, N + 1)] for e in range(3)))
    assert [value for _, value in kept] == [1 / (N + e) for e in range(3)]
    assert [value for _, value, total in told if not total] == [value for _, value in kept]


def test_bars_of_batches_that_are_removed_are_none_of_epochs() -> None:
    bars = [tqdm(n, 1 / (n + e)) for e in range(3) for n in range(1, N + 1)]
    kept, _ = read([*bars, "loss: 0.25"])
    assert kept == [(N, 1 / (N + 2)), (N, 0.25)]


@pytest.mark.parametrize("n_epochs", [1, 3])
def test_where_lines_tell_the_epochs_a_bar_is_one_of_batches(n_epochs: int) -> None:
    bars = [[tqdm(n, 1 / n) for n in range(1, N + 1)] for _ in range(n_epochs)]
    kept, told = read(*(one for e in range(n_epochs) for one in (f"Epoch {e + 1}/9", bars[e])))
    assert len(kept) == len(told) == n_epochs


def test_the_epochs_of_bars_that_overwrite_each_other_are_steps() -> None:
    kept, _ = read([tqdm(n, 1 / e, title=f"Epoch {e}/3: ") for e in (1, 2, 3) for n in range(N)])
    assert kept == [(1, 1.0), (2, 0.5), (3, 1 / 3)]


def test_states_without_a_total_are_overwritten() -> None:
    kept, told = read([f"step {n} loss: {1 / n}" for n in range(1, 4)])
    assert kept == [(3, 1 / 3)]
    assert len(told) == 1


def test_a_message_in_the_place_of_the_bar_is_no_part_of_the_curve() -> None:
    kept, _ = read([*epochs(), "wrote model.bin"])
    assert kept == [*((n, 1 / (n + 1)) for n in range(N)), (N, 1 / N)]


@given(st.lists(st.integers(0, N), max_size=12), st.booleans())
def test_steps_ascend_and_the_last_state_is_the_last_value(
    drawn: list[int], is_followed: bool
) -> None:
    states = [tqdm(n, k + 0.5) for k, n in enumerate(drawn)]
    kept, _ = read([*states, tqdm(N, 99.5)], *(["done"] if is_followed else []))
    steps = [step for step, _ in kept]
    assert steps == sorted(set(steps))
    assert kept[-1][1] == 99.5
