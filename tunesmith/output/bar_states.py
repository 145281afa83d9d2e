"""The curve of a program that shows its results in one progress bar, which overwrites itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from tunesmith.output.cleaning import visible
from tunesmith.output.counters import Counter
from tunesmith.output.lines import LineReader
from tunesmith.output.series import ScalarPoint, SeriesCollector
from tunesmith.scalar import ScalarSeries

MAX_STATES = 100_000
"""States that are read: a bar that is drawn anew more often is none of epochs."""
_OF_TOTAL = re.compile(
    r"(?<![\w./-])(?P<number>\d{1,18})(?:\s{0,4}/\s{0,6}| of )(?P<total>\d{1,18})(?![\w/]|\.\d)"
)


class BarStates:
    """Reads the states of a bar that are overwritten before its line ends.

    Only of the first line with results, as in ``for epoch in tqdm(range(100))``: a bar that is
    followed by others is one of the batches of an epoch, of which the last state counts. Of
    several states of a step the last one counts, too: a bar that has just moved on still shows the
    result of the step before.
    """

    def __init__(self, *, is_flag: Callable[[str], bool], wanted: Sequence[str]) -> None:
        """Take what ``LineReader`` takes."""
        self.is_open = True
        """Whether further states are read."""
        self._wanted = wanted
        self._reader = LineReader(is_flag=is_flag, wanted=wanted)
        self._passed = SeriesCollector(wanted=wanted)
        self._held: dict[str, tuple[float, float]] = {}
        """The value and time of each scalar at the present step, by its name."""
        self._step, self._total, self._unit, self._n_read = -1, 0, "", 0

    def feed(self, state: str, time: float) -> list[ScalarPoint]:
        """Take a state, and return the points of the step that it has left behind."""
        self._n_read += 1
        if self._n_read > MAX_STATES or ("/" not in state and " of " not in state):
            return []
        text = visible(state)[-1]
        reading = self._reader.read(text)
        counter = reading.counter or Counter("", 0)
        total = _OF_TOTAL.search(text, max(counter.place, 0))
        if total is None or counter.is_passing:
            return []
        step = int(total["number"])
        if step < self._step:  # another bar has begun, of the next epoch
            self.drop()
            return []
        points = self._pass() if step > self._step else []
        self._step, self._unit, self._total = step, counter.unit, int(total["total"])
        self._held.update({pair.name: (pair.value, time) for pair in reading.pairs})
        return points

    def end(self, step: int) -> list[ScalarPoint]:
        """Take the end of a line that has reported something, and return what it had passed.

        Args:
            step: The step of what it reported: the last state, which is no part of the states.
        """
        if self._step < 0:
            return []
        self.is_open = False
        if step == self._step:
            self._held.clear()
        return self._pass()

    def drop(self) -> None:
        """Forget the states: they are none of a bar of epochs."""
        self.is_open = False
        self._held.clear()
        self._passed = SeriesCollector(wanted=self._wanted)

    def complete(self, series: list[ScalarSeries]) -> list[ScalarSeries]:
        """Return the series of lines, those of one point with the states that came before it."""
        states = {one.tag: one for one in self._passed.series()}
        return [
            _joined(states[one.tag], one) if one.tag in states and len(one.values) == 1 else one
            for one in series
        ]

    def _pass(self) -> list[ScalarPoint]:
        """Keep what the bar showed at its present step, and return it."""
        points = [
            self._passed.add(name, self._step, value, time, self._unit)
            for name, (value, time) in self._held.items()
        ]
        self._held.clear()
        return [replace(point, total=self._total) for point in points if point is not None]


def _joined(states: ScalarSeries, last: ScalarSeries) -> ScalarSeries:
    """Return a series of the states and of the line that ended them."""
    return ScalarSeries(
        tag=last.tag,
        steps=[*states.steps, max(last.steps[0], states.steps[-1] + 1)],
        values=[*states.values, *last.values],
        times=[*states.times, *last.times],
        unit=last.unit or states.unit,
    )
