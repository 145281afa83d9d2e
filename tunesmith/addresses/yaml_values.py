"""Values of YAML files."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace

import yaml

from tunesmith.addresses.address import Address, Part, is_typable
from tunesmith.addresses.spans import Placed
from tunesmith.errors import FlagError
from tunesmith.flags.grammar import to_flag_value
from tunesmith.flags.values import FlagValue
from tunesmith.flags.yaml_loader import Loader

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*", re.ASCII)
"""Words that every reader takes for text."""
_WORDS = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan"}
    | {"inf", "infinity"}
)
"""Words that some reader takes for something else."""
_MERGE = "tag:yaml.org,2002:merge"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def read_yaml(text: str) -> tuple[Placed, ...]:
    """Return the values of a YAML file.

    Raises:
        FlagError: It is not YAML, or has several documents.
    """
    loader = Loader(text)
    loader.refuses_twice = False  # what the program's own reader takes is not for us to refuse
    try:
        root = loader.get_single_node()
        return () if root is None else tuple(_Reader(loader, text).below(root, ()))
    except yaml.composer.ComposerError as error:
        is_several = "single document" in str(error.context)
        reason = "it has several documents" if is_several else str(error.problem)
        raise FlagError(f"no value of it can be set: {reason}") from error
    except (yaml.YAMLError, RecursionError) as error:
        reason = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise FlagError(f"it cannot be read: {reason}") from error
    finally:
        loader.dispose()


def yaml_literal(placed: Placed, value: FlagValue) -> str:
    """Return what is written for a value, which PyYAML and readers of YAML 1.2 read alike."""
    return _written(value, placed.style)


def number_text(value: float) -> str:
    """Return a finite float with a point, without which PyYAML reads ``1e-05`` as text."""
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else repr(value)


def _written(value: FlagValue, quote: str) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ".nan"
        return number_text(value) if math.isfinite(value) else repr(value).replace("inf", ".inf")
    if isinstance(value, tuple):
        return f"[{', '.join(_written(item, quote) for item in value)}]"
    is_printable = value.isprintable() and "\ufeff" not in value
    if quote == "'" and is_printable:
        return "'" + value.replace("'", "''") + "'"
    if not quote and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return '"' + "".join(_escaped(character) for character in value) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    is_plain = character.isprintable() and character != "\ufeff"
    return character if is_plain else f"\\U{ord(character):08X}"


class _Reader:
    """Reads the values below a node of one document."""

    def __init__(self, loader: Loader, text: str) -> None:
        self._loader = loader
        self._text = text
        self._seen: set[int] = set()

    def below(
        self, node: yaml.Node, parts: tuple[Part, ...], column: int = -1
    ) -> Iterator[Placed]:
        """Yield the node's value, if a flag can have it, and those below it.

        Args:
            node: The node.
            parts: The keys that lead to it.
            column: That of the mapping in which it is.
        """
        reason = self._reason(node)
        is_known = id(node) in self._seen
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            yield self._refused(node, parts, reason) if reason else self._scalar(node, parts)
        elif is_known:  # what an alias stands for is set where it is written
            return
        elif isinstance(node, yaml.MappingNode):
            yield from self._mapping(node, parts)
        elif isinstance(node, yaml.SequenceNode):
            yield from self._sequence(node, parts, column)

    def _reason(self, node: yaml.Node) -> str:
        """Return why a value cannot be set, in words that follow its address."""
        if id(node) in self._seen:
            return "is an alias: set the value that it stands for"
        start, end = node.start_mark.index, node.end_mark.index
        if self._text[start : start + 1] == "&":
            return "has an anchor, so that other values would change with it"
        if self._text[start : start + 1] == "!":
            return "has a tag"
        is_long = isinstance(node, yaml.ScalarNode) and "\n" in self._text[start:end]
        return "is written over several lines" if is_long else ""

    def _refused(self, node: yaml.Node, parts: tuple[Part, ...], reason: str) -> Placed:
        line = node.start_mark.line + 1
        return Placed(address=Address(parts=parts, line=line, reason=reason))

    def _mapping(self, node: yaml.MappingNode, parts: tuple[Part, ...]) -> Iterator[Placed]:
        for key, value in node.value:
            is_scalar = isinstance(key, yaml.ScalarNode) and key.tag != _MERGE
            if is_scalar and is_typable(key.value):
                yield from self.below(value, (*parts, key.value), node.start_mark.column)

    def _sequence(
        self, node: yaml.SequenceNode, parts: tuple[Part, ...], column: int
    ) -> Iterator[Placed]:
        inner = [
            placed
            for at, item in enumerate(node.value)
            for placed in self.below(item, (*parts, at), node.start_mark.column)
        ]
        own = [one.address for one in inner if len(one.address.parts) == len(parts) + 1]
        is_value = len(own) == len(node.value) and not any(one.address.reason for one in inner)
        if is_value and parts and not self._reason(node).startswith("has"):
            values = tuple(one.value for one in own)
            yield self._list(node, Address(parts=parts, value=values), column)
        for one in inner:
            is_item = is_value or one.address.is_item
            yield replace(one, address=replace(one.address, is_item=is_item))

    def _list(self, node: yaml.SequenceNode, address: Address, column: int) -> Placed:
        """Return a list's place; one of lines with dashes is replaced by one in brackets."""
        mark = node.start_mark
        return Placed(
            address=replace(address, line=mark.line + 1),
            start=mark.index,
            end=_end_of(node),
            before="" if node.flow_style else " " * (column + 1 - mark.column),
        )

    def _scalar(self, node: yaml.ScalarNode, parts: tuple[Part, ...]) -> Placed:
        try:
            read = self._loader.construct_object(node)
            value = to_flag_value(read, shown="it")
        except (yaml.YAMLError, FlagError, ValueError, TypeError):
            return self._refused(node, parts, "is no value of a flag")
        start, end = node.start_mark.index, node.end_mark.index
        is_glued = start == end and self._text[start - 1 : start] not in ("", " ", "\t")
        return Placed(
            address=Address(parts=parts, value=value, line=node.start_mark.line + 1),
            start=start,
            end=end,
            style=node.style or "",
            before=" " if is_glued else "",
        )


def _end_of(node: yaml.Node) -> int:
    """Return the end of a node's last character that is no space or comment."""
    is_block = isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value
    return _end_of(node.value[-1]) if is_block else int(node.end_mark.index)
