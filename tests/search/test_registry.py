import pytest

from tunesmith.errors import SpecificationError
from tunesmith.flags.values import FlagValue
from tunesmith.search.registry import (
    build_optimizer,
    canonical_name,
    display_name,
    optimizer_settings,
)
from tunesmith.search.surrogate import GaussianProcess


@pytest.mark.parametrize("alias", ["gp", "skopt:gp", "bayesian", "gaussian", "GP", "auto"])
def test_an_alias_means_the_gaussian_process(alias: str) -> None:
    assert canonical_name(alias) == "gp"
    assert display_name(canonical_name(alias)) == "skopt:gp"


def test_an_unknown_optimizer_is_named_with_the_known_ones() -> None:
    with pytest.raises(SpecificationError) as caught:
        canonical_name("forrest")
    assert "Choose one of auto, forest" in str(caught.value)
    assert "random" in str(caught.value)


def test_settings_have_the_defaults_of_the_page() -> None:
    assert optimizer_settings("gp") == {
        "random-starts": 3,
        "kappa": 1.96,
        "xi": 0.05,
        "prev-trials": "batch",
        "acq-func": "AEI",
        "cost": "none",
        "noise": "gaussian",
    }
    assert optimizer_settings("forest")["random-starts"] == 3
    assert optimizer_settings("random") == {}


@pytest.mark.parametrize("name", ["random-starts", "random_starts"])
def test_a_setting_may_have_a_dash_or_an_underscore(name: str) -> None:
    optimizer = build_optimizer("gp", {name: 0})
    assert isinstance(optimizer, GaussianProcess)
    assert optimizer.random_starts == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kapa": 1}, "kappa"),
        ({"random-starts": 1.5}, "whole number"),
        ({"random-starts": -1}, "0 or more"),
        ({"xi": "big"}, "a number"),
        ({"kappa": -1.0}, "0 or more"),
        ({"acq-func": "UCB"}, "EI, LCB, PI, gp_hedge"),
        ({"noise": "loud"}, "gaussian"),
        ({"prev-trials": "all"}, "batch, sourcecode, operation"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused_with_what_is_allowed(
    settings: dict[str, FlagValue], words: str
) -> None:
    with pytest.raises(SpecificationError, match=words):
        build_optimizer("gp", settings)
