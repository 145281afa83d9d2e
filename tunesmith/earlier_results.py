"""Results that a batch begins with: of other runs, of a table, of another program's study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tunesmith.flags.values import Flags, FlagValue, from_plain, to_plain
from tunesmith.scalar import ScalarColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierResults:
    """What one source says of the objective of a batch, kept with it so that a replay is exact."""

    source: str
    """As it was named: a run, an operation, a file, a study."""
    batch: str
    """The batch that the trials belonged to; of a table or a study its name."""
    flags: tuple[Flags, ...]
    """The points, each with a value for every flag of the search space."""
    values: tuple[float, ...]
    """The objective at each point, finite; of several the first."""
    others: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    """What else the batch looks at, the further objectives and what is constrained, by the text of
    the scalar's column: the value at each point, None where the source does not tell it."""
    n_left_out: int = 0
    """How many results of the source lie outside of what is searched, or say too little."""

    def read(self, place: int, column: ScalarColumn) -> float | None:
        """Return the value of one of ``others`` at a point; None where it is not known."""
        values = self.others.get(str(column))
        return None if values is None else values[place]


def earlier_to_plain(results: Sequence[EarlierResults]) -> list[dict[str, object]]:
    """Return results as plain JSON."""
    return [
        {
            "source": one.source,
            "batch": one.batch,
            "flags": [{name: to_plain(value) for name, value in f.items()} for f in one.flags],
            "values": list(one.values),
            **({"others": {n: list(v) for n, v in one.others.items()}} if one.others else {}),
            "n_left_out": one.n_left_out,
        }
        for one in results
    ]


def earlier_from_plain(plain: Sequence[Mapping[str, object]]) -> tuple[EarlierResults, ...]:
    """Return what ``earlier_to_plain`` was given."""
    return tuple(
        EarlierResults(
            source=str(one["source"]),
            batch=str(one["batch"]),
            flags=tuple(_point(flags) for flags in one["flags"]),  # type: ignore[attr-defined]
            values=tuple(float(value) for value in one["values"]),  # type: ignore[attr-defined]
            others={n: _values(plain) for n, plain in one.get("others", {}).items()},  # type: ignore[attr-defined]
            n_left_out=int(one["n_left_out"]),  # type: ignore[call-overload]
        )
        for one in plain
    )


def _values(plain: Sequence[float | None]) -> tuple[float | None, ...]:
    return tuple(None if value is None else float(value) for value in plain)


def _point(plain: Mapping[str, object]) -> dict[str, FlagValue]:
    return {name: from_plain(value) for name, value in plain.items()}
