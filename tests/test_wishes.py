from pathlib import Path

import pytest

from tunesmith.wishes import Wishes, interpreter


@pytest.mark.parametrize("python", ["", "python3.11"])
def test_a_name_of_an_interpreter_is_left_to_the_path(python: str) -> None:
    assert interpreter(Wishes(python=python)) == python


def test_an_interpreters_path_begins_where_it_is_typed(tmp_path: Path) -> None:
    (tmp_path / "env").symlink_to("/nowhere")
    assert interpreter(Wishes(python="./env/bin/python")) == str(Path.cwd() / "env/bin/python")
    given = Wishes(python="env/bin/python", folder=tmp_path)
    assert interpreter(given) == f"{tmp_path}/env/bin/python"
    assert interpreter(Wishes(python="/env/bin/python", folder=tmp_path)) == "/env/bin/python"
    assert interpreter(Wishes(python="~/env/python")) == str(Path.home() / "env/python")
