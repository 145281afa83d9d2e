import ast

import pytest

from tunesmith.script.imports import leading_imports


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param('"""Text."""\nimport a, b.c as d\n', ["a", "b.c"], id="imports"),
        pytest.param("from a.b import c, d as e\nfrom f import *\n", ["a.b: c d", "f"], id="from"),
        pytest.param("import a\nx = 1\ny: int = x + 2\nimport b\n", ["a", "b"], id="constants"),
        pytest.param("import a\ndef f(): g()\nclass C: pass\nimport b", ["a", "b"], id="defs"),
        pytest.param(
            "try:\n  import a\nexcept ImportError:\n  a = 0\nimport b", ["a", "b"], id="try"
        ),
        pytest.param("try:\n  import a\n  f()\nfinally: pass\nimport b", ["a"], id="calls in try"),
        pytest.param("import os\nos.environ['A'] = '1'\nimport b", ["os"], id="environment"),
        pytest.param("import a\na.use('Agg')\nimport b", ["a"], id="calls"),
        pytest.param("import a\nx = a.set_up()\nimport b", ["a"], id="calls with a value"),
        pytest.param("import a\n@a.b\ndef f(): pass\nimport c", ["a"], id="decorators"),
        pytest.param("import a\nif a:\n  import b\nimport c", ["a"], id="conditions"),
        pytest.param(
            "import warnings\nwarnings.filterwarnings('ignore')\nimport a",
            ["warnings", "a"],
            id="filters of warnings",
        ),
        pytest.param("import a\nfrom . import b\nimport c", ["a"], id="relative"),
    ],
)
def test_what_a_script_surely_imports_first(text: str, names: list[str]) -> None:
    found = leading_imports(ast.parse(text))
    assert [f"{name}: {' '.join(taken)}".rstrip(": ") for name, taken in found] == names
