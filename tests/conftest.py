"""What tests of the whole command share: a project, a home of its own, a Prefect server."""

import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from tests.ready_commands import ReadyCommands
from tunesmith.engine.is_wanted import SWITCH, is_on
from tunesmith.server.login_link import authorization
from tunesmith.server.secret import read_own
from tunesmith.server.server_directory import ServerDirectory, ServerState
from tunesmith.server.shared_server import begin_start, stop_server, wait_until_healthy

REFERENCE_SCRIPT = """\
import numpy as np

x = 0.1
noise = 0.1

loss = np.sin(5 * x) * (1 - np.tanh(x**2)) + np.random.randn() * noise
print(f"loss: {loss}")
"""
QUICK_SCRIPT = """\
x = 0.1
noise = 0.1
print(f"loss: {(x - 0.3) ** 2 + noise}")
"""
UNUSED = "unused.db"
TIMEOUT_S = 180
ENDING_S = 5.0

# each server's engine would import Prefect; TUNESMITH_ENGINE=1 runs the tests' commands by it
os.environ.setdefault(SWITCH, "0")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell that runs the tests in the background lets every process ignore Ctrl-C, and then
    # those that the tests end by it live on
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with a script, and an environment in which nothing of the user's is found."""

    path: Path
    environment: Mapping[str, str]
    started: list["subprocess.Popen[str]"] = field(default_factory=list)
    ready: ReadyCommands | None = None
    """Runs commands that need the server in a third of the time."""

    @property
    def home(self) -> Path:
        """The project's store."""
        return self.path / ".tunesmith"

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def start(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        """Start ``tunesmith`` with arguments, in a session of its own."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tunesmith", *arguments],
            cwd=self.path,
            env={**self.environment, **changes},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """End what a test that failed left behind."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run ``tunesmith`` with arguments to its end."""
        if self.ready is not None and arguments[0] != "server" and not changes:
            return self._run_ready(self.ready, arguments)
        process = self.start(*arguments, **changes)
        try:
            out, err = process.communicate(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            pytest.fail(f"tunesmith {' '.join(arguments)} did not end: {out}{err}")
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def _run_ready(
        self, ready: ReadyCommands, arguments: Sequence[str]
    ) -> subprocess.CompletedProcess[str]:
        try:
            return ready.run(
                arguments, folder=self.path, environment=self.environment, timeout_s=TIMEOUT_S
            )
        except TimeoutError as error:
            pytest.fail(f"tunesmith {' '.join(arguments)} did not end: {error}")

    def succeed(self, *arguments: str, **changes: str) -> str:
        """Run ``tunesmith``, which has to exit with 0, and return what it answered."""
        done = self.run(*arguments, **changes)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project with the reference script, without a Prefect server."""
    project = new_project(tmp_path, data=tmp_path / "data")
    yield project
    project.end()
    _check_no_server(project)


@pytest.fixture
def served_project(
    tmp_path: Path, ready_commands: ReadyCommands, server_data: Path
) -> Iterator[Project]:
    """A project with the reference script whose batches use the session's Prefect server."""
    ready = None if is_on(os.environ) else ready_commands
    project = replace(new_project(tmp_path, data=server_data), ready=ready)
    yield project
    project.end()


@pytest.fixture(scope="session")
def ready_commands(
    prefect_server: ServerState, server_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ReadyCommands]:
    """What runs batches of the projects that use the session's Prefect server."""
    assert prefect_server.port
    folder = tmp_path_factory.mktemp("ready")
    ready = ReadyCommands(_environment(folder, data=server_data), folder)
    yield ready
    ready.end()


@pytest.fixture(scope="session")
def server_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's data directory of the session's server."""
    return tmp_path_factory.mktemp("data")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownServer(ServerState):
    """A server, and the secret that it asks for."""

    secret: str


@pytest.fixture(scope="session")
def prefect_server(server_data: Path) -> Iterator[ServerState]:
    """The session's shared Prefect server, a ``KnownServer``, started as a command starts it."""
    directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(server_data)})
    supervisor = begin_start(directory)
    try:
        state = wait_until_healthy(directory, supervisor)
        with (
            closing(sqlite3.connect(directory.database)) as live,
            closing(sqlite3.connect(server_data / UNUSED)) as unused,
        ):
            live.backup(unused)
        yield KnownServer(**asdict(state), secret=read_own(directory.secret) or "")
    finally:
        stop_server(directory)
        if supervisor is not None:
            supervisor.wait(timeout=30)


@pytest.fixture
def prepared_database(tmp_path: Path, prefect_server: ServerState, server_data: Path) -> None:
    """A database as a server has one at its second start: to make one takes most of the first."""
    assert prefect_server.port
    for data in (tmp_path, tmp_path / "data"):  # of a test with a folder only, and of a project
        directory = ServerDirectory.from_environment({"XDG_DATA_HOME": str(data)})
        directory.path.mkdir(mode=0o700, parents=True)
        directory.prefect_home.mkdir(mode=0o700)
        shutil.copy(server_data / UNUSED, directory.database)
        directory.database.chmod(0o600)


def variables(server: ServerState) -> dict[str, str]:
    """Return with which variables Prefect's own programs use the session's server."""
    secret = cast(KnownServer, server).secret
    return {"PREFECT_API_URL": server.api_url, "PREFECT_API_AUTH_STRING": secret}


def request(
    server: ServerState, path: str, body: object = None, *, method: str = "POST"
) -> urllib.request.Request:
    """Return a request to the API of the session's server."""
    secret = cast(KnownServer, server).secret
    return urllib.request.Request(
        f"{server.api_url}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **authorization(secret)},
        method=method,
    )


def _check_no_server(project: Project) -> None:
    """End the server that a test has started by the way, and fail: nobody else would end it."""
    directory = ServerDirectory.from_environment(project.environment)
    found = [pid for pid in _processes() if str(directory.path) in _words(pid)]
    left = [pid for pid in found if not _ends(pid)]
    for pid in left:
        os.kill(pid, signal.SIGTERM)
    if left:
        pytest.fail("the test has left a Prefect server of its own: take served_project")


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _ends(pid: int) -> bool:
    """Return whether a process ends by itself, as one that was stopped just now does."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(descriptor):
        return bool(select.select([descriptor], [], [], ENDING_S)[0])


def _words(pid: int) -> list[str]:
    with suppress(OSError):
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
    return []


def new_project(tmp_path: Path, *, data: Path) -> Project:
    """Make a project in a folder, whose shared Prefect server is kept in ``data``."""
    user = tmp_path / "user"
    user.mkdir()
    path = tmp_path / "project"
    path.mkdir()
    (path / "train.py").write_text(REFERENCE_SCRIPT)
    (path / "quick.py").write_text(QUICK_SCRIPT)
    (path / "pyproject.toml").write_text("")
    return Project(path=path, environment=_environment(user, data=data))


def _environment(home: Path, *, data: Path) -> dict[str, str]:
    kept = ("PATH", "LANG", "LC_ALL", "PYTHONDONTWRITEBYTECODE", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    mine = {"HOME": str(home), "XDG_DATA_HOME": str(data), "TZ": "UTC"}
    return environment | mine | {SWITCH: os.environ[SWITCH]}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB of our own; only root can have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def own_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MiB with a file system that a test may abort; only root can have one."""
    place, image = tmp_path / "disk", tmp_path / "image"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 2**20)
    tools = (["mkfs.ext4", "-q", str(image)], ["mount", "-o", "loop", str(image), str(place)])
    if os.geteuid() != 0 or not all(map(shutil.which, ("mkfs.ext4", "mount"))):
        pytest.skip("a disk of our own cannot be made here")
    if any(subprocess.run(tool, check=False).returncode for tool in tools):
        pytest.skip("a disk of our own cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)
