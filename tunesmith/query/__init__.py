"""Queries over runs: selection, filters, columns and tables. Pure functions of given runs."""
