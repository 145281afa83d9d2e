"""The options of ``tunesmith compare``."""

from dataclasses import dataclass

from tunesmith.errors import UsageError
from tunesmith.query.attributes import ATTRIBUTES
from tunesmith.query.columns import Column, parse_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """How to show a comparison.

    Raises:
        UsageError: Two options exclude each other.
    """

    is_table: bool
    csv: str | None
    is_json: bool
    is_markdown: bool
    parquet: str | None
    columns: str | None
    all_columns: bool
    skip_unchanged: bool
    lowest: str | None
    """The column to sort by, the lowest value first."""
    highest: str | None
    """The column to sort by, the highest value first."""
    top: int | None
    include_batch: bool
    all_runs: bool
    """Whether to show each run of a candidate that a batch repeats, not the means."""
    pareto: bool
    """Whether to show the fronts of batches with several objectives alone."""

    def __post_init__(self) -> None:
        if len(self.formats) > 1:
            raise UsageError(f"{' and '.join(self.formats)} exclude each other: choose one")
        if self.lowest is not None and self.highest is not None:
            raise UsageError("--min and --max exclude each other: choose one")

        if self.all_columns and (self.columns is not None or self.skip_unchanged):
            other = "--columns" if self.columns is not None else "--skip-unchanged"
            raise UsageError(f"--all-columns and {other} exclude each other: choose one")

    @property
    def is_by_interest(self) -> bool:
        """Whether a table for people is printed whose columns were not chosen.

        What other programs read has all columns, in an order that does not depend on the runs.
        """
        return self.columns is None and self.formats in ([], ["--table"])

    @property
    def is_by_candidate(self) -> bool:
        """Whether candidates that a batch repeats have one row each, where people read it."""
        return not self.all_runs and self.formats in ([], ["--table"], ["--md"])

    @property
    def formats(self) -> list[str]:
        """The output formats that were given, as options."""
        formats = {
            "--table": self.is_table,
            "--csv": self.csv is not None,
            "--json": self.is_json,
            "--md": self.is_markdown,
            "--parquet": self.parquet is not None,
        }
        return [option for option, is_given in formats.items() if is_given]

    @property
    def order(self) -> str | None:
        """The column to sort by; None for the original order."""
        return self.lowest if self.highest is None else self.highest

    @property
    def chosen_columns(self) -> tuple[Column, ...]:
        """The columns that were chosen; empty for the default ones.

        Raises:
            QueryError: The text is not a list of columns.
        """
        return () if self.columns is None else parse_columns(self.columns)

    @property
    def attributes(self) -> list[str]:
        """The attributes that are needed beside those that every table shows."""
        order = () if self.order is None else parse_columns(self.order)
        columns = (*self.chosen_columns, *order)
        return [column.name for column in columns if column.name in ATTRIBUTES]
