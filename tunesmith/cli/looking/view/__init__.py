"""The live view of ``tunesmith compare``: a sheet of runs that takes over the terminal."""
