"""Real models on scikit-learn's own data sets: nothing is downloaded.

Those that train in milliseconds are trained for each point; the others once for a whole table.
"""

import functools
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tabulated import cached_array

RATES = np.geomspace(0.01, 0.64, 7)
SUBSAMPLES = np.array([0.5, 1.0])
DEPTHS = range(1, 6)
LOSSES = ("squared_error", "absolute_error", "huber")
FEWEST_TREES, N_TREES = 10, 120
"""Of the boosted ensembles; one fit gives the values for every number of trees."""

WIDTHS = range(1, 13)
LAYERS = range(1, 3)
ACTIVATIONS = ("relu", "tanh", "logistic")
STEP_SIZES = (0.0003, 0.001, 0.003, 0.01)
BATCH_SIZES = (16, 64)


def support_vectors(flags: Mapping[str, Any]) -> float:
    """Return 1 - R² of a support vector machine on diabetes, by three folds."""
    names = ("C", "gamma", "epsilon", "kernel", "degree")
    return _support_vectors(*(flags[name] for name in names))


@functools.cache
def _support_vectors(c: Any, gamma: Any, epsilon: Any, kernel: Any, degree: Any) -> float:
    from sklearn.svm import SVR

    # an end to the fits that would not converge within minutes
    model = SVR(C=c, gamma=gamma, epsilon=epsilon, kernel=kernel, degree=degree, max_iter=4000)
    return _one_minus_r2(model, *_diabetes(), n_folds=3)


def boosted_trees(flags: Mapping[str, Any]) -> float:
    """Return 1 - R² of gradient boosting on diabetes, from a table.

    Linear between the tabulated learning rates (in their logarithm) and subsamples, so that the
    table's minimum is the function's.
    """
    row = boosted_table()[LOSSES.index(flags["loss"]), DEPTHS.index(flags["depth"])]
    values = row[:, :, flags["n"] - 1]
    by_rate = [np.interp(np.log(flags["learning_rate"]), np.log(RATES), v) for v in values.T]
    return float(np.interp(flags["subsample"], SUBSAMPLES, by_rate))


@functools.cache
def least_of_boosted_trees() -> float:
    """Return the least value of the table, and so of the function."""
    return float(boosted_table()[..., FEWEST_TREES - 1 :].min())


@functools.cache
def boosted_table() -> np.ndarray:
    """Return the values by loss, depth, learning rate, subsample and number of trees."""
    return cached_array("boosted-trees", _boosted_table)


def _boosted_table() -> np.ndarray:
    axes: tuple[Sequence[Any], ...] = (LOSSES, DEPTHS, tuple(RATES), tuple(SUBSAMPLES))
    table = np.empty((*(len(axis) for axis in axes), N_TREES))
    for place in np.ndindex(table.shape[:-1]):
        loss, depth, rate, subsample = (axis[i] for axis, i in zip(axes, place, strict=True))
        table[place] = _boosted_path(loss, depth, rate, subsample)
    return table


def _boosted_path(loss: str, depth: int, rate: float, subsample: float) -> list[float]:
    """Return 1 - R² after each tree, on the last third of the rows."""
    from sklearn.ensemble import GradientBoostingRegressor

    inputs, targets = _diabetes()
    n = 2 * len(inputs) // 3
    model = GradientBoostingRegressor(
        loss=loss,
        max_depth=depth,
        learning_rate=rate,
        subsample=subsample,
        n_estimators=N_TREES,
        random_state=0,
    ).fit(inputs[:n], targets[:n])
    rest = targets[n:]
    return [float(np.mean((p - rest) ** 2) / rest.var()) for p in model.staged_predict(inputs[n:])]


def network(flags: Mapping[str, Any]) -> float:
    """Return the share of digits that a small network gets wrong, from a table of all points."""
    place = (
        WIDTHS.index(flags["width"]),
        LAYERS.index(flags["layers"]),
        ACTIVATIONS.index(flags["activation"]),
        STEP_SIZES.index(flags["learning_rate"]),
        BATCH_SIZES.index(flags["batch_size"]),
    )
    return float(network_table()[place])


@functools.cache
def least_of_network() -> float:
    """Return the least value of the table."""
    return float(network_table().min())


@functools.cache
def network_table() -> np.ndarray:
    """Return the values by width, layers, activation, learning rate and batch size."""
    return cached_array("network", _network_table)


def _network_table() -> np.ndarray:
    axes: tuple[Sequence[Any], ...] = (WIDTHS, LAYERS, ACTIVATIONS, STEP_SIZES, BATCH_SIZES)
    table = np.empty([len(axis) for axis in axes])
    for place in np.ndindex(table.shape):
        table[place] = _network_error(*(axis[i] for axis, i in zip(axes, place, strict=True)))
    return table


def _network_error(width: int, layers: int, activation: str, rate: float, batch: int) -> float:
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    inputs, targets = load_digits(return_X_y=True)
    model = MLPClassifier(
        (4 * width,) * layers,
        activation=activation,
        learning_rate_init=rate,
        batch_size=batch,
        max_iter=8,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eight epochs are meant to end before convergence
        model.fit(inputs[:600] / 16, targets[:600])
    return 1 - float(model.score(inputs[600:] / 16, targets[600:]))


def forest(flags: Mapping[str, Any]) -> float:
    """Return the log loss of a random forest on wine, by two folds."""
    names = ("n", "depth", "leaf", "share", "criterion")
    return _forest(*(flags[name] for name in names))


@functools.cache
def _forest(n: Any, depth: Any, leaf: Any, share: Any, criterion: Any) -> float:
    from sklearn.datasets import load_wine
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        n_estimators=n,
        max_depth=depth,
        min_samples_leaf=leaf,
        max_features=share,
        criterion=criterion,
        random_state=0,
    )
    return _log_loss(model, load_wine(return_X_y=True), n_folds=2, smoothing=0.01)


def neighbours(flags: Mapping[str, Any]) -> float:
    """Return the log loss of nearest neighbours on breast cancer, by three folds."""
    names = ("n", "power", "weights", "scaling", "n_components", "smoothing")
    return _neighbours(*(flags[name] for name in names))


@functools.cache
def _neighbours(
    n: Any, power: Any, weights: Any, scaling: Any, n_components: Any, smoothing: Any
) -> float:
    from sklearn.datasets import load_breast_cancer
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

    scalers = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}
    classifier = KNeighborsClassifier(n, p=power, weights=weights)
    reduction = PCA(n_components, random_state=0)
    model = make_pipeline(scalers[scaling](), reduction, classifier)
    return _log_loss(model, load_breast_cancer(return_X_y=True), n_folds=3, smoothing=smoothing)


@functools.cache
def _diabetes() -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs and the targets, each with mean 0 and variance 1."""
    from sklearn.datasets import load_diabetes

    inputs, targets = load_diabetes(return_X_y=True)
    return inputs / inputs.std(axis=0), (targets - targets.mean()) / targets.std()


def _one_minus_r2(model: Any, inputs: np.ndarray, targets: np.ndarray, *, n_folds: int) -> float:
    predicted = np.empty_like(targets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a fit was ended before it converged
        for fold in range(n_folds):
            held = np.arange(len(inputs)) % n_folds == fold
            predicted[held] = model.fit(inputs[~held], targets[~held]).predict(inputs[held])
    return float(np.mean((predicted - targets) ** 2) / targets.var())


def _log_loss(
    model: Any, data: tuple[np.ndarray, np.ndarray], *, n_folds: int, smoothing: float
) -> float:
    """Return the mean of -log p, with a share of even chances in p, so that it is finite."""
    inputs, targets = data
    losses = np.empty(len(inputs))
    for fold in range(n_folds):
        held = np.arange(len(inputs)) % n_folds == fold
        chances = model.fit(inputs[~held], targets[~held]).predict_proba(inputs[held])
        of_truth = chances[np.arange(held.sum()), targets[held]]
        losses[held] = -np.log((1 - smoothing) * of_truth + smoothing / chances.shape[1])
    return float(losses.mean())
