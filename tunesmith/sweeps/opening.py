"""Finds and reads what stands below a request: the sweep file that it names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.errors import SpecificationError
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.sweeps.merging import over

SUFFIXES = (".yaml", ".yml", ".json")
"""How the names of sweep files end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A request with what files add to it."""

    request: SweepRequest
    notes: tuple[str, ...] = ()
    """What is to be said of the files, a line each."""


def resolve(request: SweepRequest, *, environ: Mapping[str, str]) -> Resolved:
    """Return a request with what its sweep file says, where it names one.

    Args:
        request: What was asked for.
        environ: The environment, whose variables the command of a file may name.

    Raises:
        SpecificationError: A file cannot be read, or says what is not supported.
    """
    if request.script is None or Path(request.script).suffix.lower() not in SUFFIXES:
        return Resolved(request=request)
    folder, name = request.folder or Path(), request.script
    try:
        text = (folder / name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SpecificationError(f"the sweep file {name!r} cannot be read: {reason}") from error
    # here, since most commands name a script, and shall start as fast as without sweep files
    from tunesmith.sweeps.reading import read_sweep

    found = read_sweep(text, name=name, environ=environ)
    below = replace(found.request, script=_script(found.request.script, name, folder))
    return Resolved(request=over(replace(request, script=None), below), notes=found.notes)


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
