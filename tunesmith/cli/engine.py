"""The engine's process: imports what commands need, then is forked for each.

Run by the supervisor of the shared Prefect server as ``python -m tunesmith.cli.engine DIRECTORY``;
it ends with it.
"""

import gc
import os
import sys
from pathlib import Path

from tunesmith.cli.main import main as run_command
from tunesmith.cli.running.starting_server import import_flow
from tunesmith.engine.client import SOCKET
from tunesmith.engine.forking import Engine, listen
from tunesmith.engine.installation import identity
from tunesmith.engine.letting_go import FINISHING, Fork, is_fork, let_go
from tunesmith.executor.background_imports import import_all
from tunesmith.executor.child import die_with_parent
from tunesmith.server.configured import user_settings
from tunesmith.server.server_directory import ServerDirectory, read_state

_OWN = (
    *(f"cli.running.{name}" for name in ("preview", "run", "single", "start", "sweep")),
    *(
        "request.new",
        "cli.running.restart",
        "flags.yaml_loader",
        "search.gp.proposal",
        "search.gp.suggestion",
    ),
)
_OTHERS = (
    *("pyarrow.parquet", "pyarrow.compute", "jinja2", "anyio._backends._asyncio", "stringprep"),
    *("tensorboardX", "tensorboardX.proto.api_pb2", "tensorboardX.proto.plugin_hparams_pb2"),
    *("google.protobuf.struct_pb2", "encodings.idna"),
)
"""What a batch imports at its first trial or at its end."""


def main() -> int:
    """Serve until the supervisor ends; in a fork, run one command and return its exit code."""
    die_with_parent()
    del sys.path[0]  # the folder in which the supervisor happened to be
    directory, environment = ServerDirectory(path=Path(sys.argv[1])), dict(os.environ)
    state = read_state(directory)
    if state is None:
        return 1
    preload(state.api_url, directory)
    gc.collect()
    gc.freeze()

    def fits() -> bool:
        """Return whether Prefect has read the settings with which the command would import it."""
        now = read_state(ServerDirectory.from_environment(os.environ))
        return now is not None and now.api_url == state.api_url and not _has_settings()

    place = directory.path / SOCKET
    with listen(place) as listener:
        call = Engine(identity=lambda: identity(environment), fits=fits).serve(listener)
        if call is None:
            place.unlink(missing_ok=True)
            return 0
    is_fork(
        Fork(connection=call.connection, alive=call.alive, finishing=directory.path / FINISHING)
    )
    code = run_command(call.arguments)
    let_go(code)
    return code


def preload(api_url: str, directory: ServerDirectory) -> None:
    """Import what a command that runs a batch imports, with the settings for a server."""
    import_flow(api_url, directory)
    import_all(*(f"tunesmith.{name}" for name in _OWN), *_OTHERS)


def _has_settings() -> bool:
    try:
        return bool(user_settings(os.environ))
    except Exception:  # noqa: BLE001 - the command says itself what is wrong with them
        return True


if __name__ == "__main__":
    sys.exit(main())
