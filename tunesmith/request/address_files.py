"""The files of a project in which values are looked for, and the addresses in them."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath

from tunesmith.addresses.address import Address
from tunesmith.addresses.files import (
    NOTEBOOK,
    PYTHON,
    has_addresses,
    is_environment_file,
    read_addresses,
    read_text,
)
from tunesmith.addresses.modules import imported_files, is_beside
from tunesmith.addresses.project_addresses import ProjectAddresses
from tunesmith.errors import FlagError, ScriptError
from tunesmith.program import ProgramKind
from tunesmith.request.specification import Script
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.script.notebook_code import notebook_code
from tunesmith.storage.files.source_files import find_source_files

MAX_FILES = 200
"""Configuration files that are looked through for a name."""
MAX_BYTES = 200_000
"""The size of a file that is looked through for a name."""
MAX_NAMED_BYTES = 1_000_000
"""The size of a file that is named."""
_OF_TOOLS = frozenset({
    "pyproject.toml", "setup.cfg", "tox.ini", "package.json", "package-lock.json", "tsconfig.json",
    "mkdocs.yml", "mypy.ini", "pytest.ini", "environment.yml", "environment.yaml", "ruff.toml",
    "docker-compose.yml", "docker-compose.yaml", "uv.toml", "codecov.yml", "prefect.yaml",
})  # fmt: skip
"""Configuration of tools, which no script reads."""
_OF_PARAMETERS = frozenset({
    "distribution", "max", "min", "mu", "parameters", "probabilities", "q", "sigma", "value",
    "values",
})  # fmt: skip
"""The keys of a parameter in W&B's format of sweeps."""
_OF_SWEEPS = frozenset({"command", "method", "metric", "optimizer", "program"})
"""Keys of which a sweep has at least one beside its parameters."""


def project_addresses(
    script: Script, request: SweepRequest, home: Path, *, names: Sequence[str] = ()
) -> ProjectAddresses:
    """Return the values of the files that trials get a copy of and that the script may read.

    Args:
        script: The script.
        request: What was asked for.
        home: The store's folder.
        names: What was typed; a file that it names is looked through, whatever its size.
    """
    links = request.links or ()
    found = find_source_files(
        script.project, script.project / script.path, home.absolute(), links=links
    )
    sizes = {file.name: file.size for file in found.files if has_addresses(file.name)}
    texts: dict[str, str] = {}

    def read(name: str) -> str:
        if name not in texts:
            texts[name] = read_text(script.project / name)
        return texts[name]

    def read_code(name: str) -> str:
        text = read(name)
        return notebook_code(text, name=name) if name.endswith(NOTEBOOK) else text

    modules = imported_files(script.path, sizes.keys(), read_code)
    typed = [name.rpartition(":")[0].removeprefix("./") for name in names if ":" in name]
    sizes |= _environment_files(script.project, typed)
    _check_files(typed, sizes, links)
    chosen = [*modules, *_configurations(sizes, typed, script.path)]
    read_files: dict[str, Sequence[Address]] = {}
    unreadable: dict[str, str] = {}
    for name in chosen:
        try:
            addresses = read_addresses(read(name), name=name)
        except (FlagError, ScriptError) as error:
            unreadable[name] = str(error)
            continue
        if name not in modules and not _is_typed(name, typed) and _is_sweep(addresses):
            continue
        read_files[name] = addresses
    words = " ".join(
        [*(texts[name] for name in modules if name in texts), *(request.extra_arguments or ())]
    )
    named = [name for name in chosen if name in modules or PurePosixPath(name).name in words]
    return ProjectAddresses(
        script.path,
        read_files,
        named=frozenset(named),
        unreadable=unreadable,
        is_module=script.program.kind is ProgramKind.MODULE,
    )


def _environment_files(project: Path, typed: Sequence[str]) -> dict[str, int]:
    """Return the typed files of variables, which are looked through only if they are named.

    No copy of the project has them, since they may hold secrets: a trial gets one for its time.
    """
    return {
        file: path.stat().st_size
        for file in typed
        if is_environment_file(file)
        and (path := project / file).is_file()
        and path.resolve().is_relative_to(project)
    }


def _configurations(sizes: dict[str, int], typed: Sequence[str], script: str) -> Iterator[str]:
    """Yield the configuration files to look through, those that were typed first.

    Those below the script's folder come before others, and of each those that are least deep.
    """
    others = [name for name in sizes if not name.endswith((PYTHON, NOTEBOOK))]
    asked = [name for name in sizes if _is_typed(name, typed)]
    yield from (name for name in dict.fromkeys(asked) if sizes[name] <= MAX_NAMED_BYTES)
    ordinary = [
        name
        for name in others
        if name not in asked and sizes[name] <= MAX_BYTES and not _is_of_tool(name)
    ]
    beside = {name: is_beside(script, name) for name in ordinary}
    ordinary.sort(key=lambda name: (not beside[name], name.count("/"), name))
    yield from ordinary[:MAX_FILES]


def _is_typed(name: str, typed: Sequence[str]) -> bool:
    return any(f"/{name}".endswith(f"/{one}") for one in typed)


def _is_sweep(addresses: Sequence[Address]) -> bool:
    """Return whether a file is a sweep, which says what to search and which no script reads.

    Args:
        addresses: The file's values.
    """
    words = [one.key.split(".") for one in addresses if not one.is_item]
    parameters = [one for one in words if one[0] == "parameters"]
    return (
        bool(parameters)
        and all(len(one) > 2 and one[-1] in _OF_PARAMETERS for one in parameters)
        and any(one[0] in _OF_SWEEPS for one in words)
    )


def _is_of_tool(name: str) -> bool:
    *folders, last = name.split("/")
    is_hidden = any(part.startswith(".") for part in folders)
    return is_hidden or last in _OF_TOOLS or (last[:1] == "." and not last.startswith(".env"))


def _check_files(typed: Sequence[str], names: Collection[str], links: Sequence[str]) -> None:
    """Check that the files that were typed are in the trials' copy.

    Raises:
        FlagError: One is not; the message says why.
    """
    for file in typed:
        if any(f"/{name}".endswith(f"/{file}") for name in names):
            continue
        if any(f"{file}/".startswith(f"{link.removeprefix('./').rstrip('/')}/") for link in links):
            raise FlagError(
                f"{file} is behind --link and shared by all trials: its values cannot be set"
            )
        if not has_addresses(file):
            read_addresses("", name=file)
        raise FlagError(
            f"{file!r} is no file of the trials' copy of the project, in which addresses are set"
        )
