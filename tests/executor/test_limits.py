"""What ends a batch before its time: decided by the trials that have ended, in their order."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.request.test_conditions import record
from tests.request.test_first_points import SEARCH, specified
from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.executor.stopping import Limits, too_late
from tunesmith.executor.verdict import Verdict
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.stopping import MaxTime, StoppingSpec
from tunesmith.trial import TrialRecord, TrialStatus


def limited(**options: object) -> BatchSpec:
    return specified(*SEARCH, optimizer="gp", max_trials=100, **options)


def trials(*losses: float | None, dollars: float = 1.0) -> list[TrialRecord]:
    """Trials that ended one after the other; None for one that failed."""
    made = []
    for number, loss in enumerate(losses, 1):
        one = record(number, 0.5, 0.0 if loss is None else loss)
        series = {"loss": loss or 0.0, "dollars": dollars}
        summaries = {
            tag: ScalarSummary.from_series(
                ScalarSeries(tag=tag, steps=[0], values=[value], times=[0.0])
            )
            for tag, value in series.items()
        }
        one = replace(one, stopped=float(number + 3), scalars=summaries)
        if loss is None:
            one = replace(one, status=TrialStatus.ERROR, exit_code=1, objective=None)
        made.append(one)
    return made


def verdict_of(spec: BatchSpec, records: Sequence[TrialRecord]) -> Verdict | None:
    limits = Limits.of(spec)
    assert limits is not None
    limits.load(records)
    return limits.verdict


def n_run(spec: BatchSpec, records: Sequence[TrialRecord]) -> int | None:
    """Return after how many trials a batch ends; None where it does not."""
    limits = Limits.of(spec)
    assert limits is not None
    return next((k for k, one in enumerate(records, 1) if limits.add(one) is not None), None)


def test_a_batch_without_limits_has_none() -> None:
    assert Limits.of(limited()) is None


def test_a_target_ends_it_at_the_first_completed_trial_that_meets_it() -> None:
    spec = limited(target="loss <= 0.1 and dollars < 2")

    assert n_run(spec, trials(1.0, 0.2, None, 0.1, 0.05)) == 4
    assert n_run(spec, trials(1.0, 0.2, None)) is None
    found = verdict_of(spec, trials(0.05))
    assert found is not None
    assert (found.end, found.reason) == (
        "target",
        "trial 1 meets the target loss <= 0.1 and dollars < 2",
    )


def test_patience_counts_the_trials_since_the_best_one() -> None:
    spec = limited(patience=3)

    assert n_run(spec, trials(1.0, 0.9, 0.95, 0.9, None, 0.1)) == 5
    assert n_run(spec, trials(1.0, 2.0, 0.9, 2.0, 0.8, 2.0)) is None
    found = verdict_of(spec, trials(1.0, 2.0, 2.0, 2.0))
    assert found is not None
    assert (found.end, found.text) == ("patience", "3 trials in a row without a better result")


def test_patience_of_a_maximum_waits_for_a_higher_one() -> None:
    spec = limited(patience=2, maximize="loss")

    assert n_run(spec, trials(1.0, 2.0, 3.0, 2.0, 1.0)) == 5


def test_costs_are_summed_over_all_trials_failed_ones_too() -> None:
    assert n_run(limited(max_cost="dollars 5"), trials(1.0, None, 1.0, 1.0, dollars=1.5)) == 4
    assert n_run(limited(max_cost="seconds 2.5"), trials(1.0, 1.0, 1.0)) == 3
    assert n_run(limited(max_cost="euros 1"), trials(1.0, 1.0, 1.0)) is None


def test_a_restart_after_a_limit_looks_at_later_trials_alone() -> None:
    spec = limited(target="loss <= 0.1", patience=3)
    ended = trials(0.05, 1.0, 1.0)
    further = [*ended, *trials(*[1.0] * 7)[3:]]
    again = replace(spec, stopping=StoppingSpec(target="loss <= 0.1", patience=3, n_passed=3))

    assert n_run(again, further) == 6
    met = [*ended, *trials(1.0, 1.0, 1.0, 0.1)[3:]]
    assert n_run(again, met) == 4


def test_what_has_been_spent_stays_spent_at_a_restart() -> None:
    spec = replace(limited(max_cost="dollars 2"))
    assert spec.stopping is not None
    again = replace(spec, stopping=replace(spec.stopping, n_passed=2))

    assert n_run(again, trials(1.0, 1.0)) == 2


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=30),
    st.integers(0, 29),
)
@settings(deadline=None)
def test_a_killed_batch_decides_as_one_that_was_not(
    losses: list[float | None], n_before: int
) -> None:
    spec = limited(target="loss < 0.05", patience=4, max_cost="dollars 12")
    every = trials(*losses)
    whole = n_run(spec, every)
    limits = Limits.of(spec)
    assert limits is not None
    before = every[: min(n_before, whole or len(every))]
    limits.load(reversed(before))
    place = len(before)
    while limits.verdict is None and place < len(every):
        limits.add(every[place])
        place += 1

    assert (place if limits.verdict else None) == whole


@pytest.mark.parametrize(
    ("elapsed", "is_late"), [(0.0, False), (98.9, False), (99.1, True), (100.0, True)]
)
def test_no_trial_starts_that_is_expected_to_end_too_late(elapsed: float, is_late: bool) -> None:
    limit = MaxTime(seconds=100.0)

    assert (too_late(limit, trials(1.0, 1.0), elapsed=elapsed) is not None) is is_late


def test_the_first_trial_starts_though_nobody_knows_how_long_it_takes() -> None:
    assert too_late(MaxTime(seconds=0.5), [], elapsed=0.1) is None
    assert too_late(MaxTime(seconds=0.5), [], elapsed=0.5) is not None


def test_patience_with_several_objectives_waits_for_a_trial_on_the_front() -> None:
    spec = specified(
        *SEARCH, optimizer="gp", patience=2, objectives=["minimize loss", "minimize dollars"]
    )
    first, second, third, fourth = trials(1.0, 2.0, 3.0, 4.0)
    cheaper = replace(second, scalars=trials(2.0, dollars=0.5)[0].scalars)

    assert n_run(spec, [first, second, third]) == 3
    assert n_run(spec, [first, cheaper, third, fourth]) == 4


def test_what_a_gain_is_worth_of_several_objectives_is_refused() -> None:
    with pytest.raises(SpecificationError, match=r"--worth '0.1 per trial' is a gain of one obj"):
        specified(*SEARCH, worth="0.1 per trial", objectives=["minimize loss", "minimize dollars"])


def test_flatness_of_four_objectives_is_refused() -> None:
    four = [f"minimize {name}" for name in ("loss", "dollars", "seconds", "size")]
    with pytest.raises(SpecificationError, match="looks at 3 objectives at most, and there are 4"):
        specified(*SEARCH, stop_when_flat=True, objectives=four)


def looking(spec: BatchSpec, flat: Sequence[int]) -> tuple[Limits, list[int]]:
    """Limits whose looks find nothing worth a trial after some numbers, and when they looked."""
    looked: list[int] = []

    def look(seen: list[TrialRecord]) -> str:
        looked.append(len(seen))
        return "nothing to gain" if len(seen) in flat else ""

    assert spec.stopping is not None
    return Limits(spec=spec, stopping=spec.stopping, look=look, target=None), looked


def test_two_looks_in_a_row_have_to_find_nothing_to_gain() -> None:
    limits, looked = looking(limited(stop_when_flat=True), flat=(20, 30, 35))
    ended = [limits.add(one) for one in trials(*[1.0] * 36)]

    assert next(k for k, found in enumerate(ended, 1) if found is not None) == 35
    assert looked == [20, 25, 30, 35]


@pytest.mark.parametrize("n_before", [19, 20, 24, 25, 29])
def test_a_killed_batch_is_as_flat_as_one_that_was_not(n_before: int) -> None:
    limits, looked = looking(limited(stop_when_flat=True), flat=(25, 30))
    every = trials(*[1.0] * 40)
    limits.load(every[:n_before])
    ended = [one.number for one in every[n_before:] if limits.add(one) is not None]

    assert ended[0] == 30
    assert len(looked) <= 5


def test_a_batch_that_was_killed_before_it_could_stop_starts_no_further_trial() -> None:
    limits, _ = looking(limited(stop_when_flat=True), flat=(25, 30))
    limits.load(trials(*[1.0] * 30))

    assert limits.verdict is not None
    assert limits.verdict.end == "flat"


def near_the_minimum(n: int) -> list[TrialRecord]:
    """Trials of a parabola, most of them near its minimum."""
    made = []
    for k, one in enumerate(trials(*[1.0] * n)):
        lr = (0.7 * k) % 1.0 if k < 12 else 0.5 + 0.002 * (k - 20)
        made.append(
            replace(one, flags={**one.flags, "lr": lr, "depth": 3}, objective=(lr - 0.5) ** 2)
        )
    return made


def test_a_search_that_has_found_the_minimum_is_flat() -> None:
    spec = specified("lr=[0.0:1.0]", optimizer="gp", max_trials=100, stop_when_flat=True)

    found = verdict_of(spec, near_the_minimum(25))
    assert found is not None
    assert "expected to gain" in found.reason
    assert "less than 0.004 of what separates the trials" in found.reason


def test_a_search_is_not_flat_whose_gains_are_worth_it() -> None:
    worth = "1e-30 per trial"
    spec = specified("lr=[0.0:1.0]", optimizer="gp", max_trials=100, worth=worth)

    assert verdict_of(spec, near_the_minimum(25)) is None


def front_of_two(n: int, *, n_apart: int) -> list[TrialRecord]:
    """Trials of loss (lr - 0.3)² and dollars (lr - 0.7)², whose front lies between these."""
    made = []
    for k, one in enumerate(trials(*[1.0] * n)):
        lr = (k * 0.618) % 1.0 if n_apart == n else 0.9 + 0.01 * (k % n_apart) / n_apart
        loss, dollars = (lr - 0.3) ** 2, (lr - 0.7) ** 2
        scalars = trials(loss, dollars=dollars)[0].scalars
        flags = {**one.flags, "lr": lr, "depth": 3}
        made.append(replace(one, flags=flags, objective=loss, scalars=scalars))
    return made


@pytest.mark.parametrize(("n_apart", "is_flat"), [(45, True), (5, False)])
def test_a_front_is_flat_once_no_trial_is_expected_to_add_to_its_volume(
    n_apart: int, is_flat: bool
) -> None:
    spec = specified(
        "lr=[0.0:1.0]",
        optimizer="gp",
        max_trials=100,
        stop_when_flat=True,
        objectives=["minimize loss", "minimize dollars"],
    )
    found = verdict_of(spec, front_of_two(45, n_apart=n_apart))

    assert (found is not None) is is_flat
    if found is not None:
        assert "of the volume of the front, less than 0.002 of it" in found.reason
