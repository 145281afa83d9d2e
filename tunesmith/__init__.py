"""Tunesmith finds good hyperparameters for a script that its user did not change."""

__version__ = "0.1.0"
