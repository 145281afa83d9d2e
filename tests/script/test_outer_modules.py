"""The modules that a script takes from above its project."""

from pathlib import Path

import pytest

from tunesmith.script.outer_modules import outer_modules


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "engine/loop.py": "import rates\nimport json\n",
        "rates.py": "",
        "unused.py": "",
        "other/notes.txt": "",
        "tools/near.py": "",
        "near.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "tools"


def found(project: Path, text: str, script: str = "train.py") -> list[str]:
    (project / script).parent.mkdir(exist_ok=True)
    (project / script).write_text(text)
    return outer_modules(project / script, project)


@pytest.mark.parametrize(
    "root",
    [
        "'..'",
        "os.path.abspath('..')",
        "os.path.join(os.path.dirname(__file__), '..')",
        "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))",
        "str(Path(__file__).resolve().parents[1])",
        "str(Path(__file__).parent.parent)",
    ],
)
@pytest.mark.parametrize("way", ["insert(0, ", "append("])
def test_what_is_imported_from_above_is_found(project: Path, root: str, way: str) -> None:
    text = (
        f"import os, sys\nsys.path.{way}{root})\nfrom engine.loop import run\nimport other, near\n"
    )

    assert found(project, text) == ["../engine", "../rates.py"]


def test_a_folder_that_has_a_name_is_taken(project: Path) -> None:
    text = "import sys\nROOT = Path(__file__).parent.parent\nsys.path += [1]\nif ROOT:\n"

    assert found(project, text + "    sys.path.append(str(ROOT))\nimport rates\n") == [
        "../rates.py"
    ]


def test_a_module_beside_the_script_may_add_the_folder(project: Path) -> None:
    (project / "_paths.py").write_text("import sys\nsys.path.append('..')\n")

    assert found(project, "import _paths\nimport rates\nimport sys\n") == ["../rates.py"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import rates\n", id="nothing is added"),
        pytest.param("import sys\nsys.path.append('lib')\nimport rates\n", id="a folder within"),
        pytest.param("import sys\nwords.append('..')\nimport rates\n", id="to another list"),
        pytest.param("import sys\nsys.path.append('/')\nimport rates\n", id="an absolute folder"),
    ],
)
def test_nothing_is_taken_from_above(project: Path, text: str) -> None:
    assert found(project, text) == []


def test_a_folder_of_scripts_within_the_project_needs_none(project: Path) -> None:
    text = "import sys\nsys.path.append(str(Path(__file__).parent.parent))\nimport near\n"

    assert found(project, text, script="scripts/train.py") == []
