"""The sources of a table's cells: a list of runs, or the columns of an index."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, Self

from tunesmith.flags.values import FlagValue
from tunesmith.query.attributes import Cell, step_tag
from tunesmith.query.columns import Column, ColumnKind, read_cells
from tunesmith.scalar import ScalarSummary, Statistic
from tunesmith.scalar_names import resolve_tag
from tunesmith.trial import Run, short_id


class Source(Protocol):
    """An ordered collection of runs, whose cells are read by column."""

    def __len__(self) -> int:
        """Return the number of runs."""
        ...

    def names(self) -> tuple[set[str], set[str]]:
        """Return the names of all flags and the tags of all scalars."""
        ...

    def cells(self, column: Column) -> list[Cell]:
        """Return each run's value in a column; None if it is missing.

        Args:
            column: The column, whose kind must not be ``ANY``.
        """
        ...

    def batches(self) -> Sequence[str]:
        """Return the id of each run's batch; for a single run its own."""
        ...

    def picked(self, places: Sequence[int]) -> "Source":
        """Return the runs at some positions, in that order."""
        ...


@dataclass(frozen=True, slots=True)
class ListedRuns:
    """A list of runs."""

    runs: Sequence[Run]

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.runs)

    def names(self) -> tuple[set[str], set[str]]:
        """Return the names of all flags and the tags of all scalars."""
        return _all_of(run.flags for run in self.runs), _all_of(run.scalars for run in self.runs)

    def cells(self, column: Column) -> list[Cell]:
        """Return what each run has in a column."""
        return read_cells(column, self.runs)

    def batches(self) -> Sequence[str]:
        """Return the id of each run's batch."""
        return [run.batch for run in self.runs]

    def picked(self, places: Sequence[int]) -> Self:
        """Return the runs at some places."""
        return type(self)([self.runs[place] for place in places])


@dataclass(frozen=True, slots=True)
class IndexedRuns:
    """Runs that are not batches, as columns read from an index.

    For 100,000 runs this takes half the time of making a ``Run`` of each.
    """

    columns: Mapping[str, Sequence[Any]]
    """The columns by the name of the run's field, all of one length. ``flags`` holds mappings, and
    ``scalars`` maps each tag to the numbers of its summary, in the order of their fields."""

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.columns["id"])

    def names(self) -> tuple[set[str], set[str]]:
        """Return the names of all flags and the tags of all scalars."""
        return _all_of(self.columns["flags"]), _all_of(self.columns["scalars"])

    def cells(self, column: Column) -> list[Cell]:
        """Return what each run has in a column, whose fields have to be there."""
        if column.kind is ColumnKind.ATTRIBUTE:
            return self._attribute(column.name)
        if column.kind is ColumnKind.FLAG:
            flags: Sequence[Mapping[str, FlagValue]] = self.columns["flags"]
            return [one.get(column.name) for one in flags]
        return self._scalar(column)

    def batches(self) -> Sequence[str]:
        """Return the id of each run's batch, whose field has to be there."""
        return self.columns["batch"]

    def picked(self, places: Sequence[int]) -> Self:
        """Return the runs at some places."""
        return type(self)(
            {name: [values[place] for place in places] for name, values in self.columns.items()}
        )

    def _attribute(self, name: str) -> list[Cell]:
        if name == "step":
            return [_step_of(numbers) for numbers in self.columns["scalars"]]
        convert = _CONVERTED.get(name)
        read = [self.columns[field] for field in fields_of(name)]
        return list(read[0]) if convert is None else list(map(convert, *read))

    def _scalar(self, column: Column) -> list[Cell]:
        place, is_count = _place_of(column), column.statistic is Statistic.COUNT
        kind = int if column.wants_step or is_count else float
        cells: list[Cell] = []
        for numbers in self.columns["scalars"]:
            tag = resolve_tag(column.name, numbers)
            cells.append(None if tag is None or place is None else kind(numbers[tag][place]))
        return cells


def fields_of(attribute: str) -> tuple[str, ...]:
    """Return the fields of a run, other than scalars, that an attribute is read from."""
    return _FIELDS.get(attribute, (attribute,))


def fields_for(attributes: Collection[str]) -> set[str]:
    """Return the fields of a run, other than scalars, that some attributes are read from."""
    return {field for attribute in attributes for field in fields_of(attribute)}


def _all_of(names: Iterable[Iterable[str]]) -> set[str]:
    found: set[str] = set()
    for some in names:
        found.update(some)
    return found


def _step_of(numbers: Mapping[str, Sequence[Any]]) -> int | None:
    """Return a run's last step, as ``step_of`` does."""
    tag = step_tag(numbers)
    return None if tag is None else int(numbers[tag][_STATISTICS["last_step"]])


def _place_of(column: Column) -> int | None:
    """Return a number's position in a summary; None for the step of a mean or a count."""
    if not column.wants_step:
        return _STATISTICS[column.statistic.value]
    if column.statistic in (Statistic.MEAN, Statistic.COUNT):
        return None
    return _STATISTICS[f"{column.statistic.value}_step"]


_STATISTICS = {name: place for place, name in enumerate(ScalarSummary.__dataclass_fields__)}
_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "run": ("id",),
        "time": ("seconds",),
        "batch": ("batch", "id"),
        "sourcecode": ("source_digest",),
        "step": (),
    }
)
_CONVERTED: Mapping[str, Callable[..., Cell]] = MappingProxyType(
    {
        "run": short_id,
        "batch": lambda batch, run_id: None if batch == run_id else short_id(batch),
        "sourcecode": short_id,
    }
)
