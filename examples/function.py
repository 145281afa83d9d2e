"""A Python function as the objective: each trial calls it in a process of its own.

python function.py
"""

import tunesmith


def valley(x: float, y: float, *, is_steep: bool = False) -> float:
    """A valley with its lowest point at x = 0.3, y = 1."""
    return (x - 0.3) ** 2 * (10 if is_steep else 1) + (y - 1) ** 2


if __name__ == "__main__":
    space = {"x": tunesmith.uniform(-2.0, 2.0), "y": tunesmith.loguniform(0.01, 100.0)}
    batch = tunesmith.minimize(valley, {**space, "is_steep": [True, False]}, max_trials=12)
    if batch.best is not None:
        print("best", batch.best.flags, batch.best.objective)
