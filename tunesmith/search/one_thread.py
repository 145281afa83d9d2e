"""Linear algebra on one thread.

The matrices of a few hundred trials are too small to be shared: threads that wait for each other
took six times the CPU, of cores that trials need. Sums are also rounded in the same order on every
machine, whatever its number of cores.
"""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function within which NumPy's and SciPy's linear algebra takes one thread.

    Args:
        function: It, in a module that imports all that it computes with.
    """

    @wraps(function)
    def limited(*arguments: P.args, **keywords: P.kwargs) -> R:
        with _libraries().limit(limits=1, user_api="blas"):
            return function(*arguments, **keywords)

    return limited


@cache
def _libraries() -> Any:
    """Return the libraries that are loaded; to look for them takes milliseconds."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
