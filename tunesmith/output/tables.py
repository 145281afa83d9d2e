"""Tables in the output: a header with the names of metrics, and rows of numbers below it."""

import re
from collections.abc import Iterator, Sequence

from tunesmith.output.counters import Counter
from tunesmith.output.numbers import VALUE, WRAPPERS, to_float
from tunesmith.output.pairs import Pair
from tunesmith.output.vocabulary import counter_unit, is_metric

_MAX_CELLS = 40
_MAX_GAP = 3
"""Lines without a row after which a header is forgotten."""
_BAR = re.compile(r":?\s{0,5}\d{1,3}%\|.*$|:\s{1,5}\d{1,3}% .*$")
_LINES = re.compile(r"[|│┃║]")
_RULE = re.compile(r"[\s\-=+|:_─━┄═╇┡┩╞╪╡├┼┤│┃┏┓└┘┳┻╭╮╰╯┬┴╤╧*~#]*")
_NUMBER = re.compile(rf"{WRAPPERS}({VALUE})\)?\s?%?")
_PART = re.compile(r"(\d{1,18})(?:/\d{1,18})?:?")
_NAME = re.compile(r"[^\W\d](?:[^:=<>{}\s]|\s(?![-+.\d])){0,39}|#|\d{1,2}[A-Za-z@-][\w@ -]{0,30}")
_AVERAGES = re.compile(
    r"\s{0,30}(accuracy|(?:micro|macro|weighted|samples) avg)((?:\s+(?:\d*\.)?\d+){2,5})\s*"
)
_SHORT = {"E": "epoch", "#": "step"}
"""The counters of spaCy's tables."""
_REPORT = ("precision", "recall", "f1-score", "support")
"""The header of scikit-learn's classification report."""


class Table:
    """Reads rows by the header above them."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._n_missed = 0

    @property
    def is_open(self) -> bool:
        """Whether a header was seen whose rows may follow."""
        return bool(self._names)

    def read(self, line: str) -> tuple[list[Pair], Counter | None] | None:
        """Return the numbers and the counter of a row; nothing of a header; None for others."""
        line = _BAR.sub("", line)
        names = _header(line)
        if names:
            self._names, self._n_missed = names, 0
            return [], None
        if not self._names:
            return None
        if _RULE.fullmatch(line):
            return [], None
        row = self._row(line)
        if row is None:
            self._n_missed += 1
            if self._n_missed > _MAX_GAP:
                self._names = ()
        else:
            self._n_missed = 0
        return row

    def _row(self, line: str) -> tuple[list[Pair], Counter | None] | None:
        if self._names == _REPORT:
            return _report_row(line)
        cells = _cells(line, is_row=True)
        if len(cells) < len(self._names):
            return None
        pairs: list[Pair] = []
        counter = None
        for name, cell in zip(self._names, cells, strict=False):
            unit = counter_unit(name) or (_SHORT.get(name) if "#" in self._names else None)
            if unit is not None:
                part = _PART.fullmatch(cell)
                counter = Counter(unit, int(part[1])) if part else counter
            elif match := _NUMBER.fullmatch(cell):
                pairs.append(Pair(name.rpartition("(")[2].strip(" )"), to_float(match[1])))
        if not pairs and counter is None:
            return None
        is_text = sum(_NUMBER.match(cell) is None for cell in cells)
        return (pairs, counter) if is_text <= max(1, len(cells) // 3) else None


def cell_pairs(line: str) -> Iterator[Pair]:
    """Yield the number of a row with two cells, a name and a number."""
    cells = _cells(line, is_row=False)
    if "," in line and not is_metric(cells[0]):
        return
    if len(cells) == 2 and _NAME.fullmatch(cells[0]) and (match := _NUMBER.fullmatch(cells[1])):
        yield Pair(cells[0], to_float(match[1]))


def _report_row(line: str) -> tuple[list[Pair], Counter | None] | None:
    match = _AVERAGES.fullmatch(line)
    if match is None:
        is_class = re.search(r"(?:\s+\d+(?:\.\d+)?){4}\s*$", line) or not line.strip()
        return ([], None) if is_class else None
    name, numbers = match[1], [float(text) for text in match[2].split()]
    if name == "accuracy":
        return [Pair(name, numbers[0])], None
    columns = zip(_REPORT[:3], numbers, strict=False)
    return [Pair(f"{name} {column}", value) for column, value in columns], None


def _header(line: str) -> tuple[str, ...]:
    """Return the names of a header; none if the line is none."""
    cells = _cells(line, is_row=False)
    if not 2 <= len(cells) <= _MAX_CELLS or not all(map(_NAME.fullmatch, cells)):
        return ()
    n_metrics = sum(map(is_metric, cells))
    n_counters = sum(counter_unit(cell) is not None for cell in cells)
    return tuple(cells) if n_metrics + n_counters >= 2 or (n_metrics and len(cells) > 2) else ()


def _cells(line: str, *, is_row: bool) -> Sequence[str]:
    if _LINES.search(line):
        return [cell for cell in map(str.strip, _LINES.split(line)) if cell]
    if "\t" in line:
        return [cell for cell in map(str.strip, line.split("\t")) if cell]
    if "," in line and "  " not in line.strip():
        return [cell.strip() for cell in line.split(",")]
    return line.split() if is_row else re.split(r"\s{2,}", line.strip())
