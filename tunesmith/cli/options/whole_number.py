"""A whole number on the command line; anything else is refused in one line."""

from typing import Any

import click
from click.types import IntParamType


class WholeNumber(IntParamType):
    """A whole number within bounds; unlike ``click.IntRange``, without ``[x>=1]`` in the help."""

    name = "whole number"

    def __init__(self, *, min: int, max: int | None = None) -> None:  # noqa: A002 - click's names
        """Take the least number, and the greatest one; None for no limit."""
        self.min, self.max = min, max

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number.

        Raises:
            click.BadParameter: The value is not a whole number, or is out of bounds.
        """
        bounds = f"{self.min} or more" if self.max is None else f"{self.min} to {self.max}"
        try:
            number = int(super().convert(value, param, ctx))
        except click.BadParameter:
            number = self.min - 1
        if number < self.min or (self.max is not None and number > self.max):
            self.fail(f"{value!r}: expected a whole number, {bounds}", param, ctx)
        return number
