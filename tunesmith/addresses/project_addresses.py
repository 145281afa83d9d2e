"""The addresses of a whole project, and those that a name stands for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tunesmith.addresses.address import Address, definition_of, normalized
from tunesmith.addresses.modules import is_beside
from tunesmith.errors import FlagError
from tunesmith.flags.definition import FlagDefinition, FlagSource, ScriptFlags
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


class ProjectAddresses:
    """The values of the files that a script reads or may read."""

    def __init__(
        self,
        script: str,
        files: Mapping[str, Sequence[Address]],
        *,
        named: Collection[str] = (),
        unreadable: Mapping[str, str] | None = None,
        is_module: bool = False,
    ) -> None:
        """Take the addresses of a project.

        Args:
            script: The script's path within the project.
            files: By file: the script, the modules that it imports, then configuration files.
            named: The files that the script certainly reads: its modules, and files that it names.
            unreadable: Why files could not be read, by name; None for none.
            is_module: Whether the script is run as a module; by default as a file.
        """
        self.script = script
        self.unreadable = unreadable or {}
        self._named = named
        self._is_module = is_module
        self.all = tuple(
            Located(file=file, address=one) for file, found in files.items() for one in found
        )
        self._by_end: dict[str, list[Located]] = {}
        self._found: dict[str, tuple[Located, ...]] = {}
        for located in self.all:
            for end in _ends(located.address):
                self._by_end.setdefault(end, []).append(located)

    def find(self, name: str) -> tuple[Located, ...]:
        """Return the addresses that a name stands for: exactly one where it is not ambiguous.

        What is in a file that the script names counts more than what is in another, and in code
        what the script says itself more than what a module says; a name with dots that is a whole
        address counts more than the end of a longer one.

        Args:
            name: What was typed: an address within a file or with it, or the end of one.
        """
        if name not in self._found:  # thousands of values may have the name of many others
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> tuple[Located, ...]:
        file, colon, inner = name.rpartition(":")
        key = normalized(inner)
        found = self._by_end.get(key, [])
        if colon:
            found = _in_file(found, file)
        else:
            found = [one for one in found if one.file in self._named] or found
            if all(one.file.endswith(".py") for one in found):
                found = [one for one in found if one.file == self.script] or found
        settable = [one for one in found if not one.address.reason] or found
        whole = [one for one in settable if one.address.key == key]
        return tuple(whole if whole and (colon or "." in key) else settable)

    def flags(self, script_flags: ScriptFlags) -> tuple[FlagDefinition, ...]:
        """Return a flag for each address that can be set, but those of lists' items.

        Args:
            script_flags: The script's own flags, whose names are taken; a global is one of them.
        """
        is_assigned = script_flags.source in (FlagSource.GLOBALS, FlagSource.NOTEBOOK)
        own = self.script if is_assigned else None
        return tuple(
            self.flag_of(one, script_flags)
            for one in self.all
            if not (one.address.reason or one.address.is_item)
            and (one.file != own or script_flags.get(one.address.text) is None)
        )

    def flag_of(self, located: Located, script_flags: ScriptFlags) -> FlagDefinition:
        """Return the flag that sets the value of an address, under its shortest clear name."""
        names = [
            name
            for name in (*located.address.suffixes, located.address.text)
            if script_flags.get(name) is None and self.find(name) == (located,)
        ]
        aliases = [*dict.fromkeys(names), located.text]
        flag = definition_of(
            located.address, file=located.file, name=aliases[0], aliases=tuple(aliases)
        )
        is_elsewhere = located.file.endswith(".py") and not (
            self._is_module or is_beside(self.script, located.file)
        )
        if flag.note or not is_elsewhere:
            return flag
        note = f"is in {located.file}, which the script may import from elsewhere"
        return replace(flag, note=note)

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


def _ends(address: Address) -> list[str]:
    """Return the keys by which an address is found; an item of a list not by its place alone."""
    if address.is_item:
        return [normalized(suffix) for suffix in address.suffixes] or [address.key]
    words = address.key.split(".")
    return [".".join(words[at:]) for at in range(len(words))]


def _in_file(found: Sequence[Located], file: str) -> list[Located]:
    """Return the addresses of a file, which may be given by the end of its path."""
    plain = file.removeprefix("./")
    exact = [one for one in found if one.file == plain]
    return exact or [one for one in found if f"/{one.file}".endswith(f"/{plain}")]
