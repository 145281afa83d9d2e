"""A whole number of the command line, with one clear line for what is none."""

from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number that is not too small, nor too large."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number.

        Raises:
            click.BadParameter: It is none, or out of bounds.
        """
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            bounds = f"{self.min} or more" if self.max is None else f"{self.min} to {self.max}"
            self.fail(f"{value!r}: expected a whole number, {bounds}", param, ctx)
