"""Where the user's data lies that belongs to no project."""

from collections.abc import Mapping
from pathlib import Path


def data_directory(environ: Mapping[str, str]) -> Path:
    """Return the folder of the user's data: as ``XDG_DATA_HOME`` says, else as the system does.

    Earlier versions kept it in ``~/.local/share`` on macOS, too: where it is there, it is used.
    """
    if environ.get("XDG_DATA_HOME"):
        return Path(environ["XDG_DATA_HOME"], "tunesmith")
    earlier = Path.home() / ".local" / "share" / "tunesmith"
    if earlier.is_dir():
        return earlier
    from platformdirs import user_data_path  # here, since its import delays a command by 10 ms

    return user_data_path("tunesmith", appauthor=False)


def server_directory(environ: Mapping[str, str]) -> Path:
    """Return the folder of the shared Prefect server."""
    return data_directory(environ) / "prefect"
