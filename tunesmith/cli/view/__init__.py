"""The interactive comparison: a sheet of runs on the whole terminal. Only ``compare`` opens it."""
