"""Which points are proposed where ``--where`` allows only some."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import SpecificationError
from tunesmith.flags.grammar import read_setting
from tunesmith.flags.values import flags_key
from tunesmith.search.allowed import N_KEPT, allowed_points, check_allowed, describe_allowed
from tunesmith.search.grid import grid_size, n_left
from tunesmith.search.optimizer import Candidate, Observation
from tunesmith.search.registry import build_optimizer
from tunesmith.search.space import SearchSpace

MODELS = ["gp", "forest", "gbrt", "optuna:tpe", "optuna:cmaes"]
SEARCHES = ["random", "sobol", *MODELS]


def space_of(*where: str, **texts: str) -> SearchSpace:
    parsed = {name: read_setting(text) for name, text in texts.items()}
    return SearchSpace.from_settings(parsed, where=where)


NETWORK = space_of(
    "layers * width <= 4096",
    "min_lr < lr",
    layers="[1:64]",
    width="[16,32,64,128,256,512,1024]",
    lr="loguniform[1e-5:1e-1]",
    min_lr="loguniform[1e-5:1e-1]",
)
RARE = space_of(
    "x + y < 0.02",
    "abs_z = 3 or z > 9.98",
    x="[0.0:1.0]",
    y="[0.0:1.0]",
    z="[0.0:10.0]",
    abs_z="[0:30]",
)
"""One point in ten thousand or fewer is allowed."""
SMALL = space_of("n * m < 5", "kind != a or n = 1", n="[1:4]", m="[1:4]", kind="[a,b]")
SPACES = {"a network": NETWORK, "one in ten thousand": RARE, "a small grid": SMALL}


def cost_of(flags: dict[str, object]) -> float:
    return float(sum(value for value in flags.values() if isinstance(value, int | float)))


def searched(name: str, space: SearchSpace, n: int, *, seed: int = 3) -> list[Candidate]:
    """Run a search, a trial at a time."""
    flags = {"random-starts": 3} if name in MODELS else {}
    optimizer = build_optimizer(name, flags)
    trials: list[Observation] = []
    found: list[Candidate] = []
    for number in range(1, n + 1):
        proposed = optimizer.propose(space, trials, [], 1, seed)
        if not proposed:
            break
        found += proposed
        cost = cost_of(dict(proposed[0].flags))
        trials.append(Observation(number=number, flags=proposed[0].flags, cost=cost))
    return found


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
def test_every_proposal_is_allowed_and_none_is_repeated(name: str, space: SearchSpace) -> None:
    proposed = searched(name, space, 12)

    assert len(proposed) == 12
    assert all(space.allows(one.flags) for one in proposed)
    assert len({flags_key(one.flags) for one in proposed if one.origin != "repeat"}) >= 10


@pytest.mark.parametrize("name", ["random", "gp", "optuna:tpe"])
def test_a_replay_proposes_the_same(name: str) -> None:
    first = [one.flags for one in searched(name, RARE, 8)]
    for most in range(N_KEPT):  # what is kept in memory is of other spaces by now
        allowed_points(space_of(f"n <= {most + 1}", n="[1:9]"))

    assert [one.flags for one in searched(name, RARE, 8)] == first


def test_gp_finds_the_best_point_on_the_edge_of_the_allowed_region() -> None:
    space = space_of("x + y >= 1", x="[0.0:1.0]", y="[0.0:3.0]")
    best = min(cost_of(dict(one.flags)) for one in searched("gp", space, 20))

    assert best == pytest.approx(1.0, abs=0.005)


def test_gp_proposes_by_its_model_in_a_small_region() -> None:
    origins = [one.origin for one in searched("gp", RARE, 10)]

    assert origins[3:] == ["gp"] * 7


def test_a_search_ends_when_all_allowed_points_have_been_tried() -> None:
    space = space_of("n * m = 6", n="[1:6]", m="[1:6]")

    for name in SEARCHES:
        assert len(searched(name, space, 10)) == 4, name


def test_a_grid_leaves_out_what_is_not_allowed() -> None:
    proposed = build_optimizer("grid", {}).propose(SMALL, [], [], 100, 0)
    points = [(one.flags["n"], one.flags["m"], one.flags["kind"]) for one in proposed]

    assert sorted(points) == sorted(
        (n, m, kind)
        for n in range(1, 5)
        for m in range(1, 5)
        for kind in "ab"
        if n * m < 5 and (kind != "a" or n == 1)
    )
    assert grid_size(SMALL) == len(points)
    assert n_left(SMALL, [one.flags for one in proposed[:3]]) == len(points) - 3


def test_a_sampled_grid_has_only_allowed_points() -> None:
    proposed = build_optimizer("grid", {}).propose(SMALL, [], [], 5, 0)

    assert len(proposed) == 5
    assert all(SMALL.allows(one.flags) for one in proposed)


def test_trials_that_are_no_longer_allowed_still_inform_a_search() -> None:
    wide = space_of(x="[0.0:1.0]")
    narrow = space_of("x > 0.5", x="[0.0:1.0]")
    trials = [
        Observation(number=k + 1, flags={"x": k / 10}, cost=abs(k / 10 - 0.62)) for k in range(11)
    ]
    (proposed,) = build_optimizer("gp", {}).propose(narrow, trials, [], 1, 0)

    assert wide.contains(trials[0].flags)
    assert narrow.contains(trials[0].flags)
    assert abs(float(str(proposed.flags["x"])) - 0.62) < 0.1


@pytest.mark.parametrize(
    ("where", "texts", "words"),
    [
        ("n > 3", {"n": "[1,2,3]"}, "allows none of the 3 points"),
        ("x > 2", {"x": "[0.0:1.0]"}, "does not meet 'x > 2'"),
        ("x = y", {"x": "[0.0:1.0]", "y": "[0.0:1.0]"}, "floats are hardly ever equal"),
    ],
)
def test_an_empty_space_is_refused_in_words(where: str, texts: dict[str, str], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        check_allowed(space_of(where, **texts))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("leyers > 3", "--where 'leyers > 3'.*no flag 'leyers': did you mean 'layers'"),
        ("layers >", "--where 'layers >'.*unexpected the end"),
        ("layers", "expected a comparison"),
        ("layers-1 < 2", "'layers-1' is one word: put spaces around -"),
        ("layers > layers/2", "'layers/2' is one word: put spaces around /"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(where: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        space_of(where, layers="[1:3]")


def test_a_comparison_with_a_flag_without_a_value_asks_nothing() -> None:
    space = space_of("not momentum > lr", "momentum < 0.5", lr="[0.0:1.0]", momentum="none")

    assert space.allows({"lr": 0.3, "momentum": None})
    assert not space.allows({"lr": 0.3, "momentum": 0.4})


@given(st.integers(0, 2**31), st.sampled_from(list(SPACES.values())))
@settings(max_examples=25, deadline=None)
def test_random_points_are_allowed_from_any_seed(seed: int, space: SearchSpace) -> None:
    (proposed,) = build_optimizer("random", {}).propose(space, [], [], 1, seed)

    assert space.allows(proposed.flags)


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (SMALL, "12 of 32 points"),
        (RARE, "fewer than 1 in 500 points"),
        (space_of("x < 0.25", x="[0.0:1.0]"), "about 1 in 4 points"),
        (space_of("x < 0.9", x="[0.0:1.0]"), "about 9 in 10 points"),
        (space_of("x < 0.99", x="[0.0:1.0]"), "nearly all points"),
    ],
    ids=["small", "rare", "a quarter", "most", "nearly all"],
)
def test_it_is_told_how_many_points_are_allowed(space: SearchSpace, words: str) -> None:
    assert describe_allowed(space) == words


def test_the_one_allowed_point_of_a_large_grid_is_found() -> None:
    names = ",".join(f"k{number}" for number in range(150))
    space = space_of("a = k77 and b = k3", a=f"[{names}]", b=f"[{names}]")

    assert allowed_points(space).listed is not None
    check_allowed(space)
    (only,) = searched("random", space, 3)
    assert (only.flags["a"], only.flags["b"]) == ("k77", "k3")


def test_points_of_many_small_islands_are_found_one_after_the_other() -> None:
    space = space_of("p * q = 2310", p="[1:2310]", q="[1:2310]")

    found = searched("random", space, 12)
    assert len({one.flags["p"] for one in found}) == 12


def test_random_points_of_a_thin_shell_lie_all_over_it() -> None:
    shell = space_of(
        "x * x + y * y < 1.001", "x * x + y * y > 0.999", x="[-2.0:2.0]", y="[-2.0:2.0]"
    )

    points = [one.flags for one in searched("random", shell, 40)]
    quarters = {(float(str(one["x"])) > 0, float(str(one["y"])) > 0) for one in points}
    assert len(quarters) == 4
    assert len({flags_key(one) for one in points}) == 40


def test_a_region_far_below_the_numbers_around_it_is_found() -> None:
    texts = dict.fromkeys("abcde", "[0.0:1.0]")
    space = space_of("a * b * c * d * e < 0.0000001", "a - b > 0.5", **texts)

    check_allowed(space)
    assert all(space.allows(one.flags) for one in searched("random", space, 5))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_a_comparison_is_missed_by_less_the_nearer_its_sides_are(
    x: float, limit: float, share: float
) -> None:
    condition = space_of("x <= limit", x="[0.0:1.0]", limit="0.5").where
    assert condition is not None
    nearer = x + share * (limit - x)
    nearer = min(nearer, limit) if x <= limit else max(nearer, limit)  # rounding passes it
    far = condition.violation({"x": x, "limit": limit})
    near = condition.violation({"x": nearer, "limit": limit})

    assert (far == 0.0) is (x <= limit)
    assert near <= far <= 1.0
