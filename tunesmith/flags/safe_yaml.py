"""YAML from a command line or a file, read within limits."""

import re
from typing import Any

import yaml

from tunesmith.errors import FlagError
from tunesmith.flags.number import NUMBER, read_word

MAX_LENGTH = 1_000_000
"""Characters of a text."""
MAX_DEPTH = 20
MAX_ALIASES = 20


class _Loader(yaml.SafeLoader):
    """A safe loader that gives up on hostile texts and leaves dates as text."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._n_aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            self._n_aliases += 1
            if self._n_aliases > MAX_ALIASES:
                raise yaml.YAMLError(f"more than {MAX_ALIASES} aliases")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
        try:
            node: yaml.Node | None = super().compose_node(parent, index)
        finally:
            self._depth -= 1
        return node


# Dates stay text: no script expects a date object. Numbers are read as everywhere else, since
# YAML 1.1 takes 010 for 8, 12:30 for 750, 1_2 for 12 and 1e-5 for text.
_NUMBER_TAG = "!number"
_REPLACED = {f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "int", "float")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag not in _REPLACED]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    _NUMBER_TAG,
    re.compile(rf"(?:{NUMBER.pattern}|[+-]?\.(?:inf|nan|Inf|NaN|INF|NAN))$", re.ASCII),
    list("+-.0123456789"),
)


def _construct_number(loader: _Loader, node: yaml.ScalarNode) -> int | float | str:
    text = loader.construct_scalar(node)
    number = read_word(text)
    return text if number is None else number


_Loader.add_constructor(_NUMBER_TAG, _construct_number)


def load_yaml(text: str) -> Any:
    """Return what a YAML 1.1 text says, as plain Python values.

    Raises:
        FlagError: The text is not YAML, or is longer, deeper or more entangled than any value.
    """
    if len(text) > MAX_LENGTH:
        raise FlagError(f"the text has {len(text)} characters: at most {MAX_LENGTH} are read")
    try:
        return yaml.load(text, Loader=_Loader)  # a SafeLoader with limits
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise FlagError(f"{shorten(text)} cannot be read: {_reason(error)}") from error


def shorten(text: str, *, length: int = 60) -> str:
    """Return a text, quoted and cut, for a message."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def _reason(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error)
    return re.sub(r"\s+", " ", str(problem)).strip()
