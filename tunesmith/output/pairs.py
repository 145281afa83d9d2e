"""Names with numbers in a line of output: ``loss: 0.3``, ``loss=0.3``, ``val loss 0.3``."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tunesmith.output.counters import COUNTER
from tunesmith.output.numbers import (
    ANY_NUMBER,
    TIME_UNIT,
    VALUE,
    WRAPPERS,
    end_of_number,
    is_whole,
    to_float,
    total_after,
)
from tunesmith.output.vocabulary import (
    CONFIG,
    LEVELS,
    QUALIFIERS,
    is_metric,
    is_unsure,
    mentions_settings,
    word_set,
)

MAX_NAME = 80
"""Characters of a name; longer ones are sentences."""
MAX_WORDS = 6
MAX_PAIRS = 300
"""Pairs of a line that are looked at."""
_OF = r"(?:is now|is|was|of|to|at|reached|equals)"
_STRONG = re.compile(
    rf"(?<![:=!<>+*/~^])(?:(?P<colon>:)|=>?|->|→)(?P<gap>\s{{0,40}})(?P<quote>['\"]?)"
    rf"(?P<open>[\[(]?)\s{{0,8}}{WRAPPERS}\[?(?P<value>{ANY_NUMBER})"
)
_WEAK = re.compile(
    rf"(?P<name>(?<![\w@/.])[^\W\d][\w@/'+-]*+(?:\([\w ]{{1,20}}\))?)\s{{1,30}}(?:{_OF}\s{{1,4}})?"
    rf"(?=[\d.+\-nNiI]|\w+[.(]){WRAPPERS}(?P<value>{VALUE})"
)
_CALL = re.compile(r"([A-Za-z_]\w*) ?\((?=\s*[A-Za-z_]\w*=)")
"""Where the representation of an object begins, as ``Namespace(lr=0.1)``."""
_DELIMITERS = re.compile(
    r"[,;:|│┃║<>{}\[\]\"\t=!?]|(?<!\w)'|'(?!\w)|\s[-\u2013—•*·~]+\s|\s{2,}|\.{2,}"
)
_LEADING = re.compile(r"^[^\w]+|^(?:[\d.,/%)-]+(?:st|nd|rd|th)?\s+)+")
_PARENTHESES = re.compile(r"\s?\(((?:[^()]|\([^()]{0,20}\)){0,30})\)$")
_ASIDE = re.compile(r"\s\([^()]{0,40}\)(?=\s)")
_FORMULA = re.compile(r"\s[+-]\s-?[\d.]+\s?\*?\s?[a-z](?!\w)")
_FILE = re.compile(r"\.(?:py|ipynb|json|csv|txt|log|ckpt|pth?|h5|bin)$|^__\w+__$")
_PROSE = re.compile(
    r"\s{1,3}(?!and\b|vs\b|at\b|on\b|in\b|epoch|step|iter|after\b)([A-Za-z]{2,})(?!\w*\s{0,2}[:=@\d])"
)
_IS_MORE = re.compile(rf"{_PROSE.pattern}|\s{{1,4}}\[")
"""What follows a whole number that is a count of something, or of an epoch."""
_BAR = re.compile(r"\||\s+[\d.]+[kMGT]?i?B?/|\s*\[")
"""What follows the percentage of a progress bar."""
_CELLS = re.compile(r"[|,;\t│]")
_CELL = re.compile(
    rf"[\s*]{{0,40}}(?P<name>[^\W\d][\w/@'#-]*(?: [\w/@'-]+){{0,3}}?)\s{{1,20}}"
    rf"(?P<value>{VALUE})\s{{0,20}}"
)
_CUT = word_set("of on for is was after at with over from to using in")
_EDGES = word_set(
    "is was are of the a an on at to in for after with per equals by from and reached this "
    "that our its my we got will be"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and the number beside it."""

    name: str
    """As printed, with single spaces."""
    value: float
    place: int = -1
    """Where the number stands, if it is all that makes the value; else -1."""


def find_pairs(line: str) -> Iterator[Pair]:
    """Yield the pairs with a sign between name and number, from left to right."""
    limit, start = _end_of_report(line), 0
    for match in itertools.islice(_STRONG.finditer(line, 0, limit), MAX_PAIRS):
        if (
            match["colon"]
            and not match["gap"]
            and line[match.start() - 1 : match.start()].isdigit()
        ):
            continue  # a time
        fraction = total_after(line, match.end())
        end = end_of_number(line, match.end()) if fraction is None else fraction[1]
        if end is None:
            continue
        left = line[max(start, match.start() - 2 * MAX_NAME) : match.start()]
        name = name_of(left)
        value = _value_of(match, name, line, end, fraction)
        if name and value is not None:
            start = end
            is_all = fraction is None and "," not in match["value"]
            yield Pair(name, value, match.start("value") if is_all else -1)


def find_loose_pairs(line: str, wanted: str) -> Iterator[Pair]:
    """Yield the pairs with nothing but a space between the name of a metric and a number.

    Args:
        line: The line.
        wanted: The last word of the objective, folded, which counts as a metric.
    """
    for match in itertools.islice(_WEAK.finditer(line, 0, _end_of_report(line)), MAX_PAIRS):
        word = match["name"].rstrip("'+-/")
        is_wanted = word.lower() == wanted
        if not is_wanted and not is_metric(word):
            continue
        fraction = total_after(line, match.end())
        if fraction is None and end_of_number(line, match.end()) is None:
            continue
        is_vague = is_unsure(word) and not is_wanted
        if is_whole(match["value"]) and (is_vague or _PROSE.match(line, match.end())):
            continue
        if TIME_UNIT.match(line, match.end()):
            continue
        value = to_float(match["value"])
        if fraction is not None:
            value = value / fraction[0] if fraction[0] else value
        name = _qualified(line[max(0, match.start() - MAX_NAME) : match.start()], word)
        yield Pair(name, value, match.start("value") if fraction is None else -1)


def find_cells(line: str) -> Iterator[Pair]:
    """Yield the pairs of a line whose parts are a name and a number, as ``lr 0.1 | a 9``."""
    start = 0
    for part in _CELLS.split(line):
        match = _CELL.fullmatch(part)
        if match is not None and not any(map(str.isdigit, match["name"].split())):
            yield Pair(match["name"], to_float(match["value"]), start + match.start("value"))
        start += len(part) + 1


def name_of(left: str) -> str:
    """Return the name at the end of the text that stands before a sign; empty if there is none."""
    text = left.rstrip(" \t'\"*_`")
    inner = _PARENTHESES.search(text)
    if inner is not None and not inner[1].strip(" %"):
        text, inner = text[: inner.start()].rstrip(), None
    body = text[: inner.start()] if inner else text
    if inner is None and body.endswith((")", "]", "}", ">")):
        return ""
    body = _ASIDE.sub("", body) if "(" in body else body
    body = COUNTER.sub(" ", body) if any(map(str.isdigit, body)) else body
    body = _DELIMITERS.split(body.rstrip())[-1].replace("(", "  ").rpartition("  ")[2]
    words = _without_prefix(_LEADING.sub("", _LEADING.sub("", body)).split())
    while len(words) > 1 and words[-1].lower() in _EDGES:
        words.pop()
    while len(words) > 1 and words[0].lower() in _EDGES:
        del words[0]
    words = _shortened(words)
    name = " ".join(words) + (inner[0] if inner and words else "")
    has_letter = any(map(str.isalpha, name))
    return name if has_letter and len(name) <= MAX_NAME else ""


def _without_prefix(words: list[str]) -> list[str]:
    """Return words without a logger's and those of an earlier sentence."""
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        is_level = word.lower() in LEVELS and (word.isupper() or place < len(words) - 1)
        is_end = word[-1] == "." and word.strip(".").lower() not in QUALIFIERS
        if (is_level and word != word.lower()) or _FILE.search(word) or is_end:
            return words[place + 1 :]
        if word == "with" and not any(map(is_metric, words[:place])):
            return words[place + 1 :]
    return words


def _shortened(words: list[str]) -> list[str]:
    """Return the part of a sentence that names a metric; nothing if none does."""
    if len(words) <= MAX_WORDS - 1:
        return words
    for place, word in enumerate(words):
        if word.lower() in _CUT and any(map(is_metric, words[:place])):
            words = words[:place]
            break
    if len(words) <= MAX_WORDS - 2:
        return words
    places = [place for place, word in enumerate(words) if is_metric(word)]
    if not places:
        return words if len(words) <= MAX_WORDS else []
    if places[-1] < len(words) - 2:
        return words[-1:]  # of another sentence
    return _tail(words[: places[-1]], words[places[-1]]).split()


def _qualified(left: str, word: str) -> str:
    body = _DELIMITERS.split(COUNTER.sub("  ", left).rstrip(" ") + " ")[-1]
    return _tail(body.split(), word) if body.strip() else word


def _tail(before: list[str], word: str) -> str:
    """Return a metric with the words directly before it that belong to its name."""
    first = len(before)
    while first and (
        before[first - 1].lower().strip(".") in QUALIFIERS or is_metric(before[first - 1])
    ):
        first -= 1
    return " ".join([*before[first:], word])


def _end_of_report(line: str) -> int:
    """Return where settings or the representation of an object begin; else the line's length."""
    end = len(line)
    if "(" in line and "=" in line:
        for match in _CALL.finditer(line):
            if not is_metric(match[1]):
                end = match.start()
                break
    if mentions_settings(line):
        title = CONFIG.search(line, 0, end)
        end = end if title is None else title.start()
    return end


def _value_of(
    match: re.Match[str], name: str, line: str, end: int, fraction: tuple[int, int] | None
) -> float | None:
    """Return the number of a pair; None if it is none, as in a list, an address or a time."""
    text = match["value"]
    is_open = bool(match["open"]) or line[match.start("value") - 1] == "["
    if is_open and line[end : end + 3].lstrip(" .")[:1] not in ("]", ")"):
        return None
    is_known = is_metric(name)
    if line[end - 1] == "%" and _BAR.match(line, end):
        return None
    if match["colon"] and not match["gap"] and not match["quote"] and not is_known:
        is_key = line[match.start() - 1 : match.start()] in "'\""
        if is_whole(text) and not is_key:
            return None
    if fraction is not None:
        total, after = fraction
        if not total or (not is_known and "%" not in line[after : after + 8]):
            return None
        return to_float(text) / total
    if TIME_UNIT.match(line, end) or _FORMULA.match(line, end):
        return None
    if is_whole(text) and (not is_known or is_unsure(name)) and _IS_MORE.match(line, end):
        return None
    return to_float(text)
