"""How the numbers of an interval are laid out on [0, 1]: by their scale, or by a prior."""

import math
from dataclasses import dataclass
from enum import StrEnum

from tunesmith.flags.number import without_float_noise
from tunesmith.flags.priors import Prior
from tunesmith.search.prior_fractions import quantile, share_below

_LARGEST_EXPONENT = 709.78
"""The exponential of more overflows."""


class Scale(StrEnum):
    """How an interval is laid out on [0, 1]."""

    LINEAR = "linear"
    LOG = "log"
    """By the logarithm, so that every decade has the same share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An interval of numbers, both ends included."""

    low: float
    high: float
    scale: Scale
    prior: Prior | None = None
    """Of the numbers, or of their logarithms on a log scale; None for uniform."""

    def fraction(self, number: float) -> float:
        """Return how much of the interval lies below a number, in [0, 1]."""
        if self.prior is not None:
            below, least, most = (
                share_below(self.prior, self._along(one)) for one in (number, self.low, self.high)
            )
            return clip((below - least) / (most - least), 0.0, 1.0)
        return clip(self.place(number), 0.0, 1.0)

    def place(self, number: float) -> float:
        """Return where a number is on its scale: 0 at the low end, 1 at the high one.

        Numbers beyond the ends have places, too, as far as the scale goes. The prior has no say.
        """
        if self.scale is Scale.LOG:
            # differences of logarithms, since the quotient of 1e300 and 1e-300 overflows
            above = math.log(number) - math.log(self.low)
            return above / (math.log(self.high) - math.log(self.low))
        above, length = number - self.low, self.high - self.low
        if length == math.inf:  # of 1e308: its half is finite, while half of 5e-324 is 0
            above, length = number / 2 - self.low / 2, self.high / 2 - self.low / 2
        return above / length

    def number(self, u: float) -> float:
        """Return the number below which a fraction of the interval lies; never outside of it."""
        u = clip(u, 0.0, 1.0)
        if self.prior is not None:
            least, most = (share_below(self.prior, self._along(e)) for e in (self.low, self.high))
            found = quantile(self.prior, (1.0 - u) * least + u * most)
            found = _exponential(found) if self.scale is Scale.LOG else found
        elif self.scale is Scale.LOG:
            low, high = math.log(self.low), math.log(self.high)
            found = _exponential(low + u * (high - low))
        else:
            found = (1.0 - u) * self.low + u * self.high
        return clip(found, self.low, self.high)

    def _along(self, number: float) -> float:
        """Return the number of which the prior is."""
        return math.log(number) if self.scale is Scale.LOG else number


def clip(number: float, low: float, high: float) -> float:
    """Return a number, or the nearer end where it is outside."""
    return max(low, min(high, number))


def _exponential(exponent: float) -> float:
    return without_float_noise(math.exp(min(exponent, _LARGEST_EXPONENT)))
