import os
from pathlib import Path

import pytest

from tunesmith.errors import NotFoundError, UntrustedStoreError
from tunesmith.storage.files.home import find_home, find_project
from tunesmith.storage.files.layout import Layout
from tunesmith.storage.objects.object_names import PartName, SegmentName, checked_id
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
    part = PartName(batch_id="a" * 32, trial="b" * 32, attempt=2, digest="c" * 16)
    assert PartName.from_text(str(part)) == part
    for revision in (0, 3):
        segment = SegmentName(batch_id="a" * 32, generation=7, revision=revision)
        assert SegmentName.from_text(str(segment)) == segment
        assert SegmentName.from_text(segment.series) == segment


@pytest.mark.parametrize("text", ["runs/x.parquet", "runs/README", "parts/a/b.parquet", "runs/"])
def test_a_stranger_s_name_is_none_of_ours(text: str) -> None:
    assert PartName.from_text(text) is None
    assert SegmentName.from_text(text) is None


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702], ids=oct)
@pytest.mark.parametrize("part", ["", "STORE.json", "source"], ids=["folder", "marker", "source"])
def test_a_store_that_others_can_write_is_used_only_where_it_is_named(
    nested: Path, tmp_path: Path, mode: int, part: str
) -> None:
    home = Store.create(tmp_path / "project" / ".tunesmith").home
    (home / part).chmod(mode)
    with pytest.raises(UntrustedStoreError, match=f"can be written .* --home {home} "):
        find_home(nested, explicit=None, environ={})
    assert find_home(nested, explicit=str(home), environ={}) == home
    assert find_home(nested, explicit=None, environ={"TUNESMITH_HOME": str(home)}) == home


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
@pytest.mark.parametrize("part", ["", "STORE.json", "plan"], ids=["folder", "marker", "plan"])
def test_a_store_of_another_user_is_used_only_where_it_is_named(
    nested: Path, tmp_path: Path, part: str
) -> None:
    home = Store.create(tmp_path / "project" / ".tunesmith").home
    os.chown(home / part, 65534, 65534)
    with pytest.raises(UntrustedStoreError, match="belongs to "):
        find_home(nested, explicit=None, environ={})
    assert find_home(nested, explicit=str(home), environ={}) == home


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_an_unfinished_folder_of_another_user_does_not_become_a_store(nested: Path) -> None:
    (nested / ".tunesmith").mkdir()
    os.chown(nested / ".tunesmith", 65534, 65534)
    with pytest.raises(UntrustedStoreError, match="belongs to "):
        find_home(nested, explicit=None, environ={})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a link to another user")
def test_a_link_that_another_user_has_laid_leads_to_no_store(nested: Path, tmp_path: Path) -> None:
    own = Store.create(tmp_path / "own" / ".tunesmith").home
    (nested.parent / ".tunesmith").symlink_to(own)
    os.chown(nested.parent / ".tunesmith", 65534, 65534, follow_symlinks=False)
    with pytest.raises(UntrustedStoreError, match="belongs to "):
        find_home(nested, explicit=None, environ={})


def test_the_user_s_own_link_to_a_store_is_followed(nested: Path, tmp_path: Path) -> None:
    own = Store.create(tmp_path / "own" / ".tunesmith").home
    link = nested.parent / ".tunesmith"
    link.symlink_to(own)
    assert find_home(nested, explicit=None, environ={}) == link
