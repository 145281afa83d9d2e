"""A size of the command line, as 500MB or 20GB."""

import re
from typing import Any

import click

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)B?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


class ByteSize(click.IntRange):
    """A size in bytes, with a unit if one is given."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes.

        Raises:
            click.BadParameter: It is no size.
        """
        if isinstance(value, int):
            return value
        if (found := _SIZE.fullmatch(value.strip())) is None:
            self.fail(f"{value!r} is no size: write bytes, or 500MB, 20GB, 1.5TB", param, ctx)
        return round(float(found[1]) * _UNITS[found[2].lower()])
