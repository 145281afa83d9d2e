"""How often candidates are run, what their runs come to, and what is expected of them."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batches import make_record, make_spec
from tunesmith.batch import BatchSpec, OptimizerSpec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.candidates import chances_of, one_each
from tunesmith.errors import SpecificationError
from tunesmith.expectation import Expected, chances, expect
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.objective import Direction, Objective
from tunesmith.query.expectations import expectation
from tunesmith.query.results import format_objective
from tunesmith.ranking import Front, best_after, best_first, best_of, is_new_best, stands_for
from tunesmith.repeats import Repeats, describe_repeats
from tunesmith.scalar import ScalarColumn, ScalarSummary
from tunesmith.trial import TrialRecord, TrialStatus

BATCH = "b" * 32
THREE, AUTO = Repeats(most=3, over="seed"), Repeats(most=5, is_auto=True, over="seed")
FAILED = {"status": TrialStatus.ERROR, "exit_code": 1}
PRUNED = {"status": TrialStatus.PRUNED, "exit_code": None, "reason": "at point 2"}


def spec_of(repeats: Repeats = THREE, **fields: Any) -> BatchSpec:
    return make_spec(BATCH, optimizer=OptimizerSpec(name="random"), repeats=repeats, **fields)


def ran(number: int, x: float, seed: int, loss: float | None, **fields: Any) -> TrialRecord:
    return make_record(BATCH, number, flags={"x": x, "seed": seed}, objective=loss, **fields)


def runs(*losses: list[float]) -> list[TrialRecord]:
    """Trials of candidates x=0, 1, …, each with its losses."""
    flat = [(x, k, loss) for x, own in enumerate(losses) for k, loss in enumerate(own, start=1)]
    return [ran(n, float(x), k, loss) for n, (x, k, loss) in enumerate(flat, start=1)]


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("3", Repeats(most=3)),
        ("auto", Repeats(most=5, is_auto=True)),
        ("auto:7", Repeats(most=7, is_auto=True)),
    ],
)
def test_repeats_are_read_as_they_are_written(text: str, repeats: Repeats) -> None:
    assert Repeats.from_text(text) == repeats
    assert Repeats.from_text(str(repeats)) == repeats


@pytest.mark.parametrize("text", ["1", "0", "-2", "1.5", "auto:", "auto:1", "auto:x", "often", ""])
def test_what_is_no_number_of_runs_is_refused_in_words(text: str) -> None:
    with pytest.raises(SpecificationError, match=r"--repeats is .*expected"):
        Repeats.from_text(text)


def test_repeats_are_told_in_words() -> None:
    assert describe_repeats(THREE) == "each candidate 3 times, with seed=1, 2, 3"
    told = describe_repeats(replace(AUTO, over=""))
    assert told == "candidates that may be the best, up to 5 times"


def test_a_specification_keeps_them_in_the_store() -> None:
    spec = spec_of(AUTO)
    assert batch_from_plain(batch_to_plain(spec)) == spec
    assert "repeats" not in batch_to_plain(replace(spec, repeats=None))


def test_a_candidate_has_the_mean_of_its_runs_and_the_number_of_its_first() -> None:
    (one,) = one_each(spec_of(), runs([1.0, 2.0, 6.0]))
    assert (one.number, one.flags, one.objective) == (1, {"x": 0.0}, 3.0)
    assert one.repeated is not None
    assert one.repeated.se == pytest.approx(math.sqrt(7.0 / 3.0))
    assert format_objective(one) == "3.0 ± 1.5 (3)"


def test_scalars_are_means_as_well() -> None:
    summary = ScalarSummary(
        first=1.0, first_step=0, last=2.0, last_step=1, min=1.0, min_step=0, max=2.0, max_step=1,
        mean=1.5, count=2,
    )  # fmt: skip
    own = [{"acc": summary, "odd": summary}, {"acc": replace(summary, last=4.0)}]
    trials = [ran(n, 0.0, n, 1.0, scalars=one) for n, one in enumerate(own, start=1)]
    (one,) = one_each(spec_of(replace(THREE, most=2)), trials)
    assert {tag: found.last for tag, found in one.scalars.items()} == {"acc": 3.0}


def test_the_best_is_chosen_by_means_not_by_one_lucky_run() -> None:
    trials = runs([0.0, 9.0, 9.0], [4.0, 4.0, 4.0])
    best = best_of(spec_of(), trials)
    assert best is not None
    assert best.number == 4
    assert [one.number for one in best_first(spec_of(), trials)] == [4, 1]
    higher = spec_of(objective=Objective(direction=Direction.MAXIMIZE))
    found = best_of(higher, trials)
    assert found is not None
    assert found.number == 1


def test_a_candidate_that_lacks_runs_is_not_yet_compared() -> None:
    first, *others = runs([4.0, 4.0, 4.0], [0.0])
    best = best_of(spec_of(), [first, *others])
    assert best is not None
    assert best.number == 1
    partial = one_each(spec_of(), [first, *others])[1]
    assert partial.reason == "1 of 3 runs"
    alone = best_of(spec_of(), runs([1.0], [0.0]))
    assert alone is not None
    assert alone.number == 2


@pytest.mark.parametrize(
    ("endings", "status"),
    [
        ([FAILED, {}, {}], TrialStatus.COMPLETED),
        ([FAILED, FAILED, {}], TrialStatus.ERROR),
        ([{}, PRUNED, {}], TrialStatus.PRUNED),
    ],
)
def test_a_candidate_ends_as_most_of_its_runs_do(endings: Any, status: TrialStatus) -> None:
    trials = [
        ran(n, 0.0, n, None if end is FAILED else 1.0, **end)
        for n, end in enumerate(endings, start=1)
    ]
    (one,) = one_each(spec_of(), trials)
    assert one.status is status


def test_a_front_is_one_of_means() -> None:
    more = (Objective(column=ScalarColumn(tag="seconds")),)
    trials = runs([0.0, 9.0, 9.0], [4.0, 4.0, 4.0])
    assert [one.number for one in Front.of(spec_of(more_objectives=more), trials).trials] == [4]


def test_a_trial_makes_its_candidate_the_best_once() -> None:
    spec, trials = spec_of(AUTO), runs([1.0, 1.1], [5.0])
    first = best_after(spec, trials[0], None, trials[:1])
    second = best_after(spec, trials[1], first, trials[:2])
    assert is_new_best(first, None)
    assert not is_new_best(second, first)
    assert stands_for(second, trials[1])
    assert not stands_for(second, trials[2])


def test_without_repeats_trials_stay_as_they_are() -> None:
    trials = runs([1.0, 2.0])
    assert one_each(make_spec(BATCH), trials) == trials


def test_means_of_means_are_not_taken() -> None:
    each = one_each(spec_of(), runs([1.0, 2.0, 3.0], [4.0, 4.0, 4.0]))
    assert one_each(spec_of(), each) == each


def test_one_lucky_run_is_expected_to_do_worse_than_a_proven_candidate() -> None:
    trials = runs([1.0, 1.2, 0.8], [2.0, 2.4, 1.6], [0.9], [1.9], [2.2], [1.5], [2.6], [1.7])
    lucky = next(one for one in one_each(spec_of(AUTO), trials) if one.objective == 0.9)
    assert lucky.repeated is not None
    assert lucky.repeated.expected is not None
    assert lucky.repeated.expected > 0.9


def test_the_summary_says_how_likely_the_best_is_the_best() -> None:
    flags = ScriptFlags(
        source=FlagSource.GLOBALS, definitions=(FlagDefinition(name="x", default=1.0),)
    )
    told = expectation(
        spec_of(script_flags=flags), runs([1.0, 1.1, 0.9], [1.2, 1.3, 1.1], [9.0, 9.1, 8.9])
    )
    assert told is not None
    assert told.number == 1
    assert 0.5 < told.chance < 1.0
    assert told.default_chance == pytest.approx(1.0 - told.chance, abs=1e-3)
    assert " % that it is the best of 3 candidates; the script's defaults: " in told.describe()


def test_nothing_is_said_of_chance_where_nothing_ran_twice() -> None:
    assert expectation(spec_of(AUTO), runs([1.0], [2.0])) is None
    assert chances_of(spec_of(AUTO), one_each(spec_of(AUTO), runs([1.0], [2.0]))) == {}


def test_equal_runs_leave_no_doubt() -> None:
    spec = spec_of(AUTO)
    found = chances_of(spec, one_each(spec, runs([1.0, 1.0], [2.0, 2.0])))
    assert sorted(found.values()) == [0.0, 1.0]


RESULTS = st.lists(
    st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=1, max_size=5),
    min_size=1,
    max_size=12,
)


@given(RESULTS)
def test_what_is_expected_is_finite_and_no_better_than_the_best_mean(
    results: list[list[float]],
) -> None:
    found = expect(results)
    means = [math.fsum(one) / len(one) for one in results]
    assert all(math.isfinite(one.mean) for one in found)
    least = min(means)
    assert min(one.mean for one in found) >= least - 1e-9 * max(1.0, abs(least))


@given(RESULTS)
def test_chances_are_probabilities(results: list[list[float]]) -> None:
    found = chances(expect(results))
    if any(len(one) > 1 for one in results):
        assert math.isclose(math.fsum(found), 1.0)
        assert all(0.0 <= one <= 1.0 for one in found)
    else:
        assert all(math.isnan(one) for one in found)


def test_chances_are_those_of_two_normal_means() -> None:
    pair = [Expected(mean=mean, sd=1.0, noise_sd=1.0) for mean in (0.0, 1.0)]
    first, _ = chances(pair)
    assert first == pytest.approx(0.5 * math.erfc(-1.0 / 2.0), abs=1e-4)  # Φ(1 / √2)


def test_what_misses_a_constraint_is_no_rival_of_the_best() -> None:
    spec = spec_of(subject_to=("seconds <= 2",))
    good = runs([1.0, 1.1, 0.9], [1.2, 1.3, 1.1])
    slow = [
        ran(n, 9.0, n, 0.5, seconds=3.0, stopped=4.0) for n in range(len(good) + 1, len(good) + 4)
    ]
    told = expectation(spec, [*good, *slow])
    assert told is not None
    assert told.number == 1
    assert told.n_candidates == 2
