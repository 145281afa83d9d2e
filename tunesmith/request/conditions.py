"""Which points a search may propose, by what a request says of it."""

from collections.abc import Collection, Mapping, Sequence

from tunesmith.constraint import read_constraints
from tunesmith.errors import SpecificationError
from tunesmith.flags.settings import Setting
from tunesmith.flags.values import FlagValue
from tunesmith.request.reading import NONE
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.space import SearchSpace


def allow_as(where: tuple[str, ...], request: SweepRequest) -> tuple[str, ...]:
    """Return the conditions from now on: as before, but for what the request says."""
    if request.where is None:
        return where
    return () if request.where == (NONE,) else tuple(dict.fromkeys(request.where))


def subject_to_as(
    subject_to: tuple[str, ...], request: SweepRequest, flags: Collection[str]
) -> tuple[str, ...]:
    """Return the constraints from now on: as before, but for what the request says.

    Args:
        subject_to: The constraints before.
        request: What was asked for.
        flags: The names of the flags, which trials do not report.

    Raises:
        SpecificationError: One cannot be read, or is on a flag.
    """
    if request.subject_to is None:
        return subject_to
    texts = () if request.subject_to == (NONE,) else tuple(dict.fromkeys(request.subject_to))
    for one in read_constraints(texts):
        for column in one.columns:
            if column.tag in flags:
                raise SpecificationError(
                    f"--subject-to {one.text!r}: {column.tag} is a flag, known before a trial "
                    "runs: take --where for it"
                )
    return texts


def check_where(
    settings: Mapping[str, Setting],
    rows: Sequence[Mapping[str, FlagValue]],
    where: tuple[str, ...],
) -> None:
    """Check that conditions leave something to propose.

    Args:
        settings: What each flag is set to.
        rows: The rows of batch files.
        where: The conditions.

    Raises:
        SpecificationError: They cannot be read, or no point is known that meets them.
    """
    if where:
        from tunesmith.search.allowed import check_allowed  # NumPy takes a while to import

        check_allowed(SearchSpace.from_settings(settings, rows, where))
