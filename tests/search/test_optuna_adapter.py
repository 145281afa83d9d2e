import warnings
from collections.abc import Mapping

import optuna
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.trial import create_trial

from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Distribution
from tunesmith.flags.values import FlagValue
from tunesmith.search import optuna_adapter
from tunesmith.search.optimizer import Observation
from tunesmith.search.optuna_study import MAX_SEED
from tunesmith.search.random_points import generator_for
from tunesmith.search.registry import build_optimizer, canonical_name
from tunesmith.search.space import SearchSpace

SEED = 3


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings({name: read_setting(text) for name, text in texts.items()})


def number(value: FlagValue) -> float:
    assert isinstance(value, int | float)
    return float(value)


def bowl(flags: Mapping[str, FlagValue]) -> float:
    return (number(flags["x"]) - 0.7) ** 2 + (number(flags["y"]) - 3) ** 2


@pytest.fixture
def _is_quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.mark.usefixtures("_is_quiet")
def test_cma_es_goes_the_way_of_a_study_that_was_never_rebuilt() -> None:
    # the numbers to expect come from Optuna itself, asked and told 25 times in a row
    space, trials = space_of(x="[-2.0:2.0]", y="[1:9]"), list[Observation]()
    for k in range(1, 26):
        (one,) = build_optimizer("optuna:cmaes", {}).propose(space, trials, [], 1, SEED)
        trials.append(Observation(number=k, flags=one.flags, cost=bowl(one.flags)))
    distributions = {"x": FloatDistribution(0.0, 1.0), "y": IntDistribution(1, 9)}
    sampler = optuna.samplers.CmaEsSampler(seed=int(generator_for(SEED, 0).integers(MAX_SEED)))
    study = optuna.create_study(sampler=sampler)
    first = trials[0].flags
    start = {"x": number(first["x"]) / 4 + 0.5, "y": first["y"]}
    study.add_trial(create_trial(params=start, distributions=distributions, value=bowl(first)))
    expected = []
    for _ in range(24):
        trial = study.ask(distributions)
        flags = {"x": 4 * trial.params["x"] - 2, "y": trial.params["y"]}
        study.tell(trial, bowl(flags))
        expected.append((flags["x"], flags["y"]))
    proposed = [(number(one.flags["x"]), one.flags["y"]) for one in trials[1:]]
    assert [y for _, y in proposed] == [y for _, y in expected]
    assert [x for x, _ in proposed] == pytest.approx([x for x, _ in expected])


@pytest.mark.usefixtures("_is_quiet")
def test_tpe_proposes_what_optuna_does_with_the_same_trials() -> None:
    whole = Distribution(low=1, high=64, is_log=True, is_integer=True, text="loguniform[1:64]")
    space = SearchSpace.from_settings(
        {"lr": read_setting("loguniform[1e-4:1e-1]"), "n": whole, "kind": read_setting("[a,b]")}
    )
    points = build_optimizer("random", {}).propose(space, [], [], 12, SEED)
    trials = [
        Observation(number=k, flags=one.flags, cost=number(one.flags["n"]))
        for k, one in enumerate(points, 1)
    ]
    (candidate,) = build_optimizer("optuna:tpe", {}).propose(space, trials, [], 1, SEED)
    # the same on Optuna's own logarithmic scales
    distributions = {
        "kind": optuna.distributions.CategoricalDistribution(("a", "b")),
        "lr": FloatDistribution(1e-4, 1e-1, log=True),
        "n": IntDistribution(1, 64, log=True),
    }
    seed = int(generator_for(SEED, 13).integers(MAX_SEED))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features that may change
        study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=0)
        )
    for one in trials:
        params = dict(one.flags)
        study.add_trial(create_trial(params=params, distributions=distributions, value=one.cost))
    expected = study.ask(distributions).params
    assert candidate.flags["kind"] == expected["kind"]
    assert candidate.flags["n"] == expected["n"]
    assert candidate.flags["lr"] == pytest.approx(expected["lr"], rel=1e-6)


def test_a_running_trial_keeps_tpe_away_from_its_surroundings() -> None:
    space = space_of(x="[0.0:1.0]")
    trials = [
        Observation(number=k, flags={"x": k / 21}, cost=abs(k / 21 - 0.5)) for k in range(1, 21)
    ]
    optimizer = build_optimizer("optuna:tpe", {"random-starts": 0})
    pending = [{"x": 0.5 + k / 1000} for k in range(-12, 12)]
    (alone,) = optimizer.propose(space, trials, [], 1, SEED)
    (beside,) = optimizer.propose(space, trials, pending, 1, SEED)
    assert abs(number(beside.flags["x"]) - 0.5) > abs(number(alone.flags["x"]) - 0.5)


def test_tpe_learns_where_a_bowl_is_deep() -> None:
    space, trials = space_of(x="[-2.0:2.0]", y="[-5.0:11.0]"), list[Observation]()
    for k in range(1, 41):
        (one,) = build_optimizer("optuna:tpe", {}).propose(space, trials, [], 1, SEED)
        trials.append(Observation(number=k, flags=one.flags, cost=bowl(one.flags)))
    before, last = (
        sum(bowl(one.flags) for one in part) / len(part) for part in (trials[:30], trials[30:])
    )
    assert last < 0.7 * before


@pytest.mark.usefixtures("_is_quiet")
def test_nsga_ii_crosses_the_parents_that_optuna_itself_finds() -> None:
    # the first of each generation is asked of Optuna, which counts generations by itself
    space, trials = space_of(x="[0.0:1.0]", y="[1:9]"), list[Observation]()
    optimizer = build_optimizer("nsga-ii", {"population": 4, "random-starts": 2})
    for k in range(1, 23):
        (asked,) = optimizer.propose(space, trials, [], 1, SEED)
        costs = number(asked.flags["x"]), bowl(asked.flags)
        trials.append(Observation(number=k, flags=asked.flags, cost=costs[0], costs=costs))
    distributions = {"x": FloatDistribution(0.0, 1.0), "y": IntDistribution(1, 9)}
    study = optuna.create_study(directions=["minimize"] * 2)
    for one in trials:
        if one.number % 4 != 1 or one.number == 1:  # a study shuffles the parents once it has them
            known = create_trial(
                params=dict(one.flags), distributions=distributions, values=one.costs
            )
            known.system_attrs = {"NSGAIISampler:generation": (one.number - 1) // 4}
            study.add_trial(known)
            continue
        seed = int(generator_for(SEED, one.number).integers(MAX_SEED))
        study.sampler = optuna.samplers.NSGAIISampler(seed=seed, population_size=4)
        seen = [trial.params for trial in study.trials]
        trial = study.ask(distributions)
        while trial.params in seen:  # a child may be a copy of its parent
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            trial = study.ask(distributions)
        study.tell(trial, one.costs)
        assert one.flags == pytest.approx(trial.params)


def test_a_population_of_one_is_refused() -> None:
    with pytest.raises(SpecificationError, match="population is 1: expected 2 or more"):
        build_optimizer("optuna:nsgaii", {"population": 1})


def test_nothing_is_printed_and_optunas_verbosity_stays(
    capfd: pytest.CaptureFixture[str],
) -> None:
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    space = space_of(x="[0.0:1.0]")
    trials = [Observation(number=1, flags={"x": 0.5}, cost=1.0)]
    build_optimizer("optuna:tpe", {"random-starts": 0}).propose(space, trials, [], 2, SEED)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.mark.parametrize(
    ("name", "needed", "words"),
    [
        ("optuna:tpe", ("no_such_optuna",), "pip install 'tunesmith[optuna]'"),
        ("optuna:gp", ("optuna", "no_such_torch"), "needs no_such_torch, "),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    name: str, needed: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optuna_adapter, "NEEDED", {name: needed})
    with pytest.raises(SpecificationError) as caught:
        build_optimizer(name, {})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"random-starts": -1}, {"prev-trials": "all"}], ids=str)
def test_a_wrong_setting_is_refused(settings: dict[str, int | str]) -> None:
    with pytest.raises(SpecificationError, match=r"expected|choose"):
        build_optimizer("optuna:tpe", dict(settings))


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("tpe", "optuna:tpe"),
        ("CMA-ES", "optuna:cmaes"),
        ("cmaes", "optuna:cmaes"),
        ("NSGA-II", "optuna:nsgaii"),
    ],
)
def test_a_sampler_may_be_named_without_optuna(word: str, name: str) -> None:
    assert canonical_name(word) == name
