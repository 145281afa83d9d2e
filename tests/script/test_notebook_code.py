"""The Python of a notebook's cells as one text, and back."""

import json

import pytest

from tunesmith.addresses.files import read_addresses, write_values
from tunesmith.errors import ScriptError
from tunesmith.script.notebook_code import notebook_code, with_code

CELLS = [
    "%matplotlib inline\n!pip install \\\n  x\nimport math\nif True:\n    !ls\n",
    "%%bash\necho lr=3\n",
    "class CFG:\n    lr = 0.1\n    sizes = [\n        8,\n        8,\n    ]\n",
    "config = {'model': {'width': 8}}\nfiles = !ls\nthis is no Python at all",
    "params = {'eta': 0.3}\n",
    "",
]


def notebook(*cells: str) -> str:
    found = [{"cell_type": "code", "source": one.splitlines(keepends=True)} for one in cells]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": ["# lr"]}, *found]})


def sources(text: str) -> list[str]:
    cells = json.loads(text)["cells"][1:]
    return ["".join(one["source"]) for one in cells]


def test_what_is_not_changed_stays() -> None:
    text = notebook(*CELLS)

    assert sources(with_code(text, notebook_code(text, name="a"))) == CELLS


def test_values_of_classes_and_dicts_are_set() -> None:
    text = notebook(*CELLS)

    written = write_values(
        text, {"CFG.lr": 0.5, "CFG.sizes": (1, 2), "params['eta']": 0.7}, name="a.ipynb"
    )

    assert sources(written) == [
        *CELLS[:2],
        "class CFG:\n    lr = 0.5\n    sizes = ([1, 2]\n\n\n)\n",
        CELLS[3],
        "params = {'eta': 0.7}\n",
        "",
    ]
    names = {one.text for one in read_addresses(written, name="a.ipynb")}
    assert names >= {"CFG.lr", "CFG.sizes", "params.eta"}


def test_another_notebook_is_refused() -> None:
    with pytest.raises(ScriptError, match=r"b\.ipynb is no notebook"):
        notebook_code("{}", name="b.ipynb")
