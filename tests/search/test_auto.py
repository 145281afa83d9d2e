import pytest

from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import read_setting
from tunesmith.search.optimizer import Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace


def space_of(n_real: int, n_categorical: int = 0) -> SearchSpace:
    reals = {f"x{k}": read_setting("[-1.0:1.0]") for k in range(n_real)}
    categories = {f"c{k}": read_setting("[a,b,c]") for k in range(n_categorical)}
    return SearchSpace.from_settings({**reals, **categories, "fixed": 7})


@pytest.mark.parametrize(
    "space",
    [
        pytest.param(space_of(1), id="one flag"),
        pytest.param(space_of(30), id="many numbers"),
        pytest.param(space_of(0, 20), id="many categories"),
    ],
)
def test_a_candidate_is_that_of_gp_with_the_same_settings(space: SearchSpace) -> None:
    points = build_optimizer("random", {}).propose(space, [], [], 5, 1)
    trials = [
        Observation(number=k, flags=point.flags, cost=(k - 3.0) ** 2)
        for k, point in enumerate(points, 1)
    ]
    settings = {"random-starts": 1}
    auto, gp = (
        build_optimizer(name, settings).propose(space, trials, [], 1, 5) for name in ("auto", "gp")
    )
    assert auto == gp
    assert auto[0].origin == "gp"


@pytest.mark.parametrize("settings", [{"random-starts": -1}, {"prev-trials": "all"}], ids=str)
def test_a_wrong_setting_is_refused(settings: dict[str, int | str]) -> None:
    with pytest.raises(SpecificationError, match=r"expected|choose"):
        build_optimizer("auto", dict(settings))
