"""A project's defaults, and what counts before them."""

from pathlib import Path

import pytest

from tests.request.samples import ORIGIN, SCRIPT
from tunesmith.batch import OptimizerSpec
from tunesmith.errors import SpecificationError
from tunesmith.request.reading import read_arguments
from tunesmith.request.specification import specify
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.opening import Resolved, resolve
from tunesmith.sweeps.project import read_defaults

ROOT = Path("/project")


def read(text: str, *, folder: Path = ROOT) -> SweepRequest:
    found = read_defaults(
        f"[tool.tunesmith]\n{text}\n", place="pyproject.toml", root=ROOT, folder=folder
    )
    assert found is not None
    return found


def resolved(folder: Path, *words: str, script: str = "train.py", **said: object) -> Resolved:
    request = SweepRequest(script=script, folder=folder, **read_arguments(words), **said)  # type: ignore[arg-type]  # options by name
    return resolve(request, environ={})


def test_the_table_sets_options_by_their_names() -> None:
    request = read('minimize = "val_loss"\nlinks = ["data"]\nmax-trials = 7\ntimeout = "5m"')

    assert str(request.minimize) == "val_loss"
    assert (request.links, request.max_trials, request.timeout) == (("data",), 7, 300.0)


def test_a_file_without_the_table_says_nothing() -> None:
    text = "[tool.ruff]\nline-length = 99\n[tool.tunesmith-other]\nx = 1\n"

    assert read_defaults(text, place="p", root=ROOT, folder=ROOT) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('minimise = "loss"', "unknown key 'minimise': did you mean 'minimize'?"),
        ("jobs = 'many'", "jobs is 'many': expected a whole number"),
        ('label = "x"', "unknown key 'label'"),
        ("failed = true", "unknown key 'failed'"),
        ('optimizer = "gpp"', "there is no optimizer 'gpp'. Did you mean 'gp'?"),
        ('optimizer = "gp"\noptimizer-flags = {nope = 1}', "has no setting 'nope'"),
        ("optimizer-flags = {kappa = 1}", "optimizer_flags needs optimizer"),
        ('minimize = "a"\nmaximize = "b"', "both given"),
        ("a = [", "cannot be read"),
    ],
)
def test_a_wrong_default_is_refused_by_its_name(text: str, said: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        read(text)

    assert str(caught.value).startswith("pyproject.toml")
    assert said in str(caught.value)


def test_paths_begin_at_the_file() -> None:
    request = read('links = ["data", "/big"]\npython = "env/bin/python"', folder=ROOT / "exp")

    assert request.links == ("../data", "/big")
    assert request.python == "/project/env/bin/python"
    assert read('python = "python3.12"').python == "python3.12"


@pytest.mark.parametrize(
    ("words", "name", "settings"),
    [
        (("x=[-2.0:2.0]",), "gp", {"random-starts": 5}),
        (("x=[1,2]",), "grid", {}),
        (("x=1",), None, None),
    ],
)
def test_a_projects_optimizer_is_that_of_ranges(
    words: tuple[str, ...], name: str | None, settings: dict[str, int] | None
) -> None:
    defaults = read('optimizer = "gp"\noptimizer-flags = {random-starts = 5}')
    request = SweepRequest(
        script="train.py",
        default_optimizer=defaults.default_optimizer,
        **read_arguments(words),
    )
    found = specify(request, SCRIPT, (), ORIGIN).optimizer

    assert found == (None if name is None else OptimizerSpec(name=name, settings=settings or {}))


def test_auto_of_a_project_goes_by_the_search() -> None:
    request = SweepRequest(
        script="train.py",
        default_optimizer=read('optimizer = "auto"').default_optimizer,
        **read_arguments(("x=[0.0:1.0]",)),
    )
    found = specify(request, SCRIPT, (), ORIGIN).optimizer
    assert found is not None
    assert (found.name, "with numbers" in found.reason) == ("gp", True)


def test_what_is_typed_counts_before_the_file_and_that_before_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.tunesmith]\nmaximize = "acc"\njobs = 2\nretries = 2\ntimeout = 60\n'
    )
    (tmp_path / "sweep.yaml").write_text(
        "program: train.py\nmetric: {name: loss}\njobs: 3\nretries: 3\n"
        "parameters: {x: {value: 1}}\n"
    )
    found = resolved(tmp_path, "x=2", script="sweep.yaml", jobs=4)
    request = found.request

    assert (request.jobs, request.retries, request.timeout) == (4, 3, 60.0)
    assert (str(request.minimize), request.maximize) == ("loss", None)
    assert [one.name for one in request.flags or ()] == ["x", "x"]
    assert [layer.place for layer in found.layers] == [
        "command line", "sweep.yaml", "pyproject.toml",
    ]  # fmt: skip


def test_the_nearest_project_upwards_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.tunesmith]\nlinks = ["data"]\n')
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.ruff]\n")

    found = resolved(tmp_path / "a" / "b")

    assert found.request.links == ("../../data",)
    assert found.layers[-1].place == str(tmp_path / "pyproject.toml")


def test_a_project_above_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.tunesmith]\npython = "/tmp/evil"\n')
    path.chmod(0o666)
    (tmp_path / "a").mkdir()

    found = resolved(tmp_path / "a")

    assert found.request.python is None
    assert found.notes == (
        f"the defaults in {path} are not used: it can be written by other users",
    )
    assert resolved(tmp_path).request.python == "/tmp/evil"  # the script beside it is trusted too
