"""YAML from a command line or a file, read within limits."""

import re
from typing import Any

import yaml

from tunesmith.errors import FlagError
from tunesmith.flags.number import BASED, NUMBER, SPECIAL, read_word

MAX_LENGTH = 1_000_000
"""Characters of a text."""
MAX_DEPTH = 20
MAX_NODES = 100_000
"""Values of a text, those counted again that an alias repeats."""


class _Loader(yaml.SafeLoader):
    """A safe loader that gives up on hostile texts and leaves dates as text."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._n_nodes = 0
        self._weights: dict[str, int] = {}
        """The number of nodes below each anchor that is complete."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs miss it
        anchor = getattr(event, "anchor", None)
        n_before = self._n_nodes
        if isinstance(event, yaml.AliasEvent):
            if anchor in self.anchors and anchor not in self._weights:
                raise yaml.YAMLError(f"the alias *{anchor} stands inside of what it names")
            self._n_nodes += self._weights.get(anchor or "", 0)
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            raise yaml.YAMLError(f"more than {MAX_NODES} values")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
        node: yaml.Node | None = super().compose_node(parent, index)
        self._depth -= 1
        if anchor is not None and not isinstance(event, yaml.AliasEvent):
            self._weights[anchor] = self._n_nodes - n_before
        return node


class _TextLoader(_Loader):
    """The same loader, to which every plain word but ``null`` is text."""


# Dates stay text: no script expects a date object. Numbers are read as everywhere else, since
# YAML 1.1 takes 010 for 8, 12:30 for 750, 1_2 for 12 and 1e-5 for text.
_NUMBER_TAG = "!number"
_PREFIX = "tag:yaml.org,2002:"
_REPLACED = {f"{_PREFIX}{kind}" for kind in ("timestamp", "int", "float")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag not in _REPLACED]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    _NUMBER_TAG,
    re.compile(rf"(?:{NUMBER.pattern}|(?i:{BASED.pattern})|(?i:{SPECIAL.pattern}))\Z", re.ASCII),
    list("+-.0123456789nNiI"),
)
_TextLoader.yaml_implicit_resolvers = {}
_TextLoader.add_implicit_resolver(f"{_PREFIX}null", re.compile(r"null\Z"), ["n"])


def _construct_number(loader: _Loader, node: yaml.ScalarNode) -> int | float | str:
    text = loader.construct_scalar(node)
    number = read_word(text)
    return text if number is None else number


def _construct_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


for _tag in (_NUMBER_TAG, f"{_PREFIX}int", f"{_PREFIX}float"):
    _Loader.add_constructor(_tag, _construct_number)
_Loader.add_constructor(f"{_PREFIX}timestamp", _construct_text)


def load_yaml(text: str) -> Any:
    """Return what a YAML 1.1 text says, as plain Python values.

    Raises:
        FlagError: The text is not YAML, or is longer, deeper or more entangled than any value.
    """
    return _load(text, _Loader)


def load_yaml_texts(text: str) -> Any:
    """Return what a YAML text says, each plain word as it is written; ``null`` is None.

    Raises:
        FlagError: As for ``load_yaml``.
    """
    return _load(text, _TextLoader)


def _load(text: str, loader: type[_Loader]) -> Any:
    if len(text) > MAX_LENGTH:
        raise FlagError(f"the text has {len(text)} characters: at most {MAX_LENGTH} are read")
    try:
        return yaml.load(text, Loader=loader)  # a SafeLoader with limits
    except yaml.YAMLError as error:
        raise FlagError(f"{shorten(text)} cannot be read: {_reason(error)}") from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets these out where a tag such as !!bool stands before what is none
        raise FlagError(f"{shorten(text)} cannot be read: a tag does not fit") from error


def shorten(text: str, *, length: int = 60) -> str:
    """Return a text, quoted and cut, for a message."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def _reason(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error)
    reason = re.sub(r"\s+", " ", str(problem)).strip()
    return reason if len(reason) <= 200 else f"{reason[:199]}…"
