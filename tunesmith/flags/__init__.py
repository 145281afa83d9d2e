"""The flag language: grammar, sequences, distributions, typed reading, display.

Pure: it uses no file, clock, environment or random state. Every layer above may import it.
"""
