"""The flag language: grammar, sequences, distributions, typed reading, display.

Pure: no file, clock, environment or random state. Anyone above may call it.
"""
