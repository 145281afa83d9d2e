"""Which names of a script are flags: those whose value, once set, is what the script runs with."""

import ast
import math

import pytest

from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.global_flags import read_globals
from tunesmith.script.rewrite import rewrite_globals


def read(text: str) -> ScriptFlags:
    return read_globals(text, ast.parse(text))


def note_of(text: str, name: str = "lr") -> str:
    flag = read(text).get(name)
    assert flag is not None
    return flag.note


TRAINING = """\
import time
from dataclasses import dataclass

@dataclass
class Config:
    width: int = 8

ROTATIONS = [(1.5, -0.5), (0.25, 1.0)]

# the model
WIDTH_RATIO = 32        # width of a layer, by depth
PATTERN = "LLS"
# the optimizer
TOKENS = 2**15          # of one step
RATE, DECAY = 0.6, 0.1
BETAS = (0.8, 0.95)
WARMUP: float = 0
ACCUMULATION = 4 * 2
SEED = None

started = time.time()
PEAK_FLOPS = 312.5e12
config = Config(width=WIDTH_RATIO * 2)
history = []
smooth = 0
total_time = 0.0
best = float("inf")
step = 0

def schedule(progress):
    return RATE * (1 - progress)

while True:
    t0 = time.time()
    beta = 0.9
    smooth = beta * smooth + (1 - beta) * step
    history.append(smooth)
    if smooth < best:
        best = smooth
    total_time += time.time() - t0
    step += 1
    if step > 10:
        break

elapsed = time.time() - started
"""


def test_the_constants_of_a_training_script_are_its_flags_and_nothing_else() -> None:
    found = read(TRAINING)
    assert found.defaults == {
        "WIDTH_RATIO": 32,
        "PATTERN": "LLS",
        "TOKENS": 32768,
        "RATE": 0.6,
        "DECAY": 0.1,
        "BETAS": (0.8, 0.95),
        "WARMUP": 0,
        "ACCUMULATION": 8,
        "SEED": None,
    }
    assert not any(flag.note for flag in found.definitions)
    width, warmup, tokens = (found.get(name) for name in ("WIDTH_RATIO", "WARMUP", "TOKENS"))
    assert width is not None
    assert warmup is not None
    assert tokens is not None
    assert width.help == "width of a layer, by depth"
    assert (width.is_real, warmup.is_real, tokens.has_integer_default) == (False, True, True)


@pytest.mark.parametrize(
    ("text", "defaults"),
    [
        pytest.param("x = 1\nx = 2\n", {"x": 2}, id="the last of two"),
        pytest.param("if A:\n    x = 1\nx = 2\n", {"x": 2}, id="after a condition"),
        pytest.param("a, b = 0.9, 3\n", {"a": 0.9, "b": 3}, id="unpacked"),
        pytest.param("(a, [b, c]) = 1, (2, 3)\n", {"a": 1, "b": 2, "c": 3}, id="nested"),
        pytest.param("a, b = 1, f()\n", {"a": 1}, id="half of it computed"),
        pytest.param("a, b = f()\n", {}, id="computed"),
        pytest.param("a, *b = 1, 2, 3\n", {}, id="starred"),
        pytest.param("a = b = 3\n", {"a": 3, "b": 3}, id="chained"),
        pytest.param("x: float = 1\n", {"x": 1}, id="annotated"),
        pytest.param("x: int\n", {}, id="only annotated"),
        pytest.param("with f() as g:\n    x = 1\n", {"x": 1}, id="within with"),
        pytest.param(
            "if __name__ == '__main__':\n    x = 1\n    y = f()\n", {"x": 1}, id="the main block"
        ),
        pytest.param(
            'if "__main__" == __name__:\n    x = 1\n', {"x": 1}, id="the other way round"
        ),
        pytest.param("if __name__ != 'x':\n    x = 1\n", {}, id="another condition"),
        pytest.param("try:\n    x = 1\nexcept E:\n    x = 2\n", {}, id="within try"),
        pytest.param("for i in r:\n    x = 1\n", {}, id="within a loop"),
        pytest.param("def f():\n    x = 1\nclass A:\n    y = 2\n", {}, id="within others"),
        pytest.param("y = x = f()\n", {}, id="a call"),
        pytest.param("x = 1\ny = x * 2\n", {"x": 1}, id="from another flag"),
        pytest.param("g = float('inf')\n", {"g": math.inf}, id="infinite"),
        pytest.param("x = y[0] = 4\n", {"x": 4}, id="with an item"),
        pytest.param("_x = 1\n__version__ = '1'\n", {}, id="private"),
    ],
)
def test_a_name_is_a_flag_where_its_last_value_is_a_constant(
    text: str, defaults: dict[str, object]
) -> None:
    assert read(text).defaults == defaults


@pytest.mark.parametrize(
    ("again", "note"),
    [
        ("if A:\n    lr = 2\n", "is assigned again in line 3 (if …)"),
        ("if A: pass\nelse:\n    lr = 2\n", "is assigned again in line 4 (if …)"),
        ("try:\n    lr = g()\nexcept E: pass\n", "is assigned again in line 3 (try …)"),
        ("try: g()\nexcept E as lr: pass\n", "is assigned again in line 2 (try …)"),
        ("match A:\n    case [lr]: pass\n", "is assigned again in line 2 (match …)"),
        ("if (lr := g()): pass\n", "is assigned again in line 2 (:= …)"),
        ("print([lr := i for i in r])\n", "is assigned again in line 2 (:= …)"),
        ("lr *= 2\n", "is assigned again in line 2"),
        ("if A:\n    globals()['lr'] = 2\n", "is assigned again in line 3 (if …)"),
        ("if A:\n    globals()['a'], vars()[lr] = 1, 2\n", ""),
        ("lr = min(lr, 1)\n", "is assigned again in line 2"),
        ("if A:\n    lr //= 2\n", "is assigned again in line 3 (if …)"),
        ("if A:\n    import x as lr\n", "is assigned again in line 3 (if …)"),
        ("g(lr)\nlr = g()\n", "is assigned again in line 3"),
        ("g(lr)\nwith g() as lr: pass\n", "is assigned again in line 3"),
        ("def f(): return lr\nf()\nlr = g()\n", "is assigned again in line 4"),
        ("del lr\n", "is deleted in line 2"),
        ("g = 1\n", ""),
        ("def f():\n    lr = 2\n", ""),
        ("def f(lr): lr = 2\n", ""),
        ("class A:\n    lr = 2\n", ""),
        ("print([lr for lr in r])\n", ""),
    ],
)
def test_a_flag_that_is_assigned_again_under_a_condition_says_where(again: str, note: str) -> None:
    text = "lr = 0.1\n" + again
    assert "lr" in read(text).defaults
    assert note_of(text) == note


@pytest.mark.parametrize(
    ("again", "word"),
    [
        ("exec(open('configurator.py').read())\n", "exec"),
        ("exec('lr = 2')\n", "exec"),
        ("exec('import os')\n", ""),
        ("exec('lr = 2', {})\n", ""),
        ("def f(): exec('lr = 2', globals())\n", "exec"),
        ("def f(): exec('lr = 2')\n", ""),
        ("globals().update(lr=2)\n", "update"),
        ("globals().update({'lr': 2})\n", "update"),
        ("globals().update(a=2)\n", ""),
        ("globals().update(**g())\n", "update"),
        ("def f(c): globals().update(c)\n", "update"),
        ("def f(c): locals().update(c)\n", ""),
        ("settings.update(lr=2)\n", ""),
        ("from settings import *\n", "import *"),
    ],
)
def test_a_flag_that_may_be_assigned_where_no_name_shows_says_so(again: str, word: str) -> None:
    note = f"may be assigned again in line 2 ({word} …)" if word else ""
    assert note_of("lr = 0.1\n" + again) == note
    assert note_of(again + "lr = 0.1\n") == ""


@pytest.mark.parametrize(
    ("again", "note"),
    [
        ("for i in r:\n    lr = i\n", "is assigned again in line 3 (for …)"),
        ("while A:\n    if B:\n        lr *= 2\n", "is assigned again in line 4 (while …)"),
        ("while A:\n    a, lr = 1, 2\n", "is assigned again in line 3 (while …)"),
        ("while (lr := g()): pass\n", "is assigned again in line 2 (while …)"),
        ("g(lr)\nfor lr in r: pass\n", "is assigned again in line 3 (for …)"),
        ("g(lr)\nfor i, (lr, j) in r: pass\n", "is assigned again in line 3 (for …)"),
        ("def f():\n    global lr\n    lr += 1\n", "is assigned again in line 4 (def f …)"),
        (
            "class A:\n    def f(self):\n        global lr\n        for lr in r: pass\n",
            "is assigned again in line 5 (for …)",
        ),
    ],
)
def test_what_a_loop_or_a_function_changes_is_set_by_name_only(again: str, note: str) -> None:
    text = "lr = 0.1\n" + again
    assert "lr" not in read(text).defaults
    assert note_of(text) == note


def test_a_function_that_stands_before_may_change_it_too() -> None:
    text = "def f():\n    global lr\n    lr = 2\nlr = 0.1\nf()\n"
    assert "lr" not in read(text).defaults
    assert note_of(text) == "is assigned again in line 3 (def f …)"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x = 0\nx += f()\n", id="a sum"),
        pytest.param("x = ''\nx = x + f()\n", id="a text that grows"),
        pytest.param("x = None\nif A:\n    x = f()\n", id="a placeholder"),
        pytest.param("x = []\nx.append(f())\n", id="a list to be filled"),
        pytest.param("x = 3.12e14\n", id="a figure of the hardware"),
        pytest.param("x = [[1, 2], [3, 4]]\n", id="a table"),
    ],
)
def test_what_is_no_setting_is_not_listed_but_can_be_set(text: str) -> None:
    found = read(text)
    assert found.defaults == {}
    assert found.get("x") is not None


@pytest.mark.parametrize(
    "again",
    [
        "lr = g()\n",
        "for lr in r: pass\n",
        "import lr\n",
        "from a import b as lr\n",
        "def lr(): pass\n",
        "class lr: pass\n",
        "with g() as (lr, b): pass\n",
        "a, lr = g()\n",
        "n = 3\nlr: float = g()\ng(lr)\n",
    ],
)
def test_a_value_that_is_lost_before_it_is_read_cannot_be_set(again: str) -> None:
    found = read("lr = 0.1\n" + again)
    assert found.get("lr") is None
    assert "again in line" in found.refused["lr"]


@pytest.mark.parametrize(
    ("between", "note"),
    [
        ("print(lr)\n", "has another value before line 3"),
        ("def f(): print(lr)\n", ""),
        ("def f(): print(lr)\nf()\n", "has another value before line 4"),
        ("n = 3\n", ""),
    ],
)
def test_a_first_value_that_is_read_is_told_of(between: str, note: str) -> None:
    assert note_of(f"lr = 0.1\n{between}lr = 0.01\n") == note


def test_a_long_chain_of_conditions_is_read() -> None:
    branches = "".join(f"elif n == {i}:\n    lr = {i}\n" for i in range(1_200))
    text = f"lr = 0.1\nif n:\n    pass\n{branches}"
    assert note_of(text) == "is assigned again in line 5 (if …)"
    assert rewrite_globals(text, {"lr": 5.0}).startswith("lr = 5.0\n")
