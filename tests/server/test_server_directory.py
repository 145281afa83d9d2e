import os
from pathlib import Path

import platformdirs
import pytest
from platformdirs import user_data_path
from platformdirs.macos import MacOS

from tests.server.conftest import is_healthy
from tunesmith.errors import ServerError
from tunesmith.server.server_directory import ServerDirectory, ServerState, read_state
from tunesmith.server.shared_server import begin_start, find_server, stop_server


def test_the_directory_is_in_the_users_data(tmp_path: Path) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(tmp_path)})
    assert directory.path == tmp_path / "tunesmith" / "prefect"


def test_without_a_setting_it_is_where_the_system_keeps_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    system = user_data_path("tunesmith", appauthor=False)
    assert system.is_relative_to(tmp_path)
    assert ServerDirectory.from_environment({}).path == system / "prefect"


def test_on_macos_a_folder_of_an_earlier_version_is_still_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    system = MacOS("tunesmith", appauthor=False).user_data_path
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: system)
    assert ServerDirectory.from_environment({}).path == system / "prefect"
    earlier = tmp_path / ".local" / "share" / "tunesmith"
    earlier.mkdir(parents=True)
    assert ServerDirectory.from_environment({}).path == earlier / "prefect"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"pid": 1}', '{"pid": "1", "port": 1, "prefect_version": ""}'],
    ids=repr,
)
def test_a_damaged_state_file_means_no_server(directory: ServerDirectory, text: str) -> None:
    directory.path.mkdir(parents=True)
    directory.state.write_text(text)
    assert read_state(directory) is None
    assert not stop_server(directory)


@pytest.mark.server
def test_nobody_else_can_read_what_the_server_keeps(
    prefect_server: ServerState, server_data: Path
) -> None:
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    assert is_healthy(prefect_server.api_url)
    secrets = [directory.secret, directory.state, directory.log, directory.database]
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in secrets}
    journals = directory.prefect_home.glob("prefect.db-*")
    modes |= {path.name: oct(path.stat().st_mode & 0o777) for path in journals}
    folders = {
        oct(path.stat().st_mode & 0o777) for path in (directory.path, directory.prefect_home)
    }
    assert set(modes.values()) == {"0o600"}, modes
    assert folders == {"0o700"}


@pytest.mark.server
@pytest.mark.parametrize("name", ["state", "secret"])
def test_a_file_that_others_can_write_is_not_believed(
    directory: ServerDirectory, prefect_server: ServerState, server_data: Path, name: str
) -> None:
    real = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    directory.path.mkdir(parents=True)
    for one in ("state", "secret"):
        path: Path = getattr(directory, one)
        path.write_bytes(getattr(real, one).read_bytes())
    assert find_server(directory) is not None
    getattr(directory, name).chmod(0o622)
    assert find_server(directory) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder away, for which it has to be root")
def test_a_folder_of_another_user_is_refused(directory: ServerDirectory) -> None:
    directory.path.mkdir(parents=True)
    os.chown(directory.path, 65534, 65534)
    with pytest.raises(ServerError, match="belongs to another user: set XDG_DATA_HOME"):
        begin_start(directory)


def test_a_folder_that_others_could_look_into_is_shut(directory: ServerDirectory) -> None:
    directory.path.mkdir(parents=True, mode=0o755)
    directory.prepare()
    assert directory.path.stat().st_mode & 0o777 == 0o700
