"""The values of files that can be set as flags, as a table."""

from collections.abc import Sequence

from tunesmith.cli.text.rendering import render_columns
from tunesmith.flags.definition import FlagDefinition
from tunesmith.flags.display import format_value, shortened

N_LISTED = 60
"""Addresses that are shown; JSON has all."""


def addresses_table(addresses: Sequence[FlagDefinition]) -> list[str]:
    """Return the table, and a line for what it leaves out; nothing where there are none."""
    if not addresses:
        return []
    rows = [
        [flag.name, str(flag.type), shortened(format_value(flag.default)), flag.address]
        for flag in addresses[:N_LISTED]
    ]
    table = render_columns([["value of a file", "type", "now", "address"], *rows])
    n_more = len(addresses) - len(rows)
    return [f"{table}\n… and {n_more} more: --json lists them all" if n_more else table]
