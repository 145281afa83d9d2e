"""Counters in lines of output: epochs, steps, iterations."""

import re
from dataclasses import dataclass, replace

from tunesmith.output.vocabulary import COUNTERS, counter_unit, word_set

MAX_STEP = 2**62
"""Larger steps do not fit the 64-bit integers of the store."""
_NAMES = "|".join(sorted((re.sub("_", "[_ -]", name) for name in COUNTERS), key=len, reverse=True))
COUNTER = re.compile(
    rf"(?i)(?<![A-Za-z_])(?:(?<!-)|(?<=\d-)(?=(?-i:[A-Z])))(?:(?:train|eval|test|val|valid|curr?|current|outer)_)?(?P<name>{_NAMES})"
    r"(?:\(\w{1,10}\)|[ _](?:idx|index|number|num))?\.?['\"\]]?"
    r"(?:\s{0,30}(?:#|no\.?|[:=|│])?|[-_](?=\d{1,18}(?:[\s,:|\])]|$)))\s{0,30}[\[(]?\s{0,10}(?P<number>\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(?P<fraction>\.\d{1,20})?(?:e\d\d?)?"
    r"(?![\w%]|\.\d|,\d\d\d)"
    r"(?:\s{0,4}(?:/|of)\s{0,6}(?P<total>\d{1,18}))?[\])]{0,2}",
)
_STEMS = (
    "poch",
    "step",
    "iter",
    "itr",
    "update",
    "batch",
    "round",
    "episode",
    "gen",
    "fold",
    "ep",
    "it",
    "trial",
)
"""One of them is in each name of a counter."""
_BEFORE = re.compile(
    r"(?i)(?<![\w.,/-])(?P<number>\d{1,18})(?:(?:st|nd|rd|-?th)?[ -]?(?P<one>epoch|step|iteration"
    r"|round|episode)(?![a-z])(?!\s?[:=#]?\s?\d)"
    r"| (?P<many>epochs|steps|iterations|iters|batches|episodes))"
)
"""A number before its unit, as ``3rd epoch`` or ``[120 steps]``."""
_ASIDE = re.compile(r"(?:\d|\d\)) (?:in|at|from|since) [A-Za-z]{1,12}[ :=#]?$")
"""What stands before a counter of an earlier result, as in ``best_acc: 0.9 in epoch 2``."""
_TOTALS = word_set("for in of per every each last first over than least most")
_STAMP = (
    r"(?:\[[\d:.]{5,16}\]|\[?[IWEF]\d{4} [\d:.]{8,15}\s{1,8}\d{1,9} [\w./-]{1,80}:\d{1,7}\]"
    r"|\[?\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,]{5,15}Z?(?: [\w.-]{1,60})?\]?(?:\([\w./ -]{1,80}\):)?"
    r"|\[?(?:INFO|DEBUG|info)\]?:?|[|-])"
)
"""What a logger writes before the message."""
_LEADING = re.compile(
    rf"(?:{_STAMP}\s{{1,4}}){{0,6}}(?i:(?P<name>steps|iters|iterations|timesteps|episodes|updates))"
    r"\s?[:=]?\s?(?P<number>\d{1,18})\s?[,|:;]"
)
"""A line that begins with how far the program is, in the plural."""
_FIRST = re.compile(
    rf"(?:{_STAMP}\s{{1,4}}){{0,6}}"
    r"(?:\[\s{0,10}(?P<round>\d{1,18})\]\s{1,8}(?=[A-Za-z_'])"
    r"|\[\s{0,10}(?P<pair>\d{1,9})(?:/\d{1,9}\s{0,4}\]\s{0,4}(?:\[|[A-Za-z_])|,\s{0,8}\d{1,9}\])"
    r"|[(\[]?\s{0,10}(?P<part>\d{1,18})/\d{1,18}[)\]]?[:,]?\s{1,4}(?=[-A-Za-z])"
    r"|\s{0,6}(?P<plain>\d{1,18}):\s{1,8}(?=[A-Za-z]|[\d.]{1,20},\s)"
    r"|\s{0,12}(?P<bare>\d{1,18})\s{1,4}(?=\[[A-Za-z]|[A-Za-z_]\w{0,40}\s?=)"
    r"|(?P<split>[Tt]rain|TRAIN):?\s{1,8}\[?(?P<split_epoch>\d{1,9})(?:/\d{1,9}\])?\s{0,4}\[)"
)
_PLACES = (
    ("round", "iteration"),
    ("plain", "iteration"),
    ("bare", "iteration"),
    ("part", "iteration"),
    ("pair", "epoch"),
    ("split_epoch", "epoch"),
)
_BAR = re.compile(r"\|\s{0,10}(?P<number>\d{1,18})/(?P<total>\d{1,18}|\?)\s{0,4}\[")
_NOT_OWN = word_set(
    "per best max min last total num n every of each number max. maximum minimum first until over"
)
_PLURALS = word_set("epochs steps iters iterations episodes timesteps updates")
"""Names that tell how many there are, unless the number is a part of a total."""


@dataclass(frozen=True, slots=True)
class Counter:
    """How far a program has come."""

    unit: str
    number: int
    is_inner: bool = False
    """Whether it begins again with each epoch."""
    is_passing: bool = False
    """Whether it counts only its own line, as in ``best loss: 0.3 at epoch 5``."""
    place: int = -1
    """Where the number stands in the line; -1 if that is of no use."""


def find_counter(line: str) -> Counter | None:
    """Return the counter by which a line's numbers are counted; None if it shows none.

    The last one of a line, but an epoch rather than the batches of it, which begin again.
    """
    lowered = line.lower()
    named: list[Counter] = []
    if any(stem in lowered for stem in _STEMS):
        named += filter(None, map(_named, COUNTER.finditer(line)))
        named += filter(None, map(_before, _BEFORE.finditer(line)))
    if not named:
        return _unnamed(line)
    named = [named[0], *(one for one in named[1:] if not _ASIDE.search(line, 0, one.place))]
    steady = [one for one in named if not one.is_inner]
    found = steady[-1] if steady else named[-1]
    best = lowered.find("best")
    is_passing = found.is_passing or (best >= 0 and (best < found.place or found.place < 0))
    return replace(found, is_passing=is_passing)


def leading_counter(line: str) -> Counter | None:
    """Return the counter of a line of results that begins with one in the plural."""
    match = _LEADING.match(line)
    if match is None:
        return None
    unit = COUNTERS[match["name"].lower()]
    return Counter(unit, int(match["number"]), place=match.start("number"))


def has_fraction(line: str) -> bool:
    """Return whether a line counts epochs in fractions."""
    return any(
        match["fraction"] and match["fraction"].strip(".0") and _is_own(match)
        for match in COUNTER.finditer(line)
        if counter_unit(match["name"]) == "epoch"
    )


def _is_own(match: re.Match[str]) -> bool:
    """Return whether the words before a counter leave it one: ``per epoch`` counts nothing."""
    before = match.string[max(0, match.start() - 12) : match.start()].rstrip(" _-").lower()
    word = re.split(r"[^a-z.]", before)[-1]
    return word not in _NOT_OWN or (word == "of" and before[:-2].rstrip()[-1:].isdigit())


def _before(match: re.Match[str]) -> Counter | None:
    line, start, end = match.string, match.start(), match.end()
    words = re.split(r"[^a-z]+", line[max(0, start - 12) : start].rstrip().lower())
    number = int(match["number"])
    if words[-1] in _TOTALS or number >= MAX_STEP:
        return None
    place = match.start("number")
    if match["one"]:
        is_total = words[-1] == "total"
        return None if is_total else Counter(COUNTERS[match["one"].lower()], number, place=place)
    is_framed = line[start - 1 : start] == "[" and line[end : end + 1] == "]"
    if not is_framed and words[-1] != "after":
        return None
    unit = COUNTERS.get(match["many"].lower(), "batch")
    return Counter(unit, number, is_passing=not is_framed, place=place)


def _is_best(match: re.Match[str]) -> bool:
    """Return whether a counter is that of the best result, which is named behind it."""
    before = match.string[max(0, match.start() - 6) : match.start()].lower()
    return before.strip(" _") == "best" and "," in match.string[match.end() :]


def _named(match: re.Match[str]) -> Counter | None:
    name = match["name"].lower().replace(" ", "_").replace("-", "_")
    if match["fraction"] and match["fraction"].strip(".0"):
        return None
    is_best = _is_best(match)
    if not is_best and not _is_own(match):
        return None
    is_cell = "|" in match[0] or "│" in match[0]
    if name in _PLURALS and match["total"] is None and not is_cell:
        return None
    unit, number = COUNTERS[name], int(match["number"].replace(",", ""))
    if number >= MAX_STEP:
        return None
    if is_best:
        return Counter(unit, number, is_passing=True, place=match.start("number"))
    is_inner = unit == "batch" or (match["total"] is not None and unit in ("step", "iteration"))
    is_inner &= unit != "fold"
    return Counter(unit, number, is_inner, place=match.start("number"))


def _unnamed(line: str) -> Counter | None:
    """Return a counter that is known by its place, as ``[12]`` or that of a progress bar."""
    if match := _FIRST.match(line):
        for group, unit in _PLACES:
            if match[group]:
                is_inner = group == "part"
                return Counter(unit, int(match[group]), is_inner, place=match.start(group))
    if "%|" in line and (match := _BAR.search(line)):
        return Counter("iteration", int(match["number"]), True, place=match.start("number"))
    return None
