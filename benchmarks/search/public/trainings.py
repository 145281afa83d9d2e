"""Bayesmark's setting: models of scikit-learn on the data that come with it, by five folds.

Models, data, ranges and the hold-out are those of ``bayesmark`` 0.0.8 (Turner and others, 2021),
whose own code no longer runs: the Boston data and the option ``normalize`` are gone from
scikit-learn. What it searches on a logit scale has a linear range here. Of its metrics the
logarithmic loss is taken, and the squared error. Models start from one seed, so that a point has
one value. What takes a quarter of a second and more is left out, as boosting (``ada``) does.
"""

import functools
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from tabulated import cached_array, least_of_sample

from public.task import Suite, Task
from tunesmith.flags.values import Flags
from tunesmith.search.space import SearchSpace

N_FOLDS = 5
N_SAMPLE, N_NEAR = 300, 30
"""Random points, of which the median is taken, and points near the best of each round."""
HELD_OUT = 0.2
"""The share of the rows that bayesmark holds out, and nobody here looks at."""

_NEIGHBOURS = {"n_neighbors": "[1:25]", "p": "[1:4]"}
_VECTORS = {
    "C": "loguniform[1.0:1000.0]",
    "gamma": "loguniform[0.0001:0.001]",
    "tol": "loguniform[0.00001:0.1]",
}
_TREE = {
    "max_depth": "[1:15]",
    "min_samples_split": "[0.01:0.99]",
    "min_samples_leaf": "[0.01:0.49]",
    "min_weight_fraction_leaf": "[0.01:0.49]",
    "max_features": "[0.01:0.99]",
    "min_impurity_decrease": "[0.0:0.5]",
}
_NETWORK = {
    "hidden_layer_sizes": "[50:200]",
    "alpha": "loguniform[0.00001:10.0]",
    "batch_size": "[10:250]",
    "learning_rate_init": "loguniform[0.00001:0.1]",
    "tol": "loguniform[0.00001:0.1]",
    "validation_fraction": "[0.1:0.9]",
}
_ADAM = {
    **_NETWORK,
    "beta_1": "[0.5:0.99]",
    "beta_2": "[0.9:0.999999]",
    "epsilon": "loguniform[0.000000001:0.000001]",
}
_SGD = {**_NETWORK, "power_t": "[0.1:0.9]", "momentum": "[0.001:0.999]"}
_LOGISTIC = {"C": "loguniform[0.01:100.0]", "intercept_scaling": "loguniform[0.01:100.0]"}
_RIDGE = {
    "alpha": "loguniform[0.01:100.0]",
    "fit_intercept": "[yes, no]",
    "max_iter": "loguniform[10:5000]",
    "tol": "loguniform[0.0001:0.1]",
}
_LASSO = {**_RIDGE, "tol": "loguniform[0.00001:0.1]", "positive": "[yes, no]"}

_SHARED = {
    "knn": _NEIGHBOURS,
    "svm": _VECTORS,
    "tree": _TREE,
    "forest": _TREE,
    "mlp-adam": _ADAM,
    "mlp-sgd": _SGD,
}
SETTINGS: Mapping[str, Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "classes": {**_SHARED, "lasso": _LOGISTIC, "linear": _LOGISTIC},
        "numbers": {**_SHARED, "lasso": _LASSO, "linear": _RIDGE},
    }
)
"""What is searched, by what is predicted and by model."""
WHOLE = frozenset({
    "n_neighbors", "p", "max_depth", "hidden_layer_sizes", "batch_size", "max_iter",
})  # fmt: skip
DATA: Mapping[str, str] = MappingProxyType(
    {
        "breast_cancer": "classes",
        "digits": "classes",
        "iris": "classes",
        "wine": "classes",
        "diabetes": "numbers",
    }
)
SLOW = frozenset(
    {
        *((model, "digits") for model in ("svm", "mlp-adam", "mlp-sgd", "lasso", "linear")),
        *((model, "breast_cancer") for model in ("mlp-adam", "mlp-sgd", "lasso")),
    }
)
"""Models and data that take a quarter of a second and more a trial."""


def trainings() -> dict[str, Callable[[], Task]]:
    """Return what makes each task, by name."""
    return {
        f"{Suite.BAYESMARK}-{model}-{data}": partial(_task, model, data)
        for data, kind in DATA.items()
        for model in SETTINGS[kind]
        if (model, data) not in SLOW
    }


def _task(model: str, data: str) -> Task:
    name = f"{Suite.BAYESMARK}-{model}-{data}"
    settings = SETTINGS[DATA[data]][model]
    value = partial(_value, model, data)
    task = Task(
        name=name,
        suite=Suite.BAYESMARK,
        settings=settings,
        integers=WHOLE & settings.keys(),
        value=value,
        minimum=0.0,
        span=1.0,
    )
    least, span = cached_array(name, partial(_scale, name, task.space, value))
    return replace(task, minimum=float(least), span=float(span))


def _scale(name: str, space: SearchSpace, value: Callable[[Flags], float | None]) -> np.ndarray:
    """Return the least value of a sample, and how far above it half of the random points lie."""
    rng = np.random.default_rng(1)
    points = rng.random((N_SAMPLE, len(space.searched))).tolist()
    costs = [value(space.from_units(row)) for row in points]
    known = [one for one in costs if one is not None]
    least = least_of_sample(name, space, value, n_sample=N_SAMPLE, n_near=N_NEAR)
    least = min(least, *known)
    return np.array([least, float(np.median(known)) - least])


def _value(model: str, data: str, flags: Flags) -> float | None:
    return _loss(model, data, tuple(flags[name] for name in SETTINGS[DATA[data]][model]))


@functools.cache
def _loss(model: str, data: str, values: tuple[Any, ...]) -> float | None:
    """Return the mean loss over the folds; None where a model cannot be trained."""
    from sklearn.model_selection import cross_val_score

    inputs, targets = _rows(data)
    options = dict(zip(SETTINGS[DATA[data]][model], values, strict=True))
    scoring = "neg_log_loss" if DATA[data] == "classes" else "neg_mean_squared_error"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            scores = cross_val_score(
                _model(model, DATA[data], options),
                inputs,
                targets,
                scoring=scoring,
                cv=N_FOLDS,
                error_score="raise",
            )
        except (ValueError, FloatingPointError):  # it has diverged
            return None
    mean = float(scores.mean())
    return -mean if np.isfinite(mean) else None


@functools.cache
def _rows(data: str) -> tuple[np.ndarray, np.ndarray]:
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    inputs, targets = getattr(datasets, f"load_{data}")(return_X_y=True)
    kept = train_test_split(inputs, targets, test_size=HELD_OUT, random_state=0)
    return kept[0], kept[2]


def _model(model: str, kind: str, options: Mapping[str, Any]) -> Any:
    from sklearn import ensemble, linear_model, neighbors, neural_network, svm, tree
    from sklearn.multiclass import OneVsRestClassifier

    if model in ("lasso", "linear") and kind == "classes":
        penalty = "l1" if model == "lasso" else "l2"
        return OneVsRestClassifier(
            linear_model.LogisticRegression(penalty=penalty, solver="liblinear", **options)
        )
    network = {
        "mlp-adam": {"solver": "adam"},
        "mlp-sgd": {"solver": "sgd", "learning_rate": "invscaling", "nesterovs_momentum": True},
    }.get(model, {})
    if model == "mlp-sgd" and kind == "numbers":
        network["activation"] = "tanh"  # the other one diverges often
    fixed: Mapping[str, Any] = {
        "svm": {"probability": True, "random_state": 0} if kind == "classes" else {},
        "tree": {"random_state": 0},
        "forest": {"n_estimators": 10, "random_state": 0},
        "mlp-adam": {**network, "early_stopping": True, "random_state": 0},
        "mlp-sgd": {**network, "early_stopping": True, "random_state": 0},
    }.get(model, {})
    is_classes = kind == "classes"
    makers = {
        "knn": neighbors.KNeighborsClassifier if is_classes else neighbors.KNeighborsRegressor,
        "svm": svm.SVC if is_classes else svm.SVR,
        "tree": tree.DecisionTreeClassifier if is_classes else tree.DecisionTreeRegressor,
        "forest": ensemble.RandomForestClassifier
        if is_classes
        else ensemble.RandomForestRegressor,
        "mlp-adam": neural_network.MLPClassifier if is_classes else neural_network.MLPRegressor,
        "mlp-sgd": neural_network.MLPClassifier if is_classes else neural_network.MLPRegressor,
        "lasso": linear_model.Lasso,
        "linear": linear_model.Ridge,
    }
    return makers[model](**options, **fixed)
