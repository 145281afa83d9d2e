import ast
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.script.constant_expressions import constant

numbers = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
signs = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "|", "&", "<<", ">>"])
expressions = st.recursive(
    numbers.map(repr),
    lambda inner: st.tuples(inner, signs, inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=5,
)


def value_of(text: str) -> object:
    return constant(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2**19", 524288),
        ("5 * 8", 40),
        ("1e-3 * 4", 0.004),
        ("-1", -1),
        ("10_000", 10000),
        ("1 / 4", 0.25),
        ("1 << 10", 1024),
        ("int(1e6)", 1000000),
        ("not True", False),
        ("(0.9, 0.95)", (0.9, 0.95)),
        ("[64, 64] * 2 + [8]", [64, 64, 64, 64, 8]),
        ("[(1, 2), 'a', None]", [(1, 2), "a", None]),
        ("'a' 'b' + 'c'", "abc"),
        ("f'plain'", "plain"),
        ("'=' * 3", "==="),
        ("float('inf')", math.inf),
        ("-math.inf", -math.inf),
        ("np.pi", math.pi),
        ("str(5)", "5"),
    ],
)
def test_a_constant_expression_has_its_value(text: str, value: object) -> None:
    assert repr(value_of(text)) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "max(1, 2)",
        "f'{x}'",
        "b'a'",
        "1j",
        "(-1) ** 0.5",
        "...",
        "{}",
        "{1}",
        "[x]",
        "(1, f())",
        "1 / 0",
        "0 ** -1",
        "int('x')",
        "int(5, 3)",
        "float('nan')",
        "'%d' % 1",
        "'a' + 1",
        "1 << -1",
        "os.inf",
        "math.nan",
        "1 if x else 2",
    ],
)
def test_what_is_computed_when_the_script_runs_is_no_constant(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        value_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "2**10**10",
        "10**400",
        "9" * 400,
        "1 << 10**9",
        "'a' * 10**9",
        "[0] * 10**9",
        "[[0] * 9_999] * 9_999",
        "str(10**299) * 1_000",
        "2.0**10_000",
    ],
)
def test_what_would_take_long_or_get_large_is_no_constant(text: str) -> None:
    before = time.process_time()
    with pytest.raises(ValueError, match=r"\S"):
        value_of(text)
    assert time.process_time() - before < 10  # some of these would take years


@given(expressions)
def test_a_constant_is_what_python_computes(text: str) -> None:
    try:
        value = value_of(text)
    except ValueError:
        return
    assert repr(value) == repr(eval(text))
