"""Reads one line of output: its numbers with their names, and how far the program has come."""

import ast
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tunesmith.output.counters import Counter, find_counter, has_fraction, leading_counter
from tunesmith.output.loose import find_loose_pairs
from tunesmith.output.numbers import VALUE, WRAPPERS, to_float
from tunesmith.output.pairs import Pair, find_pairs, is_of_settings
from tunesmith.output.phases import Titles, with_phases
from tunesmith.output.tables import Table, cell_pairs
from tunesmith.output.vocabulary import (
    CONFIG_TITLE,
    counter_unit,
    is_counter,
    is_metric,
    is_setting,
    mentions_settings,
)
from tunesmith.output.wanted import Wanted
from tunesmith.scalar_names import folded

_NAME_KEYS = ("metric", "name", "tag", "key")
_MAX_TITLE = 100
"""Characters of a line that is but a name."""
_MAX_WORDS = 4
"""Words of a name without a sign behind it whose number stands in the next line."""
_N_ECHO = 3
"""Pairs of a line, most of them settings, that show a configuration."""
_ABOVE = re.compile(r"\s{0,20}([A-Za-z][\w ()@/-]{0,60}?)\s?[:=]?\s{0,20}")
"""The name of a metric whose number stands in the next line."""
_ALONE = re.compile(rf"\s{{0,20}}{WRAPPERS}({VALUE})\)?\s?%?\s{{0,20}}")
_RULE = re.compile(r"\s*[-=~*_#]{3,}\s*")
_BRACKETS = re.compile(r"\s*[\[({]\s*|\s+[\])}]+,?\s*")
"""What goes on with a list of settings, as the bracket that opens it and those within it."""
_NUMBERS = re.compile(r"\d|[nN][aA][nN]|[iI][nN][fF]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line reports."""

    pairs: tuple[Pair, ...]
    counter: Counter | None
    is_fractional: bool = False
    """Whether it counts epochs in fractions, which are no steps."""
    has_effect: bool = True
    """Whether it matters to what follows, or reports something; else it could be left out."""


class LineReader:
    """Reads lines one after another: a header or a title says how the lines below it are meant."""

    def __init__(self, *, is_flag: Callable[[str], bool], wanted: Sequence[str]) -> None:
        """Take what is known before the first line.

        Args:
            is_flag: Whether a folded name is that of a flag, which is no scalar.
            wanted: The objectives and what constraints are on, which are found wherever their
                names stand before a number.
        """
        self._is_flag = is_flag
        self._wanted = tuple(map(Wanted, wanted))
        self._words = frozenset(one.word for one in self._wanted)
        self._names = frozenset(one.folded for one in self._wanted)
        self._table = Table()
        self._titles = Titles()
        self._is_config = False
        self._has_settings = False
        self._named_above = ""
        self.awaits_more = False
        """Whether what was read before decides how the next line is meant."""

    def read(self, line: str) -> Reading:
        """Return what a line reports, as a terminal would show it."""
        reading = self._read(line)
        is_above = bool(self._named_above) or self._titles.is_open
        self.awaits_more = is_above or self._is_config or self._table.is_open
        if self.awaits_more and not reading.has_effect:
            return replace(reading, has_effect=True)
        return reading

    def _read(self, line: str) -> Reading:
        if self._named_above and (match := _ALONE.fullmatch(line)):
            pair = Pair(self._named_above, to_float(match[1]))
            self._named_above = ""
            return Reading((pair,), None)
        self._named_above = _name_alone(line)
        if self._is_title(line) or self._titles.read(line):
            return Reading((), None)
        if (row := self._row(line)) is not None:
            return Reading(tuple(self._kept(row[0])), row[1])
        if (plain := _json_of(line)) is not None:
            return self._of_json(plain)
        if _NUMBERS.search(line) is None:
            return Reading((), None, has_effect=False)
        return self._of_pairs(line)

    def _of_pairs(self, line: str) -> Reading:
        pairs = [*find_pairs(line)]
        if not pairs and ("|" in line or "│" in line or line.count(",") == 1):
            pairs += cell_pairs(line)
        pairs += self._loose(line, pairs)
        lowered = line.lower()
        for one in self._wanted:
            if one.word in lowered and (pair := one.find(line, pairs)) is not None:
                pairs.append(pair)
        counter = find_counter(line)
        if counter is None and any(is_metric(pair.name) for pair in pairs):
            counter = leading_counter(line)
        is_counted = counter is None and "poch" in line and has_fraction(line)
        scalars = self._kept([pair for pair in pairs if not is_counter(pair.name)])
        placed = with_phases(line, tuple(scalars))
        if counter is not None:
            self._titles.close()
        kept = tuple(self._titles.placed(placed))
        has_effect = bool(kept) or counter is not None or is_counted
        return Reading(kept, counter, is_counted, has_effect)

    def _is_title(self, line: str) -> bool:
        """Keep whether the lines below list settings; return whether this line says so."""
        if self._is_config:
            is_ruled = not self._has_settings and _RULE.fullmatch(line) is not None
            self._has_settings |= not is_ruled
            is_listed = ":" in line or "=" in line or "  " in line or _BRACKETS.fullmatch(line)
            self._is_config = bool(line.strip()) and (is_ruled or bool(is_listed))
        if (line[-1:] in ":=-*#{(" or line[-1:].isalpha()) and mentions_settings(line):
            if CONFIG_TITLE.match(line) is not None:
                self._is_config, self._has_settings = True, False
            return self._is_config and ":" not in line[:-1]
        return False

    def _row(self, line: str) -> tuple[list[Pair], Counter | None] | None:
        if not self._table.is_open and (":" in line or "=" in line) and "%|" not in line:
            return None
        if not self._table.is_open and not any(
            sign in line for sign in ("  ", "\t", "|", ",", "│")
        ):
            return None
        return self._table.read(line)

    def _of_json(self, plain: Mapping[str, object]) -> Reading:
        pairs, counters, is_fractional = [], dict[str, int](), False
        names = [plain[key] for key in _NAME_KEYS if isinstance(plain.get(key), str)]
        for name, value in flattened(plain):
            if name == "value" and names:
                name = str(names[0])
            unit = counter_unit(name)
            if unit is None:
                pairs.append(Pair(name, value))
            elif value == int(value) if math.isfinite(value) else False:
                counters[unit] = int(value)
            else:
                is_fractional |= unit == "epoch"
        unit = next((unit for unit in ("step", "iteration", *counters) if unit in counters), None)
        counter = None if unit is None else Counter(unit, counters[unit])
        return Reading(tuple(self._kept(pairs)), counter, is_fractional)

    def _loose(self, line: str, found: list[Pair]) -> Iterator[Pair]:
        """Yield the pairs without a sign, but those whose names have a number already."""
        named = {folded(pair.name) for pair in found}
        is_report = any(is_metric(pair.name) for pair in found)
        for pair in find_loose_pairs(line, self._words, is_report=is_report):
            if folded(pair.name) not in named:
                yield pair

    def _kept(self, pairs: list[Pair]) -> Iterator[Pair]:
        """Yield the pairs that are scalars: neither flags nor other settings, unless wanted."""
        echoed = [self._is_setting(pair) for pair in pairs]
        is_echo = len(pairs) >= _N_ECHO and 2 * sum(echoed) > len(pairs)
        is_echo = (is_echo or self._is_config) and not any(is_metric(pair.name) for pair in pairs)
        for pair, is_setting_ in zip(pairs, echoed, strict=True):
            if folded(pair.name) in self._names or not (is_setting_ or is_echo):
                yield pair

    def _is_setting(self, pair: Pair) -> bool:
        return self._is_flag(folded(pair.name)) or is_setting(pair.name)


def _name_alone(line: str) -> str:
    """Return the name of a metric that is all of a line; empty if that is something else."""
    has_sign = line.rstrip()[-1:] in (":", "=")
    if len(line) > _MAX_TITLE or not (has_sign or line[-1:].isalnum()):
        return ""
    match = _ABOVE.fullmatch(line)
    if match is None or not is_metric(match[1]):
        return ""
    return match[1] if has_sign or len(match[1].split()) <= _MAX_WORDS else ""


def flattened(plain: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield the numbers of nested mappings, their names joined by ``/``."""
    for key, value in plain.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if not CONFIG_TITLE.match(str(key)):
                yield from flattened(value, f"{name}/")
        elif isinstance(value, bool):
            continue
        elif isinstance(value, int | float) or (
            isinstance(value, str) and re.fullmatch(VALUE, value)
        ):
            yield name, float(value)


def _json_of(line: str) -> Mapping[str, object] | None:
    """Return the mapping that a line ends with, in JSON or, nested, as Python prints it.

    Nothing is left of one that shows settings; None if there is none.
    """
    start = line.find("{")
    if start < 0 or line[start + 1 : start + 2] not in ('"', "'") or line.rstrip()[-1:] != "}":
        return None
    if is_of_settings(line, start):
        return {}
    is_json = line[start + 1] == '"'
    if not is_json and line.find("{", start + 1) < 0:
        return None
    try:
        plain = (json.loads if is_json else ast.literal_eval)(line[start:].rstrip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return plain if isinstance(plain, Mapping) else None
