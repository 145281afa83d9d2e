"""The engine: a process that has imported what commands need, and is forked for each of them."""
