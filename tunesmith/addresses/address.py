"""The address of one value within a file, as ``optimizer.args.lr`` or ``train(lr)``."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tunesmith.flags.definition import FlagDefinition, FlagType
from tunesmith.flags.values import FlagValue, point_key

Part = str | int
"""A key or a name, or the index of an item of a list."""

_INDEX = re.compile(r"\[\s*(['\"]?)([^\]'\"]*)\1\s*\]")
_VARIABLE = re.compile(
    r"(?:(?:os\.)?environ\.get|(?:os\.)?getenv|environ)\(\s*(['\"]?)(\w+)\1\s*(?:,.*)?\)"
)
"""The default of a variable of the environment, as a script writes it, with it or without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One value of a file."""

    parts: tuple[Part, ...]
    """The keys that lead to it from the top of the file."""
    value: FlagValue = None
    line: int = 0
    """From 1; 0 where it is not known."""
    shown: str = ""
    """How it is written where that is not its keys with dots between them, as ``train(lr)``."""
    reason: str = ""
    """Why it cannot be set, in words that follow the address; empty where it can."""
    note: str = ""
    """Why the script may not run with the value that is set."""
    help: str = ""
    is_item: bool = False
    """Whether it is an item of a list that is a value itself."""
    variable: str = ""
    """The variable of the environment whose default it is; empty where it is none."""

    @property
    def text(self) -> str:
        """The address within its file, as it is shown."""
        return self.shown or join_parts(self.parts)

    @property
    def key(self) -> str:
        """What tells it from other addresses of the file, however it is typed."""
        return normalized(join_parts(self.parts))

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Its names from the shortest, a last key, to the longest, all keys."""
        starts = (at for at, part in enumerate(self.parts) if isinstance(part, str))
        return tuple(join_parts(self.parts[at:]) for at in sorted(starts, reverse=True))


def join_parts(parts: Sequence[Part]) -> str:
    """Return keys as ``layers[0].units``."""
    texts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return "".join(texts).removeprefix(".")


def normalized(text: str) -> str:
    """Return an address with dots only: ``params['eta']`` and ``train(lr)`` are as ``train.lr``.

    Dashes and underscores are the same, as they are in the names of flags. The default of a
    variable of the environment may be written as the call that has it, or as ``environ.LR``.
    """
    if variable := _VARIABLE.fullmatch(text.strip()):
        text = f"environ.{variable[2]}"
    dotted = _INDEX.sub(r".\2", text.strip()).replace("(", ".").replace(")", "")
    return dotted.strip(".").replace("-", "_")


def is_typable(key: object) -> bool:
    """Return whether a key can be part of what is typed before ``=``."""
    return isinstance(key, str) and key.isprintable() and not set(key) & set("=:") and key != ""


def without_repeated(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Return the addresses, with one that cannot be set for those that are in the file twice."""
    found: dict[str, list[Address]] = {}
    for address in addresses:
        found.setdefault(address.key, []).append(address)
    return tuple(same[0] if len(same) == 1 else _repeated(same) for same in found.values())


def _repeated(same: Sequence[Address]) -> Address:
    lines = sorted({address.line for address in same if address.line})
    listed = " and ".join(str(line) for line in lines)
    place = f"is there more than once, in lines {listed}" if lines else "is there more than once"
    return replace(same[0], reason=f"{place}: which one is meant is not clear")


def definition_of(
    address: Address, *, file: str, name: str, aliases: tuple[str, ...]
) -> FlagDefinition:
    """Return the flag that sets the value of an address; its type is that of the value.

    Args:
        address: The address.
        file: Its file within the project.
        name: The flag's name.
        aliases: Other names by which it can be typed.
    """
    value = address.value
    return FlagDefinition(
        name=name,
        type=FlagType.of(value),
        default=value,
        aliases=tuple(alias for alias in aliases if alias != name),
        address=f"{file}:{address.text}",
        has_integer_default=isinstance(value, int) and not isinstance(value, bool),
        help=address.help,
        note=address.note,
    )


def is_same(first: FlagValue, second: FlagValue) -> bool:
    """Return whether two values are read as the same, as numbers or as text."""
    return point_key(first) == point_key(second) or str(first) == str(second)
