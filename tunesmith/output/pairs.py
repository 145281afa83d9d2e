"""Names with numbers in a line of output: ``loss: 0.3``, ``loss=0.3``, ``val loss 0.3``."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tunesmith.output.counters import COUNTER
from tunesmith.output.numbers import (
    ANY_NUMBER,
    NUMBER,
    TIME_UNIT,
    WRAPPERS,
    end_of_number,
    is_whole,
    to_float,
    total_after,
)
from tunesmith.output.vocabulary import (
    ABBREVIATIONS,
    CONFIG,
    LEVELS,
    QUALIFIERS,
    is_metric,
    is_unsure,
    mentions_settings,
    word_set,
)
from tunesmith.scalar_names import TRAIN

MAX_NAME = 80
"""Characters of a name; longer ones are sentences."""
MAX_WORDS = 6
MAX_DIGITS = 5
"""Digits of a whole number whose name is not known as that of a metric."""
MAX_PAIRS = 300
"""Pairs of a line that are looked at."""
OF = r"(?:is now|is|was|of|to|at|reached|equals)"
_STRONG = re.compile(
    rf"(?<![:=!<>+*/~^])(?:(?P<colon>:(?:-(?=\s))?)|=>?|->|→)(?P<gap>\s{{0,40}})(?P<quote>['\"]?)"
    rf"(?P<open>[\[(]?)\s{{0,8}}{WRAPPERS}\[?(?P<value>{ANY_NUMBER})"
)
_CHOSEN = re.compile(r"\d\.\d+[%)]?(?P<what>\s+(?:for|with|using):?\s+\{)")
"""Where the settings of a result follow it, as in ``0.95 (+/-0.01) for {'C': 1}``."""
_CALL = re.compile(r"([A-Za-z_]\w*) ?\((?=\s*[A-Za-z_]\w*=)")
"""Where the representation of an object begins, as ``Namespace(lr=0.1)``."""
DELIMITERS = re.compile(
    r"[,;:|│┃║<>{}\[\]\"\t=!?]|(?<!\w)'|'(?!\w)|\s[-\u2013—•*·~]+\s|\s{2,}|\.{2,}"
)
_LEADING = re.compile(r"^[^\w]+|^(?:[\d.,/%)-]+(?:st|nd|rd|th|[nuμµm]?s|sec)?\s+)+")
_PARENTHESES = re.compile(r"\s?\(((?:[^()]|\([^()]{0,20}\)){0,30})\)$")
_TRAILING = re.compile(r"\s(?:is|was|are|equals)\s{0,8}$")
_NUMBERS = re.compile(r".*\s[+-]?\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)%?(?=\s)")
"""What stands before the name: a number that has its own."""
_ASIDE = re.compile(r"\s\([^()]{0,40}\)(?=\s)")
_FORMULA = re.compile(
    r"\s(?:\+|-(?!\s[\d.]+s))\s-?[\d.]+\s?\*?\s?[a-z](?![\w/])|\s?\*?\s?[a-z](?:\^\d|\s[+-])"
)
_FILE = re.compile(r"\.(?:py|ipynb|json|csv|txt|log|ckpt|pth?|h5|bin)$|^__\w+__$")
PROSE = re.compile(
    r"\s{1,3}(?!and\b|vs\b|at\b|on\b|in\b|epoch|step|iter|after\b)([A-Za-z]{2,})(?!\w*\s{0,2}[:=@\d])"
)
_LISTED = re.compile(rf"(?:\s?[,;]\s?{NUMBER}(?![\w=:])){{2}}")
"""What follows the first number of a list."""
_IS_MORE = re.compile(rf"{PROSE.pattern}|\s{{1,4}}\[")
"""What follows a whole number that is a count of something, or of an epoch."""
_BAR = re.compile(r"\||\s+[\d.]+[kMGT]?i?B?/|\s*\[")
"""What follows the percentage of a progress bar."""
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
    at: int = -1
    """Where the number stands; -1 if that is not known."""


def find_pairs(line: str) -> Iterator[Pair]:
    """Yield the pairs with a sign between name and number, from left to right."""
    limit, start = end_of_report(line), 0
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
            at = match.start("value")
            yield Pair(name, value, at if is_all else -1, at)


def name_of(left: str) -> str:
    """Return the name at the end of the text that stands before a sign; empty if there is none."""
    text = left.rstrip(" \t'\"*_`-")
    inner = _PARENTHESES.search(text)
    if inner is not None and not inner[1].strip(" %"):
        text, inner = text[: inner.start()].rstrip(), None
    body = text[: inner.start()] if inner else text
    if inner is None and body.endswith((")", "]", "}", ">")):
        return ""
    body = _ASIDE.sub("", body) if "(" in body else body
    body = _TRAILING.sub("", body)
    body = COUNTER.sub(" ", body) if any(map(str.isdigit, body)) else body
    body = DELIMITERS.split(body.rstrip())[-1].replace("(", "  ").rpartition("  ")[2]
    if "." in body:
        body = _NUMBERS.sub("", body)
    words = _without_prefix(_LEADING.sub("", _LEADING.sub("", body)).split())
    while len(words) > 1 and words[-1].lower() in _EDGES:
        words.pop()
    while len(words) > 1 and words[0].lower() in _EDGES:
        del words[0]
    words = _shortened(words)
    name = " ".join(words) + (inner[0] if inner and words else "")
    is_name = any(map(str.isalpha, name)) and len(name) <= MAX_NAME
    return name if is_name and name.lower() not in ("inf", "nan") else ""


def _without_prefix(words: list[str]) -> list[str]:
    """Return words without a logger's and those of an earlier sentence."""
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        is_level = word.lower() in LEVELS and (word.isupper() or place < len(words) - 1)
        is_level &= not place or words[place - 1].lower() not in QUALIFIERS
        is_end = word[-1] == "." and word.strip(".").lower() not in ABBREVIATIONS
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
            words = [*words[:place], *_of_training(words[place:])]
            break
    if len(words) <= MAX_WORDS - 2:
        return words
    places = [place for place, word in enumerate(words) if is_metric(word)]
    if not places:
        return words if len(words) <= MAX_WORDS else []
    if places[-1] < len(words) - 2:
        return words[-1:]  # of another sentence
    return tail_of(words[: places[-1]], words[places[-1]]).split()


def _of_training(words: list[str]) -> list[str]:
    """Return the words that tell a result from the one of held-out data; none if nothing does."""
    for place, word in enumerate(words):
        if word.lower() in TRAIN:
            return ["on", *words[place:]]
    return []


def tail_of(before: list[str], word: str) -> str:
    """Return a metric with the words directly before it that belong to its name."""
    first = len(before)
    while first and (
        before[first - 1].lower().strip(".") in QUALIFIERS or is_metric(before[first - 1])
    ):
        first -= 1
    return " ".join([*before[first:], word])


def end_of_report(line: str) -> int:
    """Return where settings or the representation of an object begin; else the line's length."""
    end = len(line)
    if "(" in line and "=" in line:
        for match in _CALL.finditer(line):
            if not is_metric(match[1]):
                end = match.start()
                break
    if "{" in line and (chosen := _CHOSEN.search(line, 0, end)):
        end = chosen.start("what")
    if mentions_settings(line):
        title = CONFIG.search(line, 0, end)
        end = end if title is None else title.start()
    return end


def is_of_settings(line: str, start: int) -> bool:
    """Return whether the mapping that begins at a place has a title that says it is settings."""
    if not mentions_settings(line[:start]):
        return False
    return any(title.end() in (start, start + 1) for title in CONFIG.finditer(line, 0, start + 1))


def _is_count(name: str, text: str) -> bool:
    """Return whether a number is so large that it can but count parts of the data or the model."""
    is_rate = "/" in name or "per" in name.lower() or name.lower().endswith("ps")
    return is_whole(text) and len(text.strip("+-").replace(",", "")) > MAX_DIGITS and not is_rate


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
    if _FORMULA.match(line, end) or (not is_known and TIME_UNIT.match(line, end)):
        return None
    if not is_known and (_LISTED.match(line, end) or _is_count(name, text)):
        return None
    if is_whole(text) and (not is_known or is_unsure(name)) and _IS_MORE.match(line, end):
        return None
    return to_float(text)
