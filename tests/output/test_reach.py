"""How much of the lines of ``benchmarks/reach`` is read, with the bounds that are promised."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

PLACE = Path(__file__).parents[2] / "benchmarks" / "reach" / "lines.py"


@pytest.fixture(scope="module")
def lines() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reach_lines", PLACE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


N_LINES = {
    "lines.txt": 150,
    "independent_lines.txt": 600,
    "later_lines.txt": 160,
    "unseen_lines.txt": 100,
}
CORPORA = tuple(N_LINES)


@pytest.mark.parametrize("name", CORPORA)
def test_most_scalars_are_found_and_few_false_ones(lines: ModuleType, name: str) -> None:
    found = lines.score(lines.read_corpus(PLACE.with_name(name)))
    assert found.n_lines >= N_LINES[name]
    assert found.recall >= 0.95, found.missing
    assert found.false_part <= 0.02, found.false


@pytest.mark.parametrize("name", CORPORA[1:])
def test_an_objective_is_found_by_the_name_that_a_person_types(
    lines: ModuleType, name: str
) -> None:
    found = lines.score(lines.read_corpus(PLACE.with_name(name)))
    assert found.n_objectives >= 50
    assert len(found.unread_objectives) <= 2, found.unread_objectives


@pytest.mark.parametrize("name", CORPORA)
def test_lines_that_were_seen_before_are_read_alike(lines: ModuleType, name: str) -> None:
    """Each block twice: the second time most lines are known by their shape."""
    for block in lines.read_corpus(PLACE.with_name(name)):
        scalars = lines.OutputScalars(flag_names=block.flags)
        first = [[(one.tag, one.value) for one in scalars.feed(line, 0.0)] for line in block.lines]
        again = [[(one.tag, one.value) for one in scalars.feed(line, 0.0)] for line in block.lines]
        assert str(again) == str(first), block.title
