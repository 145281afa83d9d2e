"""Runs the script: one child process for each attempt of a trial."""
