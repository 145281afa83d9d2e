"""Where the store and the project are, seen from a working directory."""

from collections.abc import Iterator, Mapping
from pathlib import Path

FOLDER = ".tunesmith"
VARIABLE = "TUNESMITH_HOME"


def find_home(start: Path, *, explicit: str | None, environ: Mapping[str, str]) -> Path:
    """Return the store's folder, which may not exist yet.

    An explicit home, or the one of the environment, names the folder in which ``.tunesmith``
    lies, or that folder itself. Otherwise it is the nearest store upwards, else the project's.

    Args:
        start: The working directory, or the folder of the script.
        explicit: What ``--home`` said; None where it was not given.
        environ: The environment, for ``TUNESMITH_HOME``.
    """
    if named := explicit or environ.get(VARIABLE):
        home = (start / Path(named).expanduser()).absolute()
        return home if home.name.endswith(FOLDER) else home / FOLDER
    for folder in _upwards(start):
        if (folder / FOLDER / "STORE.json").is_file():
            return folder / FOLDER
    return find_project(start) / FOLDER


def find_project(start: Path) -> Path:
    """Return the nearest folder upwards with pyproject.toml or .git, else the folder itself."""
    for folder in _upwards(start):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    return start.absolute()


def _upwards(start: Path) -> Iterator[Path]:
    """Yield a folder and those above it, up to the user's own: what lies above is not theirs."""
    top = Path("~").expanduser()
    for folder in (start.absolute(), *start.absolute().parents):
        yield folder
        if folder == top:
            return
