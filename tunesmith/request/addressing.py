"""Flags that are addresses: a typed name that is no flag is looked up in the project's files."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tunesmith.addresses.files import is_environment_file, read_text, write_values
from tunesmith.addresses.project_addresses import (
    Located,
    ProjectAddresses,
    ambiguous,
    refused,
)
from tunesmith.batch import BatchSpec
from tunesmith.errors import FlagError, HiddenFlagsError, SpecificationError
from tunesmith.flags.assignments import find_flag
from tunesmith.flags.batch_files import column_names
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
from tunesmith.flags.secret_values import mask_defaults, masked_errors, secrets_of
from tunesmith.flags.settings import Choices, Distribution, Setting
from tunesmith.flags.values import FlagValue
from tunesmith.near_names import near_names
from tunesmith.request.address_files import project_addresses
from tunesmith.request.specification import Script
from tunesmith.request.sweep_request import SweepRequest, WorkingDirectory
from tunesmith.storage.files.secret_files import is_secret_file

MAX_TRIED = 50
"""Values of one flag that are written before anything runs."""


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
    if script.flags.takes_any or request.force_flags:
        names = [name for name in names if ":" in name]
    if not names:
        return script
    addresses = project_addresses(script, request, home, names=names)
    flags = script.flags
    for name in names:
        located = _choose(addresses, name, script)
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


def listed_addresses(
    script: Script, request: SweepRequest, home: Path
) -> tuple[FlagDefinition, ...]:
    """Return a flag for each value of a file that could be set beside the script's flags."""
    listed = project_addresses(script, request, home).flags(script.flags)
    return mask_defaults(ScriptFlags(source=script.flags.source, definitions=listed)).definitions


def check_addresses(spec: BatchSpec) -> None:
    """Check, before anything runs, that the settings of addresses can be written.

    Raises:
        FlagError: One cannot.
        SpecificationError: Remote workers do not get the file.
    """
    for flag in addressed(spec.script_flags):
        setting = secrets_of(spec.settings).get(flag.name, spec.settings.get(flag.name))
        file, _, inner = flag.address.rpartition(":")
        if is_environment_file(file) and spec.execution.runner.is_remote:
            raise SpecificationError(
                f"{file} may hold secrets, so that remote workers get no copy of it: set the "
                "variable in their environment"
            )
        text = read_text(Path(spec.project) / file)
        of_rows = [row[flag.name] for row in spec.rows if flag.name in row]
        for value in _samples([*_values(setting), *of_rows]):
            with masked_errors(flag):
                write_values(text, {inner: value}, name=file)


def addressed(script_flags: ScriptFlags) -> tuple[FlagDefinition, ...]:
    """Return the flags that are addresses."""
    return tuple(flag for flag in script_flags.definitions if flag.address)


def written_secrets(spec: BatchSpec) -> tuple[str, ...]:
    """Return the files like ``.env`` that no copy of the source has, and whose values are set."""
    files = {flag.address.rpartition(":")[0] for flag in addressed(spec.script_flags)}
    return tuple(sorted(file for file in files if is_secret_file(file)))


def address_lines(spec: BatchSpec) -> list[str]:
    """Return a line for each address that is set, which says where it is."""
    lines = []
    for flag in addressed(spec.script_flags):
        file, _, inner = flag.address.rpartition(":")
        if flag.name in spec.given_names | spec.names_in_points and flag.name != flag.address:
            place = f"{inner} in {file}" if inner != flag.name else f"a value in {file}"
            lines.append(f"{flag.name} is {place}")
    return lines


def _values(setting: Setting) -> tuple[FlagValue, ...]:
    if isinstance(setting, Choices):
        return setting.values
    if isinstance(setting, Distribution):
        return (setting.low,)
    return (setting,)


def _samples(values: Sequence[FlagValue]) -> Sequence[FlagValue]:
    """Return values to try: a number of each type, and a few of what may be written in quotes."""
    kinds = {type(value): value for value in values if isinstance(value, int | float)}
    others = [value for value in values if not isinstance(value, int | float)]
    return [*kinds.values(), *others[:MAX_TRIED]]


def _typed_names(request: SweepRequest) -> list[str]:
    """Return the names of the flags that were typed, and the columns of batch files."""
    names = [one.name for one in request.flags or ()]
    for file in request.files or ():
        try:
            text = ((request.folder or Path()) / file).read_text(encoding="utf-8-sig")
            names += column_names(text, name=file)
        except (OSError, UnicodeDecodeError, FlagError):  # said when its rows are read
            continue
    return list(dict.fromkeys(names))


def _is_unknown(script_flags: ScriptFlags, name: str) -> bool:
    """Return whether a name is no flag, of a subcommand neither."""
    if find_flag(script_flags, name) is not None or name in script_flags.refused:
        return False
    return all(_is_unknown(inner, name) for inner in script_flags.subcommands.values())


def _choose(addresses: ProjectAddresses, name: str, script: Script) -> Located | None:
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
        _check_variable(found[0])
        return found[0]
    file, colon, inner = name.rpartition(":")
    if reason := next((addresses.unreadable[one] for one in _ends(addresses, file)), ""):
        raise FlagError(reason)
    near = addresses.near(inner)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    if colon:
        raise FlagError(f"{file} has no value {inner!r} that can be set.{hint}")
    if near and not near_names(name, script.flags.names, n=1):
        raise FlagError(
            f"{script.name} has no flag {name!r}, and no file that it may read has such a value."
            f"{hint} tunesmith run {script.path} --help-flags lists both"
        )
    return None


def _check_variable(located: Located) -> None:
    """Check that the default of a variable of the environment counts: trials get the variable."""
    if (variable := located.address.variable) and variable in os.environ:
        raise FlagError(
            f"{located.text} cannot be set: {variable} is set in the environment, so that the "
            f"script does not use its default; unset {variable} first"
        )


def _ends(addresses: ProjectAddresses, file: str) -> Iterator[str]:
    """Yield the files that could not be read and that a typed file may be."""
    plain = file.removeprefix("./")
    yield from (one for one in addresses.unreadable if file and f"/{one}".endswith(f"/{plain}"))


def _added(
    flags: ScriptFlags, addresses: ProjectAddresses, located: Located, name: str, script: str
) -> ScriptFlags:
    """Return the flags with one for an address, or with another name for a flag that it is."""
    is_assigned = flags.source in (FlagSource.GLOBALS, FlagSource.NOTEBOOK)
    is_script = located.file == script and is_assigned
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
