from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import QueryError
from tunesmith.flags.conditions.cursor import MAX_DEPTH
from tunesmith.query.expression import parse_expression
from tunesmith.trial import Run, TrialStatus

MakeRun = Callable[..., Run]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    return make_run(
        2,
        flags={
            "x": 1,
            "lr": 0.5,
            "name": "adam",
            "deep": True,
            "none": None,
            "layers": (1, 2),
            "bad": float("nan"),
        },
        scalars={"loss": 0.25, "val#acc": 0.75},
        label="a good one",
        tags=("best", "7"),
        started=1_769_850_000.0,
    )


@pytest.mark.parametrize(
    "text",
    [
        "loss < 0.5 and x in [1,2] or label contains 'nothing'",
        "loss = 0.25",
        "loss == 25e-2",
        "x = 1.0",
        "x <> 2",
        "x != 2",
        "x >= 1 and x <= 1",
        "=x = 1",
        "flag:x = 1",
        "scalar:loss > 0",
        "min loss < 0",
        "max val#acc > 1",
        "acc = 0.75",
        "loss step = 2",
        "name = adam",
        "name = 'adam'",
        'name in [sgd, "adam"]',
        "name not in [sgd]",
        "name contains da",
        "name not contains x",
        "name < b",
        "deep = true",
        "deep = yes",
        "deep = 1",
        "layers = [1, 2]",
        "layers contains 2",
        "layers in [[1, 2], 3]",
        "tags contains best",
        "tags contains 7",
        "bad = nan",
        "bad is not null",
        "none is null",
        "missing is null",
        "not missing = 1",
        "not (x = 2 or x = 3)",
        "NOT x = 2 AND x = 1",
        "status = completed",
        "number = 2",
        "run = 00000000",
        "exit_code = 0",
        "started > 2026-01-31",
        "started < '2026-01-31 09:00:01'",
        "label contains good",
        "'val#acc' > 0.5",
    ],
)
def test_a_run_meets_a_condition(run: Run, text: str) -> None:
    assert parse_expression(text).matches(run)


@pytest.mark.parametrize(
    "text",
    [
        "missing = 1",
        "missing != 1",
        "missing < 1",
        "missing contains a",
        "missing in [1]",
        "missing not in [1]",
        "missing is not null",
        "none = 1",
        "x = true",
        "x = '1'",
        "x < abc",
        "name > 3e9",
        "bad < 1",
        "bad > 1",
        "bad = 1",
        "layers = [1]",
        "layers < 3",
        "x contains 1",
        "x in []",
        "false = true",
        "started > 2026-02-01",
    ],
)
def test_a_run_fails_a_condition(run: Run, text: str) -> None:
    assert not parse_expression(text).matches(run)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 2 and x = 2 or x = 1", True),
        ("x = 1 or x = 2 and x = 2", True),
        ("(x = 1 or x = 2) and x = 2", False),
        ("not x = 2 and x = 2", False),
        ("not (x = 2 and x = 2)", True),
        ("not not x = 1", True),
    ],
)
def test_and_binds_tighter_than_or_and_not_tighter_than_and(
    run: Run, text: str, expected: bool
) -> None:
    assert parse_expression(text).matches(run) is expected


def test_an_attribute_comes_before_a_flag_and_a_flag_before_a_scalar(make_run: MakeRun) -> None:
    run = make_run(flags={"label": "flag", "loss": 3}, scalars={"loss": 0.5}, label="attribute")

    assert parse_expression(
        "label = attribute and flag:label = flag and loss = 3 and scalar:loss = 0.5"
    ).matches(run)


def test_a_date_is_read_in_the_given_time_zone(run: Run) -> None:
    far_west = timezone(timedelta(hours=-12))

    assert parse_expression("started > 2026-01-31").matches(run)
    assert not parse_expression("started > 2026-01-31", zone=far_west).matches(run)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("loss", 5),
        ("loss <", 7),
        ("loss < 0.5 and", 15),
        ("loss < 0.5 x", 12),
        ("(loss < 0.5", 12),
        ("loss < 0.5)", 11),
        ("x in 3", 6),
        ("x in [1", 8),
        ("x in [1 2]", 9),
        ("x not 3", 7),
        ("x is 3", 6),
        ("x = 'abc", 5),
        ("x ! 3", 3),
        ("= = 3", 3),
        (".nothing = 3", 1),
        ("started > soon", 1),
    ],
)
def test_an_error_names_the_position_on_one_line(text: str, position: int) -> None:
    with pytest.raises(QueryError, match=rf"position {position}\b") as caught:
        parse_expression(text)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "x = 1" + ")" * 5000,
        "not " * 2000 + "x = 1",
        "x = " + "[" * 3000,
    ],
    ids=["parentheses", "not", "lists"],
)
def test_deep_nesting_is_refused_rather_than_exhausting_the_stack(text: str) -> None:
    with pytest.raises(QueryError, match="at most"):
        parse_expression(text)


def test_nesting_up_to_the_limit_is_read(run: Run) -> None:
    text = "(" * MAX_DEPTH + "x = 1" + ")" * MAX_DEPTH

    assert parse_expression(text).matches(run)


def test_a_long_chain_is_not_nested(run: Run) -> None:
    assert parse_expression(" and ".join(["x=1"] * 1000)).matches(run)


_WORDS = st.one_of(
    st.sampled_from(["loss", "x", "label", "min", "step", "started", "1", "-2.5", "nan", "'a'"]),
    st.sampled_from(["and", "or", "not", "in", "contains", "is", "null", "=", "<", ">=", "!="]),
    st.sampled_from(["(", ")", "[", "]", ",", '"', "é"]),
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=25).map(" ".join)))
def test_any_text_is_an_expression_or_a_query_error(make_run: MakeRun, text: str) -> None:
    run = make_run(flags={"x": 1}, scalars={"loss": 0.5})
    with suppress(QueryError):
        assert parse_expression(text).matches(run) in (True, False)


@settings(deadline=None, max_examples=150)
@given(
    cell=st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.tuples(st.integers(), st.text(max_size=3)),
    ),
    operator=st.sampled_from(["=", "<", "<=", ">", ">=", "contains"]),
    literal=st.sampled_from(["1", "0.5", "nan", "inf", "true", "abc", "[1, a]", "-1e400"]),
)
def test_a_comparison_and_its_opposite_never_both_hold(
    make_run: MakeRun, cell: object, operator: str, literal: str
) -> None:
    run = make_run(flags={"x": cell})
    opposites = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    opposite = opposites.get(operator, "not contains")

    holds = parse_expression(f"x {operator} {literal}").matches(run)
    opposed = parse_expression(f"x {opposite} {literal}").matches(run)

    assert not (holds and opposed)


@pytest.mark.parametrize(
    "text",
    [
        "x * 2 = 2",
        "x*2 = 2",
        "x + lr = 1.5",
        "x - lr <= 0.5",
        "x / 4 < lr",
        "1 + 2 * 3 = 7",
        "(1 + 2) * 3 = 9",
        "(x + 1) / (lr * 2) = 2",
        "8 - 4 - 2 = 2",
        "8 / 4 / 2 = x",
        "1 < 2 * x and x < 3",
        "loss < lr",
        "lr > loss",
        "lr <= x",
        "min loss + 1 < max loss + 1",
        "`val#acc` - loss = lr",
        "lr = `val#acc` - loss",
        "`max val#acc` > `min loss` * 2",
        "=lr*2 = 1",
        "x in [1] and (x + 1) in [2]",
        "(x = 1 or x = 2) and (x) = 1",
        "x = 1e+0 and lr = 5e-1",
        "started < started + 1",
    ],
)
def test_a_run_meets_a_condition_on_sums(run: Run, text: str) -> None:
    assert parse_expression(text).matches(run)


@pytest.mark.parametrize(
    "text",
    [
        "x / 0 = 1",
        "missing * 2 < 1",
        "x < missing * 2",
        "name * 2 = 1",
        "x - 1 = 1",
        "lr < loss",
        "layers + 1 > 0",
        "x * 1e308 * 1e308 < 1",
    ],
)
def test_a_run_fails_a_condition_on_sums(run: Run, text: str) -> None:
    assert not parse_expression(text).matches(run)


def test_a_name_with_a_sign_is_still_a_name_of_its_own(make_run: MakeRun) -> None:
    run = make_run(flags={"batch-size": 8}, scalars={"val/loss": 0.5, "a+b": 2})

    assert parse_expression("batch-size = 8 and val/loss < 1 and a+b = 2").matches(run)
    assert parse_expression("`val/loss` / `a+b` = 0.25").matches(run)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("x + < 3", 5),
        ("x * (1 + 2 = 3", 12),
        ("x < 2 *", 8),
        ("`x < 2", 1),
        ("x + y", 6),
    ],
)
def test_an_error_in_a_sum_names_the_position(text: str, position: int) -> None:
    with pytest.raises(QueryError, match=rf"position {position}\b"):
        parse_expression(text)


@given(st.recursive(
    st.sampled_from(["x", "lr", "3", "0.25"]),
    lambda parts: st.tuples(parts, st.sampled_from("+-*/"), parts).map(
        lambda made: f"({made[0]} {made[1]} {made[2]})"
    ),
    max_leaves=8,
))  # fmt: skip
@settings(max_examples=100)
def test_a_sum_is_what_python_makes_of_it(text: str) -> None:
    made = Run(
        id="0" * 32, batch="0" * 32, number=0, operation="t", script="t",
        status=TrialStatus.COMPLETED, flags={"x": 2, "lr": 0.5},
    )  # fmt: skip
    value: float | None = None
    with suppress(ZeroDivisionError):
        value = eval(text, {"x": 2, "lr": 0.5})

    assert parse_expression(f"{text} = {value!r}").matches(made) is (value is not None)
