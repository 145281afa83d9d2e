from pathlib import Path

import pytest

from tunesmith.errors import NotFoundError
from tunesmith.storage.home import find_home, find_project
from tunesmith.storage.layout import Layout
from tunesmith.storage.names import PartName, SegmentName, checked_id
from tunesmith.storage.store import Store


@pytest.fixture
def nested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "project" / "src" / "deep"
    folder.mkdir(parents=True)
    return folder


def test_the_nearest_store_upwards_is_found(nested: Path, tmp_path: Path) -> None:
    Store.create(tmp_path / "project" / ".tunesmith")
    found = find_home(nested, explicit=None, environ={})
    assert found == tmp_path / "project" / ".tunesmith"


def test_an_unfinished_folder_is_no_store(nested: Path) -> None:
    (nested.parent / ".tunesmith").mkdir()
    assert find_home(nested, explicit=None, environ={}) == nested / ".tunesmith"


@pytest.mark.parametrize("marker", ["pyproject.toml", ".git"])
def test_without_a_store_it_is_to_be_made_at_the_project(
    nested: Path, tmp_path: Path, marker: str
) -> None:
    (tmp_path / "project" / marker).touch()
    assert find_project(nested) == tmp_path / "project"
    assert find_home(nested, explicit=None, environ={}) == tmp_path / "project" / ".tunesmith"


def test_without_a_project_it_is_to_be_made_where_one_works(nested: Path) -> None:
    assert find_home(nested, explicit=None, environ={}) == nested / ".tunesmith"


def test_what_lies_above_the_user_s_folder_is_not_theirs(
    nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "project"))
    assert find_project(nested) == nested


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("other", "other/.tunesmith"),
        ("other/.tunesmith", "other/.tunesmith"),
        ("my.tunesmith", "my.tunesmith"),
    ],
)
def test_an_override_names_the_folder_or_its_parent(
    tmp_path: Path, named: str, expected: str
) -> None:
    variable = {"TUNESMITH_HOME": named}
    assert find_home(tmp_path, explicit=named, environ={}) == tmp_path / expected
    assert find_home(tmp_path, explicit=None, environ=variable) == tmp_path / expected


def test_the_option_beats_the_variable(tmp_path: Path) -> None:
    found = find_home(tmp_path, explicit="a", environ={"TUNESMITH_HOME": "b"})
    assert found == tmp_path / "a" / ".tunesmith"


@pytest.mark.parametrize("text", ["", "../../etc/x", "-rf", "A" * 32, "a" * 31, "a" * 32 + "\n"])
def test_what_is_no_id_never_becomes_a_path(text: str) -> None:
    with pytest.raises(NotFoundError, match="is not an id"):
        checked_id(text)
    with pytest.raises(NotFoundError, match="is not an id"):
        Layout(Path("/x")).trial_directory("a" * 32, text)


def test_names_say_what_they_were_made_of() -> None:
    part = PartName(batch="a" * 32, trial="b" * 32, attempt=2, digest="c" * 16)
    assert PartName.from_text(str(part)) == part
    for revision in (0, 3):
        segment = SegmentName(batch="a" * 32, generation=7, revision=revision)
        assert SegmentName.from_text(str(segment)) == segment
        assert SegmentName.from_text(segment.series) == segment


@pytest.mark.parametrize("text", ["runs/x.parquet", "runs/README", "parts/a/b.parquet", "runs/"])
def test_a_stranger_s_name_is_none_of_ours(text: str) -> None:
    assert PartName.from_text(text) is None
    assert SegmentName.from_text(text) is None
