"""Immutable objects: the contract, their names, and files that keep them."""
