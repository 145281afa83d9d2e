"""A search from Python: the batch, its best trial, its table.

python program.py
"""

import tunesmith

if __name__ == "__main__":
    batch = tunesmith.run(
        "train.py", x=tunesmith.uniform(-2.0, 2.0), optimizer="gp", max_trials=8, progress=True
    )
    if batch.best is not None:
        print("best", batch.best.flags, batch.best.objective)
    print(batch.to_pandas()[["run", "x", "loss"]])
