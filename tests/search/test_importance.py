import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.search.importance import importances


def _measured(n: int, seed: int) -> tuple[dict[str, list[float]], list[float]]:
    """Points and costs: x matters most, then y, junk not at all."""
    generator = np.random.default_rng(seed)
    x, y, junk = generator.random((3, n))
    costs = (x - 0.3) ** 2 + 0.15 * (y - 0.7) ** 2
    return {"x": x.tolist(), "y": y.tolist(), "junk": junk.tolist()}, costs.tolist()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [100, 1000])
def test_flags_come_in_the_order_of_their_influence(n: int, seed: int) -> None:
    columns, costs = _measured(n, seed)

    found = importances(columns, costs)

    assert found[0].name == "x"
    assert found[0].is_clear
    assert next(one.share for one in found if one.name == "junk") < 0.1


def test_a_search_that_prefers_points_does_not_make_a_flag_important() -> None:
    generator = np.random.default_rng(1)
    junk = np.concatenate([generator.normal(0.5, 0.01, 90), generator.random(10)])
    x = generator.random(100)

    found = importances({"x": x.tolist(), "junk": junk.tolist()}, (x**2).tolist())

    assert [one.is_clear for one in found] == [True, False]


def test_categories_are_told_apart() -> None:
    kinds = ["adam", "sgd"] * 50
    others = ["a", "a", "b", "b"] * 25
    costs = [0.0 if kind == "adam" else 1.0 for kind in kinds]

    found = importances({"kind": kinds, "other": others}, costs)

    assert (found[0].name, found[0].is_clear) == ("kind", True)
    assert found[1].share < 0.05


def test_a_failed_trial_counts_as_the_worst() -> None:
    x = [i / 100 for i in range(100)]
    costs = [None if value > 0.5 else 1.0 for value in x]

    assert importances({"x": x}, costs)[0].is_clear


@pytest.mark.parametrize("n", [0, 1, 9])
def test_few_trials_say_nothing(n: int) -> None:
    assert importances({"x": [float(i) for i in range(n)]}, [float(i) for i in range(n)]) == []


def test_a_flag_counts_by_the_share_of_trials_in_which_it_is_active() -> None:
    rng = np.random.default_rng(5)
    x, degree = rng.random(200), rng.random(200)
    has_degree = (rng.random(200) < 0.3).tolist()
    costs = [float(d if has else c) for c, d, has in zip(x, degree, has_degree, strict=True)]
    columns = {"x": x.tolist(), "degree": degree.tolist()}

    found = {one.name: one for one in importances(columns, costs, active={"degree": has_degree})}

    alone = importances({"degree": degree[has_degree].tolist()}, degree[has_degree].tolist())
    assert alone[0].is_clear
    assert found["degree"].is_clear
    assert 0.05 < found["degree"].share < found["x"].share


def test_a_flag_that_few_trials_have_has_no_importance() -> None:
    columns, costs = _measured(50, 0)
    active = [k < 5 for k in range(50)]

    found = {one.name: one.share for one in importances(columns, costs, active={"x": active})}

    assert found["x"] == 0


def test_a_flag_that_does_not_vary_is_left_out() -> None:
    columns, costs = _measured(50, 0)

    found = importances({**columns, "same": [1.0] * 50}, costs)

    assert {one.name for one in found} == {"x", "y", "junk"}


@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.floats(allow_nan=True), st.integers(), st.text(max_size=3), st.none()),
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
        ),
        max_size=40,
    )
)
def test_shares_are_a_division_of_one(
    rows: list[tuple[float | int | str | None, float | None]],
) -> None:
    found = importances(
        {"a": [a for a, _ in rows], "b": list(range(len(rows)))}, [c for _, c in rows]
    )

    total = sum(one.share for one in found)
    assert all(0 <= one.share <= 1 for one in found)
    assert total == 0 or total == pytest.approx(1)
