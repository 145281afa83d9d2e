"""The addresses of a whole project, and those that a name stands for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tunesmith.addresses.address import Address, definition_of, normalized
from tunesmith.addresses.modules import is_beside
from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, ScriptFlags
from tunesmith.near_names import near_names

N_LISTED = 12
"""Matches of a name that a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """An address with its file."""

    file: str
    """Within the project, with slashes."""
    address: Address

    @property
    def text(self) -> str:
        """The whole address."""
        return f"{self.file}:{self.address.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectAddresses:
    """The values of the files that a script reads or may read."""

    script: str
    """The script's path within the project."""
    files: Mapping[str, Sequence[Address]]
    """By file: the script, the modules that it imports, then configuration files."""
    named: frozenset[str] = frozenset()
    """The files that the script certainly reads: its modules, and files that it names."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Why files could not be read, by name."""

    @property
    def all(self) -> tuple[Located, ...]:
        """All addresses, in the order of the files."""
        return tuple(
            Located(file=file, address=one) for file, found in self.files.items() for one in found
        )

    def find(self, name: str) -> tuple[Located, ...]:
        """Return the addresses that a name stands for: exactly one where it is not ambiguous.

        What is in a file that the script names counts more than what is in another; a name with
        dots that is a whole address counts more than the end of a longer one.

        Args:
            name: What was typed: an address within a file or with it, or the end of one.
        """
        file, colon, inner = name.rpartition(":")
        found = [one for one in self.all if _ends_with(one.address, inner)]
        if colon:
            found = _in_file(found, file)
        else:
            found = [one for one in found if one.file in self.named] or found
        settable = [one for one in found if not one.address.reason] or found
        whole = [one for one in settable if one.address.key == normalized(inner)]
        is_exact = colon or "." in normalized(inner)
        return tuple(whole if whole and is_exact else settable)

    def flag_of(self, located: Located, script_flags: ScriptFlags) -> FlagDefinition:
        """Return the flag that sets the value of an address, under its shortest clear name."""
        names = [
            name
            for name in located.address.suffixes
            if script_flags.get(name) is None and self.find(name) == (located,)
        ]
        aliases = [*names, located.address.text, located.text]
        flag = definition_of(
            located.address, file=located.file, name=aliases[0], aliases=tuple(aliases)
        )
        return flag if flag.note else _with_note(flag, self.script, located.file)

    def near(self, name: str) -> list[str]:
        """Return addresses whose names are similar to what was typed."""
        names = {suffix for one in self.all for suffix in one.address.suffixes}
        return near_names(name, sorted(names), n=1)


def ambiguous(name: str, found: Collection[Located]) -> FlagError:
    """Return the error for a name that stands for several addresses."""
    shown = [one.text for one in found][:N_LISTED]
    more = f" and {len(found) - N_LISTED} more" if len(found) > N_LISTED else ""
    return FlagError(
        f"{name!r} is no flag, and could be any of {', '.join(shown)}{more}: write one of them"
    )


def refused(located: Located) -> FlagError:
    """Return the error for an address that cannot be set."""
    return FlagError(f"{located.text} cannot be set: it {located.address.reason}")


def _ends_with(address: Address, name: str) -> bool:
    key = normalized(name)
    is_whole_item = not address.is_item or address.key == key
    return is_whole_item and key != "" and f".{address.key}".endswith(f".{key}")


def _in_file(found: Sequence[Located], file: str) -> list[Located]:
    """Return the addresses of a file, which may be given by the end of its path."""
    plain = file.removeprefix("./")
    exact = [one for one in found if one.file == plain]
    return exact or [one for one in found if f"/{one.file}".endswith(f"/{plain}")]


def _with_note(flag: FlagDefinition, script: str, file: str) -> FlagDefinition:
    is_module = file.endswith(".py") and file != script
    if not is_module or is_beside(script, file):
        return flag
    return replace(flag, note=f"is in {file}, which the script may import from elsewhere")
