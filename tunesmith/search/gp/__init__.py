"""A Gaussian process over the unit cube: fitted to what is known, asked where to try next."""
