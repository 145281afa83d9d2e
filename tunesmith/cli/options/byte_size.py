"""A size on the command line, such as 500MB or 20GB."""

import re
from typing import Any

import click
from click.types import IntParamType

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]?)B?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


class ByteSize(IntParamType):
    """A size in bytes, or in the unit that follows the number."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes.

        Raises:
            click.BadParameter: The value is not a size.
        """
        if isinstance(value, int):
            return value
        if (found := _SIZE.fullmatch(value.strip())) is None:
            self.fail(
                f"{value!r} is not a size: write a number of bytes, or 500MB, 20GB, 1.5TB",
                param,
                ctx,
            )
        return round(float(found[1]) * _UNITS[found[2].lower()])
