"""Where the store and the project of a working directory are."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from tunesmith.errors import UntrustedStoreError
from tunesmith.storage.files.layout import FOLDERS
from tunesmith.storage.files.ownership import find_fault

FOLDER = ".tunesmith"
VARIABLE = "TUNESMITH_HOME"


def find_home(start: Path, *, explicit: str | None, environ: Mapping[str, str]) -> Path:
    """Return the store's folder, which may not exist yet.

    An explicit home, or the one of the environment, names the folder that holds ``.tunesmith``,
    or that folder itself. Otherwise it is the nearest store upwards, else the project's; a store
    that nobody named must be the user's own, since code in it is run.

    Args:
        start: The working directory, or the folder of the script.
        explicit: The value of ``--home``; None where it was not given.
        environ: The environment, for ``TUNESMITH_HOME``.

    Raises:
        UntrustedStoreError: The one found belongs to another user, or others can write it.
    """
    if named := explicit or environ.get(VARIABLE):
        home = (start / Path(named).expanduser()).absolute()
        return home if home.name.endswith(FOLDER) else home / FOLDER
    for folder in folders_upwards(start):
        if (folder / FOLDER / "STORE.json").is_file():
            return _checked(folder / FOLDER)
    return _checked(find_project(start) / FOLDER)


def find_project(start: Path) -> Path:
    """Return the nearest folder upwards with pyproject.toml or .git, else the folder itself."""
    for folder in folders_upwards(start):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    return start.absolute()


def _checked(home: Path) -> Path:
    """Return a store's folder that nobody named, if it is the user's own or does not exist.

    Raises:
        UntrustedStoreError: It belongs to another user, or others can write it.
    """
    for path in (home, home / "STORE.json", *(home / name for name in FOLDERS)):
        try:
            found = (path.lstat(), path.stat())  # the folder, and where a link in its place leads
        except OSError:  # missing or unreadable: opening the store says why
            continue
        if fault := next(filter(None, map(find_fault, found)), ""):
            raise UntrustedStoreError(
                f"the store {home} {fault}, and code in a store is run: if you trust it, name it "
                f"with --home {shlex.quote(str(home))} (or TUNESMITH_HOME)"
            )
    return home


def folders_upwards(start: Path) -> Iterator[Path]:
    """Yield a folder and its parents, up to the user's home: what is above is not theirs."""
    top = Path("~").expanduser()
    for folder in (start.absolute(), *start.absolute().parents):
        yield folder
        if folder == top:
            return
