"""How trials are stopped early, as a request says it."""

from typing import Any

import pytest

from tests.batches import make_spec
from tunesmith.batch_json import batch_from_plain, batch_to_plain
from tunesmith.errors import SpecificationError
from tunesmith.objective import Direction, Objective
from tunesmith.pruning import PruningSpec
from tunesmith.request.options import read_options
from tunesmith.request.pruning import prune_as
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.scalar import ScalarColumn

LOSS = Objective()
BOLD = PruningSpec(rule="bold", column=ScalarColumn(tag="val_loss"), min_points=3)


def asked(before: PruningSpec | None = None, **given: Any) -> PruningSpec | None:
    return prune_as(before, (LOSS,), SweepRequest(**read_options(given)))


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"prune": True}, "careful"),
        ({"prune": "yes"}, "careful"),
        ({"prune": " Bold "}, "bold"),
        ({"prune": "after:5:10"}, "after:5:10"),
        ({"prune_after": 5}, "careful"),
        ({"prune_on": "val_loss"}, "careful"),
    ],
)
def test_whoever_says_anything_of_pruning_asks_for_it(given: dict[str, Any], rule: str) -> None:
    pruning = asked(**given)
    assert pruning is not None
    assert pruning.rule == rule


@pytest.mark.parametrize("word", [False, "off", "no"])
def test_it_can_be_taken_back(word: object) -> None:
    assert asked(BOLD, prune=word) is None


def test_a_restart_keeps_what_it_does_not_say() -> None:
    assert asked(BOLD) == BOLD
    assert asked(BOLD, prune="careful") == PruningSpec(column=BOLD.column, min_points=3)
    assert asked() is None


@pytest.mark.parametrize("column", ["mean loss", "count loss", "first loss"])
def test_what_no_value_before_the_end_foretells_is_refused(column: str) -> None:
    with pytest.raises(SpecificationError, match="cannot judge a trial by"):
        asked(prune_on=column)
    objective = Objective(column=ScalarColumn.from_text(column))
    with pytest.raises(SpecificationError, match="as in --prune-on loss"):
        prune_as(None, (objective,), SweepRequest(prune="careful"))


def test_another_scalar_is_better_in_the_direction_of_its_name() -> None:
    accuracy = Objective(column=ScalarColumn(tag="acc"), direction=Direction.MAXIMIZE)
    found = [accuracy.of_column(ScalarColumn(tag=tag)).direction for tag in ("loss", "auc", "x")]
    assert found == [Direction.MINIMIZE, Direction.MAXIMIZE, Direction.MAXIMIZE]


@pytest.mark.parametrize("pruning", [None, BOLD, PruningSpec()])
def test_a_stored_batch_keeps_it(pruning: PruningSpec | None) -> None:
    spec = make_spec("b" * 32, pruning=pruning)
    plain = batch_to_plain(spec)
    assert batch_from_plain(plain).pruning == pruning
    plain.pop("pruning")
    assert batch_from_plain(plain).pruning is None, "of an earlier version"
