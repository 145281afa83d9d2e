"""Which points a search may propose, by what a request says of it."""

from tunesmith.batch import BatchSpec
from tunesmith.request.reading import NONE
from tunesmith.request.sweep_request import SweepRequest
from tunesmith.search.space import SearchSpace


def allow_as(where: tuple[str, ...], request: SweepRequest) -> tuple[str, ...]:
    """Return the conditions from now on: as before, but for what the request says."""
    if request.where is None:
        return where
    return () if request.where == (NONE,) else tuple(dict.fromkeys(request.where))


def checked(spec: BatchSpec) -> BatchSpec:
    """Return a specification whose conditions leave something to propose.

    Raises:
        SpecificationError: They cannot be read, or no point is known that meets them.
    """
    if spec.where:
        from tunesmith.search.allowed import check_allowed  # NumPy takes a while to import

        check_allowed(SearchSpace.of(spec))
    return spec
