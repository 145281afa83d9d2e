"""The recipes of CONTRIBUTING.md work as written."""

import importlib
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project
from tests.executor.conftest import make_work, observer
from tunesmith.cli.main import group, main
from tunesmith.execution import Execution
from tunesmith.flags.definition import ScriptFlags
from tunesmith.flags.settings import Distribution, Setting
from tunesmith.runner import Runner
from tunesmith.script import static_flags
from tunesmith.search.pruning.judging import Judge, Trace
from tunesmith.search.pruning.registry import build_pruner
from tunesmith.search.registry import build_optimizer, canonical_name
from tunesmith.search.space import SearchSpace
from tunesmith.trial import PlannedTrial
from tunesmith.workers.connection import connected

__all__ = ["make_work", "observer"]  # fixtures

PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def block(recipe: str, name: str) -> str:
    """Return the code of a recipe: ```` ```python recipe: name ````."""
    found = re.search(
        rf"^```\w+ {re.escape(recipe)}: {re.escape(name)}\n(.*?)^```$", PAGE, re.M | re.S
    )
    assert found is not None, f"{recipe}: {name}"
    return found[1]


@contextmanager
def installed(folder: Path, *, modules: dict[str, str], entry_points: str) -> Iterator[None]:
    """Let a distribution be installed, as far as Python and its entry points can tell."""
    for name, text in modules.items():
        (folder / name).write_text(text)
    info = folder / "recipe-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: recipe\nVersion: 1\n")
    (info / "entry_points.txt").write_text(entry_points)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in modules:
            sys.modules.pop(name.removesuffix(".py"), None)


def entry_points(toml: str) -> str:
    """Return a project's entry points as an installed distribution has them."""
    return re.sub(r'project\.entry-points\."([\w.]+)"', r"\1", toml).replace('"', "")


def test_an_optimizer_of_another_package_is_found_and_proposes(tmp_path: Path) -> None:
    points = entry_points(block("optimizer", "pyproject.toml"))
    settings: dict[str, Setting] = {"x": Distribution(low=-2.0, high=2.0, text="[-2.0:2.0]")}
    space = SearchSpace.from_settings(settings)

    with installed(
        tmp_path, modules={"halton.py": block("optimizer", "halton.py")}, entry_points=points
    ):
        assert canonical_name("Halton") == "halton"
        first = build_optimizer("halton", {}).propose(space, [], [], 3, 7)
        later = build_optimizer("halton", {"start": 2}).propose(space, [], [], 1, 7)

    assert [-2.0 <= float(str(one.flags["x"])) <= 2.0 for one in first] == [True] * 3
    assert first[2] == later[0]


def test_a_pruner_of_another_package_is_found_and_stops_a_trial(tmp_path: Path) -> None:
    points = entry_points(block("pruner", "pyproject.toml"))
    modules = {"patience.py": block("pruner", "patience.py")}
    with installed(tmp_path, modules=modules, entry_points=points):
        judge = Judge(build_pruner("patience:2"))
        assert judge.judge(Trace(number=1, costs=[3.0, 1.0, 2.0, 0.5]), ()) is None
        stop = judge.judge(Trace(number=1, costs=[3.0, 1.0, 2.0, 1.5]), ())
    assert stop is not None
    assert (stop.objection.text, stop.objection.than) == ("did not improve in 2 points on", 1.0)


def test_a_runner_of_another_package_is_found_and_runs_a_trial(
    tmp_path: Path, make_work: Any
) -> None:
    points = entry_points(block("runner", "pyproject.toml"))
    modules = {"processes.py": block("runner", "processes.py")}
    with installed(tmp_path, modules=modules, entry_points=points):
        work = make_work("x = 1\nprint('loss:', x)\n")
        execution = Execution(runner=Runner.from_text("processes://2"), jobs=0)
        spec = replace(work.spec, execution=execution)
        with connected(replace(work, spec=spec)) as context:
            assert context.spec.execution.jobs == 2
            assert context.dispatch is not None
            with context.dispatch(context) as dispatcher:
                record = dispatcher.publish_attempt(
                    PlannedTrial(number=1, flags={"x": 5}, origin="grid")
                )
    assert record is not None
    assert record.scalars["loss"].last == 5.0


def test_a_command_of_a_new_module_is_called(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (tmp_path / "recipe_count.py").write_text(block("command", "tunesmith/cli/looking/count.py"))
    monkeypatch.syspath_prepend(tmp_path)
    row = eval("{" + block("command", "row").replace(".looking.count", "recipe_count") + "}")
    monkeypatch.setattr(group, "table", {**group.table, **row})
    project.succeed("run", "quick.py", "x=1", "-yq")
    project.succeed("run", "quick.py", "x=2", "-yq")

    assert main(["count", "--home", str(project.path / ".tunesmith"), "--filter", "x > 1"]) == 0

    assert capsys.readouterr().out == "1\n"


def test_a_view_prints_what_the_runs_have(project: Project) -> None:
    project.succeed("run", "quick.py", "x=2", "-yq", "--label", "wide")

    done = subprocess.run(
        [sys.executable, "-c", block("view", "best_by_label.py")],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    label, x, loss = done.stdout.split()
    assert (label, x) == ("wide", "2")
    assert math.isfinite(float(loss))


def test_a_flag_source_gives_the_flags_of_its_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recipe_absl.py").write_text(
        block("flag source", "tunesmith/script/absl_flags.py")
    )
    monkeypatch.syspath_prepend(tmp_path)
    read_absl = importlib.import_module("recipe_absl").read_absl
    (row,) = eval("[" + block("flag source", "row") + "]", {"read_absl": read_absl})
    monkeypatch.setattr(static_flags, "FLAG_READERS", (row, *static_flags.FLAG_READERS))
    script = tmp_path / "train.py"
    script.write_text(
        "from absl import app, flags\n"
        "flags.DEFINE_float('lr', 0.1, 'Learning rate.')\n"
        "flags.DEFINE_integer('depth', 3, 'Layers.')\n"
    )

    found = static_flags.read_without_running(script)

    assert isinstance(found, ScriptFlags)
    assert found.defaults == {"lr": 0.1, "depth": 3}
