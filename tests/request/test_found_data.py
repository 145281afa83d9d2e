"""The data that a project's source names, and that its copy lacks."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.batches import make_spec
from tunesmith.batch import BatchSpec
from tunesmith.errors import SpecificationError
from tunesmith.execution import Execution
from tunesmith.request.found_data import find_data, with_data
from tunesmith.storage.files.data_state import MAX_BYTES

Find = Callable[..., list[str]]
BINARY = b"\0" * 10


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "work" / "code").mkdir(parents=True)
    return tmp_path / "work" / "code"


@pytest.fixture
def add(project: Path) -> Callable[..., None]:
    def run(*names: str, data: bytes = BINARY) -> None:
        for name in names:
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes(data)

    return run


def spec_of(project: Path, text: str, script: str = "train.py", **changes: object) -> BatchSpec:
    (project / script).parent.mkdir(parents=True, exist_ok=True)
    (project / script).write_text(text)
    return make_spec("a" * 32, project=str(project), script=script, **changes)


def found(spec: BatchSpec) -> list[str]:
    return [one.path for one in find_data(spec, Path(spec.project) / ".tunesmith")]


def test_a_file_and_a_folder_are_found_and_what_they_are_in_once(
    project: Path, add: Callable[..., None]
) -> None:
    add("data/a.npy", "images/x/1.png", "more.npy", "unused.npy")
    text = "load('data/a.npy'); load('data'); load('images'); load('images/x'); load('more.npy')"
    assert found(spec_of(project, text)) == ["data", "images", "more.npy"]


def test_what_the_copy_has_needs_nothing(project: Path, add: Callable[..., None]) -> None:
    add("conf/a.yaml", "data/small.csv", data=b"a,b\n")
    assert found(spec_of(project, "load('conf/a.yaml'); load('data/small.csv')")) == []


def test_data_beside_the_project_is_found(project: Path, add: Callable[..., None]) -> None:
    add("../data/a.npy", "../input/b.npy")
    text = "load('../data'); load(os.path.join('..', 'input', name)); load('../none'); load('..')"
    assert found(spec_of(project, text)) == ["../data", "../input"]


def test_what_runs_left_above_the_project_is_hidden(
    project: Path, add: Callable[..., None]
) -> None:
    add("../checkpoints/last.pt", "../sets/a.npy")
    text = "ROOT = Path(__file__).parent.parent\nload(ROOT / 'checkpoints/last.pt')\n"
    spec = spec_of(project, text + "load(ROOT / 'sets')")
    places = {one.path: one.state.files for one in find_data(spec, project)}
    assert places["../checkpoints"] == ()
    assert places["../sets"]


def test_a_module_names_what_is_beside_it(project: Path, add: Callable[..., None]) -> None:
    add("pkg/data/a.npy")
    add("pkg/__init__.py", "pkg/load.py", data=b"load(Path(__file__).parent / 'data')")
    assert found(spec_of(project, "import pkg.load")) == ["pkg/data"]


def test_flags_and_configuration_name_data(project: Path, add: Callable[..., None]) -> None:
    add("sets/a.npy", "sets/b.npy", "other/c.npy")
    add("config.yaml", data=b"root: other\n")
    spec = spec_of(project, "", extra_arguments=("--set=sets/b.npy",))
    assert found(spec) == ["other", "sets/b.npy"]


def test_what_runs_leave_behind_is_hidden_and_its_folder_is_there(
    project: Path, add: Callable[..., None]
) -> None:
    add("checkpoints/last.pt", "wandb/a.bin", "results/a.bin", "runs/__init__.py", "runs/a.bin")
    text = "load('checkpoints/last.pt'); save('results/b.bin'); load('runs/a.bin')"
    places = {one.path: one.state.files for one in find_data(spec_of(project, text), project)}
    assert places.pop("runs/a.bin")
    assert places == {"checkpoints": (), "results": ()}


def test_secrets_tools_and_the_store_stay_out(project: Path, add: Callable[..., None]) -> None:
    add("data/a.npy", "data/id_rsa", "data/.git/x", "data/env/pyvenv.cfg", "data/store/x")
    (project / "data" / "link.npy").symlink_to(project / "data" / "id_rsa")
    (one,) = find_data(spec_of(project, "load('data')"), project / "data" / "store")
    assert [file.name for file in one.state.files] == ["a.npy"]


def test_links_in_data_are_followed_and_a_circle_ends(
    project: Path, add: Callable[..., None], tmp_path: Path
) -> None:
    add("data/a.npy")
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "b.npy").write_bytes(BINARY)
    (project / "data" / "disk").symlink_to(tmp_path / "disk")
    (project / "data" / "circle").symlink_to(project / "data")
    (project / "data" / "project").symlink_to(project)
    (project / "data" / "lost").symlink_to("nowhere")
    (one,) = find_data(spec_of(project, "load('data')"), project / ".tunesmith")
    names = [file.name for file in one.state.files]
    assert {"a.npy", "disk/b.npy"} <= set(names)
    assert len(names) < 10


@pytest.mark.parametrize(
    "text", ["load('/data')", "load('~/data')", "load('.')", "load('../code')"]
)
def test_no_other_place_is_looked_at(project: Path, text: str) -> None:
    assert found(spec_of(project, text)) == []


def test_in_the_project_s_own_folder_nothing_is_placed(
    project: Path, add: Callable[..., None]
) -> None:
    add("data/a.npy")
    spec = spec_of(project, "load('data')", execution=Execution(is_in_place=True))
    assert with_data(spec, project / ".tunesmith").data == {}


@pytest.mark.parametrize("link", ["data", "./data/", "/elsewhere/data"])
def test_what_is_linked_is_not_found(project: Path, add: Callable[..., None], link: str) -> None:
    add("data/a.npy", "other/b.npy")
    execution = Execution(links=(link,))
    spec = spec_of(project, "load('data/a.npy'); load('other')", execution=execution)
    assert found(spec) == ["other"]


def test_data_that_is_too_large_is_refused_with_the_link_to_type(
    project: Path, add: Callable[..., None]
) -> None:
    add("data/a.npy")
    os.truncate(project / "data" / "a.npy", MAX_BYTES + 1)
    spec = spec_of(project, "open('data/a.npy')")
    with pytest.raises(SpecificationError, match=r"add --link data/a\.npy"):
        with_data(spec, project / ".tunesmith")
    linked = replace(spec, execution=Execution(links=("data",)))
    assert with_data(linked, project / ".tunesmith").data == {}


def test_a_word_that_may_be_no_path_refuses_nothing(
    project: Path, add: Callable[..., None]
) -> None:
    add("data/a.npy")
    os.truncate(project / "data" / "a.npy", MAX_BYTES + 1)
    assert with_data(spec_of(project, "print(batch['data'])"), project / ".tunesmith").data == {}
