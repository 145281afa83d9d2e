import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tunesmith
from tunesmith.api.functions import write_script
from tunesmith.api.spaces import FlagInput
from tunesmith.errors import ScriptError
from tunesmith.script.static_flags import read_without_running


def bowl(x: float, kind: str) -> float:
    """What the trials call."""
    return x * x + (kind == "b")


def hill(x: float, kind: str = "default") -> float:
    """What tells whether it got its second argument."""
    return x + (0 if kind == "default" else 100)


def test_the_script_has_the_arguments_as_its_flags(tmp_path: Path) -> None:
    space: dict[str, FlagInput] = {"x": tunesmith.uniform(-1.0, 1.0), "kind": ["a", "b"]}

    script = write_script(bowl, space, tag="loss", folder=tmp_path)

    flags = read_without_running(script)
    assert flags is not None
    assert flags.defaults == {"x": -1.0, "kind": "a"}


def test_an_argument_that_is_not_active_is_left_to_the_function(tmp_path: Path) -> None:
    space: dict[str, FlagInput] = {
        "x": 2.0,
        "kind": tunesmith.choice([None, "a", "b"], when="x > 3"),
    }
    script = write_script(hill, space, tag="loss", folder=tmp_path)
    flags = read_without_running(script)

    assert flags is not None
    assert flags.defaults == {"x": 2.0, "kind": "a"}
    for variables, expected in (({}, "loss: 2.0"), ({"FLAG_KIND": "a"}, "loss: 102.0")):
        done = subprocess.run(
            [sys.executable, script], env=variables, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


def test_a_secret_is_not_in_the_script_that_is_kept(tmp_path: Path) -> None:
    space: dict[str, FlagInput] = {"x": tunesmith.uniform(-1.0, 1.0), "api_key": "sk-1"}

    script = write_script(bowl, space, tag="loss", folder=tmp_path)

    assert "sk-1" not in script.read_text().partition("types.ModuleType")[0]
    assert "api_key = '***'" in script.read_text()


def _nested() -> Callable[..., float]:
    def inner(x: float) -> float:
        return x

    return inner


@pytest.mark.parametrize(
    "function", [lambda x: x, _nested(), abs], ids=["lambda", "nested", "builtin"]
)
def test_a_function_that_no_process_can_import_is_refused(
    tmp_path: Path, function: Callable[..., float]
) -> None:
    with pytest.raises(ScriptError, match="define the function at the top of a file"):
        write_script(function, {"x": [1, 2]}, tag="loss", folder=tmp_path)


def test_a_trial_does_not_start_a_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_RUN_ID", "a1" * 16)

    with pytest.raises(ScriptError, match="__name__ == '__main__'"):
        write_script(bowl, {"x": [1, 2]}, tag="loss", folder=tmp_path)
