"""What TensorBoard reads: a log directory of runs. ``tasks`` and ``cli`` call it."""
