"""Sweeps in a file, and a project's defaults: read, written, and put below what was typed."""
