import pytest

from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import read_setting
from tunesmith.search.auto import MAX_GP_TRIALS, MAX_MODEL_TRIALS, choose
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


def space_of(n_real: int, n_categorical: int = 0) -> SearchSpace:
    reals = {f"x{k}": read_setting("[-1.0:1.0]") for k in range(n_real)}
    categories = {f"c{k}": read_setting("[a,b,c]") for k in range(n_categorical)}
    return SearchSpace.from_settings({**reals, **categories, "fixed": 7})


@pytest.mark.parametrize(
    ("space", "n_trials", "chosen"),
    [
        pytest.param(space_of(1), 0, "gp", id="one flag"),
        pytest.param(space_of(20), MAX_GP_TRIALS, "gp", id="as many as it is good for"),
        pytest.param(space_of(2, 18), 0, "gp", id="few flags, mostly categories"),
        pytest.param(space_of(10, 11), 0, "forest", id="many flags, mostly categories"),
        pytest.param(space_of(11, 10), 0, "gp", id="many flags, mostly numbers"),
        pytest.param(space_of(1, 2), MAX_GP_TRIALS + 1, "forest", id="many trials of categories"),
        pytest.param(space_of(3), MAX_MODEL_TRIALS - 1, "gp", id="many trials of numbers"),
        pytest.param(space_of(3), MAX_MODEL_TRIALS, "sobol", id="more than a model can take"),
    ],
)
def test_the_space_and_the_number_of_trials_choose(
    space: SearchSpace, n_trials: int, chosen: str
) -> None:
    assert choose(space, n_trials) == chosen


def test_a_candidate_is_that_of_the_chosen_optimizer_with_the_same_settings() -> None:
    space = space_of(1)
    trials = [
        Observation(number=k, flags={"fixed": 7, "x0": k / 4}, cost=k / 3) for k in (1, 2, 3)
    ]
    settings = {"random-starts": 1}
    auto, gp = (
        build_optimizer(name, settings).propose(space, trials, [], 1, 5) for name in ("auto", "gp")
    )
    assert auto == gp
    assert auto[0].origin == "gp"


def test_a_record_that_no_model_can_take_goes_on_along_the_sequence() -> None:
    space = space_of(1)
    trials = [
        Observation(number=k, flags={"fixed": 7, "x0": k / MAX_MODEL_TRIALS}, cost=0.0)
        for k in range(1, MAX_MODEL_TRIALS + 1)
    ]
    (candidate,) = build_optimizer("auto", {}).propose(space, trials, [], 1, 5)
    assert candidate.origin == "sobol"


@pytest.mark.parametrize("settings", [{"random-starts": -1}, {"prev-trials": "all"}], ids=str)
def test_a_wrong_setting_is_refused(settings: dict[str, int | str]) -> None:
    with pytest.raises(SpecificationError, match=r"expected|choose"):
        build_optimizer("auto", dict(settings))
