"""Places the paths of ``--link`` in a run's directory, where the script looks for them.

A relative path is placed at the same path, an absolute one under its last name. For ``../input``
the script runs one folder deeper: ``code/train.py`` of a run finds ``../input`` within the run's
own directory, which mirrors the folders above the project as far as links need them.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from tunesmith.errors import SpecificationError
from tunesmith.storage.files.confined_writes import symlink_within
from tunesmith.storage.files.layout import METADATA
from tunesmith.storage.objects.os_errors import explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One path that is linked into a run's directory."""

    typed: str
    place: tuple[str, ...]
    """Its path within the run's directory, name by name."""
    target: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """The layout of a run's directory before the script starts."""

    folder: tuple[str, ...]
    """The folder with the copy of the project, in which the script runs; empty for the top."""
    links: tuple[Link, ...]
    """In an order in which none replaces another."""
    data: tuple[Link, ...] = ()
    """Where data goes that trials get from the store; nothing in its place is replaced."""

    def link_into(self, directory: Path) -> None:
        """Create the links, which replace copies; nothing outside of the directory changes.

        Raises:
            StoreAccessError: The directory cannot be written, or a link or a file is in the way.
        """
        for link in self.links:
            with explained("write to", directory.joinpath(*link.place)):
                symlink_within(directory, link.place, link.target)


def place_links(
    project: Path, script: str, links: Sequence[str], data: Collection[str] = ()
) -> Placing:
    """Return where to place links and data, without what another link contains.

    Args:
        project: The project's folder, absolute.
        script: The script's path within it.
        links: Paths as typed, relative to the project.
        data: Paths of data, relative to the project; what has no place is left out. By default
            none.

    Raises:
        SpecificationError: Two of them need one place, or one would replace the script's copy, the
            folder that it runs in, or our own files.
    """
    paths = {link: _typed_path(project, link) for link in links}
    n_above = max(map(_climb, (*links, *data)), default=0)
    folder = project.parts[1:][-n_above:] if n_above else ()
    found = [_link(project, link, path, folder) for link, path in paths.items()]
    copy = (*folder, *Path(script).parts)
    for link in found:
        _check_place(link, folder=folder, copy=copy)
    kept: list[Link] = []
    for link in sorted(found, key=lambda one: len(one.place)):
        if not any(_serves(outer, link) for outer in kept):
            kept.append(link)
    wanted = [_link(project, one, _typed_path(project, one), folder) for one in sorted(data)]
    free = tuple(one for one in wanted if _has_room(one, kept, folder))
    return Placing(folder=folder, links=tuple(kept), data=free)


def _link(project: Path, typed: str, path: Path, folder: tuple[str, ...]) -> Link:
    target = Path(os.path.realpath(project / path))
    return Link(typed=typed, place=_place(path, folder), target=target)


def _has_room(data: Link, links: Sequence[Link], folder: tuple[str, ...]) -> bool:
    """Return whether data has a place of its own beside the project, our files and the links."""
    place = data.place
    if place == folder[: len(place)] or METADATA in (one.casefold() for one in place[:1]):
        return False
    return not any(link.place == place[: len(link.place)] for link in links)


def is_within(link: str) -> bool:
    """Return whether a path stays within the project."""
    return not Path(link).is_absolute() and _climb(link) == 0


def missing_links(project: Path, links: Sequence[str]) -> Iterator[str]:
    """Yield the links whose target does not exist."""
    for link in links:
        path = project / _typed_path(project, link)
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where a name is too long
            yield link


def _typed_path(project: Path, link: str) -> Path:
    """Return a typed path without ``.``, inner ``..`` and a slash at the end."""
    if "\0" in link:
        raise SpecificationError(f"--link {link!r} is not a path: remove the NUL character")
    if Path(link).is_absolute():
        return Path(os.path.normpath(link))
    return Path(os.path.relpath(os.path.normpath(project / link), project))


def _climb(link: str) -> int:
    """Return how many folders above the project a path leads."""
    if Path(link).is_absolute():
        return 0
    depths = accumulate(-1 if part == ".." else 1 for part in Path(link).parts)
    return max(0, -min(depths, default=0))


def _n_above(path: Path) -> int:
    return sum(part == ".." for part in path.parts)


def _place(path: Path, folder: tuple[str, ...]) -> tuple[str, ...]:
    if path.is_absolute():
        return (*folder, path.name) if path.name else ()
    inner = path.parts[_n_above(path) :]
    return (*folder[: len(folder) - _n_above(path)], *inner)


def _check_place(link: Link, *, folder: tuple[str, ...], copy: tuple[str, ...]) -> None:
    place = link.place
    if place == folder[: len(place)]:
        raise SpecificationError(
            f"--link {link.typed} contains the project itself, which every run copies: link a "
            "folder or a file in it"
        )
    if place == copy[: len(place)]:
        raise SpecificationError(
            f"--link {link.typed} contains the script, which every run copies: link what is next "
            "to the script"
        )
    if METADATA in (name.casefold() for name in (place[0], *folder[:1])):
        raise SpecificationError(
            f"--link {link.typed} would be placed in {METADATA}, where Tunesmith keeps its own "
            "files of a run: rename the folder"
        )


def _serves(outer: Link, link: Link) -> bool:
    """Return whether another link already makes a path available.

    Raises:
        SpecificationError: Through it, something else is at the path.
    """
    n_outer = len(outer.place)
    if outer.place != link.place[:n_outer]:
        return False
    there = outer.target.joinpath(*link.place[n_outer:])
    if os.path.realpath(there) == str(link.target):
        return True
    raise SpecificationError(
        f"--link {link.typed} would be placed at {'/'.join(link.place)}, where --link "
        f"{outer.typed} "
        f"leads to {there}: remove one of them"
    )
