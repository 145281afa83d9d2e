"""What may be said of a search without a script."""

from tunesmith.request.option import Door, Group
from tunesmith.request.options import options_of

_OF_RUNNING = ("needed", "cost", "prune", "prune_on", "prune_after")
"""Options of a search that say something of the script that it runs."""
_OF_RESULTS = ("name", "label", "tags")

OPTIONS = tuple(
    option.name
    for option in options_of(Door.RUN)
    if (option.group is Group.SEARCH and option.name not in _OF_RUNNING)
    or option.name in _OF_RESULTS
)
"""The options of a request that do not say how trials are run, by their names."""
