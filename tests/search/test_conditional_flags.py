"""Flags that are active only sometimes, whatever proposes them."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.search.test_contract import EVERY, MODELS, SEARCHES, cost_of, walk
from tunesmith.flags.activity import active_flags, with_conditions
from tunesmith.flags.assignments import Assignment, assign
from tunesmith.flags.definition import FlagSource, FlagStyle, ScriptFlags
from tunesmith.flags.settings import Choices, Setting, condition_of
from tunesmith.flags.values import FlagValue
from tunesmith.search.branch_starts import branch_starts
from tunesmith.search.first import first_candidates, is_at
from tunesmith.search.gp.cube import Cube
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

ANY = ScriptFlags(source=FlagSource.COMMAND, definitions=(), style=FlagStyle.SPACED, is_open=True)


def settings_of(**texts: str) -> dict[str, Setting]:
    """The settings that arguments NAME=VALUE mean for a program that takes any flag."""
    given = [Assignment(name=name, text=text) for name, text in texts.items()]
    return with_conditions(assign(ANY, given, script="it"), ANY)


def space_of(**texts: str) -> SearchSpace:
    return SearchSpace.from_settings(settings_of(**texts))


KERNELS = {
    "kernel": "[linear,poly,rbf]",
    "degree": "[2:5] if kernel == poly",
    "coef": "[0.0:1.0] if kernel == poly and degree > 2",
    "gamma": "loguniform[1e-3:1e1] if kernel in [poly, rbf]",
    "c": "[0.1:10.0]",
}
SPACES = {
    "nested": space_of(**KERNELS),
    "choices in one branch": space_of(
        opt="[sgd,adam]", nesterov="[yes,no] if opt == sgd", beta="[0.9,0.95] if opt == adam"
    ),
    "a condition on a real number": space_of(
        x="[-1.0:1.0]", y="[-1.0:1.0] if x > 0", kind="[a,b,c] if x > 0.5"
    ),
    "a condition on a whole number": space_of(
        layers="[1:3:3]", second="[8:64] if layers > 1", third="[8:64] if layers > 2"
    ),
    "one value in one branch": space_of(
        kernel="[a,b]", only="[7] if kernel == a", x="[0.0:1.0] if only == 7"
    ),
    "an initial value in one branch": space_of(n="[1:9:1]", x="[0.0:1.0:0.5] if n > 1"),
}
FINITE = {
    "kernel": "[linear,poly,rbf]",
    "degree": "[2:4] if kernel == poly",
    "shrinking": "[yes,no] if kernel in [poly,rbf]",
    "c": "[1,10]",
}


def is_whole(flags: Mapping[str, FlagValue], space: SearchSpace) -> bool:
    """Whether flags have a value for each flag that is active, and for no other."""
    return list(flags) == [
        name
        for name in space.names
        if name not in space.conditions or space.conditions[name].holds(flags)
    ]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
@pytest.mark.parametrize("name", SEARCHES)
def test_no_candidate_has_a_flag_that_is_not_active(name: str, space: SearchSpace) -> None:
    optimizer = build_optimizer(name, {"random-starts": 2} if name in MODELS else {})
    candidates, _ = walk(optimizer, space, 9)

    assert candidates
    assert all(is_whole(one.flags, space) and space.contains(one.flags) for one in candidates)
    assert len({space.key(one.flags) for one in candidates}) == len(candidates)


@pytest.mark.parametrize("name", MODELS)
def test_a_search_that_goes_on_proposes_what_it_would_have(name: str) -> None:
    space = SPACES["nested"]
    candidates, trials = walk(build_optimizer(name, {}), space, 9)
    for cut in (4, 8):
        again = build_optimizer(name, {}).propose(space, trials[:cut], [], 1, 11)
        assert again[0] == candidates[cut]


@pytest.mark.parametrize("name", EVERY)
def test_a_finite_space_is_exhausted_and_no_point_is_doubled(name: str) -> None:
    space = space_of(**FINITE)
    optimizer = build_optimizer(name, {"noise": 0.0} if name == "gp" else {})
    seen: list[Mapping[str, FlagValue]] = []
    trials: list[Observation] = []
    while proposed := optimizer.propose(space, trials, [], 1, 3):
        flags = proposed[0].flags
        seen.append(flags)
        trials.append(Observation(number=len(seen), flags=flags, cost=cost_of(flags)))

    assert len(seen) == space.size == (1 + 3 * 2 + 2) * 2
    assert len({space.key(flags) for flags in seen}) == len(seen)


def test_a_grid_has_the_deciding_flags_first_and_then_the_order_of_names() -> None:
    space = space_of(**FINITE)
    points = build_optimizer("grid", {}).propose(space, [], [], 99, 0)

    assert [" ".join(f"{n}={v}" for n, v in one.flags.items()) for one in points][:5] == [
        "c=1 kernel=linear",
        "c=10 kernel=linear",
        "c=1 degree=2 kernel=poly shrinking=yes",
        "c=1 degree=2 kernel=poly shrinking=no",
        "c=1 degree=3 kernel=poly shrinking=yes",
    ]


VALUES = st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True)
NAMES = "abcd"


@st.composite
def finite_settings(draw: st.DrawFn) -> dict[str, Setting]:
    """Lists of whole numbers, of which later ones may depend on earlier ones by name."""
    texts = {}
    for place, name in enumerate(NAMES):
        text = str(draw(VALUES))
        if place and draw(st.booleans()):
            other = draw(st.sampled_from(NAMES[:place]))
            sign, bound = draw(st.sampled_from(["<", ">", "=", "!="])), draw(st.integers(0, 5))
            text += f" if {other} {sign} {bound}"
        texts[name] = text
    return settings_of(**texts)


def by_hand(of: Mapping[str, Setting], space: SearchSpace) -> set[str]:
    """The points of a grid, made of all combinations of which some are the same."""
    lists = [one.values if isinstance(one, Choices) else () for one in of.values()]
    known = {n: one for n in of if (one := condition_of(of[n])) is not None}
    points = (dict(zip(of, values, strict=True)) for values in product(*lists))
    return {space.key(active_flags(point, known)) for point in points}


@given(finite_settings())
@settings(max_examples=60, deadline=None)
def test_a_grid_has_every_point_once(of: dict[str, Setting]) -> None:
    space = SearchSpace.from_settings(of)
    points = build_optimizer("grid", {}).propose(space, [], [], 1000, 0)
    keys = [space.key(one.flags) for one in points]

    assert set(keys) == by_hand(of, space)
    assert len(set(keys)) == len(keys) == space.size
    assert [space.index_of(one.flags) for one in points] == list(range(len(points)))
    assert all(is_whole(one.flags, space) for one in points)


@given(finite_settings(), st.lists(st.floats(0, 1), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_point_and_its_coordinates_are_the_same(
    of: dict[str, Setting], units: list[float]
) -> None:
    space = SearchSpace.from_settings(of)
    point = space.from_units(units[: len(space.searched)])
    again = space.to_units(point)

    assert again is not None
    assert space.from_units(again) == point
    assert [unit == unit for unit in again] == [d.name in point for d in space.searched]


def test_what_a_trial_has_for_a_flag_that_is_not_active_does_not_count() -> None:
    space = space_of(kernel="[linear,poly]", degree="[2:5] if kernel == poly")

    assert space.contains({"kernel": "linear", "degree": 99})
    assert space.key({"kernel": "linear", "degree": 3}) == space.key({"kernel": "linear"})
    assert not space.contains({"kernel": "poly"})
    assert not space.contains({"kernel": "poly", "degree": 99})


def test_rows_of_a_batch_file_decide_which_flags_are_active() -> None:
    rows = [{"kernel": "linear"}, {"kernel": "poly"}]
    of = with_conditions(
        assign(ANY, [Assignment(name="degree", text="[2,3] if kernel == poly")], script="it"),
        ANY,
        ["kernel"],
    )
    space = SearchSpace.from_settings(of, rows)
    points = build_optimizer("grid", {}).propose(space, [], [], 99, 0)

    assert [dict(one.flags) for one in points] == [
        {"kernel": "linear"},
        {"degree": 2, "kernel": "poly"},
        {"degree": 3, "kernel": "poly"},
    ]


@pytest.mark.parametrize(("kernel", "n"), [("poly", 4), ("rbf", 1)])
def test_what_a_fixed_flag_decides_is_decided(kernel: str, n: int) -> None:
    space = space_of(kernel=kernel, degree="[2:5] if kernel == poly")

    assert space.size == n
    assert not space.conditions
    assert ("degree" in space.names) == (kernel == "poly")


def test_points_that_lack_a_flag_have_no_distance_along_it() -> None:
    cube = Cube(SPACES["nested"])
    rows = [cube.row({"kernel": "linear", "c": 1.0, "degree": n, "gamma": 0.1}) for n in (2, 5)]

    assert rows[0] == rows[1] == cube.row({"kernel": "linear", "c": 1.0})
    assert cube.row({"kernel": "rbf", "c": 1.0, "gamma": 0.1}) != rows[0]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
def test_the_model_moves_only_what_is_active(space: SearchSpace) -> None:
    cube = Cube(space)
    rows = cube.snapped(np.random.default_rng(1).random((64, len(cube.dimensions))))

    assert np.array_equal(cube.settled(rows), rows)
    for row in rows[:8]:
        neighbours = cube.neighbours(row)
        assert np.array_equal(cube.settled(neighbours), neighbours)
        keys = [space.key(cube.flags(one)) for one in neighbours]
        assert len(set(keys)) == len(keys)


def test_a_search_starts_in_the_middle_of_each_branch() -> None:
    space = SPACES["choices in one branch"]
    candidates, _ = walk(build_optimizer("gp", {}), space, 2)
    assert {one.flags["opt"] for one in candidates} == {"sgd", "adam"}

    layers = space_of(n="[1:9]", x="[0.0:2.0] if n > 7", y="[0.0:4.0] if n > 8", z="[0.0:1.0]")
    candidates, _ = walk(build_optimizer("gp", {}), layers, 3)
    branches = ["".join(sorted(one.flags)) for one in candidates]
    assert branches[0] == "nz"
    assert set(branches) == {"nz", "nxz", "nxyz"}
    assert all(one.flags.get("x", 1.0) == 1.0 for one in candidates)
    assert all(one.flags.get("y", 2.0) == 2.0 for one in candidates)


def test_other_searches_start_as_before() -> None:
    assert branch_starts(space_of(x="[0.0:1.0]", kind="[a,b,c]")) == ()


@pytest.mark.parametrize("point", [{"degree": 3}, {"kernel": "poly"}, {"kernel": "linear"}])
def test_a_first_trial_has_what_is_active_in_it(point: dict[str, FlagValue]) -> None:
    space = SPACES["nested"]
    base: dict[str, FlagValue] = {"c": 1.0, "kernel": "linear"}
    (found,) = first_candidates([point], space, lambda _: [Candidate(flags=base, origin="gp")])

    assert is_whole(found.flags, space)
    assert is_at(point, found.flags)


def test_a_condition_beside_where_leaves_what_both_allow() -> None:
    space = SearchSpace.from_settings(
        settings_of(n="[1:4]", m="[1:4] if n > 2"), where=("n + m <= 5",)
    )
    points = build_optimizer("grid", {}).propose(space, [], [], 99, 0)

    assert [tuple(one.flags.get(name) for name in "nm") for one in points] == [
        (1, None),
        (2, None),
        (3, 1),
        (3, 2),
        (4, 1),
    ]
