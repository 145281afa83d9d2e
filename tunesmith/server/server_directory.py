"""The folder of the shared Prefect server, and the state file of the running one."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tunesmith.data_directory import server_directory
from tunesmith.errors import ServerError
from tunesmith.server.secret import read_own


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """A server that was started, as its supervisor wrote it down."""

    pid: int
    """The supervisor's process; ending it ends the server."""
    port: int
    prefect_version: str
    note: str = ""
    """A note for the user about its start; empty for none."""
    born: str = ""
    """Start of the supervisor's process, from ``processes.birth``; empty in earlier versions."""
    is_guarded: bool = False
    """Whether it asks for its secret, which servers of earlier versions do not."""

    @property
    def ui_url(self) -> str:
        """The address of the user interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The address that ``PREFECT_API_URL`` takes."""
        return f"{self.ui_url}/api"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDirectory:
    """Where the shared server keeps its files."""

    path: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "ServerDirectory":
        """Return the directory within the user's data directory."""
        return cls(path=server_directory(environ))

    @property
    def state(self) -> Path:
        """The file in which the supervisor names its process and port."""
        return self.path / "server.json"

    @property
    def secret(self) -> Path:
        """The file with the secret that the running server asks for."""
        return self.path / "secret"

    @property
    def lock(self) -> Path:
        """The file that the supervisor keeps locked while it lives."""
        return self.path / "server.lock"

    @property
    def database(self) -> Path:
        """The server's SQLite database, in which no result is kept."""
        return self.prefect_home / "prefect.db"

    @property
    def last_use(self) -> Path:
        """The file whose time says when a command last used the server."""
        return self.path / "last-use"

    @property
    def log(self) -> Path:
        """What the server printed since its last start."""
        return self.path / "server.log"

    @property
    def prefect_home(self) -> Path:
        """The server's and its clients' PREFECT_HOME."""
        return self.path / "home"

    def prepare(self) -> None:
        """Create the folder, readable by its owner only.

        Raises:
            OSError: It cannot be created.
            ServerError: It belongs to another user.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.path.stat().st_uid != os.geteuid():
            raise ServerError(
                f"the Prefect server's folder {self.path} belongs to another user: set "
                "XDG_DATA_HOME to a folder of your own, or PREFECT_API_URL to a server"
            )
        self.path.chmod(0o700)


def read_state(directory: ServerDirectory) -> ServerState | None:
    """Return the state that the supervisor wrote, whether or not its server still answers."""
    try:
        state = ServerState(**json.loads(read_own(directory.state) or ""))
    except (ValueError, TypeError):
        return None
    return state if isinstance(state.pid, int) and isinstance(state.port, int) else None
