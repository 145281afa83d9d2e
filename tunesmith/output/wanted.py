"""A scalar that is looked for by its name: an objective, or what a constraint is on."""

import re
from dataclasses import dataclass
from functools import cached_property

from tunesmith.output.numbers import VALUE, WRAPPERS, end_of_number, to_float
from tunesmith.output.pairs import Pair
from tunesmith.output.phases import phase_of
from tunesmith.scalar_names import TRAIN, folded

_OF_WHAT = (
    r"\s+(?:(?:of|on|over)\s+(?!class\b)(?:[a-z]\w*\s+|\d{1,9}\s+){0,5}"
    r"(?!epoch|step|iter|batch|fold)[a-z][\w-]*|so far)"
    r"(?:\s+(?:is|was)\s+|\s*[:=]\s*)"
)
"""What may stand between the name and its number, as ``on the test set is``."""


@dataclass(frozen=True)
class Wanted:
    """The name of a scalar that is found wherever it stands before a number."""

    name: str

    @cached_property
    def folded(self) -> str:
        """What names that mean the same have in common."""
        return folded(self.name)

    @cached_property
    def word(self) -> str:
        """Its last word, folded."""
        return self.folded.rpartition("_")[2]

    @cached_property
    def _named(self) -> re.Pattern[str]:
        words = r"[\s_-]{0,3}".join(map(re.escape, self.folded.split("_")))
        return re.compile(
            rf"(?i)(?<![^\W_])({words})['\"]?(?:(?:[^\w.+-]|\.(?!\d)){{1,40}}|\s+(?:is|was|of|to|at)\s+"
            rf"|{_OF_WHAT})"
            rf"(?-i:{WRAPPERS}({VALUE}))"
        )

    def find(self, line: str, found: list[Pair]) -> Pair | None:
        """Return it, if it stands before a number in a way that nothing else may.

        Args:
            line: The line.
            found: What the line is known to report.
        """
        if any(folded(pair.name).endswith(self.folded) for pair in found):
            return None
        match = self._named.search(line)
        if match is None or any(_is_of_training(pair, match) for pair in found):
            return None
        is_listed = line[match.start(2) - 1] in "[(" and line[match.end() :][:1] == ","
        if is_listed or end_of_number(line, match.end()) is None:
            return None
        return Pair(match[1], to_float(match[2]))


def _is_of_training(pair: Pair, match: re.Match[str]) -> bool:
    """Return whether a number has a name that says that it is of training data."""
    return pair.at == match.start(2) and phase_of(pair.name).lower() in TRAIN
