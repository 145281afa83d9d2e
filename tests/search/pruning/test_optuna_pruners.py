"""The decisions to expect come from Optuna itself, in one study that goes on."""

import math
import random
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import optuna
import pytest
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    WilcoxonPruner,
)

from tests.search.pruning.curves import finished, trace
from tunesmith.errors import SpecificationError
from tunesmith.search import optuna_adapter
from tunesmith.search.pruner import Curve
from tunesmith.search.pruning.judging import Judge
from tunesmith.search.pruning.registry import build_pruner

N_POINTS = 20
PRUNERS: dict[str, Callable[[], BasePruner]] = {
    "optuna:median": lambda: MedianPruner(),
    "optuna:percentile": lambda: PercentilePruner(25.0),
    "optuna:percentile:75": lambda: PercentilePruner(75.0),
    "optuna:halving": lambda: SuccessiveHalvingPruner(min_resource=1),
    "optuna:halving:2": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=2),
    "optuna:hyperband": lambda: HyperbandPruner(max_resource=N_POINTS),
    "optuna:hyperband:2": lambda: HyperbandPruner(max_resource=N_POINTS, reduction_factor=2),
    "optuna:wilcoxon": lambda: WilcoxonPruner(),
    "optuna:wilcoxon:0.3": lambda: WilcoxonPruner(p_threshold=0.3),
}


@pytest.fixture(autouse=True)
def _is_quiet() -> Iterator[None]:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    yield
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def curve(number: int) -> list[float]:
    rng = random.Random(number)
    end, height, rate = rng.random(), rng.random(), rng.uniform(0.05, 0.5)
    return [
        end + height * math.exp(-rate * t) + 0.05 * rng.gauss(0, 1) for t in range(1, N_POINTS + 1)
    ]


def lengths_by_optuna(pruner: BasePruner, n_trials: int) -> list[int]:
    """Return how many points Optuna lets each trial print."""
    study = optuna.create_study(study_name="tunesmith", pruner=pruner)
    lengths = []
    for number in range(n_trials):
        trial, costs = study.ask(), curve(number)
        for step, cost in enumerate(costs):
            trial.report(cost, step)
            if step + 1 < N_POINTS and trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, costs[-1])
        lengths.append(step + 1)
    return lengths


def lengths_by_rule(rule: str, n_trials: int) -> list[int]:
    """Return how many points the adapter lets each trial print."""
    pruner, ended = build_pruner(rule), list[Curve]()
    for number in range(n_trials):
        costs = curve(number)
        for n in range(1, N_POINTS + 1):
            one = Curve(number=number, costs=costs[:n], is_finished=False)
            is_looked_at = n < N_POINTS and pruner.looks_at(n)
            if is_looked_at and pruner.judge(one, ended, horizon=N_POINTS) is not None:
                break
        ended.append(Curve(number=number, costs=costs[:n], is_finished=n == N_POINTS))
    return [len(one.costs) for one in ended]


@pytest.mark.filterwarnings("ignore")  # some are experimental
@pytest.mark.parametrize("rule", PRUNERS)
def test_an_adapter_stops_what_optuna_stops_and_when(rule: str) -> None:
    expected = lengths_by_optuna(PRUNERS[rule](), 25)
    assert min(expected) < N_POINTS  # some are stopped
    assert lengths_by_rule(rule, 25) == expected


@pytest.mark.parametrize("rule", ["optuna:median", "optuna:halving"])
def test_a_reason_names_the_rule(rule: str) -> None:
    others = finished(*[lambda t: 1 / t] * 6)
    stop = Judge(build_pruner(rule)).judge(trace(9, [9.0, 9.0]), others)
    assert stop is not None
    assert (stop.objection.text, stop.objection.than) == (f"did not pass {rule}", None)


def test_a_trial_of_other_numbers_than_a_study_has_is_judged() -> None:
    others = [
        Curve(number=k, costs=[1.0] * N_POINTS, is_finished=True) for k in (3, 17, 400, 1000)
    ]
    rule = build_pruner("optuna:hyperband")
    for number in range(30, 40):
        one = Curve(number=number, costs=[9.0, 9.0], is_finished=False)
        rule.judge(one, others, horizon=N_POINTS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("optuna:percentile:101", "percentile is 101.0: expected 0 to 100"),
        ("optuna:halving:1", "factor is 1: expected 2 or more"),
        ("optuna:wilcoxon:0", "p is 0.0: expected between 0 and 1"),
        ("optuna:medium", "there is no pruner 'optuna:medium'. Did you mean 'optuna:median'?"),
    ],
)
def test_a_wrong_setting_is_refused(text: str, words: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        build_pruner(text)
    assert words in str(caught.value)


def test_a_missing_optuna_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(optuna_adapter, "find_spec", lambda name: find_spec("no_such_" + name))
    with pytest.raises(SpecificationError) as caught:
        build_pruner("optuna:median")
    assert "pruner optuna:median needs optuna, " in str(caught.value)
    assert "pip install 'tunesmith[optuna]'" in str(caught.value)
