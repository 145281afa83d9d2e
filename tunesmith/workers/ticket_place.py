"""Whether a ticket that somebody names lies where this process may believe what it says.

A ticket leads to a specification, and that to code. Its path comes from a server or a scheduler:
nothing is read there before it is known to lie in a store that this user alone can write.
"""

import re
import stat
from collections.abc import Callable, Collection
from pathlib import Path

from tunesmith.errors import WorkerError
from tunesmith.storage.files.ownership import find_fault
from tunesmith.workers.tickets import Ticket

_PLACE = re.compile(r"handover/[0-9a-f]{32}/[0-9a-f]{16}/[0-9]{6,9}-[0-9a-f]{8}\.json")
_DEPTH = 4
"""How many names of a ticket's path follow the store's folder."""


def find_ticket(text: str, homes: Collection[Path] | None) -> Ticket:
    """Return the ticket of a path that a scheduler or a folder has given.

    Args:
        text: The path; what does not exist is left to whoever opens it.
        homes: The stores whose tickets are taken; None for all that are this user's own.

    Raises:
        WorkerError: It is no ticket's path, or not one of these stores', or not this user's own.
    """
    path = Path(text)
    home, place = Path(*path.parts[:-_DEPTH]), Path(*path.parts[-_DEPTH:])
    if not path.is_absolute() or ".." in path.parts or not _PLACE.fullmatch(str(place)):
        raise WorkerError(f"{text!r} is not the path of a ticket: nothing of it was read")
    if homes is not None and home not in {one for told in homes for one in spellings(told)}:
        raise WorkerError(
            f"this worker takes no trials of {home}: nothing of it was read; start one in that "
            f"project, or with --home {home}"
        )
    check_home(home)
    home = home.resolve()
    for n in range(1, _DEPTH):
        _check(home.joinpath(*place.parts[:n]), stat.S_ISDIR)
    _check(home / place, stat.S_ISREG)
    return Ticket(home / place)


def check_home(home: Path) -> None:
    """Check that what stands in a store was written by this user, if there is a store.

    Raises:
        WorkerError: It belongs to another user, or others can write it.
    """
    _check(home.resolve(), stat.S_ISDIR)


def spellings(home: Path) -> tuple[Path, ...]:
    """Return the paths by which a batch may name a store: with its links, and without."""
    return tuple(dict.fromkeys((home.absolute(), home.resolve())))


def _check(path: Path, is_kind: Callable[[int], bool]) -> None:
    try:
        found = path.lstat()
    except OSError:
        return
    is_expected = is_kind(found.st_mode)
    fault = find_fault(found) if is_expected else "is a link, or not what is expected there"
    if fault:
        raise WorkerError(f"{path} {fault}, and a worker runs what stands there: nothing was run")
