import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.errors import FlagError, ScriptError
from tunesmith.flags.values import FlagValue
from tunesmith.script.rewrite import literal_of, rewrite_globals

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])


def value_of(text: str, name: str) -> object:
    names: dict[str, object] = {}
    exec(compile(text.removeprefix("\ufeff"), "script", "exec"), names)
    return names[name]


def as_python(value: FlagValue) -> object:
    return [as_python(item) for item in value] if isinstance(value, tuple) else value


@settings(deadline=None)
@given(values, line_ends, st.sampled_from(["1", "[1,{e}  2]", "'é'", "(3 +{e} 4)"]))
def test_the_value_is_set_and_every_other_line_is_as_before(
    value: FlagValue, end: str, old: str
) -> None:
    before = f"# é{end}import math{end}"
    after = f"  # the position{end}y = 'ü'  ; z = 2{end}"
    text = before + "x = " + old.format(e=end) + after
    changed = rewrite_globals(text, {"x": value})
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert len(changed.splitlines()) == len(text.splitlines())
    assert repr(value_of(changed, "x")) == repr(as_python(value))


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        pytest.param("x = 1\nx = 2\n", "x = 1\nx = 5\n", id="the last assignment"),
        pytest.param("x = 1\nx = f()\n", "x = 5\nx = f()\n", id="the last constant"),
        pytest.param("if a: x = 1\nx = 2\n", "if a: x = 1\nx = 5\n", id="not under a condition"),
        pytest.param("x = y = 1  # c\n", "x = y = 1; x = 5  # c\n", id="chained"),
        pytest.param(
            "x = y = [\n1]; z = 2\n", "x = y = [\n1]; x = 5; z = 2\n", id="chained lines"
        ),
        pytest.param("y, x = 0.9, 3\n", "y, x = 0.9, 5\n", id="unpacked"),
        pytest.param("[y, (x, z)] = 1, (2, 3)\n", "[y, (x, z)] = 1, (5, 3)\n", id="nested"),
        pytest.param("y, x = 1, \\\n  -2\n", "y, x = 1, \\\n  5\n", id="continued lines"),
        pytest.param("x = 2**19 # c\n", "x = 5 # c\n", id="an expression"),
        pytest.param("x = (2 *\n 3)\n", "x = ((5\n))\n", id="an expression on two lines"),
        pytest.param("x = f'ab'\n", "x = 5\n", id="an f-string"),
        pytest.param(
            "if __name__ == '__main__': x = 1\n", "if __name__ == '__main__': x = 5\n", id="main"
        ),
        pytest.param("x: int = 1\n", "x: int = 5\n", id="annotated"),
        pytest.param(
            "if __name__ == '__main__':\n\tx = 1\n",
            "if __name__ == '__main__':\n\tx = 5\n",
            id="inside the main block, with a tab",
        ),
        pytest.param("with a:\n  x = 1\n", "with a:\n  x = 5\n", id="inside with"),
        pytest.param("try: pass\nfinally: x = 1\n", "try: pass\nfinally: x = 5\n", id="finally"),
        pytest.param("x = [1,\n 2]  # c\n", "x = (5\n)  # c\n", id="several lines"),
        pytest.param("é = 'ü'; x = 1  # ä\n", "é = 'ü'; x = 5  # ä\n", id="non-ASCII columns"),
        pytest.param("\ufeffx = 1\n", "\ufeffx = 5\n", id="byte-order mark"),
        pytest.param("x = 1", "x = 5", id="no line end"),
        pytest.param("s = '''\x0c\u2028'''\nx = 1\n", "s = '''\x0c\u2028'''\nx = 5\n", id="feeds"),
    ],
)
def test_a_place_is_found(text: str, changed: str) -> None:
    assert rewrite_globals(text, {"x": 5}) == changed


def test_a_value_that_is_there_already_leaves_the_text_alone() -> None:
    text = "x = 0x10\ny = [1,   2]\n"
    assert rewrite_globals(text, {"x": 16, "y": (1, 2)}) == text
    assert rewrite_globals(text, {"x": 16.0}) != text


def test_several_names_of_one_line_have_each_their_value() -> None:
    text = "a = b = c = 1\nd, e = 2, 3  # f\n"
    changed = rewrite_globals(text, {"a": 5, "c": (7, 8), "e": 9, "d": "x"})
    assert changed == "a = b = c = 1; a = 5; c = [7, 8]\nd, e = 'x', 9  # f\n"


@pytest.mark.parametrize(
    ("text", "value", "changed"),
    [
        ("x = (0.8, 0.95)\n", (0.9, 0.99), "x = (0.9, 0.99)\n"),
        ("x = 1, 2\n", (3,), "x = (3,)\n"),
        ("x = [1, 2]\n", (3,), "x = [3]\n"),
        ("x = [(1, 2)]\n", ((3, 4), (5, 6)), "x = [(3, 4), (5, 6)]\n"),
        ("x = ([1], 2)\n", ((3, 4), 5), "x = ([3, 4], 5)\n"),
        ("x = (1, 2)\n", 3, "x = 3\n"),
        ("x = None\n", (1, 2), "x = [1, 2]\n"),
        ("x = 3 * (1,)\n", (1, 1, 1), "x = 3 * (1,)\n"),
    ],
)
def test_a_list_stays_a_list_and_a_tuple_a_tuple(
    text: str, value: FlagValue, changed: str
) -> None:
    assert rewrite_globals(text, {"x": value}) == changed


@pytest.mark.parametrize("text", ["x = 1\n", "if a:\n  z = 1\n", "z = f()\n", "z += 1\n"])
def test_a_name_that_is_not_assigned_is_named(text: str) -> None:
    with pytest.raises(FlagError, match="no 'z'"):
        rewrite_globals(text, {"z": 1})


def test_what_is_not_python_is_refused() -> None:
    with pytest.raises(ScriptError, match="line 1"):
        rewrite_globals("x = = 1\n", {"x": 1})


@pytest.mark.parametrize(
    ("value", "text"), [(float("inf"), 'float("inf")'), (float("nan"), 'float("nan")')]
)
def test_what_python_has_no_literal_for_is_written_as_a_call(value: float, text: str) -> None:
    assert literal_of(value) == text
    assert isinstance(ast.parse(text, mode="eval").body, ast.Call)


def test_a_rewritten_script_runs_and_its_tracebacks_name_the_original_lines(
    tmp_path: Path,
) -> None:
    text = "x = [\n  1,\n]\nprint(x)\nraise ValueError('here')\n"
    script = tmp_path / "script.py"
    script.write_text(rewrite_globals(text, {"x": (7, 8)}))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.stdout == "[7, 8]\n"
    assert "line 5" in done.stderr
