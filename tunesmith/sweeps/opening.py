"""Finds and reads what stands below a request: the sweep file that it names, and the project."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

from tunesmith.errors import SpecificationError
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.storage.files.home import folders_upwards
from tunesmith.storage.files.ownership import find_fault
from tunesmith.sweeps.merging import over

SUFFIXES = (".yaml", ".yml", ".json")
"""How the names of sweep files end."""
PROJECT_FILE = "pyproject.toml"
_MARK = "tool.tunesmith"
"""In the text of every pyproject.toml that has defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What is said at one place."""

    place: str
    """Where it stands, for people: ``command line``, or the path of a file."""
    request: SweepRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A request with what files add to it."""

    request: SweepRequest
    layers: tuple[Layer, ...]
    """What each place says, the one that counts first."""
    notes: tuple[str, ...] = ()
    """What is to be said of the files, a line each."""


def resolve(
    request: SweepRequest, *, environ: Mapping[str, str], said_at: str = "command line"
) -> Resolved:
    """Return a request with what its sweep file and its project say, where it does not.

    Args:
        request: What was asked for.
        environ: The environment, whose variables the command of a file may name.
        said_at: Where it was asked for.

    Raises:
        SpecificationError: A file cannot be read, or says what is not supported.
    """
    folder, name = request.folder or Path(), request.script
    layers = [Layer(place=said_at, request=request)]
    notes: list[str] = []
    if name is not None and Path(name).suffix.lower() in SUFFIXES:
        # here, since most commands name a script, and shall start as fast as without sweep files
        from tunesmith.sweeps.reading import read_sweep

        found = read_sweep(_text(folder, name), name=name, environ=environ)
        below = found.request
        if below.command is None:
            below = replace(below, script=_script(below.script, name, folder))
        layers = [
            Layer(place=said_at, request=replace(request, script=None)),
            Layer(place=name, request=below),
        ]
        notes += found.notes
    layer, more = _project(folder.absolute())
    layers += [] if layer is None else [layer]
    whole = reduce(over, [one.request for one in layers])
    return Resolved(request=whole, layers=tuple(layers), notes=(*notes, *more))


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SpecificationError(f"the sweep file {name!r} cannot be read: {reason}") from error


def _script(program: str | None, name: str, folder: Path) -> str:
    """Return the path of the program: from the folder, or else from beside the file.

    Raises:
        SpecificationError: The file names none.
    """
    if program is None:
        raise SpecificationError(f"{name} names no program: add program: train.py")
    beside = Path(name).parent / program
    is_beside = not (folder / program).exists() and (folder / beside).exists()
    return str(beside) if is_beside else program


def _project(folder: Path) -> tuple[Layer | None, list[str]]:
    """Return the defaults of the nearest project upwards that has any, and what is to be said.

    A file above the folder is trusted only if nobody else can write it: it may name what is run.

    Raises:
        SpecificationError: The file cannot be read, or a key is unknown or wrong.
    """
    for root, text in _project_texts(folder):
        path = root / PROJECT_FILE
        if root != folder and (fault := find_fault(path.stat())):
            return None, [f"the defaults in {path} are not used: it {fault}"]
        # here, since few projects have defaults
        from tunesmith.sweeps.project import read_defaults

        place = PROJECT_FILE if root == folder else str(path)
        request = read_defaults(text, place=place, root=root, folder=folder)
        if request is not None:
            return Layer(place=place, request=request), []
    return None, []


def _project_texts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folders upwards whose project file may have defaults, with its text."""
    for root in folders_upwards(folder):
        try:
            text = (root / PROJECT_FILE).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):  # other programs tell what is wrong with it
            continue
        if _MARK in text or "[tool]" in text:
            yield root, text
