"""Priors of the kernel's hyper-parameters."""

import math
from dataclasses import dataclass

import numpy as np

from tunesmith.search.gp.kernel import Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Normal priors of the logarithms: lengthscales (one for all, ARD), amplitude, noise.

    Of standardized targets over the unit cube. A parameter vector is (log l_1 … log l_d,
    log amplitude, log noise variance).
    """

    lengthscale_mean: float
    """The mean of log l in one dimension; it grows by log(d) / 2, so that the diagonal of the
    cube stays as many lengthscales long (Hvarfner, Hellsten and Nardi, 2024)."""
    lengthscale_sd: float
    amplitude_sd: float = 0.7
    noise_mean: float = -4.0
    """Less noise than this makes a search trust small differences between its first trials."""
    noise_sd: float = 1.5

    def means(self, d: int) -> Array:
        """Return the prior's means, shape (d + 2,)."""
        lengthscale = self.lengthscale_mean + math.log(d) / 2
        return np.array([lengthscale] * d + [0.0, self.noise_mean])

    def sds(self, d: int) -> Array:
        """Return the prior's standard deviations, shape (d + 2,)."""
        return np.array([self.lengthscale_sd] * d + [self.amplitude_sd, self.noise_sd])


LONG = Prior(lengthscale_mean=math.sqrt(2.0), lengthscale_sd=math.sqrt(3.0))
"""Functions that vary slowly, of any smoothness: the prior of Hvarfner, Hellsten and Nardi, 2024,
"Vanilla Bayesian Optimization Performs Great in High Dimensions", eq. 6."""
SHORT = Prior(lengthscale_mean=math.log(0.15), lengthscale_sd=0.7)
"""Functions with valleys as narrow as a tenth of the range: the long prior rules them out, and the
search would stay in the wrong valley."""
WIGGLY = Prior(lengthscale_mean=-3.0, lengthscale_sd=0.3)
"""Functions that vary within a twentieth of the range: as long as the data allow it, it sends the
search into gaps in which the other two are overconfident."""
