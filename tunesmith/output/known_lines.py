"""How the numbers of a line are read without reading the line again.

Programs print the same line again and again, with other numbers. What such lines have in common
is their text without digits; by it the numbers of the next one are known.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tunesmith.output.counters import Counter
from tunesmith.output.lines import Reading

_MAX_SHAPES = 5_000
"""Shapes that are kept; the lines of a program that prints more are all read."""
_MAX_OF_SHAPE = 16
_MAX_NUMBER = 2**53
"""Larger numbers of a counter are read from the line, exactly."""
DIGITS = b"0123456789"
"""A line without them is its shape."""
_TOKEN = re.compile(r"(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?")
_GLUED = re.compile(r"[\w@^]-?\Z")
"""What stands before digits that belong to a word, as ``Acc@1``."""


@dataclass(frozen=True, slots=True)
class KnownLine:
    """Which numbers of a line are what, by their position among its numbers."""

    fixed: tuple[tuple[int, str], ...]
    """Numbers that are parts of words: with others it is another line."""
    values: tuple[tuple[int, str, bool], ...]
    """The values: position, name, and whether a minus sign stands before it."""
    counter: Counter | None
    counter_position: int

    def read(self, tokens: Sequence[str]) -> tuple[Counter | None, list[tuple[str, float]]] | None:
        """Return the counter and the named values of a line; None if it is another line."""
        try:
            if any(tokens[position] != text for position, text in self.fixed):
                return None
            counter = self.counter
            if counter is not None:
                number = float(tokens[self.counter_position])
                if not number.is_integer() or number >= _MAX_NUMBER:
                    return None
                counter = replace(counter, number=int(number))
            return counter, [
                (name, -float(tokens[place]) if is_negative else float(tokens[place]))
                for place, name, is_negative in self.values
            ]
        except (IndexError, ValueError):
            return None


class KnownLines:
    """The lines that a program has printed, by their text without digits."""

    def __init__(self) -> None:
        self.silent: set[bytes] = set()
        """Shapes of lines that report nothing."""
        self._by_shape: dict[bytes, list[KnownLine]] = {}

    def read(
        self, shape: bytes, line: str
    ) -> tuple[Counter | None, list[tuple[str, float]]] | None:
        """Return what a line reports, if a line like it was read before; else None."""
        lines = self._by_shape.get(shape)
        if lines is None:
            return None
        tokens = _TOKEN.findall(line)
        for known in lines:
            if (found := known.read(tokens)) is not None:
                return found
        return None

    def learn(self, shape: bytes, line: str, reading: Reading) -> None:
        """Keep how a line was read, if all lines of its shape are read like it."""
        if len(self.silent) + len(self._by_shape) >= _MAX_SHAPES:
            return
        if not reading.has_effect:
            self.silent.add(shape)
            return
        if not reading.pairs and reading.counter is None:
            return  # a title or a header, which has to be seen again
        known = _known_line_of(line, reading)
        lines = self._by_shape.setdefault(shape, []) if known else []
        if known is not None and len(lines) < _MAX_OF_SHAPE:
            lines.append(known)


def _known_line_of(line: str, reading: Reading) -> KnownLine | None:
    counter = reading.counter
    places = [pair.place for pair in reading.pairs] + ([] if counter is None else [counter.place])
    if reading.is_fractional or -1 in places:
        return None
    if any(word.isdigit() for pair in reading.pairs for word in pair.name.split()):
        return None
    tokens = [*_TOKEN.finditer(line)]
    by_place = {token.start(): position for position, token in enumerate(tokens)}
    signs = {place: place + (line[place] in "+-") for place in places}
    if any(start not in by_place for start in signs.values()):
        return None
    fixed = tuple(
        (position, token[0])
        for position, token in enumerate(tokens)
        if _GLUED.search(line, max(0, token.start() - 2), token.start())
        and token.start() not in signs.values()
    )
    values = tuple(
        (by_place[signs[pair.place]], pair.name, line[pair.place] == "-") for pair in reading.pairs
    )
    position = -1 if counter is None else by_place[signs[counter.place]]
    return KnownLine(fixed, values, counter, position)
