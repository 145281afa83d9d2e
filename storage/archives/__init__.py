"""Runs from one store into another: copied, or as an archive; on top of the store itself."""
