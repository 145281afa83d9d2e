"""What is expected of the best candidate of a batch, and how likely it is the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tunesmith.batch import BatchSpec
from tunesmith.candidates import chances_of, one_each
from tunesmith.flags.display import format_value
from tunesmith.flags.values import point_key
from tunesmith.query.cells import count
from tunesmith.ranking import best_of, cost_of
from tunesmith.trial import Run, TrialRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What further runs of the best candidate would come to, in the objective's unit."""

    id: str
    """The id of the candidate's first run."""
    number: int
    mean: float
    sd: float
    chance: float
    """The probability that it is the best of the candidates."""
    n_candidates: int
    """How many were compared."""
    default_chance: float | None
    """The same of the candidate that has the script's defaults; None where there is none."""

    def describe(self) -> str:
        """Return it as the summary has it."""
        text = f"{format_value(self.mean)} ± {self.sd:.2g}"
        if self.n_candidates > 1:
            others = count(self.n_candidates, "candidate")
            text += f"; {self.chance:.0%} that it is the best of {others}"
        if self.default_chance is not None:
            text += f"; the script's defaults: {self.default_chance:.0%}"
        return text.replace("%", " %")

    def to_plain(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "id": self.id,
            "number": self.number,
            "mean": self.mean,
            "sd": self.sd,
            "chance": self.chance,
            "candidates": self.n_candidates,
            "default_chance": self.default_chance,
        }


def best_to_plain(best: Run | TrialRecord) -> dict[str, Any]:
    """Return the JSON fields of the best candidate that a single run does not have."""
    if best.repeated is None:
        return {}
    return {"se": best.repeated.se, "runs": list(best.repeated.numbers)}


def expectation(
    spec: BatchSpec, trials: Sequence[Run] | Sequence[TrialRecord]
) -> Expectation | None:
    """Return what is expected of the best candidate.

    None without repeats, with several objectives, and where nothing is known of chance, since no
    candidate has run twice.
    """
    if spec.repeats is None or spec.more_objectives:
        return None
    each = [one for one in one_each(spec, [*trials]) if cost_of(spec, one) is not None]
    best, chances = best_of(spec, each), chances_of(spec, each)
    if best is None or best.id not in chances:
        return None
    repeated = best.repeated
    if repeated is None or repeated.expected is None:
        return None
    default = next((one for one in each if one.id in chances and _is_default(spec, one)), None)
    is_other = default is not None and default.id != best.id
    return Expectation(
        id=best.id,
        number=best.number,
        mean=repeated.expected,
        sd=repeated.sd,
        chance=chances[best.id],
        n_candidates=len(chances),
        default_chance=chances[default.id] if default is not None and is_other else None,
    )


def _is_default(spec: BatchSpec, candidate: Run | TrialRecord) -> bool:
    """Return whether a candidate has the script's own values in all flags that vary."""
    defaults = spec.script_flags.defaults
    varied = spec.varied(spec.point(candidate.flags))
    return all(
        name in defaults and point_key(value) == point_key(defaults[name])
        for name, value in varied.items()
    )
