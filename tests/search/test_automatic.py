"""Which optimizer ``auto`` takes, and what it says of that."""

import pytest

from tunesmith.flags.conditions.condition import Condition
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.settings import Choices, Setting
from tunesmith.search.automatic import choose

FLOATS = {f"x{k}": read_setting("[-1.0:1.0]") for k in range(3)}
STEPS = {"width": read_setting("[16,32,64]")}
CHOICES = {"kind": read_setting("[a,b]")}
BRANCH = {
    "n": Choices(
        values=(1, 2),
        text="[1,2]",
        condition=Condition(text="kind = a", named=(("kind", "kind"),)),
    )
}


@pytest.mark.parametrize(
    ("settings", "n_trials", "why"),
    [
        pytest.param(FLOATS, 20, "with numbers", id="numbers"),
        pytest.param(FLOATS | STEPS, 599, "with numbers", id="steps, which are numbers too"),
        pytest.param(FLOATS, 600, "CMA-ES", id="many trials"),
        pytest.param(FLOATS | CHOICES, 20, "with choices", id="choices"),
        pytest.param(FLOATS | CHOICES, 600, "with choices", id="many trials of choices"),
        pytest.param(FLOATS | CHOICES | BRANCH, 20, "with conditions", id="conditions"),
        pytest.param(FLOATS | {"kind": "a"}, 20, "with numbers", id="a choice that was made"),
    ],
)
def test_it_is_the_gaussian_process_for_a_reason_that_fits(
    settings: dict[str, Setting], n_trials: int, why: str
) -> None:
    chosen = choose(settings, n_trials)
    assert chosen.name == "gp"
    assert why in chosen.reason
