"""Bayesian optimization with Gaussian processes over the unit cube."""
