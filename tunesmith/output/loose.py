"""Names with numbers that no sign joins: ``val loss 0.3``, ``('loss', 0.3)``."""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from tunesmith.output.counters import COUNTER
from tunesmith.output.numbers import (
    TIME_UNIT,
    VALUE,
    WRAPPERS,
    end_of_number,
    is_whole,
    to_float,
    total_after,
)
from tunesmith.output.pairs import (
    DELIMITERS,
    MAX_NAME,
    MAX_PAIRS,
    OF,
    PROSE,
    Pair,
    end_of_report,
    tail_of,
)
from tunesmith.output.vocabulary import counter_unit, is_metric, is_unsure, word_set
from tunesmith.scalar_names import HELD_OUT, TRAIN, folded

_WEAK = re.compile(
    rf"(?P<name>(?<![\w@/.])[^\W\d][\w@/'+-]*+(?:\s?\([A-Za-z ]{{1,20}}\))?)\s{{1,30}}"
    rf"(?:{OF}\s{{1,4}}|[-\u2013\u2014]\s{{1,4}})?(?=[\d.+\-nNiI]|\w+[.(]){WRAPPERS}(?P<value>{VALUE})"
)
_COUNTED = re.compile(
    r"(?<![\w@/.-])(?P<name>[^\W\d][\w-]{0,40}+)\s(?:after|in|at|on|for)\s"
    r"(?:[a-z]{2,10}\s\d{1,18}|\d{1,18}\s[a-z]{2,12})\s(?:is|was|reached)\s"
    rf"{WRAPPERS}(?P<value>{VALUE})"
)
"""A sentence with a counter between the name and its number."""
_FRAMED = re.compile(rf"\[(?P<name>[A-Za-z][\w /-]{{0,40}})\]\s{{1,4}}(?P<value>{VALUE})(?![\w/])")
_ASIDE = r"(?:\s{1,4}\(\s{0,4}[\d.eE+-]{1,20}\))?(?=[\s,;]|$)"
_RUN_PAIR = re.compile(rf"(?P<name>[A-Za-z][\w@/-]{{0,40}})\s{{1,4}}(?P<value>{VALUE}){_ASIDE}")
_RUN = re.compile(rf"(?<!\S)(?:[A-Za-z][\w@/-]{{0,40}}+\s{{1,4}}{VALUE}{_ASIDE}\s{{0,8}}){{2,40}}")
"""Names and numbers by turns, each with its mean in brackets behind it or without."""
_TUPLE = re.compile(
    rf"\(['\"](?P<name>[A-Za-z][\w ./@-]{{0,60}})['\"],\s{{0,4}}{WRAPPERS}(?P<value>{VALUE})\)"
)
_DATA = frozenset((*HELD_OUT, *TRAIN)) - {"testing", "eval"}
"""Names that are those of a metric only if a fraction follows."""
_WORDS = word_set("from to by of at in is was and or with time took eta lasted")
_CELLS = re.compile(r"[|,;\t│]")
_CELL = re.compile(
    rf"[\s*]{{0,40}}(?P<name>[^\W\d][\w/@'#-]*(?: [\w/@'-]+){{0,3}}?)\s{{1,20}}"
    rf"(?P<value>{VALUE})\s{{0,20}}"
)


def find_loose_pairs(
    line: str, wanted: Collection[str], *, is_report: bool = False
) -> Iterator[Pair]:
    """Yield the pairs that no sign joins; none if no name is that of a metric.

    Args:
        line: The line.
        wanted: The last words of the objectives, folded, which count as metrics.
        is_report: Whether other numbers of the line are known to be metrics.
    """
    if "('" in line:
        yield from _tuples(line)
    loose = [*_spaced(line, wanted), *_sentences(line)]
    if not loose:
        if is_report and "|" in line:
            yield from (pair for pair in _cells(line) if not pair.value.is_integer())
        return
    if any(sign in line for sign in "|,\t"):
        loose = _with_cells(loose, [*_cells(line)])
    places = {pair.at for pair in loose}
    yield from loose
    yield from (pair for pair in _runs(line) if pair.at not in places)


def _with_cells(loose: Sequence[Pair], cells: Sequence[Pair]) -> list[Pair]:
    """Return the pairs with those of cells, and with whole cells for names that repeat."""
    by_place = {pair.at: pair for pair in cells}
    often = Counter(folded(pair.name) for pair in loose)
    named = [
        replace(pair, name=by_place[pair.at].name)
        if often[folded(pair.name)] > 1 and pair.at in by_place
        else pair
        for pair in loose
    ]
    places = {pair.at for pair in loose}
    others = [pair for pair in cells if pair.at not in places]
    return named + [pair for pair in others if counter_unit(pair.name.split()[-1]) is None]


def _spaced(line: str, wanted: Collection[str]) -> Iterator[Pair]:
    """Yield the pairs with nothing but a space between the name of a metric and a number."""
    for match in itertools.islice(_WEAK.finditer(line, 0, end_of_report(line)), MAX_PAIRS):
        word = match["name"].rstrip("'+-/")
        is_wanted = word.lower() in wanted
        is_data = word.lower() in _DATA and not is_whole(match["value"])
        if not is_wanted and not is_metric(word) and not is_data:
            continue
        fraction = total_after(line, match.end())
        if fraction is None and end_of_number(line, match.end()) is None:
            continue
        is_vague = is_unsure(word) and not is_wanted
        if is_whole(match["value"]) and (is_vague or PROSE.match(line, match.end())):
            continue
        if TIME_UNIT.match(line, match.end()):
            continue
        value = to_float(match["value"])
        if fraction is not None:
            value = value / fraction[0] if fraction[0] else value
        name = _qualified(line[max(0, match.start() - MAX_NAME) : match.start()], word)
        at = match.start("value")
        yield Pair(name, value, at if fraction is None else -1, at)


def _cells(line: str) -> Iterator[Pair]:
    """Yield the pairs of a line whose parts are a name and a number, as ``lr 0.1 | a 9``."""
    start = 0
    for part in _CELLS.split(line):
        match = _CELL.fullmatch(part)
        if match is not None and not any(map(str.isdigit, match["name"].split())):
            at = start + match.start("value")
            yield Pair(match["name"], to_float(match["value"]), at, at)
        start += len(part) + 1


def _runs(line: str) -> Iterator[Pair]:
    """Yield the fractions that stand in a row with their names, as ``p 0.9 r 0.8 lr 1e-3``."""
    for run in _RUN.finditer(line, 0, end_of_report(line)):
        for match in _RUN_PAIR.finditer(run[0]):
            name, at = match["name"], run.start() + match.start("value")
            if not is_whole(match["value"]) and name.lower() not in _WORDS:
                yield Pair(name, to_float(match["value"]), at, at)


def _sentences(line: str) -> Iterator[Pair]:
    """Yield what other signs than those of a pair join."""
    if "]" in line:
        for match in itertools.islice(_FRAMED.finditer(line), MAX_PAIRS):
            if is_metric(match["name"]):
                at = match.start("value")
                yield Pair(match["name"], to_float(match["value"]), at, at)
    sentence = _COUNTED.search(line)
    if sentence is not None and is_metric(sentence["name"]):
        at = sentence.start("value")
        left = line[max(0, sentence.start() - MAX_NAME) : sentence.start()]
        yield Pair(_qualified(left, sentence["name"]), to_float(sentence["value"]), at, at)


def _tuples(line: str) -> Iterator[Pair]:
    """Yield the pairs that Python prints in brackets, as ``[('loss', 0.3)]``."""
    for match in itertools.islice(_TUPLE.finditer(line, 0, end_of_report(line)), MAX_PAIRS):
        at = match.start("value")
        yield Pair(match["name"], to_float(match["value"]), at, at)


def _qualified(left: str, word: str) -> str:
    body = DELIMITERS.split(COUNTER.sub("|", left).rstrip(" ") + " ")[-1]
    return tail_of(body.split(), word) if body.strip() else word
