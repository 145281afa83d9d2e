"""Which points a search may propose, by what a request says of it."""

from collections.abc import Mapping, Sequence

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
