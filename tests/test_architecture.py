"""The page on the architecture is true of the tree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
MAX_MODULE = 300
MAX_FUNCTION = 50


def section(title: str) -> str:
    """Return the text below a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("path", re.findall(r"\| `([\w/.]+\.py)` \|", section("Where to look")))
def test_the_index_leads_to_modules(path: str) -> None:
    assert (ROOT / path).is_file()


def test_the_index_has_twenty_behaviours_or_more() -> None:
    assert section("Where to look").count("\n| ") >= 20 + 1


def rooms() -> set[str]:
    """Return the packages of the tree, as the page writes them."""
    inner = {f"tunesmith/{init.parent.name}" for init in ROOT.glob("tunesmith/*/__init__.py")}
    return {room for room in inner if not (ROOT / room).is_symlink()} | {
        "flows",
        "tasks",
        "storage",
    }


def test_the_page_has_a_row_for_each_room() -> None:
    first_cells = re.findall(r"^\| (`[^|]*) \|", section("Rooms"), re.MULTILINE)
    named = {room for cell in first_cells for room in re.findall(r"`([\w/]+)/`", cell)}
    assert named == rooms()


def modules() -> list[Path]:
    """Return the modules of the product."""
    places = ("tunesmith", "flows", "tasks", "storage")
    found = {path.resolve() for place in places for path in (ROOT / place).rglob("*.py")}
    return sorted(found)


def long_functions(module: Path) -> Iterator[str]:
    """Yield the functions whose body is too long, which is counted without its docstring."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            n_lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if n_lines > MAX_FUNCTION:
                yield f"{module.relative_to(ROOT)}:{node.name} has {n_lines} lines"


def test_no_module_is_too_long() -> None:
    lengths = {path: path.read_text(encoding="utf-8").count("\n") for path in modules()}
    assert {str(path): n for path, n in lengths.items() if n > MAX_MODULE} == {}


def test_no_function_is_too_long() -> None:
    assert [text for module in modules() for text in long_functions(module)] == []
