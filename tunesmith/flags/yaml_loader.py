"""PyYAML loaders with limits, which read numbers as the rest of the flag language does."""

import re
from typing import Any

import yaml

from tunesmith.flags.number import BASED, NONE, NUMBER, SPECIAL, read_word
from tunesmith.flags.values import MAX_DEPTH

MAX_NODES = 100_000
"""Values of a string, those counted again that an alias repeats: a few nested aliases stand for
billions."""


class Loader(yaml.SafeLoader):
    """A safe loader that refuses hostile input and reads dates as text."""

    refuses_twice = True
    """Whether a key that stands twice in a mapping is an error; else the last one counts."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._n_nodes = 0
        self._weights: dict[str, int] = {}
        """The number of nodes below each anchor that is complete."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose the next node, counting it.

        Raises:
            yaml.YAMLError: There are too many nodes, they are nested too deep, contain
                themselves, or a key stands twice in a mapping.
        """
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs miss it
        anchor = getattr(event, "anchor", None)
        n_before = self._n_nodes
        if isinstance(event, yaml.AliasEvent):
            if anchor in self.anchors and anchor not in self._weights:
                raise yaml.YAMLError(f"the alias *{anchor} refers to a value that contains it")
            self._n_nodes += self._weights.get(anchor or "", 0)
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            raise yaml.YAMLError(f"more than {MAX_NODES} values")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(node, yaml.MappingNode) and self.refuses_twice:
            _check_keys(node)
        if anchor is not None and not isinstance(event, yaml.AliasEvent):
            self._weights[anchor] = self._n_nodes - n_before
        return node


def _check_keys(node: yaml.MappingNode) -> None:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            line = key.start_mark.line + 1
            if key.value in lines:
                where = (
                    f"line {line}"
                    if line == lines[key.value]
                    else (f"lines {lines[key.value]} and {line}")
                )
                raise yaml.YAMLError(f"the key {key.value} stands twice in a mapping, in {where}")
            lines[key.value] = line


class TextLoader(Loader):
    """A loader that reads every plain word but ``null`` as text."""


class NoneLoader(Loader):
    """A loader that reads the plain word None as None."""


class NoneTextLoader(TextLoader):
    """A loader that reads every plain word as text, but None as None."""


# Dates stay text: no script expects a date object. Numbers are read by our own rules, since YAML
# 1.1 reads 010 as 8, 12:30 as 750, 1_2 as 12 and 1e-5 as text.
_NUMBER_TAG = "!number"
_PREFIX = "tag:yaml.org,2002:"
_REPLACED = {f"{_PREFIX}{kind}" for kind in ("timestamp", "int", "float")}
Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag not in _REPLACED]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(
    _NUMBER_TAG,
    re.compile(rf"(?:{NUMBER.pattern}|(?i:{BASED.pattern})|(?i:{SPECIAL.pattern}))\Z", re.ASCII),
    list("+-.0123456789nNiI"),
)
_NULL_TAG = f"{_PREFIX}null"
TextLoader.yaml_implicit_resolvers = {}
TextLoader.add_implicit_resolver(_NULL_TAG, re.compile(r"null\Z"), ["n"])
_NONE = re.compile(rf"(?i:{NONE.pattern})\Z")
NoneLoader.add_implicit_resolver(_NULL_TAG, _NONE, list("nN~"))
NoneTextLoader.yaml_implicit_resolvers = {}
NoneTextLoader.add_implicit_resolver(_NULL_TAG, _NONE, list("nN~"))


def _construct_number(loader: Loader, node: yaml.ScalarNode) -> int | float | str:
    text = loader.construct_scalar(node)
    number = read_word(text)
    return text if number is None else number


def _construct_text(loader: Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


for _tag in (_NUMBER_TAG, f"{_PREFIX}int", f"{_PREFIX}float"):
    Loader.add_constructor(_tag, _construct_number)
Loader.add_constructor(f"{_PREFIX}timestamp", _construct_text)
