"""What a row of the index says of what a trial reported and used."""

from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.objective import Objective
from tunesmith.scalar import ScalarSummary
from tunesmith.storage.index.index_rows import decode_scalars, encode_float

MEASURES = ("scalars", "seconds", "cpu_seconds", "max_rss_bytes")
"""The columns of the row, in the order of the fields of ``Measures``."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The measures of a row; its scalars stay JSON until they are asked for."""

    text: str
    """The scalars as JSON."""
    seconds: float | None
    cpu_seconds: float | None
    max_rss_bytes: int | None

    @property
    def scalars(self) -> Mapping[str, ScalarSummary]:
        """A summary for each tag."""
        return decode_scalars(self.text)


def objective_of_row(measures: Measures, objective: Objective) -> float | str | None:
    """Return the objective of a row, as the row holds it."""
    return encode_float(objective.read(measures))
