"""Make tables of learning curves: small scikit-learn models, trained by steps.

``python benchmarks/pruning/trainings.py FILE.npz`` takes a quarter of an hour on one core. The
file has, for each task T of ``names``: ``T/val`` (n, E), the validation value after each step, one
row a configuration, NaN behind its end and where it had diverged; ``T/length``, ``T/flags`` (JSON)
and ``T/metric``, of which ``acc`` is better if it is higher.
"""

import argparse
import json
import math
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_classification,
    make_friedman2,
    make_moons,
)
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

Flags = dict[str, Any]
Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Examples and targets to train with, then those to validate with."""

SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda _: 1.0,
    "cosine": lambda part: 0.5 * (1 + math.cos(math.pi * part)),
    "step": lambda part: 0.1 if part >= 0.6 else 1.0,
    "warmup": lambda part: min(1.0, 0.05 + 2.5 * part),
    "late": lambda part: 0.05 if part >= 0.8 else 1.0,
}
"""By what the learning rate is multiplied after a part of the steps."""


@dataclass(frozen=True)
class Task:
    """Configurations of one kind of model on one set of data."""

    split: Callable[[], Split]
    draw: Callable[[random.Random], Flags]
    train: Callable[[Split, Flags, int], Iterator[float]]
    n_trials: int
    n_steps: int
    metric: str


def split_of(x: np.ndarray, y: np.ndarray, n_train: int, n_val: int, *, is_number: bool) -> Split:
    stratify = None if is_number else y
    train_x, other_x, train_y, other_y = train_test_split(
        x, y, train_size=n_train, random_state=0, stratify=stratify
    )
    scaler = StandardScaler().fit(train_x)
    if is_number:
        mean, sd = train_y.mean(), train_y.std()
        train_y, other_y = (train_y - mean) / sd, (other_y - mean) / sd
    return scaler.transform(train_x), train_y, scaler.transform(other_x[:n_val]), other_y[:n_val]


def log_uniform(rng: random.Random, low: float, high: float) -> float:
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def layers(flags: Flags) -> tuple[int, ...]:
    return (flags["width"],) * flags.get("depth", 1)


def draw_network(rng: random.Random) -> Flags:
    return {
        "lr": log_uniform(rng, 1e-3, 1.0),
        "batch": round(log_uniform(rng, 16, 128)),
        "width": round(log_uniform(rng, 8, 128)),
        "depth": rng.randint(1, 2),
        "alpha": log_uniform(rng, 1e-5, 1.0),
        "momentum": rng.uniform(0.0, 0.97),
        "schedule": rng.choice(list(SCHEDULES)),
    }


def draw_epochs(rng: random.Random) -> Flags:
    return draw_network(rng) | {"epochs": rng.randint(8, 40)}


def draw_adam(rng: random.Random) -> Flags:
    return draw_network(rng) | {"lr": log_uniform(rng, 1e-4, 0.1), "momentum": None}


def train_network(split: Split, flags: Flags, n_steps: int, *, kind: str) -> Iterator[float]:
    """Yield the validation value after each epoch."""
    x, y, val_x, val_y = split
    is_adam = flags["momentum"] is None
    settings = {
        "hidden_layer_sizes": layers(flags),
        "alpha": flags["alpha"],
        "batch_size": min(flags["batch"], len(x)),
        "solver": "adam" if is_adam else "sgd",
        "learning_rate_init": flags["lr"],
        "momentum": 0.9 if is_adam else flags["momentum"],
        "random_state": 0,
    }
    model = (MLPRegressor if kind == "1-r2" else MLPClassifier)(**settings)
    factor = SCHEDULES[flags["schedule"]]
    n_steps = flags.get("epochs", n_steps)
    for step in range(n_steps):
        model.learning_rate_init = flags["lr"] * factor(step / n_steps)
        if step:
            model._optimizer.learning_rate = model.learning_rate_init
        model.partial_fit(
            x, y, **({"classes": np.unique(y)} if kind != "1-r2" and not step else {})
        )
        yield value_of(model, val_x, val_y, kind)


def draw_linear(rng: random.Random) -> Flags:
    return {
        "loss": rng.choice(["hinge", "log_loss", "modified_huber", "perceptron"]),
        "alpha": log_uniform(rng, 1e-6, 0.3),
        "eta0": log_uniform(rng, 1e-4, 1.0),
        "schedule": rng.choice(["constant", "invscaling", "optimal"]),
        "average": rng.random() < 0.5,
    }


def train_linear(split: Split, flags: Flags, n_steps: int, *, kind: str) -> Iterator[float]:
    x, y, val_x, val_y = split
    model = SGDClassifier(
        loss=flags["loss"],
        alpha=flags["alpha"],
        learning_rate=flags["schedule"],
        eta0=flags["eta0"],
        average=flags["average"],
        random_state=0,
    )
    for _ in range(n_steps):
        model.partial_fit(x, y, classes=np.unique(y))
        yield value_of(model, val_x, val_y, kind)


def draw_boosting(rng: random.Random) -> Flags:
    return {
        "lr": log_uniform(rng, 0.01, 1.0),
        "depth": rng.randint(1, 5),
        "subsample": rng.uniform(0.3, 1.0),
        "leaf": round(log_uniform(rng, 1, 40)),
        "features": rng.uniform(0.2, 1.0),
    }


def train_boosting(split: Split, flags: Flags, n_steps: int, *, kind: str) -> Iterator[float]:
    x, y, val_x, val_y = split
    is_number = kind == "1-r2"
    model = (GradientBoostingRegressor if is_number else GradientBoostingClassifier)(
        learning_rate=flags["lr"],
        max_depth=flags["depth"],
        subsample=flags["subsample"],
        min_samples_leaf=flags["leaf"],
        max_features=flags["features"],
        n_estimators=4 * n_steps,
        random_state=0,
    ).fit(x, y)
    if is_number:
        stages = [((seen - val_y) ** 2).mean() for seen in model.staged_predict(val_x)]
    elif kind == "logloss":
        stages = [log_loss(val_y, seen) for seen in model.staged_predict_proba(val_x)]
    else:
        stages = [(seen != val_y).mean() for seen in model.staged_predict(val_x)]
    yield from stages[3::4]


def draw_saga(rng: random.Random) -> Flags:
    return {
        "C": log_uniform(rng, 1e-4, 100.0),
        "l1": rng.random(),
        "examples": round(log_uniform(rng, 60, 300)),
    }


def train_saga(split: Split, flags: Flags, n_steps: int, *, kind: str) -> Iterator[float]:
    x, y, val_x, val_y = split
    n = flags["examples"]
    model = LogisticRegression(
        C=flags["C"],
        l1_ratio=flags["l1"],
        solver="saga",
        max_iter=1,
        warm_start=True,
        random_state=0,
    )
    for _ in range(n_steps):
        model.fit(x[:n], y[:n])
        yield value_of(model, val_x, val_y, kind)


def value_of(model: Any, x: np.ndarray, y: np.ndarray, kind: str) -> float:
    if kind == "logloss":
        shares = model.predict_proba(x)
        return (
            float(log_loss(y, shares, labels=model.classes_))
            if np.isfinite(shares).all()
            else math.nan
        )
    seen = model.predict(x)
    if kind == "1-r2":
        return float(((seen - y) ** 2).mean()) if np.isfinite(seen).all() else math.nan
    return float((seen == y).mean() if kind == "acc" else (seen != y).mean())


def digits() -> Split:
    return split_of(*load_digits(return_X_y=True), 700, 300, is_number=False)


def cancer() -> Split:
    return split_of(*load_breast_cancer(return_X_y=True), 300, 200, is_number=False)


def diabetes() -> Split:
    return split_of(*load_diabetes(return_X_y=True), 250, 150, is_number=True)


def friedman() -> Split:
    x, y = make_friedman2(600, noise=100.0, random_state=0)
    return split_of(x, y, 400, 200, is_number=True)


def moons() -> Split:
    return split_of(*make_moons(500, noise=0.25, random_state=0), 200, 300, is_number=False)


def classes() -> Split:
    x, y = make_classification(
        1000, 20, n_informative=8, n_classes=4, flip_y=0.1, class_sep=0.8, random_state=0
    )
    return split_of(x, y, 600, 400, is_number=False)


TASKS = {
    "digits-sgd": Task(digits, draw_network, train_network, 90, 40, "error"),
    "cancer-adam": Task(cancer, draw_adam, train_network, 90, 40, "logloss"),
    "diabetes-adam": Task(diabetes, draw_adam, train_network, 90, 50, "1-r2"),
    "friedman2-sgd": Task(friedman, draw_network, train_network, 90, 40, "1-r2"),
    "moons-sgd": Task(moons, draw_network, train_network, 90, 50, "error"),
    "classes-epochs": Task(classes, draw_epochs, train_network, 90, 40, "acc"),
    "classes-linear": Task(classes, draw_linear, train_linear, 120, 40, "acc"),
    "diabetes-boosting": Task(diabetes, draw_boosting, train_boosting, 90, 50, "1-r2"),
    "classes-boosting": Task(classes, draw_boosting, train_boosting, 70, 40, "logloss"),
    "classes-saga": Task(classes, draw_saga, train_saga, 120, 40, "logloss"),
}


def table(name: str, task: Task) -> dict[str, Any]:
    """Return the entries of one task in the file."""
    split, rng = task.split(), random.Random(name)
    flags = [task.draw(rng) for _ in range(task.n_trials)]
    val = np.full((task.n_trials, task.n_steps), np.nan, dtype=np.float32)
    for row, one in zip(val, flags, strict=True):
        try:
            for step, value in enumerate(task.train(split, one, task.n_steps, kind=task.metric)):
                row[step] = value
        except ValueError:
            continue  # scikit-learn refuses to go on with weights that are not finite
    lengths = [one.get("epochs", task.n_steps) for one in flags]
    return {
        f"{name}/val": val,
        f"{name}/length": np.array(lengths),
        f"{name}/flags": json.dumps(flags),
        f"{name}/metric": task.metric,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="the file to write, as tables.npz")
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # one iteration does not converge, and some diverge
    entries: dict[str, Any] = {}
    for n, name in enumerate(options.tasks, 1):
        entries |= table(name, TASKS[name]) | {"names": np.array(options.tasks[:n])}
        print(name, flush=True)
        np.savez_compressed(options.file, **entries)


if __name__ == "__main__":
    main()
