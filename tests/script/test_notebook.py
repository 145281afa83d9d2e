import json
from collections.abc import Sequence

import pytest

from tunesmith.errors import ScriptError
from tunesmith.flags.definition import FlagSource
from tunesmith.script.notebook import notebook_flags, rewrite_notebook


def notebook(*cells: str, tags: Sequence[str] = ()) -> str:
    """Return a notebook whose first cell has tags."""
    listed = [
        {
            "cell_type": "code",
            "metadata": {} if number else {"tags": [*tags]},
            "source": text.splitlines(keepends=True),
            "outputs": [],
            "execution_count": None,
        }
        for number, text in enumerate(cells)
    ]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def names(text: str) -> list[str]:
    return [flag.name for flag in notebook_flags(text, name="a.ipynb").settable]


def sources(text: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def test_assignments_of_all_cells_are_flags() -> None:
    flags = notebook_flags(notebook("lr = 0.1  # the rate\n", "n = 3\nprint(lr)"), name="a.ipynb")
    assert [(one.name, one.default, one.help) for one in flags.definitions] == [
        ("lr", 0.1, "the rate"),
        ("n", 3, ""),
    ]
    assert flags.source is FlagSource.NOTEBOOK


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        pytest.param(["lr = 0.1", "n = lr * 2\nm = 3"], ["lr"], id="those of the tagged cell"),
        pytest.param(["# nothing", "n = 2"], ["n"], id="all where it has none"),
    ],
)
def test_a_cell_that_is_tagged_has_the_flags(cells: list[str], found: list[str]) -> None:
    assert names(notebook(*cells, tags=["parameters"])) == found


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("%matplotlib inline\nlr = 0.1", id="a magic"),
        pytest.param("!pip install \\\n  x\nlr = 0.1", id="a command over two lines"),
        pytest.param("if True:\n    %time f()\nlr = 0.1", id="a magic in a block"),
        pytest.param("files = !ls\nlr = 0.1", id="what a command prints"),
        pytest.param("print?\nlr = 0.1", id="a question"),
        pytest.param("%%time\nlr = 0.1", id="a magic of a cell of Python"),
        pytest.param("x = (1\n  % 2)\nlr = 0.1", id="no magic at all"),
    ],
)
def test_what_is_no_python_stays_as_it_is(cell: str) -> None:
    text = notebook("%%bash\nlr = 7\n", cell, "oops(\n", "print(lr)")
    assert "lr" in names(text)

    written = sources(rewrite_notebook(text, {"lr": 0.5}))

    assert written == [
        "%%bash\nlr = 7\n",
        cell.replace("lr = 0.1", "lr = 0.5"),
        "oops(\n",
        "print(lr)",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "a.ipynb is no notebook", id="no JSON"),
        pytest.param('{"worksheets": []}', "jupyter nbconvert", id="an old format"),
        pytest.param(
            '{"cells": [], "metadata": {"kernelspec": {"language": "R"}}}', "in R:", id="R"
        ),
    ],
)
def test_what_is_no_notebook_in_python_is_refused(text: str, message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        notebook_flags(text, name="a.ipynb")
