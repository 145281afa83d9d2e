r"""The user's own patterns for lines of output, as ``loss: (\value)``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tunesmith.errors import QueryError
from tunesmith.output.numbers import VALUE

KEY, NUMBER, STEP = "key", "value", "step"
"""The groups of a pattern that name no scalar themselves."""
_GROUPS = {r"\value": VALUE, r"\key": r"[^ \t]+", r"\step": r"\d+"}
_BARE_VALUE = re.compile(r"\(\\value\)")
_WORD = re.compile(r"([A-Za-z_][\w./#@-]*)\W*$")


@dataclass(frozen=True, slots=True)
class Match:
    """A scalar, or only a step, that a pattern has found."""

    tag: str
    """Empty for only a step."""
    text: str
    step: str | None


class Patterns:
    """Patterns of which each is applied to the whole of every line."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Take the patterns.

        Raises:
            QueryError: One is invalid.
        """
        self._patterns = [_compiled(pattern) for pattern in patterns]

    def find(self, line: str) -> Iterator[Match]:
        """Yield every match of every pattern: the pattern's order, then that of the line."""
        for pattern, keys in self._patterns:
            for match in pattern.finditer(line):
                yield from _scalars_of(match, keys)


def checked_patterns(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the patterns for lines of output, all of which are valid.

    Raises:
        QueryError: One is invalid.
    """
    Patterns(patterns)
    return tuple(patterns)


def _scalars_of(match: re.Match[str], keys: dict[str, str]) -> Iterator[Match]:
    groups = match.groupdict()
    step, key = groups.pop(STEP, None), groups.pop(KEY, None)
    value = groups.pop(NUMBER, None)
    if key is not None and value is not None:
        yield Match(key, value, step)
    named = {name: text for name, text in groups.items() if text is not None}
    for name, text in named.items():
        yield Match(keys.get(name, name), text, step)
    if not named and key is None and step is not None:
        yield Match("", step, step)


def _compiled(pattern: str) -> tuple[re.Pattern[str], dict[str, str]]:
    r"""Return the compiled pattern, and the tags of groups that have no name of their own.

    ``loss: (\value)`` is a pattern, too: the word before a number is its tag.
    """
    written, keys = _with_names(pattern)
    for name, group in _GROUPS.items():
        written = written.replace(f"({name})", f"(?P<{name[1:]}>{group})").replace(name, group)
    try:
        compiled = re.compile(written)
    except re.error as error:
        place = "" if error.pos is None else f" at position {error.pos + 1}"
        raise QueryError(
            f"--output-scalars '{pattern}' is not a regular expression: {error.msg}{place}"
        ) from error
    if NUMBER in compiled.groupindex and KEY not in compiled.groupindex:
        word = re.match(r"\^?\s*([\w./#-]+)", pattern)
        if word is not None:
            keys[NUMBER + "_"] = word[1]
            return re.compile(written.replace("(?P<value>", "(?P<value_>")), keys
    if not compiled.groupindex:
        raise QueryError(
            f"--output-scalars '{pattern}' captures no scalar: write "
            r"'(?P<val_loss>\value)', '(?P<key>\w+)=(?P<value>\S+)' or 'loss: (\value)'"
        )
    return compiled, keys


def _with_names(pattern: str) -> tuple[str, dict[str, str]]:
    r"""Return the pattern with a group for each ``(\value)``, and the tags of these groups."""
    if r"\key" in pattern or "?P<key>" in pattern:
        return pattern, {}
    keys: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        word = _WORD.search(re.sub(r"\\[a-zA-Z]", " ", pattern[: match.start()]))
        if word is None:
            return match[0]
        name = f"value_{len(keys)}"
        keys[name] = word[1]
        return rf"(?P<{name}>\value)"

    return _BARE_VALUE.sub(named, pattern), keys
