"""Where the paths of ``--link`` stand in a run's directory, as the script looks for them.

A relative path stands at the same place, an absolute one under its last name. For ``../input`` the
script works a folder deeper: ``code/train.py`` of a run finds ``../input`` within the run's own
directory, which mirrors the folders above the project as far as links need them.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from tunesmith.errors import SpecificationError
from tunesmith.storage.files.confined_writes import link_inside
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
    """What a run's directory looks like before the script starts."""

    folder: tuple[str, ...]
    """Where the copy of the project stands, and the script works; empty for the top."""
    links: tuple[Link, ...]
    """In an order in which none has to replace another."""

    def link_into(self, directory: Path) -> None:
        """Lay the links, in the place of copies; nothing outside of the directory is changed.

        Raises:
            StoreAccessError: The directory cannot be written, or a link or a file is in the way.
        """
        for link in self.links:
            with explained("write to", directory.joinpath(*link.place)):
                link_inside(directory, link.place, link.target)


def place_links(project: Path, script: str, links: Sequence[str]) -> Placing:
    """Return where links stand; what an outer one serves already is left out.

    Args:
        project: The project's folder, absolute.
        script: The script's path within it.
        links: Paths as typed: relative ones begin at the project.

    Raises:
        SpecificationError: Two of them want one place, or one would replace the script's copy, the
            folder that it works in, or what is ours.
    """
    paths = {link: _typed_path(project, link) for link in links}
    n_above = max(map(_climb, links), default=0)
    folder = project.parts[1:][-n_above:] if n_above else ()
    found = [
        Link(
            typed=link,
            place=_place(path, folder),
            target=Path(os.path.realpath(project / path)),
        )
        for link, path in paths.items()
    ]
    copy = (*folder, *Path(script).parts)
    for link in found:
        _check_place(link, folder=folder, copy=copy)
    kept: list[Link] = []
    for link in sorted(found, key=lambda one: len(one.place)):
        if not any(_serves(outer, link) for outer in kept):
            kept.append(link)
    return Placing(folder=folder, links=tuple(kept))


def is_within(link: str) -> bool:
    """Return whether a path stays within the project, wherever that is."""
    return not Path(link).is_absolute() and _climb(link) == 0


def missing_links(project: Path, links: Sequence[str]) -> Iterator[str]:
    """Yield the links that lead to nothing."""
    for link in links:
        path = project / _typed_path(project, link)
        if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises where a name is too long
            yield link


def _typed_path(project: Path, link: str) -> Path:
    """Return what was typed without ``.``, ``..`` on the way, and a slash at the end."""
    if "\0" in link:
        raise SpecificationError(f"--link {link!r} is not a path: remove the NUL character")
    if Path(link).is_absolute():
        return Path(os.path.normpath(link))
    return Path(os.path.relpath(os.path.normpath(project / link), project))


def _climb(link: str) -> int:
    """Return how many folders above the project a path goes on its way."""
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
    """Return whether a path is there already through a link that was laid before.

    Raises:
        SpecificationError: Something else is there.
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
