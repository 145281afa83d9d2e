"""Links of a run: they stand where the script looks, and nothing else is touched."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.batches import make_spec
from tunesmith.errors import SpecificationError, StoreAccessError, TunesmithError
from tunesmith.executor.links import missing_links, place_links
from tunesmith.executor.trial_data import note_changes, place_all
from tunesmith.request.found_data import keep_data, with_data
from tunesmith.storage.files.confined_writes import (
    copy_tree_into,
    open_folder_within,
    replace_file_within,
)
from tunesmith.storage.store import Store

NAMES = ("a", "b", "data")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "kaggle" / "code"
    for name in ("data/train/x.csv", "data/x.csv", "src/data/x.csv"):
        _write(project / name)
    _write(project / "src/train.py")
    _write(tmp_path / "kaggle" / "input" / "x.csv")
    _write(tmp_path / "shared" / "data" / "x.csv")
    return project


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    directory = tmp_path / "run"
    directory.mkdir()
    return directory


@pytest.mark.parametrize(
    "link", ["data", "data/", "./data", "data/train", "data/x.csv", "src/../data", "src/data"]
)
def test_a_relative_path_stands_at_the_same_place(
    project: Path, directory: Path, link: str
) -> None:
    placing = place_links(project, "src/train.py", [link])
    placing.link_into(directory)
    assert placing.folder == ()
    assert (directory / os.path.normpath(link)).resolve() == (project / link).resolve()


@pytest.mark.parametrize("ending", ["", "/", "/."])
def test_an_absolute_path_stands_under_its_last_name(
    tmp_path: Path, project: Path, directory: Path, ending: str
) -> None:
    placing = place_links(project, "src/train.py", [f"{tmp_path}/shared/data{ending}"])
    placing.link_into(directory)
    assert (directory / "data").resolve() == tmp_path / "shared" / "data"


@pytest.mark.parametrize(
    ("link", "folder"),
    [("../input", "code"), ("../input/x.csv", "code"), ("../../shared/data", "kaggle/code")],
)
def test_a_path_above_the_project_stands_where_the_script_finds_it(
    project: Path, directory: Path, link: str, folder: str
) -> None:
    placing = place_links(project, "src/train.py", [link, "data"])
    placing.link_into(directory)
    assert "/".join(placing.folder) == folder
    assert (directory / folder / link).resolve() == (project / link).resolve()
    assert (directory / folder / "data").resolve() == project / "data"


@pytest.mark.parametrize("links", [["data", "data/train"], ["data/train", "data"]])
def test_what_an_outer_link_serves_needs_none_of_its_own(
    project: Path, directory: Path, links: list[str]
) -> None:
    place_links(project, "src/train.py", links).link_into(directory)
    assert (directory / "data" / "train").resolve() == project / "data" / "train"
    assert (project / "data" / "train" / "x.csv").is_file()


@pytest.mark.parametrize("link", ["", ".", "..", "../code", "../..", "/", "src", "src/train.py"])
def test_the_project_and_its_script_cannot_be_linked(project: Path, link: str) -> None:
    with pytest.raises(SpecificationError, match="which every run copies"):
        place_links(project, "src/train.py", [link])


@pytest.mark.parametrize("link", [".run", "/elsewhere/.run", ".RUN/x", "../.run"])
def test_what_is_ours_in_a_run_has_no_link_in_its_place(project: Path, link: str) -> None:
    with pytest.raises(SpecificationError, match="keeps its own files"):
        place_links(project, "train.py", [link])


@pytest.mark.parametrize(
    "others", [["data"], ["data/train"], ["/x/data"]], ids=["same", "within", "both-absolute"]
)
def test_two_links_that_want_one_place_are_refused(
    tmp_path: Path, project: Path, others: list[str]
) -> None:
    with pytest.raises(SpecificationError, match="remove one of them"):
        place_links(project, "src/train.py", [f"{tmp_path}/shared/data", *others])


def test_a_link_that_leads_to_nothing_is_named(project: Path) -> None:
    assert list(missing_links(project, ["data", "dato", "../input", "../output"])) == [
        "dato",
        "../output",
    ]


def test_a_link_in_the_way_is_not_followed(project: Path, directory: Path) -> None:
    (directory / "src").symlink_to(project / "src")
    with pytest.raises(StoreAccessError):
        place_links(project, "train.py", ["src/data"]).link_into(directory)
    assert (project / "src" / "data" / "x.csv").is_file()


def test_a_script_in_a_linked_folder_is_not_rewritten(project: Path, directory: Path) -> None:
    (directory / "src").symlink_to(project / "src")
    with pytest.raises(OSError, match=r"directory|link"):
        replace_file_within(directory, ("src", "train.py"), b"changed")
    assert (project / "src" / "train.py").read_text() == "text"


def test_a_script_that_is_a_link_is_replaced_not_written(project: Path, directory: Path) -> None:
    (directory / "train.py").symlink_to(project / "src" / "train.py")
    replace_file_within(directory, ("train.py",), b"changed")
    assert (directory / "train.py").read_bytes() == b"changed"
    assert (project / "src" / "train.py").read_text() == "text"


words = st.sampled_from(NAMES)
paths = st.lists(words, min_size=1, max_size=3).map("/".join)
links = st.builds(
    lambda before, path, after: before + path + after,
    st.sampled_from(["", "./", "../", "../../", "OUT/", "PROJECT/", "a/../", "../p/", "/"]),
    paths | st.sampled_from(["", ".", "..", ".run"]),
    st.sampled_from(["", "/", "//", "/.", "/.."]),
)
entries = st.dictionaries(
    paths, st.sampled_from(["file", "folder", "OUT/a", "../..", ".", "PROJECT", "b", "nowhere"])
)


@settings(deadline=None)
@given(
    source=entries, there=entries, typed=st.lists(links, max_size=4), script=st.just("b/train.py")
)
def test_nothing_outside_changes_and_every_link_is_where_the_script_looks(
    source: dict[str, str], there: dict[str, str], typed: list[str], script: str
) -> None:
    with _outside() as (root, project):
        words = {"OUT": str(root / "out"), "PROJECT": str(project)}
        typed = [_filled(link, words) for link in typed]
        directory = root / "store" / "run"
        _make(root / "snapshot", source, words)
        _make(directory, there, words)
        before = _state(root, without=directory)
        with suppress(TunesmithError, OSError):
            placing = place_links(project, script, typed)
            with open_folder_within(directory, placing.folder) as folder:
                copy_tree_into(root / "snapshot", folder)
            placing.link_into(directory)
            for link in typed:
                if not link.startswith("/"):
                    seen = os.path.normpath(directory.joinpath(*placing.folder, link))
                    meant = os.path.normpath(project / link)
                    assert os.path.realpath(seen) == os.path.realpath(meant)
            replace_file_within(directory, (*placing.folder, *script.split("/")), b"x = 2")
        assert _state(root, without=directory) == before


named = st.builds(
    lambda before, path, after: before + path + after,
    st.sampled_from(["", "./", "../", "../../", "OUT/", "PROJECT/", "a/../", "../p/", "/"]),
    paths | st.sampled_from(["", "..", ".run", "store", "out"]),
    st.sampled_from(["", "/", "/*", "/.."]),
)


@settings(deadline=None, max_examples=60)
@given(
    inside=entries,
    there=entries,
    typed=st.lists(links, max_size=2),
    literals=st.lists(named, max_size=4),
)
def test_found_data_is_the_trial_s_own_and_nothing_outside_changes(
    inside: dict[str, str], there: dict[str, str], typed: list[str], literals: list[str]
) -> None:
    with _outside("\0binary") as (root, project):
        words = {"OUT": str(root / "out"), "PROJECT": str(project)}
        _make_in(project, inside, words)
        text = "\n".join(f"open({_filled(one, words)!r})" for one in literals)
        (project / "b" / "train.py").write_text(text)
        home, directory = root / "store", root / "store" / "run"
        layout = Store.create(home).layout
        _make(directory, there, words)
        before = _state(root, without=home)
        with suppress(TunesmithError, OSError):
            spec = make_spec("a" * 32, project=str(project), script="b/train.py")
            spec = with_data(spec, home)
            keep_data(spec, Store.open(home))
            typed = [_filled(link, words) for link in typed]
            placing = place_links(project, "b/train.py", typed, spec.data)
            place_all(layout, placing, spec.data, directory, source="b" * 32)
            for link in placing.data:
                _write_everywhere(directory, link.place)
            note_changes(layout, placing, spec.data, directory, source="b" * 32)
        assert _state(root, without=home) == before


def _write_everywhere(directory: Path, place: tuple[str, ...]) -> None:
    """Write as a program does that follows no link of the test's own making."""
    root = directory.joinpath(*place)
    if os.path.realpath(root) != str(root):
        return
    for path in [root, *root.rglob("*")]:
        if path.is_file() and os.path.realpath(path) == str(path):
            with path.open("a") as file:
                file.write("more")


@contextmanager
def _outside(text: str = "text") -> Iterator[tuple[Path, Path]]:
    """Give a folder with a project, and one that the project has nothing to do with."""
    root = Path(tempfile.mkdtemp()).resolve()
    try:
        project = root / "above" / "p"
        for folder in (project, root / "above", root / "out", root):
            for name in ("a/b/data", "a/data", "b/train.py", "data/a", "data/b"):
                _write(folder / name, text)
        (project / "data" / "data").symlink_to("../a")
        yield root, project
    finally:
        shutil.rmtree(root)


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _make(folder: Path, entries: dict[str, str], words: dict[str, str]) -> None:
    """Make and fill a folder; what does not fit beside the rest is left out."""
    folder.mkdir(parents=True)
    _make_in(folder, entries, words)


def _make_in(folder: Path, entries: dict[str, str], words: dict[str, str]) -> None:
    for name, kind in entries.items():
        path = folder / name
        with suppress(OSError):
            if os.path.realpath(path.parent) != str(path.parent):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "file":
                path.write_text("copy")
            elif kind == "folder":
                path.mkdir()
            else:
                path.symlink_to(_filled(kind, words))


def _state(root: Path, *, without: Path) -> dict[str, str]:
    """Return everything below a folder but one, with what it holds or where it leads."""
    found = {}
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if Path(place, name) != without]
        for name in (*folders, *names):
            path = Path(place, name)
            if path.is_symlink():
                found[str(path)] = f"link to {path.readlink()}"
            else:
                found[str(path)] = "folder" if path.is_dir() else path.read_text()
    return found


def _write(path: Path, text: str = "text") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
