"""Which acquisition function a Gaussian process maximizes, and with what noise."""

from dataclasses import dataclass, replace

import numpy as np

HEDGE = "gp_hedge"
PORTFOLIO = ("EI", "LCB", "PI")
"""What ``gp_hedge`` draws from (Hoffman, Brochu and de Freitas, 2011), each with the same
probability, since its gains cannot be computed from the record."""

PER_SECOND = 1.0
"""The power of the seconds with cost=seconds: 1 for improvement per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionConfig:
    """An acquisition function with its parameters, and the noise of the observations."""

    acquisition: str = "AEI"
    """``AEI`` (augmented expected improvement), ``EI``, ``PI``, ``LCB``, or ``gp_hedge``, which
    stands for one of the last three."""
    kappa: float = 1.96
    """The standard deviations by which LCB lies below the mean."""
    xi: float = 0.05
    """The improvement that EI and PI ask for, in standard deviations of the targets."""
    noise: float | None = None
    """The variance of the noise, in units of the targets' variance; None to estimate it."""

    per_second: float = 0.0
    """The power of the expected seconds of a trial by which its acquisition is divided."""

    def drawn(self, generator: np.random.Generator) -> "AcquisitionConfig":
        """Return the configuration with one acquisition function, drawn for ``gp_hedge``."""
        if self.acquisition != HEDGE:
            return self
        return replace(self, acquisition=PORTFOLIO[int(generator.integers(len(PORTFOLIO)))])
