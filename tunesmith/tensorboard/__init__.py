"""TensorBoard: a log directory of runs, and its server. ``tasks`` and ``cli`` call it."""
