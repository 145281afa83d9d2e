"""Laws of flags that are globals, over scripts that are put together at random."""

import ast
from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tunesmith.flags.definition import ScriptFlags
from tunesmith.script.global_flags import read_globals
from tunesmith.script.rewrite import rewrite_globals


def read(text: str) -> ScriptFlags:
    return read_globals(text, ast.parse(text))


NAMES = ("a", "b", "c")
FORMS = (
    "{x} = {n}",
    "{x}: int = {n} * 2  # {y}",
    "{x} = {y} = {n}",
    "{x}, d = {n}, [1,\n  2]",
    "({x}, (d, e)) = ({n}, (3, 4)); f = {n}",
    "{x} = {x}d = (\n  {n}\n)",
    "if f0:\n    {x} = {n}",
    "if 1:\n    {x} = {n}; {y} = 1",
    "for i in range(2):\n    {x} = i",
    "for {x} in range(2): pass",
    "{x} = len('abc')",
    "if __name__ == '__main__':\n\t{x} = {y} = {n}; g = 'é'",
    "{x} = {n}; del {x}; {x} = {n} + 1",
    "def h():\n    global {x}\n    {x} = {n}",
    "if 'h' in globals(): h()",
    "if f0: {x} = {n}",
    "import os as {x}",
    "try:\n    {x} += 1\nexcept (NameError, TypeError) as {y}: pass",
    "[{x} := i for i in range(2)]",
)
READS = (
    "if '{x}' in globals(): see('{x}', {x})",
    "def r():\n    if '{x}' in globals(): see('{x}', {x})",
    "if 'r' in globals(): r()",
    "def r(): [see('{x}', {x}) for _ in range('{x}' in globals())]\nr()",
)


def lines_of(*forms: str) -> st.SearchStrategy[list[str]]:
    return st.lists(
        st.builds(
            lambda form, x, y, n: form.format(x=x, y=y, n=n),
            st.sampled_from(forms),
            st.sampled_from(NAMES),
            st.sampled_from(NAMES),
            st.integers(-5, 5),
        ),
        max_size=6,
    )


def run(text: str) -> tuple[dict[str, object], list[tuple[str, object]]]:
    """Return the names that a script leaves, and what it has seen of them."""
    seen: list[tuple[str, object]] = []

    def see(name: str, value: object) -> None:
        seen.append((name, value))

    names: dict[str, object] = {"__name__": "__main__", "see": see}
    exec(compile(text, "script", "exec"), names)
    return {name: value for name, value in names.items() if name in (*NAMES, "d", "f", "g")}, seen


def flag_without_note(data: st.DataObject, text: str) -> str:
    flags = [flag.name for flag in read(text).definitions if not flag.note]
    assume(flags)
    return data.draw(st.sampled_from(flags))


@settings(deadline=None, max_examples=200)
@given(lines_of(*FORMS), st.data())
def test_a_flag_without_a_note_has_the_value_that_was_set_and_no_other_changes(
    lines: Sequence[str], data: st.DataObject
) -> None:
    text = "\n".join(["f0 = len('')", *lines, ""])
    name = flag_without_note(data, text)
    changed = rewrite_globals(text, {name: 77})
    (before, _), (after, _) = run(text), run(changed)
    assert after == ({**before, name: 77} if name in before else before)
    assert changed.count("\n") == text.count("\n")


@settings(deadline=None, max_examples=200)
@given(lines_of(*FORMS, *READS, *READS), st.data())
def test_a_flag_without_a_note_is_never_read_with_another_value(
    lines: Sequence[str], data: st.DataObject
) -> None:
    text = "\n".join(["f0 = len('')", *lines, ""])
    name = flag_without_note(data, text)
    _, seen = run(rewrite_globals(text, {name: 77}))
    assert {value for seen_name, value in seen if seen_name == name} <= {77}
