"""Tunesmith from Python: what ``import tunesmith`` offers. Programs and notebooks call it."""
