"""Scalars from what a script prints: ``loss: 0.25`` at the start of a line."""

import re
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tunesmith.errors import QueryError
from tunesmith.scalar import ScalarSeries, ScalarSummary

STEP_KEY = "step"

_VALUE = (
    r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"
    r"|nan|NaN|NAN|inf|Inf|INF|infinity|Infinity)"
)
_STEP = r"(?:\s*\(?step[\s:=]*(?P<step>\d+)\)?)?"
_DEFAULT = re.compile(
    rf"(?P<key>[A-Za-z_][\w./#@%-]*(?: [\w./#@%()-]+)*)\s*:\s+(?P<value>{_VALUE}){_STEP}\s*",
    re.ASCII,
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_GUILD_GROUPS = {r"\value": _VALUE, r"\key": r"[^ \t]+", r"\step": r"\d+"}
MAX_STEP = 2**62
"""Larger steps do not fit the 64-bit integers of the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarPoint:
    """One value that a script reported."""

    tag: str
    step: int
    value: float


class OutputScalars:
    """Reads scalars line by line, and keeps all points of all series.

    ``step: 3`` sets the step of the lines that follow; ``loss: 0.2 (step 3)`` gives it in place. A
    tag that repeats, while the script reports no steps, advances its own step by one.
    """

    def __init__(self, *, flag_names: Collection[str], patterns: Sequence[str] = ()) -> None:
        """Take the names to ignore, and the patterns that replace ``key: number``.

        Args:
            flag_names: Names of flags, which scripts often print: they are not scalars.
            patterns: Regular expressions, by default none; see ``checked_patterns``.

        Raises:
            QueryError: A pattern is invalid.
        """
        self._flags = frozenset(flag_names)
        self._patterns = [_compile(pattern) for pattern in patterns]
        self._step: int | None = None
        self._steps: dict[str, array[int]] = {}
        self._values: dict[str, array[float]] = {}
        self._times: dict[str, array[float]] = {}

    def feed(self, line: str, time: float) -> ScalarPoint | None:
        """Take one line of output, and return the scalar that it reports, if any.

        Args:
            line: The line, without its end.
            time: When it was printed, in seconds since 1970, UTC.
        """
        if "\x1b" in line:
            line = _ESCAPES.sub("", line)
        if "\r" in line:  # a progress bar overwrites itself: the last state is the visible one
            line = line.rstrip("\r").rpartition("\r")[2]
        if self._patterns:
            found = self._search(line)
        elif ":" in line:
            match = _DEFAULT.fullmatch(line)
            found = match and (match["key"], match["value"], match["step"])
        else:
            return None
        return self._take(found, time) if found else None

    def series(self) -> list[ScalarSeries]:
        """Return the series of every tag, in the order in which they were first reported."""
        return [
            ScalarSeries(tag=tag, steps=self._steps[tag], values=values, times=self._times[tag])
            for tag, values in self._values.items()
        ]

    def _search(self, line: str) -> tuple[str, str, str | None] | None:
        for pattern in self._patterns:
            match = pattern.search(line)
            if match is not None:
                groups = match.groupdict()
                key = groups.get("key") or next(k for k in groups if k not in ("step", "value"))
                value = groups.get("value") or groups[key]
                return key, value, groups.get("step")
        return None

    def _take(self, found: tuple[str, str, str | None], time: float) -> ScalarPoint | None:
        key, text, step_text = found
        try:
            value = float(text)
        except (TypeError, ValueError):
            return None
        if key == STEP_KEY:
            if value.is_integer() and abs(value) < MAX_STEP:
                self._step = int(value)
            return None
        if key in self._flags:
            return None
        step = self._next_step(key) if step_text is None else min(int(step_text), MAX_STEP)
        self._append(key, step, value, time)
        return ScalarPoint(tag=key, step=step, value=value)

    def _next_step(self, tag: str) -> int:
        if self._step is not None:
            return self._step
        steps = self._steps.get(tag)
        return steps[-1] + 1 if steps else 0

    def _append(self, tag: str, step: int, value: float, time: float) -> None:
        if tag not in self._values:
            self._steps[tag], self._values[tag] = array("q"), array("d")
            self._times[tag] = array("d")
        self._steps[tag].append(step)
        self._values[tag].append(value)
        self._times[tag].append(time)


def summarize(series: Sequence[ScalarSeries]) -> dict[str, ScalarSummary]:
    """Return the summary of each series with a point, by tag."""
    return {one.tag: ScalarSummary.from_series(one) for one in series if one.values}


def checked_patterns(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the patterns for lines of output, all of which are valid.

    Raises:
        QueryError: One is invalid.
    """
    return tuple(pattern for pattern in patterns if _compile(pattern))


def _compile(pattern: str) -> re.Pattern[str]:
    r"""Return a pattern with the groups ``key`` and ``value``, and optionally ``step``.

    ``loss: (\value)`` is a pattern, too: the text before the colon is the key.
    """
    written = pattern
    for name, group in _GUILD_GROUPS.items():
        written = written.replace(f"({name})", f"(?P<{name[1:]}>{group})").replace(name, group)
    try:
        compiled = re.compile(written)
    except re.error as error:
        place = "" if error.pos is None else f" at position {error.pos + 1}"
        raise QueryError(
            f"--output-scalars {pattern!r} is not a regular expression: {error.msg}{place}"
        ) from error
    if "value" in compiled.groupindex and "key" not in compiled.groupindex:
        key = re.match(r"\^?\s*([\w./#-]+)", pattern)
        if key is not None:
            return re.compile(f"(?P<key>{re.escape(key[1])})(?:{_after_key(written, key[1])})")
    if not set(compiled.groupindex) - {"step"}:
        raise QueryError(
            f"--output-scalars {pattern!r} captures no scalar: write "
            r"'(?P<key>\w+)=(?P<value>\S+)' or 'loss: (\value)'"
        )
    return compiled


def _after_key(written: str, key: str) -> str:
    return written.partition(key)[2]
