"""Which part of the data a number is of, where other words than its name say so.

Programs print ``train: loss=0.5`` and ``valid: loss=0.4``, or a title ``Validation:`` above
``loss 0.4``. These are two scalars: their tags are ``train/loss`` and ``valid/loss``.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tunesmith.output.pairs import Pair
from tunesmith.output.vocabulary import LEVELS, is_metric
from tunesmith.scalar_names import HELD_OUT, TRAIN, folded

_MAX_LINES = 30
"""Lines below a title that belong to it."""
_TRAIN = "|".join(sorted(TRAIN, key=len, reverse=True))
_HELD = "|".join(sorted(HELD_OUT, key=len, reverse=True))
_ANY = f"{_HELD}|{_TRAIN}"
_HINT = re.compile("(?i)train|val|dev|test")
_MORE = r"(?:\s(?:results?|metrics|stats|statistics|performance|scores|phase))?"
_MARK = re.compile(
    rf"(?i)(?<![\w/@.'\"=#-])(?:"
    rf"[\[(<]\s?(?P<framed>{_ANY})\s?[\])>][:\s|,-]{{0,8}}"
    rf"|(?P<named>{_ANY}){_MORE}(?:\s?:{{1,2}}|\s[|>\u2013\u2014-]+|\s?>{{1,3}})\s{{1,8}}"
    rf")(?=[A-Za-z]|\d{{1,3}}%\|)(?!(?-i:INFO|DEBUG|WARN))"
    rf"|(?<![\w/@.'\"=#-])(?P<counted>{_HELD})\s{{0,2}}:?\s{{1,3}}"
    r"(?=(?:(?:in|at|on)\s)?(?:global[_ ])?(?:epoch|step|iter\w{0,6}|batch)\W{1,4}\d"
    r"|\[\s{0,6}\d+/)"
)
_LEVEL = re.compile(rf"(?i)\b(?:{'|'.join(sorted(LEVELS))})\s{{1,4}}$")
_SET = r"(?:\s(?:set|data|dataset|split|results?|metrics|scores?|performance|stats|phase|report))"
_TITLE = re.compile(
    r"(?i)^\s{0,20}(?P<rule>[-=*#>+_\[(<]{1,80})?\s{0,4}"
    r"(?:(?:results?|performance|metrics|scores?|evaluation)\s(?:on|for|of)\s(?:the\s)?)?"
    rf"(?P<phase>{'|'.join(word for word in _ANY.split('|') if not word.startswith('eval'))})"
    rf"{_SET}{{0,2}}\s{{0,4}}(?P<end>:?\s{{0,4}}[-=*#<\])>+_]{{0,80}})\s{{0,20}}$"
)
_RATES = frozenset(("lr", "learning_rate"))


class Titles:
    """The title above the lines that are read."""

    def __init__(self) -> None:
        self._phase = ""
        self._n_left = 0
        self._has_read = False

    @property
    def is_open(self) -> bool:
        """Whether the lines that follow may belong to a title."""
        return bool(self._phase)

    def read(self, line: str) -> bool:
        """Return whether a line is a title, whose place is kept."""
        phase = _phase_of_title(line)
        if phase:
            self._phase, self._n_left, self._has_read = phase, _MAX_LINES, False
            return True
        if self._phase:
            self._n_left -= 1
            is_other = line.rstrip().endswith(":") or (not line.strip() and self._has_read)
            if is_other or not self._n_left:
                self.close()
        return False

    def close(self) -> None:
        """Forget the title: something else begins."""
        self._phase = ""

    def placed(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Return the pairs of a line with the title's phase in their names."""
        if not self._phase or not pairs:
            return pairs
        self._has_read = True
        if any("/" in pair.name or phase_of(pair.name) for pair in pairs):
            return pairs
        return [_within(self._phase, pair) if is_metric(pair.name) else pair for pair in pairs]


def with_phases(line: str, pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Return the pairs of a line, those of a phase that the line names with it in their names."""
    if not pairs or _HINT.search(line) is None:
        return pairs
    marks = [
        (match.end(), match[match.lastgroup or 0])
        for match in _MARK.finditer(line)
        if match["named"] is None or not _LEVEL.search(line, 0, match.start())
    ]
    if marks:
        return [_marked(pair, marks) for pair in pairs]
    if len(pairs) < 2:
        return pairs
    return _carried(sorted(pairs, key=lambda pair: pair.at))


def phase_of(name: str) -> str:
    """Return the word of a name that says of which data it is; empty if none does."""
    words = re.split(r"[\W_]+", name)
    return next((word for word in words if word.lower() in _PHASES), "")


_PHASES = frozenset((*HELD_OUT, *TRAIN))


def _marked(pair: Pair, marks: Sequence[tuple[int, str]]) -> Pair:
    before = [phase for end, phase in marks if end <= pair.at]
    return _within(before[-1], pair) if before else pair


def _within(phase: str, pair: Pair) -> Pair:
    if phase_of(pair.name) or folded(pair.name) in _RATES:
        return pair
    return replace(pair, name=f"{phase}/{pair.name}")


def _carried(pairs: Sequence[Pair]) -> Sequence[Pair]:
    """Return pairs, the phase in a name kept for the names behind it if it is meant for them.

    It is where one name stands behind several phases, as in ``train loss 1, acc 2, val loss 3,
    acc 4``, and where the only phase begins a line of metrics, as in ``Train Loss: 1 Acc: 2``.
    """
    phases = [phase_of(pair.name) for pair in pairs]
    if not any(phases) or pairs[0].at < 0:
        return pairs
    plain = Counter(
        folded(pair.name) for pair, phase in zip(pairs, phases, strict=True) if not phase
    )
    often = {name for name, number in plain.items() if number > 1}
    is_first = pairs[0].name.lower().startswith(f"{phases[0].lower()} ") and bool(phases[0])
    is_only = not any(phases[1:]) and all(is_metric(pair.name) for pair in pairs)
    if not often and not (is_first and is_only):
        return pairs
    found, current = [], ""
    for pair, phase in zip(pairs, phases, strict=True):
        current = phase or current
        is_meant = current and (is_metric(pair.name) or folded(pair.name) in often)
        found.append(_within(current, pair) if is_meant else pair)
    return found


def _phase_of_title(line: str) -> str:
    if len(line) > 200 or _HINT.search(line) is None:
        return ""
    match = _TITLE.match(line)
    if match is None:
        return ""
    is_title = ":" in match["end"] or bool(match["rule"] and match["end"])
    return match["phase"] if is_title else ""
