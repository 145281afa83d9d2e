"""Scalars from what a program prints, line by line."""

import re
from collections.abc import Collection, Sequence

from tunesmith.output.bar_states import BarStates
from tunesmith.output.cleaning import visible
from tunesmith.output.counters import MAX_STEP, Counter
from tunesmith.output.known_lines import DIGITS, KnownLines
from tunesmith.output.lines import LineReader
from tunesmith.output.numbers import VALUE
from tunesmith.output.patterns import Patterns
from tunesmith.output.series import ScalarPoint, SeriesCollector
from tunesmith.output.vocabulary import counter_unit
from tunesmith.scalar import ScalarSeries, ScalarSummary
from tunesmith.scalar_names import folded

_MAX_PLAIN = 1_000
"""Names of plain lines, ``name: number``, that are known without reading the line again."""
_NUMBER = re.compile(rf"\s*({VALUE})\s*")
_PLAIN = re.compile(r"[A-Za-z_][\w./#@-]*(?: [A-Za-z_][\w./#@-]*)*", re.ASCII)


class OutputScalars:
    """Reads scalars line by line, and keeps all points of all series.

    A counter, as ``epoch 3`` or ``step: 3``, sets the step of its line and of the lines that
    follow. Without any, a tag that repeats advances its own step by one.
    """

    def __init__(
        self,
        *,
        flag_names: Collection[str],
        patterns: Sequence[str] = (),
        wanted: Sequence[str] = ("loss",),
    ) -> None:
        """Take the names to ignore, the user's patterns, and the names to look for.

        Args:
            flag_names: Names of flags, which programs often print: they are not scalars.
            patterns: Regular expressions, by which alone scalars are found if there are any; see
                ``checked_patterns``.
            wanted: The scalars that are found wherever their names stand before a number.

        Raises:
            QueryError: A pattern is invalid.
        """
        names = {folded(name) for name in flag_names}
        self._flags = frozenset(names | {name.rpartition(".")[2] for name in names})
        self._patterns = Patterns(patterns) if patterns else None
        self._reader = LineReader(is_flag=self._flags.__contains__, wanted=wanted)
        self._bar = BarStates(is_flag=self._flags.__contains__, wanted=wanted)
        self._collector = SeriesCollector(wanted=wanted)
        self._plain: dict[str, str] = {}
        self._known = KnownLines()
        self._silent = self._known.silent
        self._counter: Counter | None = None
        self._is_fractional = False

    def feed(self, line: str, time: float) -> Sequence[ScalarPoint]:
        """Take one line of output, and return the scalars that it reports.

        Args:
            line: The line, without its end.
            time: When it was printed, in seconds since 1970, UTC.
        """
        if self._patterns is not None:
            return self._feed_patterns(self._patterns, line, time)
        name, _, rest = line.partition(": ")
        tag = self._plain.get(name)
        is_alone = not self._reader.awaits_more
        if tag is not None and is_alone and (value := _plain_number(rest)) is not None:
            point = self._collector.add(tag, self._step, value, time, self._unit)
            return () if point is None else (point,)
        shape = line.encode(errors="replace").translate(None, DIGITS)  # faster than of a str
        if is_alone and shape in self._silent:
            return ()
        if is_alone and (known := self._known.read(shape, line)) is not None:
            return self._take(*known, time)
        points: list[ScalarPoint] = []
        for text in visible(line):
            reading = self._reader.read(text)
            if is_alone and text == line:
                self._known.learn(shape, line, reading)
            self._is_fractional |= reading.is_fractional
            pairs = [(pair.name, pair.value) for pair in reading.pairs]
            points += self._take(reading.counter, pairs, time)
        if points and self._bar.is_open:
            points = [*self._bar.end(points[-1].step), *points]
        is_plain = len(points) == 1 and is_alone and _plain_number(rest) is not None
        if is_plain and _PLAIN.fullmatch(name):
            self._plain.update({name: points[0].tag} if len(self._plain) < _MAX_PLAIN else {})
        return points

    def feed_state(self, state: str, time: float) -> Sequence[ScalarPoint]:
        """Take a state of a line that has been overwritten, and return the points that it passed.

        They count where the program reports nothing else, see ``BarStates``.

        Args:
            state: What the line was, without the carriage return at its end.
            time: When it was overwritten, in seconds since 1970, UTC.
        """
        if not self._bar.is_open or self._patterns is not None:
            return ()
        if self._counter is not None:  # lines tell the epochs
            self._bar.drop()
            return ()
        return self._bar.feed(state, time)

    def series(self) -> list[ScalarSeries]:
        """Return the series of every tag, in the order in which they were first reported."""
        return self._bar.complete(self._collector.series())

    def _take(
        self, own: Counter | None, pairs: Sequence[tuple[str, float]], time: float
    ) -> list[ScalarPoint]:
        """Add what a line reports, at its own step or the last one."""
        if own is not None:
            self._count(own, has_scalars=bool(pairs))
        counter = own if own is not None and own.is_passing else self._counter
        step, unit = (None, "") if counter is None else (counter.number, counter.unit)
        added = [self._collector.add(name, step, value, time, unit) for name, value in pairs]
        return [point for point in added if point is not None]

    def _count(self, own: Counter, *, has_scalars: bool) -> None:
        """Keep how far the program is: by epochs rather than the batches of one."""
        if own.is_passing or (own.unit == "epoch" and self._is_fractional):
            return
        if own.is_inner and (not has_scalars or self._is_within(own)):
            return
        self._counter = own

    def _is_within(self, own: Counter) -> bool:
        return self._counter is not None and self._counter.unit == "epoch" != own.unit

    @property
    def _unit(self) -> str:
        return "" if self._counter is None else self._counter.unit

    @property
    def _step(self) -> int | None:
        return None if self._counter is None else self._counter.number

    def _feed_patterns(self, patterns: Patterns, line: str, time: float) -> list[ScalarPoint]:
        points = []
        for text in visible(line):
            for match in patterns.find(text):
                value = _plain_number(match.text)
                unit = counter_unit(match.tag) if match.tag else "step"
                if value is None or match.tag in self._flags:
                    continue
                if unit is not None:
                    if value.is_integer() and abs(value) < MAX_STEP:
                        self._counter = Counter(unit, int(value))
                    continue
                step = self._step if match.step is None else min(int(match.step), MAX_STEP)
                unit = self._unit if match.step is None else "step"
                point = self._collector.add(match.tag, step, value, time, unit)
                points += [] if point is None else [point]
        return points


def _plain_number(text: str) -> float | None:
    """Return the number that is all of a text; None for anything else."""
    match = _NUMBER.fullmatch(text)
    return None if match is None else float(match[1])


def summarize(series: Sequence[ScalarSeries]) -> dict[str, ScalarSummary]:
    """Return the summary of each series with a point, by tag."""
    return {one.tag: ScalarSummary.from_series(one) for one in series if one.values}
