"""A search within a Prefect flow of your own: it is a subflow, and its result goes on.

python flow.py
"""

from prefect import flow, task

import tunesmith


@task
def train_finally(x: float) -> str:
    """Stands for the training with what was found."""
    return f"trained with x={x:.3f}"


@flow
def pipeline(max_trials: int = 6) -> str:
    """Search, then go on with the best."""
    batch = tunesmith.run("train.py", x=tunesmith.uniform(-2.0, 2.0), max_trials=max_trials)
    if batch.best is None:
        raise RuntimeError("no trial reported a loss")
    return train_finally(float(batch.best.flags["x"]))


if __name__ == "__main__":
    print(pipeline())
