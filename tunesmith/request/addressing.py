"""Flags that are addresses: a typed name that is no flag is looked up in the project's files."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tunesmith.addresses.address import Address
from tunesmith.addresses.files import (
    PYTHON,
    has_addresses,
    read_addresses,
    read_text,
    write_values,
)
from tunesmith.addresses.modules import imported_files
from tunesmith.addresses.project_addresses import (
    Located,
    ProjectAddresses,
    ambiguous,
    refused,
)
from tunesmith.batch import BatchSpec
from tunesmith.errors import FlagError, HiddenFlagsError, ScriptError, SpecificationError
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.secret_values import mask_defaults, masked_errors, secrets_of
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.request.specification import Script
from tunesmith.request.sweep_request import SweepRequest, WorkingDirectory
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


def with_addresses(
    script: Script,
    request: SweepRequest,
    home: Path,
    *,
    hidden: HiddenFlagsError | None = None,
) -> Script:
    """Return the script with a flag for each address that is typed.

    Files are read only where a name is typed that is no flag of the script.

    Args:
        script: The script with its own flags.
        request: What was asked for.
        home: The store's folder.
        hidden: Why the script's own flags could not be found; None where they were.

    Raises:
        HiddenFlagsError: They could not, and what is typed is no address.
        FlagError: A name stands for several addresses, or for one that cannot be set.
        SpecificationError: Addresses are written into a copy, and trials run in the project.
    """
    names = [name for name in _typed_names(request) if _is_unknown(script.flags, name)]
    if hidden is not None and not names:
        raise hidden
    if script.flags.source is FlagSource.COMMAND or request.force_flags:  # it takes any name
        names = [name for name in names if ":" in name]
    if not names:
        return script
    addresses = project_addresses(script, request, home, names=names)
    flags = script.flags
    for name in names:
        located = _choose(addresses, name, script, request)
        if located is not None:
            flags = _added(flags, addresses, located, name, script.path)
        elif hidden is not None:
            raise hidden
    if flags is not script.flags and request.cwd is WorkingDirectory.PROJECT:
        address = flags.definitions[-1].address
        raise SpecificationError(
            f"{address} is only written into a trial's copy of the project: leave out "
            "--cwd project"
        )
    return replace(script, flags=mask_defaults(flags))


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

    modules = imported_files(script.path, sizes.keys(), read)
    typed = [name.rpartition(":")[0].removeprefix("./") for name in names if ":" in name]
    _check_files(typed, sizes, links)
    chosen = [*modules, *_configurations(sizes, typed)]
    read_files: dict[str, Sequence[Address]] = {}
    unreadable: dict[str, str] = {}
    for name in chosen:
        try:
            read_files[name] = read_addresses(read(name), name=name)
        except (FlagError, ScriptError) as error:
            unreadable[name] = str(error)
    words = " ".join([*(texts[name] for name in modules if name in texts), *_arguments(request)])
    return ProjectAddresses(
        script=script.path,
        files=read_files,
        named=frozenset(
            name for name in chosen if name in modules or PurePosixPath(name).name in words
        ),
        unreadable=unreadable,
    )


def check_addresses(spec: BatchSpec) -> None:
    """Check, before anything runs, that the settings of addresses can be written.

    Raises:
        FlagError: One cannot.
    """
    for flag in addressed(spec.script_flags):
        setting = secrets_of(spec.settings).get(flag.name, spec.settings.get(flag.name))
        file, _, inner = flag.address.rpartition(":")
        of_rows = [row[flag.name] for row in spec.rows if flag.name in row]
        for value in [*_values(setting), *of_rows]:
            with masked_errors(flag):
                write_values(read_text(Path(spec.project) / file), {inner: value}, name=file)


def addressed(script_flags: ScriptFlags) -> tuple[FlagDefinition, ...]:
    """Return the flags that are addresses."""
    return tuple(flag for flag in script_flags.definitions if flag.address)


def address_lines(spec: BatchSpec) -> list[str]:
    """Return a line for each address that is set, which says where it is."""
    lines = []
    for flag in addressed(spec.script_flags):
        file, _, inner = flag.address.rpartition(":")
        if flag.name in spec.given_names | spec.names_in_rows and flag.name != flag.address:
            place = f"{inner} in {file}" if inner != flag.name else f"a value in {file}"
            lines.append(f"{flag.name} is {place}")
    return lines


def _values(setting: Setting) -> tuple[FlagValue, ...]:
    if isinstance(setting, Choices):
        return setting.values
    if isinstance(setting, Distribution):
        return (setting.low,)
    return (setting,)


def _typed_names(request: SweepRequest) -> list[str]:
    return list(dict.fromkeys(one.name for one in request.flags or ()))


def _arguments(request: SweepRequest) -> Sequence[str]:
    return request.extra_arguments or ()


def _is_unknown(script_flags: ScriptFlags, name: str) -> bool:
    return find_flag(script_flags, name) is None and name not in script_flags.refused


def _choose(
    addresses: ProjectAddresses, name: str, script: Script, request: SweepRequest
) -> Located | None:
    """Return the address that a name stands for; None where it stands for none.

    Raises:
        FlagError: It stands for several, for one that cannot be set, or the file has none.
    """
    found = addresses.find(name)
    if len(found) > 1:
        raise ambiguous(name, found)
    if found and found[0].address.reason:
        raise refused(found[0])
    if found:
        return found[0]
    file, colon, inner = name.rpartition(":")
    if reason := next((addresses.unreadable[one] for one in _ends(addresses, file)), ""):
        raise FlagError(reason)
    near = addresses.near(inner)
    if colon:
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise FlagError(f"{file} has no value {inner!r} that can be set.{hint}")
    is_known_better = any(name in flag for flag in script.flags.names)
    if near and not is_known_better and not request.force_flags and not script.flags.names:
        raise FlagError(
            f"{script.name} has no flag {name!r}, and no file that it reads has such a value. Did "
            f"you mean {near[0]!r}? See tunesmith run {script.path} --help-flags"
        )
    return None


def _ends(addresses: ProjectAddresses, file: str) -> Iterator[str]:
    """Yield the files that could not be read and that a typed file may be."""
    plain = file.removeprefix("./")
    yield from (one for one in addresses.unreadable if file and f"/{one}".endswith(f"/{plain}"))


def _added(
    flags: ScriptFlags, addresses: ProjectAddresses, located: Located, name: str, script: str
) -> ScriptFlags:
    """Return the flags with one for an address, or with another name for a flag that it is."""
    is_script = located.file == script and flags.source is FlagSource.GLOBALS
    own = flags.get(located.address.text) if is_script else None
    flag = own or addresses.flag_of(located, flags)
    flag = replace(flag, aliases=tuple(dict.fromkeys([*flag.aliases, name])))
    others = tuple(one for one in flags.definitions if one.name != flag.name)
    has_none = flags.source is FlagSource.GLOBALS and not flags.settable
    return replace(
        flags,
        source=FlagSource.ADDRESSES if has_none else flags.source,
        definitions=(*others, flag),
        unlisted=tuple(one for one in flags.unlisted if one.name != flag.name),
    )


def _configurations(sizes: dict[str, int], typed: Sequence[str]) -> Iterator[str]:
    """Yield the configuration files to look through, those that were typed first."""
    others = [name for name in sizes if not name.endswith(PYTHON)]
    asked = [name for name in sizes for one in typed if f"/{name}".endswith(f"/{one}")]
    yield from (name for name in dict.fromkeys(asked) if sizes[name] <= MAX_NAMED_BYTES)
    ordinary = [
        name
        for name in others
        if name not in asked and sizes[name] <= MAX_BYTES and not _is_of_tool(name)
    ]
    yield from sorted(ordinary, key=lambda name: (name.count("/"), name))[:MAX_FILES]


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
