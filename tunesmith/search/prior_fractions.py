"""The share of a prior that lies below a number, and the number below which a share lies."""

import math

from tunesmith.flags.number import without_float_noise
from tunesmith.flags.priors import Normal, Prior


def share_below(prior: Prior, x: float) -> float:
    """Return the probability of a number below ``x``."""
    if isinstance(prior, Normal):
        return 0.5 * math.erfc((prior.mean - x) / (prior.sd * math.sqrt(2)))
    from scipy.special import betainc  # a tenth of a second to import

    return float(betainc(prior.a, prior.b, min(1.0, max(0.0, x))))


def quantile(prior: Prior, share: float) -> float:
    """Return the number below which a share in [0, 1] of the prior lies."""
    if isinstance(prior, Normal):
        from statistics import NormalDist  # decimal and fractions come with it

        inner = min(1 - 2**-53, max(2**-53, share))
        return without_float_noise(NormalDist(prior.mean, prior.sd).inv_cdf(inner))
    from scipy.special import betaincinv

    return without_float_noise(float(betaincinv(prior.a, prior.b, share)))
