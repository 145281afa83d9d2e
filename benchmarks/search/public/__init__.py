"""Public benchmarks: tasks whose data ship in packages that anybody can install."""
